//! What `helm template` prints, without printing it.
//!
//! Everything between the parsed flags and the output: checks of the chart and the release name, the render, the
//! assembly of manifests, CRDs and hooks, `--show-only`, `--output-dir`. Reading charts and values files, writing files
//! and printing are the caller's. Mirrors `pkg/cmd/template.go` and `runInstall` in `pkg/cmd/install.go`.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use gotemplate::{FuncError, Limits, ParseError, TemplateSet, Value};
use serde_json::Map;

use crate::Data;
use crate::capabilities::{Capabilities, KubeVersion, KubeVersionError};
use crate::chart::Chart;
use crate::dependencies::missing_dependencies;
use crate::facts::Facts;
use crate::functions::{self, Host, HostOptions};
use crate::hooks::HookEvent;
use crate::manifest::{split, write_block};
use crate::name::{NameError, ReleaseName};
use crate::path_match::path_match;
use crate::remark::{Level, Remark};
use crate::render::{
    Action, Dns, ReleaseOptions, RenderError, RenderOptions, Rendered, SchemaValidation, render_with_remarks,
};

/// The flags of `helm template` that change its output.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "these are the flags of helm template"
)]
pub struct TemplateFlags {
    /// The release name; Helm's default is `release-name`.
    pub release_name: String,
    /// `--namespace`
    pub namespace: String,
    /// `--include-crds`
    pub include_crds: bool,
    /// `--is-upgrade`
    pub is_upgrade: bool,
    /// `--no-hooks`
    pub no_hooks: bool,
    /// `--skip-tests`
    pub skip_tests: bool,
    /// `--skip-schema-validation`
    pub skip_schema_validation: bool,
    /// `--enable-dns`
    pub enable_dns: bool,
    /// `--kube-version`
    pub kube_version: Option<String>,
    /// `--api-versions`
    pub api_versions: Vec<String>,
    /// `--show-only`
    pub show_only: Vec<String>,
    /// `--output-dir`
    pub output_dir: Option<String>,
    /// `--release-name`: the release name is part of the output path.
    pub use_release_name: bool,
    /// What the templates may use.
    pub limits: Limits,
}

impl Default for TemplateFlags {
    fn default() -> Self {
        Self {
            release_name: "release-name".to_owned(),
            namespace: "default".to_owned(),
            include_crds: false,
            is_upgrade: false,
            no_hooks: false,
            skip_tests: false,
            skip_schema_validation: false,
            enable_dns: false,
            kube_version: None,
            api_versions: Vec::new(),
            show_only: Vec::new(),
            output_dir: None,
            use_release_name: false,
            limits: Limits::default(),
        }
    }
}

/// What is printed and written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TemplateOutput {
    /// Standard output. With `--output-dir` the lines about written files come before it.
    pub stdout: String,
    /// The files of `--output-dir`, in the order of writing.
    pub files: Vec<OutputFile>,
}

/// A file that `--output-dir` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputFile {
    /// The path, beginning with the output directory.
    pub path: String,
    /// What is written.
    pub content: String,
    /// How.
    pub mode: WriteMode,
}

/// How an output file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteMode {
    /// Replaces what is there.
    Create,
    /// Goes to the end of what this run wrote there.
    Append,
    /// Goes to the end if there is a file, whoever wrote it: how Helm writes hooks.
    AppendIfPresent,
}

/// Why nothing is printed; Helm's texts, as they stand after `Error: `.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TemplateFailure {
    /// `--kube-version` is no version.
    #[error("invalid kube version '{text}': {error}")]
    KubeVersion {
        /// The flag's value.
        text: String,
        /// What is wrong.
        error: KubeVersionError,
    },
    /// The chart is a library.
    #[error("{0} charts are not installable")]
    NotInstallable(String),
    /// Declared dependencies are not in `charts/`.
    #[error(
        "an error occurred while checking for chart dependencies. You may need to run 'helm dependency build' to fetch \
         missing dependencies: found in Chart.yaml, but missing in charts/ directory: {}", .0.join(", ")
    )]
    MissingDependencies(Vec<String>),
    /// The release name is not allowed.
    #[error(
        "release name check failed: release name {}: {error}",
        crate::text::go_quote(name)
    )]
    Name {
        /// The name.
        name: String,
        /// What is wrong.
        error: NameError,
    },
    /// `--name-template` cannot be parsed.
    #[error("{0}")]
    NameTemplateParse(ParseError),
    /// `--name-template` cannot be executed.
    #[error("{0}")]
    NameTemplate(FuncError),
    /// The render failed before a release existed: dependencies, values, schemas.
    #[error("{0}")]
    Values(RenderError),
    /// The render failed: Kubernetes version, templates, manifests.
    #[error("{0}\n\nUse --debug flag to render out invalid YAML")]
    Render(RenderError),
    /// `--show-only` names a file that renders to nothing.
    #[error("could not find template {path} in chart")]
    NoSuchTemplate {
        /// The pattern of the flag.
        path: String,
        /// What `--output-dir` has made Helm write by then.
        files: Vec<OutputFile>,
    },
}

impl TemplateFailure {
    /// What `--debug` prints before the error: the rendered files, if there are any; and the error without the hint.
    pub fn debug(&self) -> (String, String) {
        let mut manifest = String::new();
        match self {
            Self::Render(error) => {
                if let RenderError::Manifest(error) = error {
                    for (path, content) in &error.rendered {
                        write_block(&mut manifest, path, content);
                    }
                }
                (format!("{}\n", manifest.trim()), error.to_string())
            }
            Self::KubeVersion { .. }
            | Self::NotInstallable(_)
            | Self::MissingDependencies(_)
            | Self::Name { .. }
            | Self::NameTemplateParse(_)
            | Self::NameTemplate(_)
            | Self::Values(_)
            | Self::NoSuchTemplate { .. } => (manifest, self.to_string()),
        }
    }
}

/// Renders a chart as `helm template` does. `capabilities` are those before `--kube-version` and `--api-versions`.
/// Remarks are added to `remarks`, also when the result is an error.
pub fn template(
    chart: &Arc<Chart>,
    values: &Map<String, Data>,
    flags: &TemplateFlags,
    capabilities: Capabilities,
    facts: &(dyn Fn() -> Rc<dyn Facts> + Sync),
    remarks: &mut Vec<Remark>,
) -> Result<TemplateOutput, TemplateFailure> {
    let options = render_options(flags, capabilities)?;
    remarks.extend(chart.all_warnings().into_iter().map(Remark::info));
    check_installable(chart, remarks)?;
    if let Err(error) = ReleaseName::parse(&flags.release_name) {
        let name = flags.release_name.clone();
        let text = format!("release name {}: {error}", crate::text::go_quote(&name));
        remarks.push(Remark::new(Level::Error, "release name check failed").with("error", text));
        return Err(TemplateFailure::Name { name, error });
    }
    let rendered = match render_with_remarks(chart, values, &options, facts, remarks) {
        Ok(rendered) => rendered,
        Err(error) => return Err(failure(error, remarks)),
    };
    assemble(&rendered, flags)
}

/// The name that `--name-template` makes (`TemplateName` in `pkg/action/install.go`).
pub fn name_from_template(text: &str, facts: Rc<dyn Facts>) -> Result<String, TemplateFailure> {
    let mut set = TemplateSet::new("name-template").with_functions(functions::name_table());
    set.parse("name-template", text)
        .map_err(TemplateFailure::NameTemplateParse)?;
    let host = Host::new(facts, HostOptions::default());
    let name = set
        .execution(&host)
        .execute("name-template", Value::Nil)
        .map_err(TemplateFailure::NameTemplate)?;
    Ok(name.to_str_lossy().into_owned())
}

fn render_options(
    flags: &TemplateFlags,
    mut capabilities: Capabilities,
) -> Result<RenderOptions, TemplateFailure> {
    if let Some(text) = flags.kube_version.as_ref().filter(|text| !text.is_empty()) {
        capabilities.kube_version =
            KubeVersion::parse(text).map_err(|error| TemplateFailure::KubeVersion {
                text: text.clone(),
                error,
            })?;
    }
    capabilities
        .api_versions
        .0
        .extend(flags.api_versions.iter().cloned());
    Ok(RenderOptions {
        release: ReleaseOptions {
            name: flags.release_name.clone(),
            namespace: flags.namespace.clone(),
            revision: 1,
            action: if flags.is_upgrade {
                Action::Upgrade
            } else {
                Action::Install
            },
        },
        capabilities,
        schema_validation: if flags.skip_schema_validation {
            SchemaValidation::Skip
        } else {
            SchemaValidation::Enforce
        },
        dns: if flags.enable_dns { Dns::On } else { Dns::Off },
        limits: flags.limits.clone(),
        ..RenderOptions::default()
    })
}

fn check_installable(chart: &Chart, remarks: &mut Vec<Remark>) -> Result<(), TemplateFailure> {
    let chart_type = chart.metadata.chart_type.as_str();
    if !matches!(chart_type, "" | "application") {
        return Err(TemplateFailure::NotInstallable(chart_type.to_owned()));
    }
    if chart.metadata.deprecated {
        remarks.push(Remark::warn("this chart is deprecated"));
    }
    let missing = missing_dependencies(chart);
    if !missing.is_empty() {
        return Err(TemplateFailure::MissingDependencies(
            missing.into_iter().map(str::to_owned).collect(),
        ));
    }
    Ok(())
}

fn failure(error: RenderError, remarks: &mut Vec<Remark>) -> TemplateFailure {
    match &error {
        RenderError::Dependencies(inner) => {
            remarks.push(
                Remark::new(Level::Error, "chart dependencies processing failed")
                    .with("error", inner.to_string()),
            );
            TemplateFailure::Values(error)
        }
        RenderError::Values(_) | RenderError::Schema(_) => TemplateFailure::Values(error),
        RenderError::KubeVersion { .. } | RenderError::Template(_) | RenderError::Manifest(_) => {
            TemplateFailure::Render(error)
        }
    }
}

fn assemble(rendered: &Rendered, flags: &TemplateFlags) -> Result<TemplateOutput, TemplateFailure> {
    let mut out = Assembly {
        directory: flags.output_dir.as_deref(),
        ..Assembly::default()
    };
    let release_directory = match &flags.output_dir {
        Some(directory) if flags.use_release_name => {
            Some(crate::text::join_path(directory, &flags.release_name))
        }
        other => other.clone(),
    };
    if flags.include_crds {
        for crd in &rendered.crds {
            let content = String::from_utf8_lossy(&crd.file.data);
            out.write(&crd.path, &content);
        }
    }
    out.directory = release_directory.as_deref();
    for document in &rendered.documents {
        out.write(&document.source, &document.content);
    }
    // Helm trims what stands before the hooks.
    let mut manifest = out.manifest.trim().to_owned();
    manifest.push('\n');
    out.manifest = manifest;
    if !flags.no_hooks {
        for hook in &rendered.hooks {
            if flags.skip_tests && hook.events.contains(&HookEvent::Test) {
                continue;
            }
            out.write_hook(&hook.path, &hook.manifest);
        }
    }
    let stdout = if flags.show_only.is_empty() {
        out.manifest
    } else {
        match show_only(&out.manifest, &flags.show_only) {
            Ok(shown) => shown,
            Err(path) => {
                return Err(TemplateFailure::NoSuchTemplate {
                    path,
                    files: out.files,
                });
            }
        }
    };
    Ok(TemplateOutput {
        stdout,
        files: out.files,
    })
}

/// Manifests on their way to the output or to files.
#[derive(Default)]
struct Assembly<'d> {
    directory: Option<&'d str>,
    manifest: String,
    files: Vec<OutputFile>,
    written: BTreeSet<String>,
}

impl Assembly<'_> {
    fn write(&mut self, name: &str, content: &str) {
        let mode = if self.written.insert(name.to_owned()) {
            WriteMode::Create
        } else {
            WriteMode::Append
        };
        self.write_as(name, content, mode);
    }

    fn write_hook(&mut self, name: &str, content: &str) {
        self.write_as(name, content, WriteMode::AppendIfPresent);
    }

    fn write_as(&mut self, name: &str, content: &str, mode: WriteMode) {
        match self.directory {
            None => write_block(&mut self.manifest, name, content),
            Some(directory) => {
                let mut block = String::new();
                write_block(&mut block, name, content);
                self.files.push(OutputFile {
                    path: format!("{directory}/{name}"),
                    content: block,
                    mode,
                });
            }
        }
    }
}

/// The documents whose source matches one of the patterns, in the order of the patterns; the error is a pattern that
/// matches none.
fn show_only(manifest: &str, patterns: &[String]) -> Result<String, String> {
    let documents = split(manifest.as_bytes());
    let mut out = String::new();
    for pattern in patterns {
        let mut missing = true;
        for document in &documents {
            let document = String::from_utf8_lossy(document);
            let Some(source) = source_of(&document) else {
                continue;
            };
            if path_match(pattern, source).unwrap_or(false) {
                out.push_str("---\n");
                out.push_str(&document);
                out.push('\n');
                missing = false;
            }
        }
        if missing {
            return Err(pattern.clone());
        }
    }
    Ok(out)
}

/// The path of a `# Source: ` comment, less the chart's name.
fn source_of(document: &str) -> Option<&str> {
    const MARK: &str = "# Source: ";
    document.match_indices(MARK).find_map(|(at, _)| {
        let (chart, rest) = document[at + MARK.len()..].split_once('/')?;
        let line = rest.split('\n').next().unwrap_or_default();
        (!chart.is_empty() && !line.is_empty()).then_some(line)
    })
}
