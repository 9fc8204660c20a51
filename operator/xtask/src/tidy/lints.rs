//! Lint settings: every crate takes the workspace table, and the pure crates forbid I/O by name.

/// Calls that a pure crate must forbid; its `clippy.toml` may name more.
const FORBIDDEN: &[&str] = &[
    "std::env::var",
    "std::env::vars",
    "std::fs::read",
    "std::fs::read_dir",
    "std::fs::read_to_string",
    "std::fs::write",
    "std::process::Command::new",
    "std::thread::sleep",
    "std::thread::spawn",
    "std::time::Instant::now",
    "std::time::SystemTime::now",
];

/// Calls of jiff that a pure crate with that dependency must forbid.
const FORBIDDEN_JIFF: &[&str] = &["jiff::Timestamp::now", "jiff::ZonedDateTime::now"];

/// Types that a pure crate must forbid.
const FORBIDDEN_TYPES: &[&str] = &[
    "std::fs::File",
    "std::net::TcpListener",
    "std::net::TcpStream",
    "std::net::UdpSocket",
];

/// What is missing in the `clippy.toml` of a pure crate: settings of the root, which it replaces,
/// or a forbidden name.
pub fn check_pure(name: &str, root: &toml::Table, own: &toml::Table, uses_jiff: bool) -> Vec<String> {
    let mut problems = Vec::new();
    for (key, value) in root {
        if !own.get(key).is_some_and(|present| covers(present, value)) {
            problems.push(format!("clippy.toml of {name} does not repeat {key} of the root"));
        }
    }
    let jiff = if uses_jiff { FORBIDDEN_JIFF } else { &[] };
    for path in FORBIDDEN.iter().chain(jiff) {
        if !names(own, "disallowed-methods", path) {
            problems.push(format!("clippy.toml of {name} does not forbid {path}"));
        }
    }
    for path in FORBIDDEN_TYPES {
        if !names(own, "disallowed-types", path) {
            problems.push(format!("clippy.toml of {name} does not forbid {path}"));
        }
    }
    problems
}

/// Whether a crate takes the lints of the workspace.
pub fn check_inherits(name: &str, manifest: &toml::Table) -> Vec<String> {
    let inherits = manifest
        .get("lints")
        .and_then(|lints| lints.get("workspace"))
        .and_then(toml::Value::as_bool);
    if inherits == Some(true) {
        Vec::new()
    } else {
        vec![format!("crate {name} does not take the lints of the workspace")]
    }
}

/// Whether a setting says at least what another says: equal, or a longer list.
fn covers(present: &toml::Value, wanted: &toml::Value) -> bool {
    match (present.as_array(), wanted.as_array()) {
        (Some(present), Some(wanted)) => wanted.iter().all(|entry| present.contains(entry)),
        _ => present == wanted,
    }
}

fn names(settings: &toml::Table, key: &str, path: &str) -> bool {
    let entries = settings.get(key).and_then(toml::Value::as_array);
    entries.into_iter().flatten().any(|entry| {
        let named = entry
            .as_str()
            .or_else(|| entry.get("path").and_then(toml::Value::as_str));
        named == Some(path)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> toml::Table {
        text.parse().unwrap()
    }

    fn complete() -> String {
        let quoted = |paths: &[&str]| {
            paths
                .iter()
                .map(|path| format!("{{ path = {path:?} }}"))
                .collect::<Vec<_>>()
                .join(", ")
        };
        let methods = [FORBIDDEN, FORBIDDEN_JIFF].concat();
        format!(
            "allow-x = true\nwords = [\"a\", \"b\", \"c\"]\ndisallowed-methods = [{}]\ndisallowed-types = [{}]\n",
            quoted(&methods),
            quoted(FORBIDDEN_TYPES),
        )
    }

    #[test]
    fn a_complete_file_passes() {
        let root = table("allow-x = true\nwords = [\"a\", \"b\"]\n");
        assert_eq!(
            check_pure("plan", &root, &table(&complete()), true),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_root_setting_that_is_lost_is_named() {
        let root = table("allow-x = false\nallow-y = true\nwords = [\"a\", \"z\"]\n");
        assert_eq!(
            check_pure("plan", &root, &table(&complete()), true),
            [
                "clippy.toml of plan does not repeat allow-x of the root",
                "clippy.toml of plan does not repeat allow-y of the root",
                "clippy.toml of plan does not repeat words of the root",
            ],
        );
    }

    #[test]
    fn a_name_that_is_not_forbidden_is_named() {
        let own = table(
            &complete()
                .replace("std::env::var\"", "std::env::other\"")
                .replace("jiff::Zoned", "jiff::Other"),
        );
        assert_eq!(
            check_pure("plan", &toml::Table::new(), &own, true),
            [
                "clippy.toml of plan does not forbid std::env::var",
                "clippy.toml of plan does not forbid jiff::ZonedDateTime::now"
            ],
        );
        assert_eq!(check_pure("plan", &toml::Table::new(), &own, false).len(), 1);
        assert_eq!(
            check_pure("plan", &toml::Table::new(), &toml::Table::new(), false).len(),
            FORBIDDEN.len() + FORBIDDEN_TYPES.len(),
        );
    }

    #[test]
    fn a_crate_without_the_lints_of_the_workspace_is_named() {
        assert_eq!(
            check_inherits("helm", &table("[lints]\nworkspace = true\n")),
            Vec::<String>::new()
        );
        assert_eq!(
            check_inherits("helm", &table("[package]\nname = \"helm\"\n")),
            ["crate helm does not take the lints of the workspace"],
        );
    }
}
