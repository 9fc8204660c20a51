//! How the demo speaks: one line a step with the time it took, readable without colour.
//!
//! Lines go to standard output, also those of a failure, so that a pipe keeps the order.

use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::Result;

/// Where the result of a step stands.
const COLUMN: usize = 84;

/// The voice of the demo.
#[derive(Debug)]
pub(crate) struct Teller {
    began: Instant,
}

impl Teller {
    /// Says the title.
    pub(crate) fn begin(title: &str) -> Self {
        say(&format!("{title}\n\n"));
        Self {
            began: Instant::now(),
        }
    }

    /// Says what is being done, does it, and says how it went.
    pub(crate) async fn step<T>(&self, what: &str, work: impl Future<Output = Result<T>>) -> Result<T> {
        say(&dotted(what));
        let began = Instant::now();
        let result = work.await;
        let word = if result.is_ok() { "ok" } else { "FAILED" };
        say(&ending(word, began.elapsed()));
        result
    }

    /// Says more about the step before.
    pub(crate) fn detail(text: &str) {
        for line in text.lines() {
            say(&format!("      {line}\n"));
        }
    }

    /// Shows what a command printed, or a table, under its own heading.
    pub(crate) fn show(heading: &str, text: &str) {
        say(&format!("\n{heading}\n"));
        for line in text.trim_end().lines() {
            say(&format!("  {}\n", line.trim_end()));
        }
    }

    /// Says that all was true.
    pub(crate) fn end(&self) {
        say(&format!(
            "\nEvery step was true, in {:.0} s\n",
            self.began.elapsed().as_secs_f64()
        ));
    }

    /// Says what was not true, its causes, and what to do.
    pub(crate) fn fail(&self, error: &anyhow::Error) {
        let after = self.began.elapsed().as_secs_f64();
        say(&format!(
            "\n{}The demo failed after {after:.0} s\n",
            failure(error)
        ));
    }
}

/// Columns of equal width, two blanks between them.
pub(crate) fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}"));
        format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

fn dotted(what: &str) -> String {
    let dots = COLUMN.saturating_sub(what.chars().count() + 1).max(3);
    format!("{what} {} ", ".".repeat(dots))
}

fn ending(word: &str, took: Duration) -> String {
    format!("{word} {:>5.1} s\n", took.as_secs_f64())
}

/// The error, its causes each on a line of its own, and hints in front of nothing.
fn failure(error: &anyhow::Error) -> String {
    let mut text = String::new();
    let mut hints = Vec::new();
    for (depth, cause) in error.chain().enumerate() {
        let cause = cause.to_string();
        let (told, hinted): (Vec<_>, Vec<_>) = cause.lines().partition(|line| !line.starts_with("hint: "));
        let before = if depth == 0 { "error: " } else { "because: " };
        text.extend([before.to_owned(), told.join("\n  "), "\n".to_owned()]);
        hints.extend(hinted.into_iter().map(str::to_owned));
    }
    for hint in hints {
        text.push_str(&hint);
        text.push('\n');
    }
    text
}

/// A reader who left is no reason to stop.
fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn a_step_is_one_line_whose_results_stand_below_each_other() {
        let short = dotted("short") + &ending("ok", Duration::from_millis(1250));
        let longer = dotted("a longer step") + &ending("FAILED", Duration::from_mins(2));
        assert!(short.ends_with(" ok   1.2 s\n"), "{short}");
        assert_eq!(short.find("ok"), longer.find("FAILED"));
    }

    #[test]
    fn a_failure_tells_its_causes_and_then_the_hints() {
        let error = anyhow!("deep\nhint: do this").context("shallow\nhint: do that");
        assert_eq!(
            failure(&error),
            "error: shallow\nbecause: deep\nhint: do that\nhint: do this\n"
        );
    }

    #[test]
    fn columns_of_a_table_are_as_wide_as_their_widest_cell() {
        let rows = [
            vec!["A".to_owned(), "B".to_owned()],
            vec!["long".to_owned(), "b".to_owned()],
        ];
        assert_eq!(table(&rows), "A     B\nlong  b\n");
    }
}
