//! Compares every answer with what Masterminds/semver 3.5.0 said. `record.go` wrote `cases.txt`; nothing in it is ours.

use serde_json::{Value, json};

use super::{Constraint, MAX_CONSTRAINT_BYTES, Version, VersionError};

const CASES: &str = include_str!("cases.txt");

/// The recorded lines of one kind, without the kind.
fn recorded(kind: &str) -> Vec<Vec<Value>> {
    let cases: Vec<Vec<Value>> = CASES
        .lines()
        .map(|line| serde_json::from_str::<Vec<Value>>(line).unwrap())
        .filter(|fields| fields[0] == kind)
        .map(|mut fields| fields.split_off(1))
        .collect();
    assert!(!cases.is_empty(), "no recorded case of kind {kind}");
    cases
}

fn texts(value: &Value) -> Vec<String> {
    serde_json::from_value(value.clone()).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn describe(parsed: Result<Version, VersionError>) -> Value {
    match parsed {
        Err(error) => json!({"error": error.to_string()}),
        Ok(version) => json!({
            "text": version.to_string(),
            "major": version.major().to_string(),
            "minor": version.minor().to_string(),
            "patch": version.patch().to_string(),
            "prerelease": version.prerelease(),
            "metadata": version.metadata(),
            "original": version.original(),
        }),
    }
}

#[test]
fn loose_versions_are_read_as_masterminds_reads_them() {
    for case in recorded("loose") {
        assert_eq!(describe(Version::parse(text(&case[0]))), case[1], "{}", case[0]);
    }
}

#[test]
fn strict_versions_are_read_as_masterminds_reads_them() {
    for case in recorded("strict") {
        assert_eq!(
            describe(Version::parse_strict(text(&case[0]))),
            case[1],
            "{}",
            case[0]
        );
    }
}

#[test]
fn increments_keep_the_v_and_overflow_is_an_error() {
    for case in recorded("bump") {
        let version = Version::parse(text(&case[0])).unwrap();
        let bumps = [version.inc_major(), version.inc_minor(), version.inc_patch()];
        for (bumped, expected) in bumps.into_iter().zip(&case[1..]) {
            let bumped = bumped.map_or_else(
                |error| format!("panic: {error}"),
                |next| next.original().to_owned(),
            );
            assert_eq!(bumped, text(expected), "{}", case[0]);
        }
    }
}

#[test]
fn prerelease_and_metadata_can_be_replaced() {
    let version = Version::parse("v1.2.3-x+y").unwrap();
    let check = |kind: &str, replace: &dyn Fn(&str) -> Result<Version, VersionError>| {
        for case in recorded(kind) {
            let replaced = match replace(text(&case[0])) {
                Err(error) => json!({"error": error.to_string()}),
                Ok(next) => json!({"original": next.original()}),
            };
            assert_eq!(replaced, case[1], "{kind} {}", case[0]);
        }
    };
    check("prerelease", &|suffix| version.with_prerelease(suffix));
    check("metadata", &|suffix| version.with_metadata(suffix));
}

#[test]
fn precedence_is_that_of_masterminds() {
    let ordered = texts(&recorded("ordered")[0][0]);
    for case in recorded("compare") {
        let left = Version::parse(text(&case[0])).unwrap();
        for (right, expected) in ordered.iter().zip(case[1].as_array().unwrap()) {
            let order = left.compare(&Version::parse(right).unwrap());
            assert_eq!(json!(order as i8), *expected, "{} and {right}", case[0]);
        }
    }
}

#[test]
fn constraints_are_read_and_printed_as_masterminds_does() {
    for case in recorded("constraint") {
        let parsed = match Constraint::parse(text(&case[0])) {
            Err(error) => json!({"error": error.to_string()}),
            Ok(constraint) => json!({"text": constraint.to_string()}),
        };
        assert_eq!(parsed, case[1], "{}", case[0]);
    }
}

#[test]
fn constraints_admit_what_masterminds_admits_and_give_its_reasons() {
    let candidates = texts(&recorded("candidates")[0][0]);
    for case in recorded("check") {
        let constraint = Constraint::parse(text(&case[0])).unwrap();
        let rows = case[1].as_array().unwrap();
        assert_eq!(rows.len(), candidates.len());
        for (candidate, expected) in candidates.iter().zip(rows) {
            let version = Version::parse(candidate).unwrap();
            let reasons: Vec<String> = constraint
                .validate(&version)
                .iter()
                .map(|reason| reason.replacen(&format!("\"{version}\" "), "", 1))
                .collect();
            assert_eq!(json!(reasons), *expected, "{} and {candidate}", case[0]);
            assert_eq!(
                constraint.matches(&version),
                reasons.is_empty(),
                "{} and {candidate}",
                case[0]
            );
        }
    }
}

#[test]
fn a_reason_names_the_version_and_the_constraint() {
    let reasons = Constraint::parse("^2")
        .unwrap()
        .validate(&Version::parse("v1.4").unwrap());
    assert_eq!(reasons, [r#""1.4.0" is less than "2""#]);
}

#[test]
fn limits_are_errors() {
    assert_eq!(
        Version::parse(&"1".repeat(257)).unwrap_err(),
        VersionError::TooLong
    );
    assert_eq!(
        Version::parse_strict(&"1".repeat(257)).unwrap_err(),
        VersionError::TooLong
    );
    let long = "1".repeat(MAX_CONSTRAINT_BYTES + 1);
    assert_eq!(
        Constraint::parse(&long).unwrap_err(),
        VersionError::ConstraintTooLong
    );
    let many = ["1"; 33].join("||");
    assert_eq!(
        Constraint::parse(&many).unwrap_err(),
        VersionError::TooManyConstraintGroups
    );
}

#[test]
fn releases_come_before_their_prereleases_when_sorted_descending() {
    let mut versions =
        ["1.0.0-rc.1", "1.0.0", "1.0.0-beta.2", "1.0.0-beta.11"].map(|text| Version::parse(text).unwrap());
    versions.sort_by(|left, right| right.compare(left));
    assert_eq!(
        versions.map(|version| version.to_string()),
        ["1.0.0", "1.0.0-rc.1", "1.0.0-beta.11", "1.0.0-beta.2"]
    );
}
