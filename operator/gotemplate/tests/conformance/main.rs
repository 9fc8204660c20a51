//! The engine against Go: every case of `tests/cases` was executed by Go's `text/template` and has Go's output
//! or error beside it. Record again with `cd tests/recorder && go run . ../cases`.

#[cfg(test)]
mod casefile;
#[cfg(test)]
mod check;
#[cfg(test)]
mod fixture;

use std::path::Path;

use check::check_file;

#[test]
fn comparisons() {
    check_file("compare.txt");
}

#[test]
fn formats() {
    check_file("format.txt");
}

#[test]
fn printf_verbs() {
    check_file("printf-verbs.txt");
}

#[test]
fn fuzz() {
    check_file("fuzz.txt");
}

#[test]
fn language() {
    check_file("language.txt");
}

#[test]
fn missing_keys() {
    check_file("missingkey.txt");
}

#[test]
fn statements() {
    check_file("statements.txt");
}

#[expect(clippy::disallowed_methods, reason = "tests read their cases")]
#[test]
fn every_case_file_is_checked() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let checked = [
        "compare.txt",
        "format.txt",
        "fuzz.txt",
        "language.txt",
        "missingkey.txt",
        "printf-verbs.txt",
        "statements.txt",
    ];
    assert_eq!(names, checked);
}
