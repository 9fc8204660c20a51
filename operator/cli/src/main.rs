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
    Template(Box<template::TemplateArgs>),
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Run(args) => run::main(args),
        Command::Template(args) => return template::main(&args),
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
