//! The `pilothouse` binary: parses the command line, wires crates together, prints. No logic.

mod facts;
mod run;
mod template;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Helm releases as Kubernetes objects.
#[derive(Debug, Parser)]
#[command(name = "pilothouse", version, about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::RunArgs),
    /// Render chart templates locally and print the result.
    #[command(disable_help_flag = true)]
    Template {
        /// `[NAME] CHART` and the flags of `helm template`; `--help` lists them.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENT")]
        words: Vec<String>,
    },
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Run(args) => run::main(args),
        Command::Template { words } => return template::main(&words),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            #[expect(clippy::print_stderr, reason = "the command line prints")]
            {
                eprintln!("error: {error:#}");
            }
            ExitCode::FAILURE
        }
    }
}
