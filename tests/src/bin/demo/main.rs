//! `make demo`: the life of a release, told on the terminal and checked at every step.
//!
//! It is a program and not a test: it stands on the same control plane, chart sources and referees as
//! the end-to-end tests, but it is made to be read. The first step that is not true ends it with a
//! failure. `terminal` is how it speaks, `ground` is where it runs, `sources` are the charts, `scene`
//! is what it can do and see, `story` is what it tells.

mod ground;
mod scene;
mod sources;
mod story;
mod terminal;

use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};
use tokio::signal::unix::{SignalKind, signal};

use ground::Ground;
use terminal::Teller;

#[tokio::main]
async fn main() -> ExitCode {
    let teller = Teller::begin("Pilothouse: the life of a release");
    match demo(&teller).await {
        Ok(()) => {
            teller.end();
            ExitCode::SUCCESS
        }
        Err(error) => {
            teller.fail(&error);
            ExitCode::FAILURE
        }
    }
}

async fn demo(teller: &Teller) -> Result<()> {
    let folder = tempfile::Builder::new()
        .prefix("pilothouse-demo-")
        .tempdir()
        .context("create a folder for charts and logs")?;
    let ground = Ground::choose(teller, folder.path()).await?;
    let outcome = tokio::select! {
        outcome = story::tell(teller, &ground, folder.path()) => outcome,
        stopped = stop_signal() => stopped.and_then(|()| Err(anyhow!("interrupted"))),
    };
    // What was put into a cluster of somebody else goes away, whatever the story came to.
    let left = ground.leave(teller).await;
    outcome.and(left)
}

async fn stop_signal() -> Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("listen for Ctrl-C")?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
