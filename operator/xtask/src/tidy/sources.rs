//! The shape of source files: an opening that says what the file is, a length that can be read, no
//! `mod.rs`.

use std::path::{Component, Path, PathBuf};

use anyhow::Context;

/// Most lines of a file before its tests.
pub const MAX_LINES: usize = 600;

/// Every `.rs` file of the repository, sorted, with its path below the root. Reads the folders
/// `operator` and `tests`.
pub fn find(root: &Path) -> anyhow::Result<Vec<(PathBuf, String)>> {
    let mut files = Vec::new();
    for folder in ["operator", "tests"] {
        collect(root, &root.join(folder), &mut files)?;
    }
    files.sort();
    Ok(files)
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<(PathBuf, String)>) -> anyhow::Result<()> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("list {}", folder.display()))?;
    for entry in entries {
        let path = entry
            .with_context(|| format!("list {}", folder.display()))?
            .path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
            collect(root, &path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
            files.push((path.strip_prefix(root).unwrap_or(&path).to_owned(), text));
        }
    }
    Ok(())
}

/// What is wrong with one file.
pub fn check(path: &Path, text: &str) -> Vec<String> {
    let shown = path.display();
    let mut problems = Vec::new();
    if path.file_name().is_some_and(|name| name == "mod.rs") {
        problems.push(format!("{shown}: a module is foo.rs beside foo/, never mod.rs"));
    }
    let opening = text
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("//!"))
        .map(str::trim);
    match opening {
        None => problems.push(format!("{shown}: does not open with //!")),
        Some("" | "Skeleton.") => problems.push(format!("{shown}: the opening says nothing")),
        Some(_) => {}
    }
    let lines = if is_data(path) {
        0
    } else {
        lines_before_tests(path, text)
    };
    if lines > MAX_LINES {
        problems.push(format!(
            "{shown}: {lines} lines before its tests, at most {MAX_LINES} are allowed"
        ));
    }
    problems
}

/// Lines of a file that are not its inline tests. A file that is nothing but the tests of a module
/// (`foo/tests.rs`) has none.
fn lines_before_tests(path: &Path, text: &str) -> usize {
    let is_module_of_tests = path.components().any(|part| part.as_os_str() == "src")
        && path.file_name().is_some_and(|name| name == "tests.rs");
    if is_module_of_tests {
        return 0;
    }
    let lines: Vec<&str> = text.lines().collect();
    let is_test_module =
        |pair: &[&str]| pair[0].trim() == "#[cfg(test)]" && pair[1].trim_start().starts_with("mod ");
    lines.windows(2).position(is_test_module).unwrap_or(lines.len())
}

/// Tables of test data that happen to be Rust: files in a folder `data` or `cases` under `tests/`.
fn is_data(path: &Path) -> bool {
    let mut parts = path.components().map(Component::as_os_str);
    parts.any(|part| part == "tests") && parts.any(|part| part == "data" || part == "cases")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(path: &str, text: &str) -> Vec<String> {
        check(Path::new(path), text)
    }

    #[test]
    fn a_documented_short_file_passes() {
        assert_eq!(
            problems("operator/helm/src/chart.rs", "//! Charts.\n\nfn a() {}\n"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_missing_or_empty_opening_is_named() {
        assert_eq!(problems("a.rs", "fn a() {}\n"), ["a.rs: does not open with //!"]);
        assert_eq!(problems("a.rs", ""), ["a.rs: does not open with //!"]);
        assert_eq!(
            problems("a.rs", "//!\nfn a() {}\n"),
            ["a.rs: the opening says nothing"]
        );
        assert_eq!(
            problems("a.rs", "//! Skeleton.\n"),
            ["a.rs: the opening says nothing"]
        );
    }

    #[test]
    fn mod_rs_is_refused() {
        assert_eq!(
            problems("x/mod.rs", "//! X.\n"),
            ["x/mod.rs: a module is foo.rs beside foo/, never mod.rs"]
        );
    }

    #[test]
    fn long_files_are_refused_and_tests_do_not_count() {
        let code = |lines: usize| format!("//! Long.\n{}", "fn a() {}\n".repeat(lines - 1));
        let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "// x\n".repeat(500));
        assert_eq!(
            problems("a.rs", &(code(MAX_LINES) + &tests)),
            Vec::<String>::new()
        );
        assert_eq!(
            problems("a.rs", &(code(MAX_LINES + 1) + &tests)),
            ["a.rs: 601 lines before its tests, at most 600 are allowed"],
        );
        // A single item under cfg(test) is no excuse for what follows it.
        let early = "//! Long.\n#[cfg(test)]\nuse std::fmt;\n".to_owned() + &"fn a() {}\n".repeat(MAX_LINES);
        assert_eq!(problems("a.rs", &early).len(), 1);
    }

    #[test]
    fn test_code_counts_and_test_data_does_not() {
        let long = format!("//! Long.\n{}", "fn a() {}\n".repeat(MAX_LINES));
        assert_eq!(problems("tests/e2e/install.rs", &long).len(), 1);
        assert_eq!(problems("operator/xtask/tests/tidy.rs", &long).len(), 1);
        assert_eq!(
            problems("tests/conformance/cases/functions.rs", &long),
            Vec::<String>::new()
        );
        assert_eq!(
            problems("operator/api/src/spec/tests.rs", &long),
            Vec::<String>::new()
        );
        assert_eq!(problems("operator/api/src/cases/x.rs", &long).len(), 1);
    }
}
