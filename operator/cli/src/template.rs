//! `pilothouse template`: what `helm template` prints, by our own engine and without a cluster.
//!
//! Flags, output, messages and exit codes are Helm's, so that scripts can use either. Charts are read from disk; a chart
//! in a repository or registry has to be pulled first.

// The path is written out because the conformance tests build this module too, from elsewhere.
#[path = "template/disk.rs"]
mod disk;
#[path = "template/flags.rs"]
mod flags;
#[path = "template/local.rs"]
mod local;

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::Arc;

use gotemplate::Limits;
use helm::capabilities::{Capabilities, KubeVersion};
use helm::chart::Chart;
use helm::facts::Facts;
use helm::remark::Remark;
use helm::template::{OutputFile, TemplateFailure, TemplateFlags, WriteMode, name_from_template, template};
use helm::values::user::UserValues;

use crate::facts::SystemFacts;
use flags::Flags;

/// Runs the command with the words after `template` and gives its exit code.
pub(crate) fn main(words: &[String]) -> ExitCode {
    let mut remarks = Vec::new();
    let result = run(words, &mut remarks);
    let mut log = std::io::stderr().lock();
    for remark in &remarks {
        // A closed standard error is no reason to fail.
        let _ = writeln!(log, "{remark}");
    }
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            let _ = writeln!(log, "Error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[String], remarks: &mut Vec<Remark>) -> Result<(), String> {
    let mut flags = Flags::parse(words)?;
    for note in std::mem::take(&mut flags.notes) {
        // A closed standard error is no reason to fail.
        let _ = writeln!(std::io::stderr(), "{note}");
    }
    if flags.is_set("help") {
        return print(&flags::help());
    }
    check_arguments(&flags)?;
    check_kube_version(&flags)?;
    check_dry_run(&flags, remarks)?;
    let (release_name, chart) = name_and_chart(&flags)?;
    if let Some(name) = flags.refused() {
        return Err(format!(
            "flag --{name} is not supported: charts are rendered from disk, as they are"
        ));
    }
    let path = disk::locate(chart)?;
    let values = user_values(&flags)?
        .merge(&mut disk::read_text)
        .map_err(|error| error.to_string())?;
    let mut chart = disk::load(&path, remarks)?;
    if flags.is_set("dependency-update") {
        print(&local::complete(&mut chart, &path, remarks)?)?;
    }
    let chart: Arc<Chart> = chart.into();
    let options = template_flags(&flags, release_name);
    match template(
        &chart,
        &values,
        &options,
        Capabilities::default(),
        &facts,
        remarks,
    ) {
        Ok(output) => {
            write_files(&output.files)?;
            print(&output.stdout)
        }
        Err(TemplateFailure::NoSuchTemplate { path, files }) => {
            write_files(&files)?;
            Err(TemplateFailure::NoSuchTemplate { path, files }.to_string())
        }
        Err(failure) if flags.is_set("debug") => {
            let (manifest, message) = failure.debug();
            print(&manifest)?;
            Err(message)
        }
        Err(failure) => Err(failure.to_string()),
    }
}

fn template_flags(flags: &Flags, release_name: String) -> TemplateFlags {
    let environment = std::env::var("HELM_NAMESPACE").ok();
    let namespace = flags.text("namespace").map(str::to_owned).or(environment);
    TemplateFlags {
        release_name,
        namespace: namespace
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| "default".to_owned()),
        include_crds: flags.is_set("include-crds"),
        is_upgrade: flags.is_set("is-upgrade"),
        no_hooks: flags.is_set("no-hooks"),
        skip_tests: flags.is_set("skip-tests"),
        skip_schema_validation: flags.is_set("skip-schema-validation"),
        enable_dns: flags.is_set("enable-dns"),
        kube_version: flags.text("kube-version").map(str::to_owned),
        api_versions: flags.texts("api-versions"),
        show_only: flags.texts("show-only"),
        output_dir: flags.text("output-dir").map(str::to_owned),
        use_release_name: flags.is_set("release-name"),
        limits: limits(flags),
    }
}

fn limits(flags: &Flags) -> Limits {
    let default = Limits::default();
    let size = |name: &str, default: usize| {
        flags
            .number(name)
            .map_or(default, |number| usize::try_from(number).unwrap_or(usize::MAX))
    };
    Limits {
        steps: flags.number("limit-steps").unwrap_or(default.steps),
        bytes: flags.number("limit-bytes").unwrap_or(default.bytes),
        template_depth: size("limit-depth", default.template_depth),
        parse_nodes: size("limit-parse-nodes", default.parse_nodes),
        parse_depth: size("limit-parse-depth", default.parse_depth),
    }
}

fn facts() -> Rc<dyn Facts> {
    Rc::new(SystemFacts)
}

fn check_arguments(flags: &Flags) -> Result<(), String> {
    if flags.arguments.is_empty() {
        return Err("\"pilothouse template\" requires at least 1 argument\n\n\
             Usage:  pilothouse template [NAME] [CHART] [flags]"
            .to_owned());
    }
    Ok(())
}

/// Helm looks at this flag before anything else.
fn check_kube_version(flags: &Flags) -> Result<(), String> {
    match flags.text("kube-version") {
        None => Ok(()),
        Some(text) => match KubeVersion::parse(text) {
            Ok(_) => Ok(()),
            Err(error) => Err(TemplateFailure::KubeVersion {
                text: text.to_owned(),
                error,
            }
            .to_string()),
        },
    }
}

/// Templates are always rendered as in Helm's client-side dry run (`cmdGetDryRunFlagStrategy`).
fn check_dry_run(flags: &Flags, remarks: &mut Vec<Remark>) -> Result<(), String> {
    let Some(text) = flags.texts("dry-run").pop() else {
        return Ok(());
    };
    match text.as_str() {
        "client" => {}
        "unset" => {
            remarks.push(Remark::warn(
                "--dry-run is deprecated and should be replaced with '--dry-run=client'",
            ));
        }
        "server" => return Err("--dry-run=server is not supported: no cluster is asked".to_owned()),
        text => match flags::parse_bool(text) {
            Some(true) => remarks.push(Remark::warn(format!(
                "boolean '--dry-run={text}' flag is deprecated and must be replaced with '--dry-run=client'"
            ))),
            Some(false) => {
                return Err(format!(
                    "invalid dry-run value ({text:?}). Must be \"server\" or \"client\""
                ));
            }
            None if text == "none" => {
                return Err(format!(
                    "invalid dry-run value ({text:?}). Must be \"server\" or \"client\""
                ));
            }
            None => {
                return Err(format!(
                    "invalid dry-run value ({text:?}). Must be \"none\", \"server\", or \"client\""
                ));
            }
        },
    }
    Ok(())
}

/// `NameAndChart` in `pkg/action/install.go`, for a release name that has a default.
fn name_and_chart(flags: &Flags) -> Result<(String, &str), String> {
    let name_template = flags.text("name-template");
    match flags.arguments.as_slice() {
        [] => Ok((String::new(), "")),
        [chart] => match name_template {
            Some(text) => Ok((
                name_from_template(text, facts()).map_err(|error| error.to_string())?,
                chart,
            )),
            None => Ok(("release-name".to_owned(), chart)),
        },
        [_, _, rest @ ..] if !rest.is_empty() => Err(format!(
            "expected at most two arguments, unexpected arguments: {}",
            rest.join(", ")
        )),
        [_, _, ..] if flags.is_set("generate-name") => {
            Err("cannot set --generate-name and also specify a name".to_owned())
        }
        [_, _, ..] if name_template.is_some() => {
            Err("cannot set --name-template and also specify a name".to_owned())
        }
        [name, chart, ..] => Ok((name.clone(), chart)),
    }
}

fn user_values(flags: &Flags) -> Result<UserValues, String> {
    let names = flags.texts("values");
    let mut files = Vec::with_capacity(names.len());
    for name in names {
        let content = if name.trim() == "-" {
            let mut content = Vec::new();
            std::io::stdin()
                .read_to_end(&mut content)
                .map_err(|error| error.to_string())?;
            content
        } else {
            disk::read(Path::new(&name))?
        };
        files.push((name, content));
    }
    Ok(UserValues {
        files,
        set_json: flags.texts("set-json"),
        set: flags.texts("set"),
        set_string: flags.texts("set-string"),
        set_file: flags.texts("set-file"),
        set_literal: flags.texts("set-literal"),
    })
}

fn print(text: &str) -> Result<(), String> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| error.to_string())
}

fn write_files(files: &[OutputFile]) -> Result<(), String> {
    for file in files {
        write(file).map_err(|error| match file.mode {
            WriteMode::Create | WriteMode::Append => {
                format!("{error}\n\nUse --debug flag to render out invalid YAML")
            }
            // Hooks are written later, where Helm does not say so.
            WriteMode::AppendIfPresent => error,
        })?;
    }
    Ok(())
}

/// Writes one file of `--output-dir` and says so.
fn write(file: &OutputFile) -> Result<(), String> {
    let path = Path::new(&file.path);
    let append = match file.mode {
        WriteMode::Create => false,
        WriteMode::Append => true,
        WriteMode::AppendIfPresent => path.exists(),
    };
    disk::write(path, &file.content, append)?;
    print(&format!("wrote {}\n", file.path))
}
