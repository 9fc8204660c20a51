//! Real public charts against the recorded output of Helm 4.2.4.
//!
//! The corpus is test data that lies beside the repository (`../shared/corpus`, or `PILOTHOUSE_CORPUS`); without it this
//! test says so and passes. Every case is rendered in process and compared byte for byte; lines that differ between two
//! runs of Helm are compared in what both runs share. Every case must be identical: there is no list of exceptions.
//!
//! ```text
//! cargo test -p engine-tests --test corpus -- [WORD ...] [--diff DIR] [--threads N] [--slow SECONDS]
//! ```
//! `WORD`s select the cases whose id contains one of them.

#![expect(clippy::print_stdout, reason = "a test without harness reports by itself")]

mod compare;
mod corpus;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use compare::Verdict;
use corpus::{Case, Corpus};
use engine_tests::case::Charts;

/// The options of a run.
#[derive(Debug)]
struct Options {
    words: Vec<String>,
    diff: Option<PathBuf>,
    threads: usize,
    slow: Duration,
}

/// What came of a case.
struct Report {
    verdict: Verdict,
    took: Duration,
}

fn main() -> anyhow::Result<ExitCode> {
    let options = options()?;
    let Some(corpus) = Corpus::open()? else {
        println!(
            "corpus: SKIPPED, nothing was compared: there is no ../shared/corpus (or set PILOTHOUSE_CORPUS)"
        );
        return Ok(ExitCode::SUCCESS);
    };
    let selected: Vec<&Case> = corpus
        .cases
        .iter()
        .filter(|case| {
            options.words.is_empty() || options.words.iter().any(|word| case.id.contains(word.as_str()))
        })
        .collect();
    let start = Instant::now();
    let reports = run(&corpus, &selected, &options)?;
    println!(
        "corpus: {} cases in {:.1} s",
        reports.len(),
        start.elapsed().as_secs_f64()
    );
    Ok(summary(&corpus, &reports, &options))
}

fn options() -> anyhow::Result<Options> {
    let threads = thread::available_parallelism().map_or(2, usize::from);
    let mut options = Options {
        words: Vec::new(),
        diff: None,
        threads,
        slow: Duration::from_secs(5),
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || {
            arguments
                .next()
                .with_context(|| format!("{argument} needs a value"))
        };
        match argument.as_str() {
            "--diff" => options.diff = Some(value()?.into()),
            "--threads" => options.threads = value()?.parse()?,
            "--slow" => options.slow = Duration::from_secs(value()?.parse()?),
            // What cargo passes to every test.
            flag if flag.starts_with('-') => {}
            word => options.words.push(word.to_owned()),
        }
    }
    Ok(options)
}

/// Runs the cases; those of one chart one after the other, so that the chart is loaded once.
fn run(corpus: &Corpus, selected: &[&Case], options: &Options) -> anyhow::Result<BTreeMap<String, Report>> {
    let mut by_chart: BTreeMap<&str, Vec<&Case>> = BTreeMap::new();
    for case in selected {
        by_chart.entry(&case.chart).or_default().push(case);
    }
    let groups: Vec<Vec<&Case>> = by_chart.into_values().collect();
    let next = AtomicUsize::new(0);
    let reports: Mutex<BTreeMap<String, Report>> = Mutex::default();
    let failed: Mutex<Option<anyhow::Error>> = Mutex::default();
    thread::scope(|scope| {
        for _ in 0..options.threads.max(1) {
            scope.spawn(|| {
                while let Some(group) = groups.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let charts = Charts::default();
                    for case in group {
                        let report = match one(corpus, case, &charts, options) {
                            Ok(report) => report,
                            Err(error) => {
                                *failed.lock().unwrap_or_else(PoisonError::into_inner) =
                                    Some(error.context(case.id.clone()));
                                continue;
                            }
                        };
                        let mut reports = reports.lock().unwrap_or_else(PoisonError::into_inner);
                        reports.insert(case.id.clone(), report);
                        if reports.len().is_multiple_of(100) {
                            println!("corpus: {} of {}", reports.len(), selected.len());
                        }
                    }
                }
            });
        }
    });
    match failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(error),
        None => Ok(reports.into_inner().unwrap_or_else(PoisonError::into_inner)),
    }
}

fn one(corpus: &Corpus, case: &Case, charts: &Charts, options: &Options) -> anyhow::Result<Report> {
    let arguments = corpus.arguments(case)?;
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        engine_tests::case::run(&arguments, charts)
    }));
    let outcome = match caught {
        Ok(outcome) => outcome?,
        Err(_) => {
            return Ok(Report {
                verdict: Verdict::Failed("panic".to_owned()),
                took: Duration::ZERO,
            });
        }
    };
    let verdict = compare::compare(case, corpus, &outcome)?;
    if let (Verdict::Different { expected, got, .. }, Some(directory)) = (&verdict, &options.diff) {
        std::fs::create_dir_all(directory)?;
        let text = engine_tests::diff::unified(expected, got);
        std::fs::write(
            directory.join(format!("{}.diff", case.id.replace('/', "_"))),
            text,
        )?;
    }
    Ok(Report {
        verdict,
        took: outcome.took,
    })
}

/// Prints the counts and the first difference of each case that is not identical.
fn summary(corpus: &Corpus, reports: &BTreeMap<String, Report>, options: &Options) -> ExitCode {
    let mut counts: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    for case in &corpus.cases {
        let Some(report) = reports.get(&case.id) else {
            continue;
        };
        let count = counts.entry(case.expect.as_str()).or_default();
        match &report.verdict {
            Verdict::Identical => count[0] += 1,
            Verdict::Different { what, .. } => {
                count[1] += 1;
                println!("  DIFFERENT {}: {what}", case.id);
            }
            Verdict::Failed(why) => {
                count[2] += 1;
                println!("  FAILED    {}: {why}", case.id);
            }
        }
        if report.took > options.slow {
            println!("  SLOW      {}: {:.1} s", case.id, report.took.as_secs_f64());
        }
    }
    let mut wrong = 0;
    for (expect, [identical, different, failed]) in &counts {
        println!("corpus: {expect}: {identical} identical, {different} different, {failed} failed");
        wrong += different + failed;
    }
    if wrong == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
