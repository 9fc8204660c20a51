//! Runs cases and reports what differs.

use std::fmt::Write as _;
use std::path::Path;

use gotemplate::{MissingKey, TemplateSet};

use super::casefile::{self, Case, Expected};
use super::fixture;

/// Fails with the first differences of a file.
pub(crate) fn check_file(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/cases")
        .join(name);
    let cases = casefile::read(&path);
    assert!(!cases.is_empty(), "{name} has no cases");
    let mut report = String::new();
    let mut failed = 0;
    for case in &cases {
        let got = run(case);
        if got != case.expected {
            failed += 1;
            if failed <= 40 {
                let _ = writeln!(
                    report,
                    "{}\n  Go:   {:?}\n  ours: {got:?}",
                    case.title, case.expected
                );
            }
        }
    }
    assert_eq!(
        failed,
        0,
        "{failed} of {} cases of {name} differ:\n{report}",
        cases.len()
    );
}

fn run(case: &Case) -> Expected {
    let missing_key = match case.option.as_str() {
        "" | "missingkey=default" | "missingkey=invalid" => MissingKey::Default,
        "missingkey=zero" => MissingKey::Zero,
        "missingkey=error" => MissingKey::Error,
        other => panic!("unknown option {other}"),
    };
    let mut set = TemplateSet::new("set")
        .with_functions(fixture::functions())
        .with_missing_key(missing_key);
    for (name, text) in &case.templates {
        if let Err(error) = set.parse(name, text.clone()) {
            return Expected::Error(error.to_string());
        }
    }
    let Some((main, _)) = case.templates.last() else {
        panic!("{}: no template", case.title)
    };
    match set.execute(main, fixture::data()) {
        Ok(output) => Expected::Output(output.to_vec()),
        Err(error) => Expected::Error(error.to_string()),
    }
}
