//! `pilothouse template`: what `helm template` prints, by our own engine and without a cluster.
//!
//! Flags, output, messages and exit codes are Helm's, so that scripts can use either. Charts are read from disk; a chart
//! in a repository or registry has to be pulled first.

mod disk;

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::Arc;

use clap::Args;
use helm::capabilities::Capabilities;
use helm::chart::Chart;
use helm::facts::Facts;
use helm::remark::Remark;
use helm::template::{OutputFile, TemplateFlags, WriteMode, name_from_template, template};
use helm::values::user::UserValues;

use crate::facts::SystemFacts;

/// Render chart templates locally and print the result.
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "these are the flags of helm template"
)]
pub struct TemplateArgs {
    /// Release name and chart, or the chart alone.
    #[arg(value_name = "[NAME] CHART")]
    arguments: Vec<String>,
    /// Values in a YAML file; may be repeated, the last wins. `-` reads standard input.
    #[arg(short = 'f', long = "values", value_name = "FILE", value_delimiter = ',')]
    values: Vec<String>,
    /// Set values: `a.b=1,c[0]=x`.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Set values that stay strings.
    #[arg(long, value_name = "KEY=VALUE")]
    set_string: Vec<String>,
    /// Set JSON values: `key=<json>` or one object.
    #[arg(long, value_name = "KEY=JSON")]
    set_json: Vec<String>,
    /// Set values to the contents of files.
    #[arg(long, value_name = "KEY=FILE")]
    set_file: Vec<String>,
    /// Set one value verbatim.
    #[arg(long, value_name = "KEY=VALUE")]
    set_literal: Vec<String>,
    /// Namespace of the release.
    #[arg(short, long, env = "HELM_NAMESPACE", default_value = "default")]
    namespace: String,
    /// Print CRDs too.
    #[arg(long)]
    include_crds: bool,
    /// Set `.Release.IsUpgrade` instead of `.Release.IsInstall`.
    #[arg(long)]
    is_upgrade: bool,
    /// Leave hooks out.
    #[arg(long)]
    no_hooks: bool,
    /// Leave tests out.
    #[arg(long)]
    skip_tests: bool,
    /// Do not check values against the chart's schemas.
    #[arg(long)]
    skip_schema_validation: bool,
    /// Let templates ask DNS.
    #[arg(long)]
    enable_dns: bool,
    /// Kubernetes version for `.Capabilities.KubeVersion`.
    #[arg(long, value_name = "VERSION")]
    kube_version: Option<String>,
    /// API versions for `.Capabilities.APIVersions`, besides the built-in ones.
    #[arg(short, long, value_name = "VERSION", value_delimiter = ',')]
    api_versions: Vec<String>,
    /// Print only the manifests of these templates.
    #[arg(short, long, value_name = "PATH")]
    show_only: Vec<String>,
    /// Make the release name from a template.
    #[arg(long, value_name = "TEMPLATE")]
    name_template: Option<String>,
    /// Generate the release name; no effect here, as in Helm, where it is `release-name` already.
    #[arg(short, long)]
    generate_name: bool,
    /// Write files to this directory instead of printing.
    #[arg(long, value_name = "DIRECTORY")]
    output_dir: Option<String>,
    /// With `--output-dir`: put the files into a directory named after the release.
    #[arg(long)]
    release_name: bool,
    /// Print what was rendered even if it is not YAML.
    #[arg(long)]
    debug: bool,
    /// Accepted and without effect, for scripts that pass it to Helm.
    #[arg(long, hide = true)]
    skip_crds: bool,
    /// Accepted and without effect, as in Helm.
    #[arg(long, hide = true)]
    render_subchart_notes: bool,
    /// Accepted and without effect, as in Helm.
    #[arg(long, hide = true)]
    hide_notes: bool,
    /// Accepted and without effect, for scripts that pass it to Helm.
    #[arg(long, hide = true)]
    create_namespace: bool,
    /// Accepted and without effect, for scripts that pass it to Helm.
    #[arg(long, hide = true)]
    dependency_update: bool,
}

/// Runs the command and gives its exit code.
pub fn main(arguments: &TemplateArgs) -> ExitCode {
    let mut remarks = Vec::new();
    let result = run(arguments, &mut remarks);
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

fn run(arguments: &TemplateArgs, remarks: &mut Vec<Remark>) -> Result<(), String> {
    let (release_name, chart) = name_and_chart(arguments)?;
    let chart = disk::locate(chart)?;
    let values = user_values(arguments)?
        .merge(&mut disk::read_text)
        .map_err(|error| error.to_string())?;
    let chart: Arc<Chart> = disk::load(&chart)?.into();
    let flags = TemplateFlags {
        release_name,
        namespace: arguments.namespace.clone(),
        include_crds: arguments.include_crds,
        is_upgrade: arguments.is_upgrade,
        no_hooks: arguments.no_hooks,
        skip_tests: arguments.skip_tests,
        skip_schema_validation: arguments.skip_schema_validation,
        enable_dns: arguments.enable_dns,
        kube_version: arguments.kube_version.clone(),
        api_versions: arguments.api_versions.clone(),
        show_only: arguments.show_only.clone(),
        output_dir: arguments
            .output_dir
            .clone()
            .filter(|directory| !directory.is_empty()),
        use_release_name: arguments.release_name,
        ..TemplateFlags::default()
    };
    match template(&chart, &values, &flags, Capabilities::default(), &facts, remarks) {
        Ok(output) => {
            for file in &output.files {
                write(file)?;
            }
            print(&output.stdout)
        }
        Err(failure) if arguments.debug => {
            let (manifest, message) = failure.debug();
            print(&manifest)?;
            Err(message)
        }
        Err(failure) => Err(failure.to_string()),
    }
}

fn facts() -> Rc<dyn Facts> {
    Rc::new(SystemFacts)
}

/// `NameAndChart` in `pkg/action/install.go`, for a release name that has a default.
fn name_and_chart(arguments: &TemplateArgs) -> Result<(String, &str), String> {
    match arguments.arguments.as_slice() {
        [] => Err("\"pilothouse template\" requires at least 1 argument\n\n\
                   Usage:  pilothouse template [NAME] [CHART] [flags]"
            .to_owned()),
        [chart] => match arguments.name_template.as_deref().filter(|text| !text.is_empty()) {
            Some(text) => Ok((
                name_from_template(text, facts()).map_err(|error| error.to_string())?,
                chart,
            )),
            None => Ok(("release-name".to_owned(), chart)),
        },
        [name, chart] => {
            if arguments.generate_name {
                return Err("cannot set --generate-name and also specify a name".to_owned());
            }
            if arguments
                .name_template
                .as_ref()
                .is_some_and(|text| !text.is_empty())
            {
                return Err("cannot set --name-template and also specify a name".to_owned());
            }
            Ok((name.clone(), chart))
        }
        [_, _, rest @ ..] => Err(format!(
            "expected at most two arguments, unexpected arguments: {}",
            rest.join(", ")
        )),
    }
}

fn user_values(arguments: &TemplateArgs) -> Result<UserValues, String> {
    let mut files = Vec::with_capacity(arguments.values.len());
    for name in &arguments.values {
        let content = if name.trim() == "-" {
            let mut content = Vec::new();
            std::io::stdin()
                .read_to_end(&mut content)
                .map_err(|error| error.to_string())?;
            content
        } else {
            disk::read(Path::new(name))?
        };
        files.push((name.clone(), content));
    }
    Ok(UserValues {
        files,
        set_json: arguments.set_json.clone(),
        set: arguments.set.clone(),
        set_string: arguments.set_string.clone(),
        set_file: arguments.set_file.clone(),
        set_literal: arguments.set_literal.clone(),
    })
}

fn print(text: &str) -> Result<(), String> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| error.to_string())
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
