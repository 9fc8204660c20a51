//! The functions against the real Helm: every case of `function_cases` was rendered by it
//! (`record_functions.py` wrote what it printed).

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test reads its case files"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use gotemplate::stack::{DEEP_STACK, with_stack};
use gotemplate::value::{CycleGuard, MapType};
use gotemplate::{FuncError, FuncErrorKind, List, Map, MissingKey, Str, TemplateSet, Value};
use helm::facts::FixedFacts;
use helm::functions::template::{WARN_END, WARN_START};
use helm::functions::{Host, HostOptions, table};

static VALUES: MapType = MapType::new("common.Values");
const FILE: &str = "c/templates/case.yaml";

/// What the real Helm did.
#[derive(Debug, PartialEq)]
enum Outcome {
    Output(Vec<u8>),
    Error(String),
}

struct Case {
    title: String,
    template: String,
    expected: Outcome,
}

fn cases_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/function_cases")
}

fn parse_cases(text: &str) -> Vec<Case> {
    let mut cases = Vec::new();
    for block in format!("\n{}", text.strip_suffix('\n').unwrap_or(text))
        .split("\n=== ")
        .skip(1)
    {
        let (title, rest) = block.split_once('\n').expect("a title line");
        let at = rest.find("\n--- ").expect("an expectation");
        let (template, rest) = (&rest[..at], &rest[at + 5..]);
        let (kind, expected) = rest.split_once('\n').unwrap_or((rest, ""));
        let expected = match kind {
            "ok" => Outcome::Output(expected.as_bytes().to_vec()),
            "json" => Outcome::Output(
                serde_json::from_str::<String>(expected)
                    .expect("a JSON string")
                    .into_bytes(),
            ),
            "base64" => Outcome::Output(data_encoding::BASE64.decode(expected.as_bytes()).expect("base64")),
            "error" => Outcome::Error(expected.to_owned()),
            kind => panic!("unknown kind of expectation: {kind}"),
        };
        cases.push(Case {
            title: title.to_owned(),
            template: template.to_owned(),
            expected,
        });
    }
    cases
}

fn value(data: &serde_json::Value) -> Value {
    match data {
        serde_json::Value::Null => Value::Nil,
        serde_json::Value::Bool(flag) => Value::Bool(*flag),
        serde_json::Value::Number(number) => Value::Float(number.as_f64().expect("a number")),
        serde_json::Value::String(text) => Value::from(text.as_str()),
        serde_json::Value::Array(items) => Value::List(items.iter().map(value).collect::<List>()),
        serde_json::Value::Object(entries) => Value::Map(
            entries
                .iter()
                .map(|(key, entry)| (key.as_str(), value(entry)))
                .collect::<Map>(),
        ),
    }
}

/// The context of a chart `c`, as far as the cases look at it.
fn context() -> Value {
    let text = fs::read_to_string(cases_folder().join("values.json")).expect("values.json");
    let values: serde_json::Value = serde_json::from_str(&text).expect("values.json is JSON");
    let Value::Map(values) = value(&values) else {
        panic!("values are a map")
    };
    let values = Map::named(&VALUES, (*values.snapshot()).clone());
    let template: Map = [
        ("Name", Value::from(FILE)),
        ("BasePath", Value::from("c/templates")),
    ]
    .into_iter()
    .collect();
    let release: Map = [("Name", Value::from("r")), ("Namespace", Value::from("ns"))]
        .into_iter()
        .collect();
    Value::Map(
        [
            ("Values", Value::Map(values)),
            ("Template", Value::Map(template)),
            ("Release", Value::Map(release)),
        ]
        .into_iter()
        .collect(),
    )
}

fn render(template: &str) -> Outcome {
    let _guard = CycleGuard::new();
    let mut set = TemplateSet::new("gotpl")
        .with_functions(table())
        .with_missing_key(MissingKey::Zero);
    if let Err(error) = set.parse(FILE, template) {
        return Outcome::Error(parse_error(&error.to_string()));
    }
    let now = "2024-02-29T12:34:56.789[UTC]".parse().expect("a time");
    let host = Host::new(Rc::new(FixedFacts::at(now)), HostOptions::default());
    match set.execution(&host).execute(FILE, context()) {
        Ok(output) => Outcome::Output(output.to_vec()),
        Err(error) => Outcome::Error(exec_error(&error)),
    }
}

/// Helm's `cleanupParseError`.
fn parse_error(text: &str) -> String {
    let tokens: Vec<&str> = text.split(": ").collect();
    format!("parse error at ({}): {}", tokens[1], tokens[tokens.len() - 1])
}

/// Helm's `reformatExecErrorMsg`, for errors of one file.
fn exec_error(error: &FuncError) -> String {
    let text = error.to_string();
    let location = text.split(": ").nth(1).unwrap_or_default();
    if let (Some(start), Some(end)) = (text.find(WARN_START), text.rfind(WARN_END)) {
        return format!(
            "execution error at ({location}): {}",
            &text[start + WARN_START.len()..end]
        );
    }
    let mut blocks: Vec<String> = Vec::new();
    let mut current = Some(error);
    while let Some(this) = current {
        let Some(block) = traceable(&this.to_string()) else {
            return text;
        };
        if blocks.last() != Some(&block) {
            blocks.push(block);
        }
        current = match this.kind() {
            FuncErrorKind::Exec(exec) => exec.cause(),
            _ => this.unwrap_source(),
        };
    }
    blocks.concat().trim().to_owned()
}

fn traceable(text: &str) -> Option<String> {
    let rest = text.strip_prefix("template: ")?;
    if rest.starts_with("no template ") {
        return Some(format!("{text}\n"));
    }
    let (location, rest) = rest.split_once(": executing \"")?;
    let (function, rest) = rest.split_once("\" at <")?;
    let (node, message) = rest.split_once(">: ")?;
    let message = message.split(" template:").next()?;
    Some(format!(
        "{location}\n  executing \"{function}\" at <{node}>:\n    {message}\n"
    ))
}

fn show(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Output(bytes) => format!("output {}", Str::from(bytes.as_slice())),
        Outcome::Error(message) => format!("error  {message}"),
    }
}

#[test]
fn functions_do_what_helm_does() {
    let mut total = 0;
    let mut failures = Vec::new();
    let mut folders: Vec<_> = fs::read_dir(cases_folder())
        .expect("function_cases")
        .flatten()
        .map(|e| e.path())
        .collect();
    folders.sort();
    for folder in folders.iter().filter(|path| path.is_dir()) {
        let mut files: Vec<_> = fs::read_dir(folder)
            .expect("a family")
            .flatten()
            .map(|entry| entry.path())
            .collect();
        files.sort();
        for file in files {
            for case in parse_cases(&fs::read_to_string(&file).expect("a case file")) {
                total += 1;
                // Each case on a thread of its own: a render has one, with room for deep templates.
                let actual = with_stack(DEEP_STACK, || render(&case.template));
                if actual != case.expected {
                    let name = file
                        .strip_prefix(cases_folder())
                        .expect("below the folder")
                        .display();
                    failures.push(format!(
                        "{name}: {}\n  template {}\n  wanted   {}\n  got      {}",
                        case.title,
                        case.template,
                        show(&case.expected),
                        show(&actual)
                    ));
                }
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {total} cases differ:\n{}",
        failures.len(),
        failures.join("\n")
    );
    assert!(total >= 600, "only {total} cases");
}
