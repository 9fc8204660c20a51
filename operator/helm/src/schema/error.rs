//! Why a value does not meet a schema: a tree of causes, printed as upstream prints it.
//!
//! Mirrors `output.go` and `kind/kind.go` of santhosh-tekuri/jsonschema v6, which Helm shows to its users as it is.

use std::fmt::{self, Write as _};

use super::json::Json;
use super::number::{english_float, go_float, group};

/// One failure and what caused it.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    /// The place in the value.
    pub(super) path: Vec<String>,
    pub(super) kind: FailureKind,
    pub(super) causes: Vec<Failure>,
}

/// What failed.
#[derive(Debug, Clone)]
pub(super) enum FailureKind {
    /// The root of a tree: the schema's address.
    Schema(String),
    /// Several failures of one schema.
    Group,
    /// What a reference led to failed.
    Reference,
    Not,
    AllOf,
    AnyOf,
    OneOf(Option<(usize, usize)>),
    FalseSchema,
    RefCycle {
        url: String,
        first: String,
        second: String,
    },
    Type {
        got: &'static str,
        want: String,
    },
    Enum(Vec<Json>),
    Const(Json),
    Format {
        got: Json,
        want: String,
        error: String,
    },
    /// `minProperties`, `maxItems`, ...: the keyword, what there is, what should be.
    Count {
        keyword: &'static str,
        got: usize,
        want: usize,
    },
    AdditionalItems(usize),
    Required(Vec<String>),
    Dependency {
        property: String,
        missing: Vec<String>,
    },
    AdditionalProperties(Vec<String>),
    PropertyNames(String),
    UniqueItems(usize, usize),
    Contains,
    MinContains {
        got: Vec<usize>,
        want: usize,
    },
    MaxContains {
        got: Vec<usize>,
        want: usize,
    },
    Pattern {
        got: String,
        want: String,
    },
    /// `minimum`, `multipleOf`, ...: the keyword and both numbers.
    Bound {
        keyword: &'static str,
        got: String,
        want: String,
    },
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        self.write(&mut out, 0);
        f.write_str(&out)
    }
}

/// The JSON pointer of a path of keys and indexes.
pub(super) fn pointer(path: &[String]) -> String {
    let mut pointer = String::new();
    for token in path {
        pointer.push('/');
        pointer.push_str(&escape(token));
    }
    pointer
}

impl Failure {
    fn write(&self, out: &mut String, indent: usize) {
        let mut indent = indent;
        // A reference with one cause is only a step on the way.
        if !(matches!(self.kind, FailureKind::Reference) && self.causes.len() == 1) {
            if indent > 0 {
                out.push('\n');
                out.extend(std::iter::repeat_n("  ", indent - 1));
                out.push_str("- ");
            }
            indent += 1;
            if !matches!(self.kind, FailureKind::Schema(_)) {
                let pointer = pointer(&self.path);
                out.push_str("at ");
                out.push_str(&quote(&pointer));
                out.push_str(": ");
            }
            let _ = write!(out, "{}", self.kind);
        }
        for cause in &self.causes {
            cause.write(out, indent);
        }
    }
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |number: &usize| group(i64::try_from(*number).unwrap_or(i64::MAX));
        match self {
            Self::Schema(url) => write!(f, "jsonschema validation failed with {}", quote(url)),
            Self::Group | Self::Reference => f.write_str("validation failed"),
            Self::Not => f.write_str("'not' failed"),
            Self::AllOf => f.write_str("'allOf' failed"),
            Self::AnyOf => f.write_str("'anyOf' failed"),
            Self::OneOf(None) => f.write_str("'oneOf' failed, none matched"),
            Self::OneOf(Some((first, second))) => {
                write!(
                    f,
                    "'oneOf' failed, subschemas {}, {} matched",
                    count(first),
                    count(second)
                )
            }
            Self::FalseSchema => f.write_str("false schema"),
            Self::RefCycle { url, first, second } => {
                let url = crate::text::go_quote(url);
                write!(
                    f,
                    "both {first} and {second} resolve to {url} causing reference cycle"
                )
            }
            Self::Type { got, want } => write!(f, "got {got}, want {want}"),
            Self::Enum(want) => {
                if want
                    .iter()
                    .any(|item| matches!(item, Json::Array(_) | Json::Object(_)))
                {
                    return f.write_str("'enum' failed");
                }
                let listed = want.iter().map(display).collect::<Vec<_>>().join(", ");
                write!(
                    f,
                    "value must be {}{listed}",
                    if want.len() == 1 { "" } else { "one of " }
                )
            }
            Self::Const(Json::Array(_) | Json::Object(_)) => f.write_str("'const' failed"),
            Self::Const(want) => write!(f, "value must be {}", display(want)),
            Self::Format { got, want, error } => write!(f, "{} is not valid {want}: {error}", display(got)),
            Self::Count { keyword, got, want } => {
                write!(f, "{keyword}: got {}, want {}", count(got), count(want))
            }
            Self::AdditionalItems(number) => {
                write!(f, "last {} additionalItem(s) not allowed", count(number))
            }
            Self::Required(missing) => match missing.as_slice() {
                [one] => write!(f, "missing property {}", quote(one)),
                _ => write!(f, "missing properties {}", quote_all(missing)),
            },
            Self::Dependency { property, missing } => {
                write!(
                    f,
                    "properties {} required, if {} exists",
                    quote_all(missing),
                    quote(property)
                )
            }
            Self::AdditionalProperties(names) => {
                write!(f, "additional properties {} not allowed", quote_all(names))
            }
            Self::PropertyNames(name) => write!(f, "invalid propertyName {}", quote(name)),
            Self::UniqueItems(first, second) => {
                write!(f, "items at {} and {} are equal", count(first), count(second))
            }
            Self::Contains => f.write_str("no items match contains schema"),
            Self::MinContains { got, want } => {
                let want = count(want);
                if got.is_empty() {
                    return write!(
                        f,
                        "min {want} items required to match contains schema, but none matched"
                    );
                }
                let found = count(&got.len());
                let places = list(got);
                write!(
                    f,
                    "min {want} items required to match contains schema, but matched {found} items at {places}"
                )
            }
            Self::MaxContains { got, want } => {
                let (want, found, places) = (count(want), count(&got.len()), list(got));
                write!(
                    f,
                    "max {want} items required to match contains schema, but matched {found} items at {places}"
                )
            }
            Self::Pattern { got, want } => {
                write!(f, "{} does not match pattern {}", quote(got), quote(want))
            }
            Self::Bound { keyword, got, want } => {
                write!(f, "{keyword}: got {}, want {}", float(got), float(want))
            }
        }
    }
}

/// The nearest float of a number's text, in English.
fn float(text: &str) -> String {
    text.parse::<f64>()
        .map_or_else(|_| text.to_owned(), |float| english_float(&go_float(float)))
}

fn list(places: &[usize]) -> String {
    places
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(" ")
}

fn display(value: &Json) -> String {
    match value {
        Json::Null => "<nil>".to_owned(),
        Json::Bool(flag) => flag.to_string(),
        Json::Number(number) => number.text.clone(),
        Json::String(text) => quote(text),
        Json::Array(_) | Json::Object(_) => "value".to_owned(),
    }
}

/// Go's `%q` with single quotes around.
pub(super) fn quote(text: &str) -> String {
    let quoted = crate::text::go_quote(text)
        .replace("\\\"", "\"")
        .replace('\'', "\\'");
    format!("'{}'", &quoted[1..quoted.len() - 1])
}

fn quote_all(names: &[String]) -> String {
    names
        .iter()
        .map(|name| quote(name))
        .collect::<Vec<_>>()
        .join(", ")
}

/// A token of a JSON pointer.
pub(super) fn escape(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}
