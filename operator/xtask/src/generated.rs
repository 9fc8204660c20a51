//! A generated file: committed, marked, never edited by hand, proven fresh by a test.

use std::path::Path;

use anyhow::Context;

/// A file that a generator makes.
#[derive(Clone, Debug)]
pub struct Generated {
    /// Path below the root of the repository.
    pub path: &'static str,
    /// The `make` target that writes it.
    pub target: &'static str,
    /// The whole content.
    pub content: String,
}

/// What writing did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The file was missing or different.
    Written,
    /// The file was fresh; it was not touched.
    Unchanged,
}

impl Generated {
    /// Writes the file when it is not fresh, with the folders it needs.
    pub fn write(&self, root: &Path) -> anyhow::Result<Outcome> {
        let path = root.join(self.path);
        if std::fs::read_to_string(&path).is_ok_and(|present| present == self.content) {
            return Ok(Outcome::Unchanged);
        }
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).with_context(|| format!("create {}", folder.display()))?;
        }
        std::fs::write(&path, &self.content).with_context(|| format!("write {}", path.display()))?;
        Ok(Outcome::Written)
    }

    /// What is wrong with the committed file, with the first line that differs.
    pub fn check(&self, root: &Path) -> Option<String> {
        let Ok(present) = std::fs::read_to_string(root.join(self.path)) else {
            return Some(format!("{} is missing: run `make {}`", self.path, self.target));
        };
        if present == self.content {
            return None;
        }
        let line = present
            .lines()
            .zip(self.content.lines())
            .position(|(old, new)| old != new)
            .unwrap_or_else(|| present.lines().count().min(self.content.lines().count()));
        Some(format!(
            "{} is stale from line {}: run `make {}`",
            self.path,
            line + 1,
            self.target
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(content: &str) -> Generated {
        Generated {
            path: "out/file.txt",
            target: "crds",
            content: content.to_owned(),
        }
    }

    #[test]
    fn a_fresh_file_passes_and_others_are_named_with_their_line() {
        let root = std::env::temp_dir().join(format!("xtask-generated-{}", std::process::id()));
        let fresh = file("a\nb\nc\n");
        assert_eq!(
            fresh.check(&root).unwrap(),
            "out/file.txt is missing: run `make crds`"
        );
        assert_eq!(fresh.write(&root).unwrap(), Outcome::Written);
        assert_eq!(fresh.write(&root).unwrap(), Outcome::Unchanged);
        assert_eq!(fresh.check(&root), None);
        assert_eq!(
            file("a\nx\nc\n").check(&root).unwrap(),
            "out/file.txt is stale from line 2: run `make crds`"
        );
        assert_eq!(
            file("a\nb\nc\nd\n").check(&root).unwrap(),
            "out/file.txt is stale from line 4: run `make crds`"
        );
        std::fs::remove_dir_all(&root).unwrap();
    }
}
