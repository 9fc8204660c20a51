//! `cargo run -p xtask -- COMMAND [--check]`: parses, calls the library, tells what happened.

use std::process::ExitCode;

use anyhow::{Context, bail};
use xtask::{Generated, Outcome, chart_crd_file, crd_file, reference_file, workspace_root};

const USAGE: &str = "\
usage: cargo run -p xtask -- COMMAND [--check]

commands:
  crds        write crds/ from the types of operator/api
  reference   write docs/reference/helmrelease.md from the CRD

  --check     write nothing, fail when a file is stale";

fn main() -> ExitCode {
    match run(std::env::args().skip(1).collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tell(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Vec<String>) -> anyhow::Result<()> {
    let (flags, commands): (Vec<_>, Vec<_>) = arguments
        .into_iter()
        .partition(|argument| argument.starts_with('-'));
    let check = match flags.as_slice() {
        [] => false,
        [flag] if flag == "--check" => true,
        _ => bail!("read arguments: unknown flag\n{USAGE}"),
    };
    let generate: &[fn() -> anyhow::Result<Generated>] = match commands.as_slice() {
        [command] if command == "crds" => &[crd_file, chart_crd_file],
        [command] if command == "reference" => &[reference_file],
        _ => bail!("read arguments: one command is needed\n{USAGE}"),
    };
    let root = workspace_root().context("find the workspace")?;
    for generate in generate {
        let file = generate()?;
        if check {
            if let Some(problem) = file.check(&root) {
                bail!("{problem}");
            }
            continue;
        }
        match file.write(&root)? {
            Outcome::Written => tell(&format!("wrote {}", file.path)),
            Outcome::Unchanged => tell(&format!("unchanged {}", file.path)),
        }
    }
    Ok(())
}

#[expect(
    clippy::print_stderr,
    reason = "this binary talks to the person who runs make"
)]
fn tell(text: &str) {
    eprintln!("{text}");
}
