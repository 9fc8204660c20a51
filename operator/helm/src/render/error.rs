//! Why a render failed, in Helm's words.
//!
//! Helm takes the text of Go's template errors apart and puts it together again; so does this, on the same text
//! (`cleanupParseError`, `reformatExecErrorMsg` and the parsers around it in `pkg/engine/engine.go`). What was known
//! before as data stays with the error.

use gotemplate::{ExecError, FuncError, FuncErrorKind, LimitError, Location, ParseError};

use crate::functions::template::{WARN_END, WARN_START};
use crate::manifest::ManifestError;
use crate::schema::ChartSchemaError;
use crate::values::coalesce::TypeMismatch;

/// Why a chart did not render. The text is Helm's.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RenderError {
    /// Values for a subchart are no table, found while dependencies were processed.
    #[error("chart dependencies processing failed: {0}")]
    Dependencies(TypeMismatch),
    /// Values for a subchart are no table.
    #[error(transparent)]
    Values(TypeMismatch),
    /// Values do not meet a schema.
    #[error(transparent)]
    Schema(ChartSchemaError),
    /// The chart is for other Kubernetes versions.
    #[error("chart requires kubeVersion: {constraint} which is incompatible with Kubernetes {version}")]
    KubeVersion {
        /// Chart.yaml's `kubeVersion`.
        constraint: String,
        /// The cluster's version.
        version: String,
    },
    /// A template could not be parsed or executed.
    #[error(transparent)]
    Template(Box<TemplateError>),
    /// A rendered document is not YAML.
    #[error(transparent)]
    Manifest(ManifestError),
}

/// Why a template could not be parsed or executed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{text}")]
pub struct TemplateError {
    /// Helm's text.
    pub text: String,
    /// The file that was parsed or executed.
    pub file: String,
    /// Where: first the place in the file, then the places in the templates it includes.
    pub places: Vec<Location>,
    /// The limit that was reached, if it was one.
    pub limit: Option<LimitError>,
}

impl RenderError {
    /// `parse error at (file:line): message`
    pub(super) fn parse(file: &str, error: &ParseError) -> Self {
        let text = error.to_string();
        let text = match text.split(": ").collect::<Vec<_>>().as_slice() {
            [_, location, .., message] => format!("parse error at ({location}): {message}"),
            [_, message] => format!("parse error at ({message}): {message}"),
            _ => format!("parse error in ({file}): {text}"),
        };
        Self::Template(Box::new(TemplateError {
            text,
            file: file.to_owned(),
            places: Vec::new(),
            limit: error.limit.clone(),
        }))
    }

    /// A failed execution.
    pub(super) fn execution(file: &str, error: &FuncError) -> Self {
        let mut places = Vec::new();
        collect_places(error, &mut places);
        let text = match error.kind() {
            FuncErrorKind::Exec(exec) => reformat(file, exec),
            FuncErrorKind::Message(_)
            | FuncErrorKind::Panic(_)
            | FuncErrorKind::Wrapped { .. }
            | FuncErrorKind::Limit(_) => error.to_string(),
        };
        let limit = error.limit().cloned();
        Self::Template(Box::new(TemplateError {
            text,
            file: file.to_owned(),
            places,
            limit,
        }))
    }

    /// The limit that was reached, if it was one.
    pub fn limit(&self) -> Option<&LimitError> {
        match self {
            Self::Template(error) => error.limit.as_ref(),
            Self::Dependencies(_)
            | Self::Values(_)
            | Self::Schema(_)
            | Self::KubeVersion { .. }
            | Self::Manifest(_) => None,
        }
    }
}

fn collect_places(error: &FuncError, places: &mut Vec<Location>) {
    let mut error = Some(error);
    while let Some(this) = error {
        if let FuncErrorKind::Exec(exec) = this.kind() {
            places.extend(exec.data().location.clone());
        }
        error = this.unwrap_source();
    }
}

/// `reformatExecErrorMsg`
fn reformat(file: &str, error: &ExecError) -> String {
    let text = error.to_string();
    let mut tokens = text.splitn(3, ": ");
    let (Some(_), Some(location), Some(rest)) = (tokens.next(), tokens.next(), tokens.next()) else {
        return format!("execution error in ({file}): {text}");
    };
    if let Some(message) = between_warn_marks(rest) {
        return format!("execution error at ({location}): {message}");
    }
    let Some(chain) = texts_of_chain(error) else {
        return text;
    };
    let mut frames: Vec<Traceable<'_>> = Vec::new();
    for link in &chain {
        match Traceable::parse(link) {
            Some(frame) if frames.last() == Some(&frame) => {}
            Some(frame) => frames.push(frame),
            None => return text,
        }
    }
    let block: String = frames.iter().map(Traceable::text).collect();
    block.trim().to_owned()
}

/// The texts of an error and of all errors in it, outermost first, as far as a block shows them. `None` if there is one
/// that no block shows: then Helm shows the text as it is.
///
/// Each text would have those of all links below it as its end. They are left out, or the work would grow with the square
/// of the depth.
fn texts_of_chain(error: &ExecError) -> Option<Vec<String>> {
    let mut texts = Vec::new();
    let mut link = error;
    loop {
        let Some(cause) = link.cause() else {
            texts.push(link.to_string());
            return Some(texts);
        };
        match cause.kind() {
            FuncErrorKind::Exec(inner) => {
                texts.push(format!("{}: template: ", link.head()));
                link = inner;
            }
            FuncErrorKind::Message(message) | FuncErrorKind::Panic(message) => {
                texts.push(link.to_string());
                texts.push(message.clone());
                return Some(texts);
            }
            FuncErrorKind::Wrapped { .. } | FuncErrorKind::Limit(_) => return None,
        }
    }
}

/// What stands between the outermost marks of `required` and `fail`.
fn between_warn_marks(text: &str) -> Option<&str> {
    let start = text.find(WARN_START)? + WARN_START.len();
    let end = text.rfind(WARN_END)?;
    text.get(start..end)
}

/// One level of a block: where, what was executed, what went wrong.
#[derive(Debug, PartialEq, Eq)]
struct Traceable<'t> {
    location: &'t str,
    executed: Option<(&'t str, &'t str)>,
    message: &'t str,
}

impl<'t> Traceable<'t> {
    /// `parseTemplateExecErrorString`
    fn parse(text: &'t str) -> Option<Self> {
        let rest = text.strip_prefix("template: ")?;
        if rest.starts_with("no template ") {
            return Some(Self {
                location: "",
                executed: None,
                message: text,
            });
        }
        Self::parse_executing(rest).or_else(|| Self::parse_simple(rest))
    }

    /// `file:1:2: executing "name" at <node>: message`
    fn parse_executing(text: &'t str) -> Option<Self> {
        let (location, after) = text.split_once(": executing ")?;
        let (function, after) = after.strip_prefix('"')?.split_once('"')?;
        let (node, message) = after.strip_prefix(" at <")?.split_once(">: ")?;
        Some(Self {
            location,
            executed: Some((function, node)),
            message: cut(message),
        })
    }

    /// `name: message`
    fn parse_simple(text: &'t str) -> Option<Self> {
        let (location, message) = text.rsplit_once(": ")?;
        Some(Self {
            location,
            executed: None,
            message: cut(message),
        })
    }

    fn text(&self) -> String {
        let mut text = String::new();
        if !self.location.is_empty() {
            text.push_str(self.location);
            text.push_str("\n  ");
        }
        if let Some((function, node)) = self.executed {
            text.push_str("executing \"");
            text.push_str(function);
            text.push_str("\" at <");
            text.push_str(node);
            text.push_str(">:\n    ");
        }
        if !self.message.is_empty() {
            text.push_str(self.message);
            text.push('\n');
        }
        text
    }
}

/// Cuts the next error of the chain off a message.
fn cut(message: &str) -> &str {
    message.find(" template:").map_or(message, |at| &message[..at])
}
