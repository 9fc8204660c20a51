//! `oci://host/path/chart[:tag][@sha256:…]`: Helm's `newReference` and the rules of ORAS beneath it.

use url::Url;

use super::{OciError, as_tag};
use crate::digest::Digest;

/// A repository in a registry, perhaps with a tag and a digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    /// `host` or `host:port`.
    pub(crate) registry: String,
    /// Path with the chart's name at its end.
    pub(crate) repository: String,
    /// The tag, with `_` for `+`.
    pub(crate) tag: Option<String>,
    /// The digest of the manifest.
    pub(crate) digest: Option<Digest>,
}

impl Reference {
    /// The reference of chart `name` in the folder `url`.
    pub(crate) fn join(url: &str, name: &str) -> Result<Self, OciError> {
        let folder = url.strip_prefix("oci://").unwrap_or(url).trim_end_matches('/');
        Self::parse(&format!("{folder}/{name}"))
    }

    /// Reads a whole reference, with or without `oci://`.
    pub(crate) fn parse(text: &str) -> Result<Self, OciError> {
        let rest = text.strip_prefix("oci://").unwrap_or(text);
        let (rest, digest) = rest
            .rsplit_once('@')
            .map_or((rest, None), |(rest, digest)| (rest, Some(digest)));
        let (registry, path) = rest
            .split_once('/')
            .ok_or_else(|| refuse("missing registry or repository".to_owned()))?;
        let (repository, tag) = path
            .split_once(':')
            .map_or((path, None), |(path, tag)| (path, Some(tag)));
        // User information would be sent nowhere and shown everywhere.
        let host = Url::parse(&format!("https://{registry}/")).ok();
        let plain = host
            .is_some_and(|url| url.username().is_empty() && url.password().is_none() && url.path() == "/");
        if !plain || registry.contains(['?', '#', '\\']) {
            return Err(refuse("invalid registry".to_owned()));
        }
        if !is_repository(repository) {
            return Err(refuse(format!("invalid repository {repository:?}")));
        }
        let tag = tag.map(as_tag).filter(|tag| !tag.is_empty());
        if let Some(tag) = &tag {
            check_tag(tag)?;
        }
        let digest = digest
            .map(|digest| {
                let sha256 = digest
                    .starts_with("sha256:")
                    .then(|| Digest::parse(digest).ok())
                    .flatten();
                sha256.ok_or_else(|| refuse(format!("invalid digest {digest:?}")))
            })
            .transpose()?;
        Ok(Self {
            registry: registry.to_owned(),
            repository: repository.to_owned(),
            tag,
            digest,
        })
    }

    /// `host/path`, without tag and digest.
    pub(crate) fn repository(&self) -> String {
        format!("{}/{}", self.registry, self.repository)
    }

    /// The host that serves the registry.
    pub(crate) fn host(&self) -> &str {
        if self.registry == "docker.io" {
            "registry-1.docker.io"
        } else {
            &self.registry
        }
    }

    /// The last part of the path.
    pub(crate) fn chart(&self) -> &str {
        self.repository.rsplit('/').next().unwrap_or(&self.repository)
    }
}

/// Refuses what no registry accepts as a tag: `[\w][\w.-]{0,127}`.
pub(super) fn check_tag(tag: &str) -> Result<(), OciError> {
    let word = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let valid = tag.starts_with(word)
        && tag.len() <= 128
        && tag
            .chars()
            .all(|character| word(character) || matches!(character, '.' | '-'));
    if valid {
        Ok(())
    } else {
        Err(refuse(format!("invalid tag {tag:?}")))
    }
}

/// Lower-case words joined by `.`, `_`, `__` or hyphens, in folders.
fn is_repository(path: &str) -> bool {
    path.split('/').all(|component| {
        let alphanumeric = |character: char| character.is_ascii_lowercase() || character.is_ascii_digit();
        component.starts_with(alphanumeric)
            && component.ends_with(alphanumeric)
            && component.split(alphanumeric).all(|separator| {
                matches!(separator, "" | "." | "_" | "__") || separator.bytes().all(|byte| byte == b'-')
            })
    })
}

fn refuse(cause: String) -> OciError {
    OciError::Reference(cause)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const DIGEST: &str = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[rstest]
    #[case("oci://ghcr.io/team/charts", "web", "ghcr.io team/charts/web - -")]
    #[case("oci://ghcr.io/team/charts/", "web", "ghcr.io team/charts/web - -")]
    #[case("oci://localhost:5000", "web", "localhost:5000 web - -")]
    #[case(
        "oci://localhost:5000/charts",
        "web:1.0.0+b",
        "localhost:5000 charts/web 1.0.0_b -"
    )]
    #[case("oci://[::1]:5000/charts", "a__b.c-d--e", "[::1]:5000 charts/a__b.c-d--e - -")]
    fn references_are_read(#[case] url: &str, #[case] name: &str, #[case] expected: &str) {
        let reference = Reference::join(url, name).unwrap();
        let Reference {
            registry,
            repository,
            tag,
            digest,
        } = &reference;
        let tag = tag.as_deref().unwrap_or("-");
        let digest = digest.map_or_else(|| "-".to_owned(), |digest| digest.to_string());
        assert_eq!(format!("{registry} {repository} {tag} {digest}"), expected);
    }

    #[test]
    fn a_digest_is_read_with_and_without_a_tag() {
        for tag in [None, Some("1.0.0".to_owned())] {
            let text = tag.as_ref().map_or_else(String::new, |tag| format!(":{tag}"));
            let reference = Reference::parse(&format!("oci://ghcr.io/team/web{text}@{DIGEST}")).unwrap();
            assert_eq!(reference.digest.unwrap().to_string(), DIGEST);
            assert_eq!(reference.tag, tag);
        }
    }

    #[rstest]
    #[case("oci://ghcr.io", "invalid reference: missing registry or repository")]
    #[case("oci://", "invalid reference: missing registry or repository")]
    #[case("oci:///web", "invalid reference: invalid registry")]
    #[case("oci://me:hunter2@ghcr.io/web", "invalid reference: ")]
    #[case("oci://ghcr.io?x/web", "invalid reference: invalid registry")]
    #[case("oci://ghcr.io/Web", "invalid reference: invalid repository \"Web\"")]
    #[case("oci://ghcr.io/web/", "invalid reference: invalid repository \"web/\"")]
    #[case("oci://ghcr.io/a.-b", "invalid reference: invalid repository \"a.-b\"")]
    #[case("oci://ghcr.io/web:-1", "invalid reference: invalid tag \"-1\"")]
    #[case(
        "oci://ghcr.io/web@sha512:00",
        "invalid reference: invalid digest \"sha512:00\""
    )]
    fn what_is_no_reference_is_refused(#[case] text: &str, #[case] expected: &str) {
        let error = Reference::parse(text).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }

    #[test]
    fn a_folder_without_a_host_is_refused() {
        assert!(Reference::join("oci://", "web").is_err());
    }

    #[test]
    fn docker_hub_is_served_elsewhere() {
        assert_eq!(
            Reference::parse("docker.io/team/web").unwrap().host(),
            "registry-1.docker.io"
        );
    }
}
