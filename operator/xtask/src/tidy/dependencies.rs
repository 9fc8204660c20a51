//! The reasons of shared dependencies: each stands in the root `Cargo.toml` once, under or beside a
//! comment that says why.

/// Dependencies of `[workspace.dependencies]` without a reason. A comment counts for the lines that
/// follow it up to the next blank line, or for the line it stands on; a section rule
/// (`# --- … ---`) is no reason.
pub fn check(manifest: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let mut inside = false;
    let mut has_reason = false;
    let mut seen = 0;
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') {
            inside = line == "[workspace.dependencies]";
            has_reason = false;
        } else if line.is_empty() {
            has_reason = false;
        } else if let Some(comment) = line.strip_prefix('#') {
            let comment = comment.trim();
            has_reason = !comment.is_empty() && !comment.starts_with("---");
        } else if inside && let Some((name, rest)) = line.split_once(" = ") {
            seen += 1;
            let beside = rest
                .rsplit_once(" # ")
                .is_some_and(|(_, comment)| !comment.trim().is_empty());
            if !has_reason && !beside {
                problems.push(format!("dependency {name} has no reason in Cargo.toml"));
            }
        }
    }
    if seen == 0 {
        problems.push("Cargo.toml has no [workspace.dependencies]".to_owned());
    }
    problems
}

/// Dependencies that a member declares with a version of its own instead of `workspace = true`.
/// `api` does so with kube, because it must not inherit its client.
pub fn check_member(name: &str, manifest: &toml::Table) -> Vec<String> {
    let tables = ["dependencies", "dev-dependencies", "build-dependencies"];
    let declared = tables
        .iter()
        .filter_map(|table| manifest.get(*table)?.as_table())
        .flatten();
    declared
        .filter(|(used, value)| {
            let inherited = value.get("workspace").and_then(toml::Value::as_bool) == Some(true);
            let is_excepted = name == "api" && *used == "kube";
            !(inherited || is_excepted)
        })
        .map(|(used, _)| format!("crate {name} must take {used} from [workspace.dependencies]"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_above_or_beside_passes() {
        let manifest = "[workspace.dependencies]\n# Why.\na = \"1\"\nb = \"1\"\n\nc = { version = \"1\" } # because\n\n[profile.dev]\nd = 1\n";
        assert_eq!(check(manifest), Vec::<String>::new());
    }

    #[test]
    fn a_dependency_without_reason_is_named() {
        let manifest = "[workspace.dependencies]\n# --- section ---\na = \"1\"\n\n# Why.\nb = \"1\"\n\nc = \"1\"\n#\nd = \"1\"\n";
        assert_eq!(
            check(manifest),
            [
                "dependency a has no reason in Cargo.toml",
                "dependency c has no reason in Cargo.toml",
                "dependency d has no reason in Cargo.toml",
            ],
        );
    }

    #[test]
    fn a_manifest_without_shared_dependencies_is_no_proof() {
        assert_eq!(
            check("[workspace]\n"),
            ["Cargo.toml has no [workspace.dependencies]"]
        );
    }

    #[test]
    fn a_version_outside_the_workspace_table_is_named() {
        let manifest =
            "[dependencies]\na.workspace = true\nkube = \"5\"\n[dev-dependencies]\nb = { version = \"1\" }\n";
        let manifest: toml::Table = manifest.parse().unwrap();
        assert_eq!(
            check_member("helm", &manifest),
            [
                "crate helm must take kube from [workspace.dependencies]",
                "crate helm must take b from [workspace.dependencies]",
            ],
        );
        assert_eq!(
            check_member("api", &manifest),
            ["crate api must take b from [workspace.dependencies]"]
        );
    }
}
