//! What can go wrong while reading YAML, in the words Helm's users see.
//!
//! The texts are those of `sigs.k8s.io/yaml` 1.6 and `go.yaml.in/yaml/v2` 2.4, because Helm prints them as they are.

/// A failure of reading YAML. [`std::fmt::Display`] gives the whole text that `sigs.k8s.io/yaml` would give.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum YamlError {
    /// The text is not YAML. `line` is what Go prints, which is sometimes one less than an editor shows.
    #[error("error converting YAML to JSON: yaml: {}{problem}", line_prefix(*line))]
    Syntax {
        /// The line as Go prints it; `None` where Go prints none (the first line, and characters that are not allowed).
        line: Option<u32>,
        /// What is wrong.
        problem: String,
    },
    /// The text is YAML, but its content cannot be built: a bad alias, tag, key or merge.
    #[error("error converting YAML to JSON: yaml: {0}")]
    Content(String),
    /// Strict reading found keys twice; one text for each.
    #[error("error converting YAML to JSON: yaml: unmarshal errors:\n  {}", .0.join("\n  "))]
    Duplicates(Vec<String>),
    /// The content is YAML, but has no JSON form: a null key, a number that is not finite.
    #[error("error converting YAML to JSON: {0}")]
    NotJson(String),
    /// The content does not fit the wanted type.
    #[error("error unmarshaling JSON: while decoding JSON: {0}")]
    Shape(String),
}

fn line_prefix(line: Option<u32>) -> String {
    line.map_or_else(String::new, |line| format!("line {line}: "))
}

impl YamlError {
    /// The text that `go.yaml.in/yaml` itself gives, without the words of `sigs.k8s.io/yaml` before it.
    pub(super) fn inner_text(&self) -> String {
        let text = self.to_string();
        text.strip_prefix("error converting YAML to JSON: ")
            .map_or_else(|| text.clone(), str::to_owned)
    }
}

/// Why a value cannot be written as YAML; the texts are those of `yaml.Marshal`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// The value has no JSON form.
    #[error("error marshaling into JSON: {0}")]
    NotJson(#[source] crate::json::EncodeError),
    /// The value's JSON, read as YAML, is an error: it holds a character that YAML does not allow.
    #[error("{0}")]
    Unreadable(String),
}
