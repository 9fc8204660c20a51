//! The top level of the repository: a fixed set of parts, so that nothing piles up there.

/// What stands at the top level, and whether it must be there.
const PARTS: &[(&str, bool)] = &[
    (".ci", true),
    (".gitignore", true),
    ("Cargo.lock", true),
    ("Cargo.toml", true),
    ("LICENSE", true),
    ("Makefile", true),
    ("README.md", true),
    ("charts", true),
    ("clippy.toml", true),
    ("crds", true),
    ("deploy", true),
    ("docs", true),
    ("operator", true),
    ("rust-toolchain.toml", true),
    ("rustfmt.toml", false),
    ("tests", true),
];

/// What git and cargo keep there for themselves.
const IGNORED: &[&str] = &[".git", "target"];

/// Parts that do not belong there, and parts that are missing.
pub fn check(names: &[String]) -> Vec<String> {
    let strange = names
        .iter()
        .filter(|name| !IGNORED.contains(&name.as_str()) && !PARTS.iter().any(|(part, _)| part == name))
        .map(|name| format!("{name} does not belong to the top level of the repository"));
    let missing = PARTS
        .iter()
        .filter(|(part, required)| *required && !names.iter().any(|name| name == part))
        .map(|(part, _)| format!("{part} is missing at the top level of the repository"));
    strange.chain(missing).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<String> {
        PARTS.iter().map(|(part, _)| (*part).to_owned()).collect()
    }

    #[test]
    fn the_allowed_parts_pass_with_or_without_the_optional_ones() {
        let mut names = all();
        names.extend([".git".to_owned(), "target".to_owned()]);
        assert_eq!(check(&names), Vec::<String>::new());
        names.retain(|name| name != "rustfmt.toml");
        assert_eq!(check(&names), Vec::<String>::new());
    }

    #[test]
    fn strange_and_missing_parts_are_named() {
        let mut names = all();
        names.push("notes.txt".to_owned());
        names.retain(|name| name != "LICENSE");
        assert_eq!(
            check(&names),
            [
                "notes.txt does not belong to the top level of the repository",
                "LICENSE is missing at the top level of the repository",
            ],
        );
    }
}
