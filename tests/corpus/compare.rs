//! Judging a run by what was recorded.

use engine_tests::case::Outcome;
use engine_tests::diff::first_difference;

use crate::corpus::{Case, Corpus, Expect};

/// The judgement.
#[derive(Debug)]
pub(crate) enum Verdict {
    Identical,
    /// Both ran, with different output.
    Different {
        what: String,
        expected: String,
        got: String,
    },
    /// It failed where Helm did not, or the other way round.
    Failed(String),
}

pub(crate) fn compare(case: &Case, corpus: &Corpus, outcome: &Outcome) -> anyhow::Result<Verdict> {
    if case.expect == Expect::Error {
        let expected = case.stderr.as_deref().unwrap_or_default();
        return Ok(if outcome.success {
            Verdict::Failed(format!("succeeds, but helm says {expected}"))
        } else {
            texts("stderr", expected, &outcome.stderr)
        });
    }
    if !outcome.success {
        let text: String = outcome.stderr.chars().take(1500).collect();
        return Ok(Verdict::Failed(text));
    }
    let golden = corpus.golden(case)?;
    let verdict = if case.expect == Expect::Ok {
        texts("stdout", golden, &outcome.stdout)
    } else {
        masked(
            case,
            golden,
            corpus.second_golden(case).unwrap_or(golden),
            &outcome.stdout,
        )
    };
    Ok(match verdict {
        Verdict::Identical => texts(
            "stderr",
            case.warnings.as_deref().unwrap_or_default(),
            &outcome.stderr,
        ),
        other => other,
    })
}

fn texts(what: &str, expected: &str, got: &str) -> Verdict {
    if expected == got {
        return Verdict::Identical;
    }
    Verdict::Different {
        what: format!("{what} {}", first_difference(expected, got)),
        expected: expected.to_owned(),
        got: got.to_owned(),
    }
}

/// Replaces, on the lines that differ between two runs of helm, our line by helm's if ours has what both runs share.
fn masked(case: &Case, first: &str, second: &str, got: &str) -> Verdict {
    let firsts: Vec<&str> = first.split('\n').collect();
    let seconds: Vec<&str> = second.split('\n').collect();
    let mut lines: Vec<&str> = got.split('\n').collect();
    for number in &case.differing_lines {
        let index = number - 1;
        let (Some(first), Some(line)) = (firsts.get(index), lines.get_mut(index)) else {
            continue;
        };
        let second = seconds.get(index).unwrap_or(first);
        if shares(first, second, line) {
            *line = first;
        }
    }
    texts("stdout", first, &lines.join("\n"))
}

/// Whether a line begins and ends as both lines of helm do, up to the words that may be random.
fn shares(first: &str, second: &str, line: &str) -> bool {
    let prefix = first
        .bytes()
        .zip(second.bytes())
        .take_while(|(left, right)| left == right)
        .count();
    let suffix = first
        .bytes()
        .rev()
        .zip(second.bytes().rev())
        .take_while(|(left, right)| left == right)
        .count();
    let random =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_' | b'.');
    // Random texts may begin or end alike by chance, and a longer one may contain the shorter.
    let shortest = first.len().min(second.len());
    let prefix = first.as_bytes()[..prefix.min(shortest)]
        .iter()
        .rposition(|byte| !random(*byte))
        .map_or(0, |at| at + 1);
    let tail = &first.as_bytes()[first.len() - suffix.min(shortest - prefix)..];
    let skipped = tail.iter().position(|byte| !random(*byte)).unwrap_or(tail.len());
    let tail = &tail[skipped..];
    line.as_bytes().starts_with(&first.as_bytes()[..prefix]) && line.as_bytes().ends_with(tail)
}
