//! Reading case files. The format is described in `tests/recorder/main.go`, which writes them.

use std::fmt;
use std::path::Path;

use gotemplate::strconv;

const ARROW: &str = "  =>  ";

pub(crate) struct Case {
    pub(crate) title: String,
    pub(crate) option: String,
    /// Names and texts; the last one is executed.
    pub(crate) templates: Vec<(String, Vec<u8>)>,
    pub(crate) expected: Expected,
}

#[derive(PartialEq)]
pub(crate) enum Expected {
    Output(Vec<u8>),
    Error(String),
}

impl fmt::Debug for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expected::Output(output) => write!(f, "{}", String::from_utf8_lossy(&strconv::quote(output))),
            Expected::Error(error) => write!(f, "error {error}"),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "tests read their cases")]
pub(crate) fn read(path: &Path) -> Vec<Case> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let text = format!("\n{text}");
    let mut cases = Vec::new();
    for section in text.split("\n=== ").skip(1) {
        let (title, body) = section.split_once('\n').unwrap_or((section, ""));
        if title.starts_with("table ") {
            let option = title
                .split_once('[')
                .map_or("", |(_, option)| option.trim_end_matches(']'));
            cases.extend(
                body.lines()
                    .filter(|line| !line.is_empty())
                    .map(|line| table_line(line, option)),
            );
        } else {
            cases.push(case(title, body));
        }
    }
    cases
}

fn table_line(line: &str, option: &str) -> Case {
    let (text, expected) = line
        .split_once(ARROW)
        .unwrap_or_else(|| panic!("not recorded: {line}"));
    let expected = match expected.strip_prefix("error ") {
        Some(error) => Expected::Error(String::from_utf8_lossy(&unquote(error)).into_owned()),
        None => Expected::Output(unquote(expected)),
    };
    let title = if option.is_empty() {
        text.to_owned()
    } else {
        format!("{text} [{option}]")
    };
    Case {
        title,
        option: option.to_owned(),
        templates: vec![("t".to_owned(), text.into())],
        expected,
    }
}

fn case(title: &str, body: &str) -> Case {
    let mut option = String::new();
    let mut templates = Vec::new();
    let mut expected = None;
    for part in format!("\n{body}").split("\n--- ").skip(1) {
        let (head, text) = part.split_once('\n').unwrap_or((part, ""));
        let words: Vec<&str> = head.split_whitespace().collect();
        // One newline ends every text.
        let text = text.strip_suffix('\n').unwrap_or(text);
        match words.as_slice() {
            ["options", value] => option.push_str(value),
            ["template", name] => templates.push(((*name).to_owned(), text.as_bytes().to_vec())),
            ["template", name, "quoted"] => templates.push(((*name).to_owned(), unquote(text))),
            ["output"] => expected = Some(Expected::Output(text.as_bytes().to_vec())),
            ["output", "quoted"] => expected = Some(Expected::Output(unquote(text))),
            ["error"] => expected = Some(Expected::Error(text.to_owned())),
            _ => panic!("{title}: unknown part {head}"),
        }
    }
    let expected = expected.unwrap_or_else(|| panic!("{title}: not recorded"));
    Case {
        title: title.to_owned(),
        option,
        templates,
        expected,
    }
}

fn unquote(literal: &str) -> Vec<u8> {
    strconv::unquote(literal.as_bytes()).unwrap_or_else(|| panic!("no Go string: {literal}"))
}
