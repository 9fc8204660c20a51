//! Helm's own functions around templates: `include`, `tpl`, `required`, `fail`, `lookup` (`pkg/engine/engine.go`).

use gotemplate::{Frame, FuncError, Function, Map, Str, TextError, Value, strconv};

use super::charge;
use super::host::{facts, host};
use crate::data;

/// Helm marks the messages of `required` and `fail` with these, and cuts them out when it formats the error.
pub const WARN_START: &str = "HELM_ERR_START";
/// The end of such a message.
pub const WARN_END: &str = "HELM_ERR_END";

/// The name of the set's root, which `tpl` texts are parsed under.
const ROOT: &str = "gotpl";

/// The functions of this family.
pub(super) fn functions() -> Vec<Function> {
    vec![
        Function::new("include", include),
        Function::new("tpl", tpl),
        Function::new("required", required),
        Function::new("fail", fail),
        Function::new("lookup", lookup),
    ]
}

fn include(frame: &mut Frame<'_>, name: Str, data: Value) -> Result<Str, FuncError> {
    let name = name.to_str_lossy().into_owned();
    if !host(frame)?.enter_include(&name) {
        let cause = FuncError::new("unable to execute template");
        return Err(cause.wrap(&format!("rendering template has a nested reference name: {name}")));
    }
    let result = frame.execute(&name, data);
    host(frame)?.leave_include(&name);
    result
}

fn tpl(frame: &mut Frame<'_>, text: Str, data: Value) -> Result<Str, FuncError> {
    let quoted = |prefix: &str| {
        let quoted = strconv::quote(&text);
        format!("{prefix} {}", String::from_utf8_lossy(&quoted))
    };
    match frame.execute_text(ROOT, &text, data) {
        Ok(output) => {
            charge::scan(frame, output.len())?;
            Ok(without_no_value(output))
        }
        Err(TextError::Parse(message)) => {
            Err(FuncError::new(message.to_string()).wrap(&quoted("cannot parse template")))
        }
        Err(TextError::Limit(limit)) => Err(limit.into()),
        Err(TextError::Exec(error)) => {
            Err(FuncError::from(error).wrap(&quoted("error during tpl function execution for")))
        }
    }
}

/// Helm's way to get an empty text for a missing value.
pub(crate) fn without_no_value(text: Str) -> Str {
    const NO_VALUE: &[u8] = b"<no value>";
    if memchr::memmem::find(&text, NO_VALUE).is_none() {
        return text;
    }
    let mut out = Vec::with_capacity(text.len());
    let mut copied = 0;
    for place in memchr::memmem::find_iter(&text, NO_VALUE) {
        out.extend_from_slice(&text[copied..place]);
        copied = place + NO_VALUE.len();
    }
    out.extend_from_slice(&text[copied..]);
    Str::from(out)
}

fn required(frame: &mut Frame<'_>, warning: Str, value: Value) -> Result<Value, FuncError> {
    let missing = match &value {
        Value::Nil => true,
        Value::Str(text) => text.is_empty(),
        _ => false,
    };
    if !missing {
        return Ok(value);
    }
    let host = host(frame)?;
    if host.options().lint {
        host.warn(format!("missing required value: {warning}"));
        return Ok(Value::from(""));
    }
    Err(marked(&warning))
}

fn fail(frame: &mut Frame<'_>, message: Str) -> Result<Str, FuncError> {
    let host = host(frame)?;
    if host.options().lint {
        host.warn(message.to_str_lossy().into_owned());
        return Ok(Str::default());
    }
    Err(marked(&message))
}

fn marked(message: &Str) -> FuncError {
    FuncError::new(format!("{WARN_START}{message}{WARN_END}"))
}

fn lookup(
    frame: &mut Frame<'_>,
    api_version: Str,
    kind: Str,
    namespace: Str,
    name: Str,
) -> Result<Map, FuncError> {
    if host(frame)?.options().lint {
        return Ok(Map::default());
    }
    let found = facts(frame)?.lookup(
        &api_version.to_str_lossy(),
        &kind.to_str_lossy(),
        &namespace.to_str_lossy(),
        &name.to_str_lossy(),
    );
    match data::to_value(&found.map_err(FuncError::new)?) {
        Value::Map(map) => {
            charge::items(frame, map.len())?;
            Ok(map)
        }
        _ => Ok(Map::default()),
    }
}
