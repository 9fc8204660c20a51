//! Regular expression functions (`regex.go` of sprig): Go's RE2 syntax, matching, replacing and error texts.

mod names;
mod node;
mod parse;
mod program;
mod scan;

use std::rc::Rc;

use gotemplate::{Frame, FuncError, Function, GoInt, List, Str, Type, Value, strconv};

pub(crate) use program::{CompileError, MAX_PROGRAM_BYTES, Program, Replacement, quote_meta};

use super::charge;
use super::host::host;

/// Whether a bad expression is an error of `regexp.Compile` or the panic of `regexp.MustCompile`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compile {
    Checked,
    Must,
}

/// The functions of this family.
pub(super) fn functions() -> Vec<Function> {
    let mut all = vec![
        Function::new(
            "regexMatch",
            |frame: &mut Frame<'_>, pattern: Str, text: Str| -> Result<bool, FuncError> {
                match compile(frame, &pattern, Compile::Checked) {
                    Ok(program) => is_match(frame, &program, &text),
                    // sprig drops the error, but a limit must show.
                    Err(error) if error.limit().is_some() || is_too_large(&error) => Err(error),
                    Err(_) => Ok(false),
                }
            },
        ),
        Function::new(
            "mustRegexMatch",
            |frame: &mut Frame<'_>, pattern: Str, text: Str| {
                let program = compile(frame, &pattern, Compile::Checked)?;
                is_match(frame, &program, &text)
            },
        ),
    ];
    for (prefix, mode) in [("regex", Compile::Must), ("mustRegex", Compile::Checked)] {
        all.push(Function::new(
            format!("{prefix}Find"),
            move |frame: &mut Frame<'_>, pattern: Str, text: Str| -> Result<Str, FuncError> {
                let program = compile(frame, &pattern, mode)?;
                charge::scan(frame, text.len())?;
                Ok(Str::from(program.find(&text)))
            },
        ));
        all.push(Function::new(
            format!("{prefix}FindAll"),
            move |frame: &mut Frame<'_>, pattern: Str, text: Str, count: GoInt| {
                let program = compile(frame, &pattern, mode)?;
                find_all(frame, &program, &text, count.0)
            },
        ));
        all.push(Function::new(
            format!("{prefix}Split"),
            move |frame: &mut Frame<'_>, pattern: Str, text: Str, count: GoInt| {
                let program = compile(frame, &pattern, mode)?;
                split(frame, &program, &text, count.0)
            },
        ));
        all.push(Function::new(
            format!("{prefix}ReplaceAll"),
            move |frame: &mut Frame<'_>, pattern: Str, text: Str, replacement: Str| {
                let program = compile(frame, &pattern, mode)?;
                replace(frame, &program, &text, &Replacement::Template(&replacement))
            },
        ));
        all.push(Function::new(
            format!("{prefix}ReplaceAllLiteral"),
            move |frame: &mut Frame<'_>, pattern: Str, text: Str, replacement: Str| {
                let program = compile(frame, &pattern, mode)?;
                replace(frame, &program, &text, &Replacement::Literal(&replacement))
            },
        ));
    }
    all
}

/// Compiles an expression, or takes it from the cache of the render.
fn compile(frame: &mut Frame<'_>, pattern: &Str, mode: Compile) -> Result<Rc<Program>, FuncError> {
    if let Some(program) = host(frame)?.program(pattern) {
        return Ok(program);
    }
    charge::text(frame, pattern.len().saturating_mul(16))?;
    match Program::compile(pattern) {
        Ok(program) => {
            charge::text(frame, program.memory())?;
            let program = Rc::new(program);
            host(frame)?.keep_program(pattern, &program);
            Ok(program)
        }
        Err(CompileError::TooLarge) => Err(FuncError::new(too_large())),
        Err(CompileError::Syntax(message)) => {
            let message = String::from_utf8_lossy(&message);
            Err(match mode {
                Compile::Checked => FuncError::new(message),
                Compile::Must => FuncError::panic(format!("regexp: Compile({}): {message}", quoted(pattern))),
            })
        }
    }
}

fn too_large() -> String {
    format!("exceeded maximum size of a compiled regular expression ({MAX_PROGRAM_BYTES} bytes)")
}

fn is_too_large(error: &FuncError) -> bool {
    error.to_string() == too_large()
}

/// How `regexp.MustCompile` quotes the expression.
fn quoted(pattern: &[u8]) -> String {
    if strconv::can_backquote(pattern) {
        return format!("`{}`", String::from_utf8_lossy(pattern));
    }
    String::from_utf8_lossy(&strconv::quote(pattern)).into_owned()
}

fn is_match(frame: &mut Frame<'_>, program: &Program, text: &Str) -> Result<bool, FuncError> {
    charge::scan(frame, text.len())?;
    Ok(program.is_match(text))
}

fn find_all(frame: &mut Frame<'_>, program: &Program, text: &Str, count: i64) -> Result<List, FuncError> {
    charge::scan(frame, text.len())?;
    let found = program.find_all(text, count);
    charge::items(frame, found.len())?;
    if found.is_empty() {
        return Ok(List::nil(Type::Str));
    }
    Ok(List::strings(
        found.into_iter().map(|(start, end)| Str::from(&text[start..end])),
    ))
}

fn split(frame: &mut Frame<'_>, program: &Program, text: &Str, count: i64) -> Result<List, FuncError> {
    charge::scan(frame, text.len())?;
    let Some(parts) = program.split(text, count) else {
        return Ok(List::nil(Type::Str));
    };
    charge::items(frame, parts.len())?;
    Ok(List::typed(
        Type::Str,
        parts
            .into_iter()
            .map(|part| Value::Str(Str::from(part)))
            .collect(),
    ))
}

fn replace(
    frame: &mut Frame<'_>,
    program: &Program,
    text: &Str,
    replacement: &Replacement<'_>,
) -> Result<Str, FuncError> {
    charge::scan(frame, text.len())?;
    program
        .replace_all(text, replacement, |more| charge::text(frame, more))
        .map(Str::from)
}
