//! Which version of a chart is meant: `IndexFile.Get` of Helm, and the same rule over the tags of a registry.

use helm::version::{Constraint, Version, VersionError};

/// Why no version is the one that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotFound {
    /// The text is neither a version nor a range.
    #[error(transparent)]
    Constraint(#[from] VersionError),
    /// The chart is unknown.
    #[error("no chart name found")]
    Name,
    /// The chart is known, but has no version at all.
    #[error("no chart version found")]
    NoVersions,
    /// No version is in the range.
    #[error("no chart version found for {name}-{version}, the newest is {newest}")]
    Version {
        name: String,
        version: String,
        newest: String,
    },
}

/// Finds a version among `candidates`, which are sorted newest first.
///
/// The exact text comes first, then the highest version in the range; without a version the highest that is no
/// pre-release. A version that is no constraint is an error even if it is there literally.
pub(crate) fn select<'a, T>(
    candidates: &'a [T],
    version_of: impl Fn(&T) -> &Version,
    name: &str,
    wanted: Option<&str>,
) -> Result<&'a T, NotFound> {
    let newest = candidates.first().ok_or(NotFound::NoVersions)?;
    let constraint = Constraint::parse(wanted.unwrap_or("*"))?;
    let exact = candidates
        .iter()
        .find(|candidate| Some(version_of(candidate).original()) == wanted);
    exact
        .or_else(|| {
            candidates
                .iter()
                .find(|candidate| constraint.matches(version_of(candidate)))
        })
        .ok_or_else(|| NotFound::Version {
            name: name.to_owned(),
            version: wanted.unwrap_or_default().to_owned(),
            newest: version_of(newest).original().to_owned(),
        })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn pick(versions: &[&str], wanted: Option<&str>) -> Result<String, String> {
        let mut parsed: Vec<Version> = versions
            .iter()
            .map(|text| Version::parse(text).unwrap())
            .collect();
        parsed.sort_by(|left, right| right.compare(left));
        select(&parsed, |version| version, "web", wanted)
            .map(|version| version.original().to_owned())
            .map_err(|error| error.to_string())
    }

    const VERSIONS: [&str; 7] = [
        "1.0.0",
        "1.2.3",
        "v1.3",
        "2.0.0+b",
        "2.0.0",
        "3.0.0-rc.1",
        "2.0.0+a",
    ];

    #[rstest]
    #[case(None, "2.0.0+b")]
    #[case(Some("1.0.0"), "1.0.0")]
    #[case(Some("v1.0.0"), "1.0.0")]
    #[case(Some("1.3.0"), "v1.3")]
    #[case(Some("2.0.0"), "2.0.0")]
    #[case(Some("2.0.0+a"), "2.0.0+a")]
    #[case(Some("2.0.0+x"), "2.0.0+b")]
    #[case(Some("^1"), "v1.3")]
    #[case(Some("~1.2"), "1.2.3")]
    #[case(Some("1"), "v1.3")]
    #[case(Some(">=1 <1.3"), "1.2.3")]
    #[case(Some(">0-0"), "3.0.0-rc.1")]
    #[case(Some("3.0.0-rc.1"), "3.0.0-rc.1")]
    fn exact_text_first_then_highest_in_range(#[case] wanted: Option<&str>, #[case] expected: &str) {
        assert_eq!(pick(&VERSIONS, wanted).as_deref(), Ok(expected));
    }

    #[test]
    fn what_is_missing_is_told() {
        assert_eq!(
            pick(&VERSIONS, Some("^4")).unwrap_err(),
            "no chart version found for web-^4, the newest is 3.0.0-rc.1"
        );
        assert_eq!(
            pick(&["1.0.0-a"], None).unwrap_err(),
            "no chart version found for web-, the newest is 1.0.0-a"
        );
        assert_eq!(
            pick(&VERSIONS, Some("latest")).unwrap_err(),
            "improper constraint: \"latest\""
        );
        assert_eq!(pick(&[], None).unwrap_err(), "no chart version found");
    }
}
