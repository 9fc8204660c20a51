//! Running the case files of `tests/conformance/cases`: comparing with what is recorded, or recording.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::Context as _;

use crate::diff::unified;
use crate::transcript::{Program, StepOutcome, Transcript, lay_out, run as run_step};

/// Whether outcomes are compared or written.
#[derive(Debug, Clone)]
pub enum Mode {
    /// They are compared with what is recorded.
    Compare,
    /// They are written into the case files.
    Record {
        /// The real Helm.
        program: Program,
        /// Its name and version.
        version: String,
    },
}

impl Mode {
    /// Recording with the Helm that the environment names: `HELM`, and its version in `HELM_VERSION`.
    pub fn record() -> anyhow::Result<Self> {
        let path = PathBuf::from(std::env::var_os("HELM").context("HELM names no program")?);
        let version = std::env::var("HELM_VERSION").context("HELM_VERSION is not set")?;
        let program = Program {
            path: path.canonicalize()?,
            name: "helm".to_owned(),
        };
        Ok(Self::Record {
            program,
            version: format!("helm {version}"),
        })
    }
}

/// What came of all cases.
#[derive(Debug, Default)]
pub struct Report {
    /// Case files.
    pub cases: usize,
    /// Commands in them.
    pub steps: usize,
    /// What is wrong, in the order of the names.
    pub problems: Vec<String>,
}

impl Report {
    /// Whether every outcome is as recorded.
    pub fn is_good(&self) -> bool {
        self.problems.is_empty() && self.cases > 0
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.problems {
            writeln!(f, "{problem}")?;
        }
        write!(
            f,
            "{} cases, {} commands, {} problems",
            self.cases,
            self.steps,
            self.problems.len()
        )
    }
}

/// The folder of the cases.
pub fn cases_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../conformance/cases")
}

/// Runs the cases whose names contain one of the words, or all.
pub fn run(folder: &Path, words: &[String], program: &Program, mode: &Mode) -> anyhow::Result<Report> {
    let mut names: Vec<String> = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("read {}", folder.display()))? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.retain(|name| words.is_empty() || words.iter().any(|word| name.contains(word.as_str())));
    names.sort_unstable();
    let next = AtomicUsize::new(0);
    let report: Mutex<Report> = Mutex::default();
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some(name) = names.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let result = one(&folder.join(name), name, program, mode);
                    let mut report = report.lock().unwrap_or_else(PoisonError::into_inner);
                    report.cases += 1;
                    match result {
                        Ok((steps, problems)) => {
                            report.steps += steps;
                            report.problems.extend(problems);
                        }
                        Err(error) => report.problems.push(format!("{name}: {error:#}")),
                    }
                }
            });
        }
    });
    let mut report = report.into_inner().unwrap_or_else(PoisonError::into_inner);
    report.problems.sort();
    Ok(report)
}

fn one(path: &Path, name: &str, program: &Program, mode: &Mode) -> anyhow::Result<(usize, Vec<String>)> {
    let mut case = Transcript::parse(&fs::read_to_string(path)?)?;
    let outcomes = outcomes(&case, program)?;
    let mut problems = Vec::new();
    match mode {
        Mode::Compare => {
            if case.recorder.split_whitespace().count() < 2 {
                problems.push(format!("{name}: nothing is recorded yet; run `make golden`"));
            }
            for (step, outcome) in case.steps.iter().zip(&outcomes) {
                if step.outcome != *outcome {
                    problems.push(difference(name, &step.line, &step.outcome, outcome));
                }
            }
        }
        Mode::Record { version, .. } => {
            // Go's maps have no order: what depends on it is no expectation.
            let again = self::outcomes(&case, program)?;
            for ((step, outcome), again) in case.steps.iter_mut().zip(outcomes).zip(&again) {
                if outcome != *again {
                    problems.push(difference(name, &step.line, &outcome, again));
                }
                step.outcome = outcome;
            }
            case.recorder.clone_from(version);
            fs::write(path, case.write())?;
        }
    }
    Ok((case.steps.len(), problems))
}

/// Runs the commands of a case in a new folder.
fn outcomes(case: &Transcript, program: &Program) -> anyhow::Result<Vec<StepOutcome>> {
    let folder = tempfile::tempdir()?;
    // A path without links, as programs print it.
    let place = folder.path().canonicalize()?;
    lay_out(&case.files, &place)?;
    case.steps
        .iter()
        .map(|step| run_step(&step.line, &place, program))
        .collect()
}

fn difference(name: &str, line: &str, expected: &StepOutcome, got: &StepOutcome) -> String {
    let mut text = format!("{name}: $ {line}\n");
    if expected.code != got.code {
        text.push_str(&format!(
            "exit code: expected {}, got {}\n",
            expected.code, got.code
        ));
    }
    for (what, expected, got) in [
        ("stdout", &expected.stdout, &got.stdout),
        ("stderr", &expected.stderr, &got.stderr),
    ] {
        if expected != got {
            text.push_str(what);
            text.push('\n');
            text.push_str(&unified(expected, got));
        }
    }
    text
}
