//! One run of `helm template`, in process.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use helm::capabilities::{Capabilities, HelmVersion};
use helm::chart::Chart;
use helm::facts::{Facts, FixedFacts};
use helm::remark::Remark;
use helm::template::{TemplateFailure, TemplateFlags, template};
use helm::values::user::UserValues;

use crate::chart;

/// What a run printed.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Standard output.
    pub stdout: String,
    /// Log lines and the error, as helm prints them.
    pub stderr: String,
    /// Whether helm would have exited with 0.
    pub success: bool,
    /// Time for reading values and rendering, without loading the chart.
    pub took: Duration,
}

/// The arguments of a run.
#[derive(Debug, Clone, Default)]
pub struct Arguments {
    /// The chart, a file or a directory.
    pub chart: PathBuf,
    /// Values files.
    pub values: Vec<PathBuf>,
    /// `--set` and its family.
    pub user: UserValues,
    /// The other flags.
    pub flags: TemplateFlags,
}

/// Charts that were loaded already, by path: each is loaded once for all its cases.
#[derive(Debug, Default)]
pub struct Charts(Mutex<BTreeMap<PathBuf, Result<Arc<Chart>, String>>>);

impl Charts {
    /// The chart of that path; the error is what helm prints.
    pub fn get(&self, path: &Path) -> anyhow::Result<Result<Arc<Chart>, String>> {
        if let Some(known) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(path) {
            return Ok(known.clone());
        }
        let loaded = chart::load(path)?.map_err(|error| error.to_string());
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(path.to_owned(), loaded.clone());
        Ok(loaded)
    }

    /// Forgets a chart that no further case needs.
    pub fn forget(&self, path: &Path) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(path);
    }
}

/// The helm that recorded the expectations: built by `go install`, it does not know its exact version.
pub fn recorded_helm() -> HelmVersion {
    HelmVersion {
        version: "v4.2".to_owned(),
        git_commit: String::new(),
        git_tree_state: String::new(),
        go_version: "go1.26.8".to_owned(),
        kube_client_version: "v1.36".to_owned(),
    }
}

/// Runs one case.
pub fn run(arguments: &Arguments, charts: &Charts) -> anyhow::Result<Outcome> {
    let loaded = charts.get(&arguments.chart)?;
    let start = Instant::now();
    let mut user = arguments.user.clone();
    for path in &arguments.values {
        user.files
            .push((path.display().to_string(), std::fs::read(path)?));
    }
    let mut remarks: Vec<Remark> = Vec::new();
    let result = render(arguments, &user, loaded, &mut remarks);
    let took = start.elapsed();
    let mut stderr = String::new();
    for remark in &remarks {
        stderr.push_str(&remark.to_string());
        stderr.push('\n');
    }
    let (stdout, success) = match result {
        Ok(stdout) => (stdout, true),
        Err(error) => {
            stderr.push_str("Error: ");
            stderr.push_str(&error);
            stderr.push('\n');
            (String::new(), false)
        }
    };
    Ok(Outcome {
        stdout,
        stderr,
        success,
        took,
    })
}

fn render(
    arguments: &Arguments,
    user: &UserValues,
    loaded: Result<Arc<Chart>, String>,
    remarks: &mut Vec<Remark>,
) -> Result<String, String> {
    let mut read = |path: &str| {
        let read = std::fs::read(path).map_err(|error| format!("open {path}: {error}"))?;
        Ok(String::from_utf8_lossy(&read).into_owned())
    };
    let values = user.merge(&mut read).map_err(|error| error.to_string())?;
    let chart = loaded?;
    let capabilities = Capabilities {
        helm_version: recorded_helm(),
        ..Capabilities::default()
    };
    let now = jiff::ZonedDateTime::now();
    let facts = || -> Rc<dyn Facts> { Rc::new(FixedFacts::at(now.clone())) };
    template(&chart, &values, &arguments.flags, capabilities, &facts, remarks)
        .map(|output| output.stdout)
        .map_err(|error: TemplateFailure| error.to_string())
}
