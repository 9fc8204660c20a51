//! Executing the templates of a chart (`render` in `pkg/engine/engine.go`).

use std::rc::Rc;
use std::sync::{Arc, LazyLock};

use gotemplate::{FunctionTable, Map, MissingKey, Str, Value};

use super::context;
use super::error::RenderError;
use super::options::{Dns, MissingValues, RenderOptions};
use crate::dependencies::Node;
use crate::facts::Facts;
use crate::functions::{self, Host, HostOptions};
use crate::text::base_name;
use crate::values::live;

/// What Go prints where there is nothing; Helm takes it out of every file.
const NO_VALUE: &[u8] = b"<no value>";

/// The rendered files.
pub(super) struct Output {
    /// Path and text, in the order of execution.
    pub(super) files: Vec<(String, Str)>,
    /// What lint mode let pass.
    pub(super) warnings: Vec<String>,
}

/// The functions of charts, made once.
pub(super) fn function_table() -> Arc<FunctionTable> {
    static TABLE: LazyLock<Arc<FunctionTable>> = LazyLock::new(|| Arc::new(functions::table()));
    Arc::clone(&TABLE)
}

pub(super) fn execute(
    node: &Node,
    values: &Map,
    options: &RenderOptions,
    facts: Rc<dyn Facts>,
) -> Result<Output, RenderError> {
    let templates = context::templates(node, values, options);
    let missing_key = match options.missing_values {
        MissingValues::Empty | MissingValues::Lint => MissingKey::Zero,
        MissingValues::Refuse => MissingKey::Error,
    };
    let set = node
        .chart()
        .template_cache
        .get(&templates, missing_key, &options.limits)?;
    let host = Host::new(
        facts,
        HostOptions {
            lint: options.missing_values == MissingValues::Lint,
            dns: options.dns == Dns::On,
        },
    );
    let mut execution = set.execution(&host);
    let mut files = Vec::new();
    for template in &templates {
        if base_name(&template.name).starts_with('_') {
            continue;
        }
        live::set(&template.context, "Template", context::template(template));
        let text = execution
            .execute(&template.name, Value::Map(live::named(&template.context)))
            .map_err(|error| RenderError::execution(&template.name, &error))?;
        files.push((template.name.clone(), without_no_value(text)));
    }
    Ok(Output {
        files,
        warnings: host.take_warnings(),
    })
}

/// Removes every `<no value>`, also one that stands in the template's text.
fn without_no_value(text: Str) -> Str {
    let bytes = text.as_bytes();
    let find = |from: usize| {
        bytes[from..]
            .windows(NO_VALUE.len())
            .position(|window| window == NO_VALUE)
            .map(|at| from + at)
    };
    let Some(mut next) = find(0) else { return text };
    let mut out = Vec::with_capacity(bytes.len());
    let mut from = 0;
    loop {
        out.extend_from_slice(&bytes[from..next]);
        from = next + NO_VALUE.len();
        match find(from) {
            Some(at) => next = at,
            None => break,
        }
    }
    out.extend_from_slice(&bytes[from..]);
    Str::from(out)
}
