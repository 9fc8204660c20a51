//! Cases of the project's own against the recorded output of Helm 4.2.4: whole small charts with commands.
//!
//! The cases are in `cases/`; [`engine_tests::transcript`] says how they read. Every `template` command is run by this very
//! program, which has the code of `pilothouse template` in it without the Kubernetes client of the whole binary.
//!
//! ```text
//! cargo test -p engine-tests --test conformance -- [WORD ...]
//! HELM=/path/to/helm tests/conformance/record.sh [WORD ...]
//! ```
//! `WORD`s select the cases whose name contains one of them.

#![expect(clippy::print_stdout, reason = "a test without harness reports by itself")]

#[path = "../../operator/cli/src/facts.rs"]
mod facts;
#[path = "../../operator/cli/src/template.rs"]
#[expect(dead_code, reason = "its unit tests are here too, but run in their own crate")]
mod template;

use std::process::ExitCode;

use engine_tests::suite::{self, Mode};
use engine_tests::transcript::Program;

fn main() -> anyhow::Result<ExitCode> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|word| word == "template") {
        return Ok(template::main(&arguments[1..]));
    }
    let mode = if arguments.iter().any(|word| word == "--record") {
        Mode::record()?
    } else {
        Mode::Compare
    };
    arguments.retain(|word| !word.starts_with('-'));
    let program = match &mode {
        Mode::Compare => Program {
            path: std::env::current_exe()?,
            name: "pilothouse".to_owned(),
        },
        Mode::Record { program, .. } => program.clone(),
    };
    let report = suite::run(&suite::cases_folder(), &arguments, &program, &mode)?;
    println!("conformance: {report}");
    Ok(if report.is_good() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
