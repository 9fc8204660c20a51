//! Starts a control plane for a person or for a command: `control-plane up`, `control-plane run`.
//!
//! It is the same control plane that the tests use; `make demo` stands on it.

use std::io::Read;
use std::os::unix::fs::FileTypeExt;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use testkit::ControlPlane;
use testkit::control_plane::TEST_KUBECONFIG;
use tokio::process::Command;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

const USAGE: &str = "\
usage: control-plane up [--dir FOLDER]
           start a control plane, print KUBECONFIG=..., and stay until Ctrl-C, SIGTERM, or, when
           standard input is a pipe, until it closes; with --dir the folder (empty or absent) keeps data and logs
       control-plane run [--dir FOLDER] -- COMMAND...
           start a control plane, run COMMAND with KUBECONFIG and PILOTHOUSE_TEST_KUBECONFIG set, and end
           with its exit code
";

enum Task {
    Up,
    Run(Vec<String>),
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(code) => code,
        Err(error) => {
            complain(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<ExitCode> {
    let Some((task, folder)) = parse(std::env::args().skip(1))? else {
        say(USAGE.trim_end());
        return Ok(ExitCode::SUCCESS);
    };
    let start = async {
        match folder {
            Some(folder) => ControlPlane::start_in(&folder).await,
            None => ControlPlane::start().await,
        }
    };
    // The start is as easy to interrupt as the rest; dropping it stops what it has started.
    let control_plane = tokio::select! {
        started = start => started?,
        stopped = stop_signal() => {
            stopped?;
            bail!("start the control plane: interrupted");
        }
    };
    match task {
        Task::Up => {
            say(&format!("KUBECONFIG={}", control_plane.kubeconfig().display()));
            complain(&format!(
                "ready after {:.1} s",
                control_plane.start_duration().as_secs_f64()
            ));
            tokio::select! {
                stopped = stop_signal() => stopped?,
                () = standard_input_closed() => {}
            }
            Ok(ExitCode::SUCCESS)
        }
        Task::Run(command) => {
            let (program, args) = command.split_first().context("run: no command after `--`")?;
            let mut child = Command::new(program)
                .args(args)
                .env("KUBECONFIG", control_plane.kubeconfig())
                .env(TEST_KUBECONFIG, control_plane.kubeconfig())
                .kill_on_drop(true)
                .spawn()
                .with_context(|| format!("run `{program}`"))?;
            let status = tokio::select! {
                status = child.wait() => status.with_context(|| format!("wait for `{program}`"))?,
                stopped = stop_signal() => {
                    stopped?;
                    bail!("run `{program}`: interrupted");
                }
            };
            Ok(status
                .code()
                .and_then(|code| u8::try_from(code).ok())
                .map_or(ExitCode::FAILURE, ExitCode::from))
        }
    }
}

/// `None` when help is wanted.
fn parse(args: impl Iterator<Item = String>) -> Result<Option<(Task, Option<PathBuf>)>> {
    let mut args = args;
    let verb = args.next();
    let mut folder = None;
    let mut command = Vec::new();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--dir" => folder = Some(PathBuf::from(args.next().context("--dir: no folder after it")?)),
            "--" => command = args.by_ref().collect(),
            other => bail!("no argument named `{other}`\n{USAGE}"),
        }
    }
    match verb.as_deref() {
        Some("up") => Ok(Some((Task::Up, folder))),
        Some("run") => Ok(Some((Task::Run(command), folder))),
        Some("help" | "-h" | "--help") => Ok(None),
        Some(other) => bail!("no command named `{other}`\n{USAGE}"),
        None => bail!("no command\n{USAGE}"),
    }
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

/// Ends when standard input is a pipe and its other end is gone. With a terminal or a file it never ends.
async fn standard_input_closed() {
    let is_pipe = std::fs::metadata("/dev/stdin").is_ok_and(|metadata| metadata.file_type().is_fifo());
    if !is_pipe {
        return std::future::pending().await;
    }
    let (closed, wait) = oneshot::channel::<()>();
    // A thread of its own, because the async runtime would wait for a read that never returns.
    std::thread::spawn(move || {
        let mut buffer = [0; 64];
        while std::io::stdin().read(&mut buffer).is_ok_and(|length| length > 0) {}
        drop(closed);
    });
    let _ = wait.await;
}

#[expect(clippy::print_stdout, reason = "this is a command line program")]
fn say(text: &str) {
    println!("{text}");
}

#[expect(clippy::print_stderr, reason = "this is a command line program")]
fn complain(text: &str) {
    eprintln!("{text}");
}
