//! Patterns and names as upstream matches them (`record.go`), and the budget.

use super::*;

/// The names, then one line a pattern: the pattern and the names that match, or null.
const RECORDED: &str = include_str!("recorded.jsonl");

#[test]
fn matches_what_upstream_matches() {
    let mut lines = RECORDED.lines();
    let names: Vec<String> = serde_json::from_str(lines.next().unwrap()).unwrap();
    let mut wrong = Vec::new();
    for line in lines {
        let (pattern, expected): (String, Option<Vec<String>>) = serde_json::from_str(line).unwrap();
        let got = Glob::new(&pattern).ok().map(|glob| {
            names
                .iter()
                .filter(|name| glob.matches(name).unwrap())
                .cloned()
                .collect::<Vec<_>>()
        });
        if got != expected {
            wrong.push(format!("{pattern:?}: expected {expected:?}, got {got:?}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} patterns:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn a_malformed_pattern_matches_everything_when_lenient() {
    assert_eq!(Glob::new("[").err(), Some(BadGlob));
    assert_eq!(Glob::lenient("[").matches("any/name"), Ok(true));
}

#[test]
fn endless_search_is_an_error() {
    let pattern = "*a?".repeat(30);
    let name = format!("{}/", "a".repeat(4000));
    assert_eq!(Glob::new(&pattern).unwrap().matches(&name), Err(TooManySteps));
}
