//! The twin of the command line: a step as a call of the real `helm`.

use std::path::Path;

use anyhow::Result;
use testkit::Output;

use crate::flags::{Action, Flag};
use crate::play::Twin;
use crate::story::{Deed, PATIENT, Source, Step};

/// Plays one step by `helm`.
///
/// # Errors
/// It succeeded where it must fail, or the other way round.
pub(crate) async fn play(twin: &Twin, step: &Step) -> Result<()> {
    match step {
        Step::Install(deed) => released(twin, &["install"], deed).await,
        Step::Upgrade(deed) => released(twin, &["upgrade"], deed).await,
        Step::Apply(deed) => released(twin, &["upgrade", "--install"], deed).await,
        Step::Rollback(rollback) => {
            let to = rollback.to.to_string();
            let output = run(twin, &["rollback", twin.release, &to], &rollback.flags).await?;
            ended(output, rollback.fails)
        }
        Step::Uninstall(farewell) => {
            let output = run(twin, &["uninstall", twin.release], &farewell.flags).await?;
            ended(output, farewell.fails)
        }
        Step::Test(trial) => {
            let output = run(twin, &["test", twin.release], &trial.flags).await?;
            ended(output, trial.fails)
        }
        Step::TakeOver | Step::HandBack => Ok(()),
        Step::ByHand(arguments) => twin.by_hand(arguments).await,
    }
}

async fn released(twin: &Twin, action: &[&str], deed: &Deed) -> Result<()> {
    let archive = twin.archive(deed)?;
    let mut arguments: Vec<String> = action.iter().map(|&word| word.to_owned()).collect();
    arguments.extend([twin.release.to_owned(), text(&archive)]);
    let file = |number: usize, content: &str| {
        let path = twin.folder.path().join(format!("values-{number}.yaml"));
        std::fs::write(&path, content)?;
        anyhow::Ok(["--values".to_owned(), text(&path)])
    };
    for (number, source) in deed.sources.iter().enumerate() {
        match source {
            Source::File(content) => arguments.extend(file(number, content)?),
            Source::Set(path, value) => arguments.extend(["--set".to_owned(), format!("{path}={value}")]),
        }
    }
    arguments.extend(file(deed.sources.len(), &deed.values.to_string())?);
    // Without it an upgrade without values takes those of the last revision.
    let reuses = |flag: &Flag| matches!(flag, Flag::ReuseValues | Flag::ResetThenReuseValues);
    if action[0] == "upgrade" && !deed.flags.iter().any(reuses) {
        arguments.push("--reset-values".to_owned());
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let output = run(twin, &arguments, &deed.flags).await?;
    ended(output, deed.fails)
}

async fn run(twin: &Twin, arguments: &[&str], flags: &[Flag]) -> Result<Output> {
    let mut all: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
    if !flags.iter().any(|flag| matches!(flag, Flag::Timeout(_))) {
        all.extend(["--timeout".into(), PATIENT.into()]);
    }
    let action = if arguments[0] == "install" {
        Action::Install
    } else {
        Action::Other
    };
    all.extend(flags.iter().flat_map(|flag| flag.arguments(twin.referee, action)));
    twin.helm(&all).await
}

fn ended(output: Output, fails: bool) -> Result<()> {
    if fails {
        output.failure()?;
    } else {
        output.success()?;
    }
    Ok(())
}

fn text(path: &Path) -> String {
    path.display().to_string()
}
