//! Showing where two texts differ.

use similar::TextDiff;

/// The first lines that differ, with the line number.
pub fn first_difference(expected: &str, got: &str) -> String {
    let mut expected_lines = expected.lines();
    let mut got_lines = got.lines();
    let mut number = 0;
    loop {
        number += 1;
        match (expected_lines.next(), got_lines.next()) {
            (None, None) => return "the texts differ in their line ends only".to_owned(),
            (Some(expected), Some(got)) if expected == got => {}
            (expected, got) => {
                let show = |line: Option<&str>| {
                    line.map_or_else(|| "(nothing)".to_owned(), |line| cut(line).to_owned())
                };
                return format!(
                    "line {number}\n      expected: {}\n           got: {}",
                    show(expected),
                    show(got)
                );
            }
        }
    }
}

/// A unified difference.
pub fn unified(expected: &str, got: &str) -> String {
    TextDiff::from_lines(expected, got)
        .unified_diff()
        .context_radius(3)
        .header("expected", "got")
        .to_string()
}

fn cut(line: &str) -> &str {
    let end = line.char_indices().nth(240).map_or(line.len(), |(at, _)| at);
    &line[..end]
}
