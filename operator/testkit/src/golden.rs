//! Golden files: expected text that is kept in a file and refreshed by `UPDATE_GOLDENS=1`.
//!
//! Goldens of our own output pin behaviour; they do not prove it. Where Helm is the referee the
//! expected text comes from Helm.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use similar::TextDiff;

/// Set to `1`, it makes [`check`] write what it was given instead of comparing.
pub const UPDATE: &str = "UPDATE_GOLDENS";

/// Whether goldens are refreshed in this run.
pub fn updating() -> bool {
    env::var(UPDATE).is_ok_and(|value| value == "1")
}

/// Compares `actual` with the file, byte for byte.
///
/// # Errors
/// The file is missing or differs; the message is a readable difference.
pub fn check(path: &Path, actual: &str) -> Result<()> {
    check_or_update(path, actual, updating())
}

/// Fails when `folder` holds a golden (by its extension, without the dot) that no test used.
pub fn check_orphans(folder: &Path, extension: &str, used: &BTreeSet<PathBuf>) -> Result<()> {
    let mut orphans = Vec::new();
    collect(folder, extension, &mut orphans)?;
    orphans.retain(|path| !used.contains(path));
    orphans.sort();
    if orphans.is_empty() {
        return Ok(());
    }
    let list: Vec<String> = orphans
        .iter()
        .map(|path| format!("  {}", path.display()))
        .collect();
    bail!(
        "check goldens: no test uses these files, delete them:\n{}",
        list.join("\n")
    )
}

/// The difference of two texts as lines with `-` (expected) and `+` (actual); empty when equal.
pub fn difference(expected: &str, actual: &str) -> String {
    if expected == actual {
        return String::new();
    }
    TextDiff::from_lines(expected, actual)
        .unified_diff()
        .context_radius(3)
        .header("expected", "actual")
        .missing_newline_hint(true)
        .to_string()
}

fn check_or_update(path: &Path, actual: &str, update: bool) -> Result<()> {
    let expected = match fs::read_to_string(path) {
        Ok(expected) => Some(expected),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(error).with_context(|| format!("read the golden `{}`", path.display())),
    };
    if expected.as_deref() == Some(actual) {
        return Ok(());
    }
    if update {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).with_context(|| format!("create `{}`", folder.display()))?;
        }
        return fs::write(path, actual).with_context(|| format!("write the golden `{}`", path.display()));
    }
    let hint = format!("hint: {UPDATE}=1 writes it; read the change before you commit it");
    match expected {
        None => bail!(
            "compare with the golden `{}`: there is no such file\n{hint}\n{actual}",
            path.display()
        ),
        Some(expected) => {
            let difference = difference(&expected, actual);
            bail!(
                "compare with the golden `{}`: it differs\n{hint}\n{difference}",
                path.display()
            )
        }
    }
}

fn collect(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("list `{}`", folder.display()))? {
        let path = entry
            .with_context(|| format!("list `{}`", folder.display()))?
            .path();
        if path.is_dir() {
            collect(&path, extension, found)?;
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_text_passes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.golden");
        fs::write(&path, "one\ntwo\n").unwrap();
        check_or_update(&path, "one\ntwo\n", false).unwrap();
    }

    #[test]
    fn a_difference_is_shown_line_by_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.golden");
        fs::write(&path, "one\ntwo\nthree\n").unwrap();
        let error = check_or_update(&path, "one\n2\nthree\n", false)
            .unwrap_err()
            .to_string();
        assert!(
            error.ends_with("@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n"),
            "{error}"
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), "one\ntwo\nthree\n");
    }

    #[test]
    fn a_missing_last_newline_is_a_difference() {
        let difference = difference("one\n", "one");
        assert!(difference.contains("No newline at end of file"), "{difference}");
    }

    #[test]
    fn a_missing_golden_fails_and_an_update_writes_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sub/a.golden");
        let error = check_or_update(&path, "one\n", false).unwrap_err().to_string();
        assert!(error.contains("there is no such file"), "{error}");
        check_or_update(&path, "one\n", true).unwrap();
        check_or_update(&path, "one\n", false).unwrap();
    }

    #[test]
    fn a_golden_that_no_test_uses_is_an_orphan() {
        let folder = tempfile::tempdir().unwrap();
        let used = folder.path().join("used.golden");
        fs::write(&used, "").unwrap();
        fs::write(folder.path().join("input.yaml"), "").unwrap();
        let used = BTreeSet::from([used]);
        check_orphans(folder.path(), "golden", &used).unwrap();
        fs::write(folder.path().join("stale.golden"), "").unwrap();
        let error = check_orphans(folder.path(), "golden", &used)
            .unwrap_err()
            .to_string();
        assert!(error.ends_with("stale.golden"), "{error}");
    }
}
