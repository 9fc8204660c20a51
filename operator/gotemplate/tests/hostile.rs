//! Whatever the input, parsing and executing end within their limits, without a panic.

use gotemplate::{Frame, Function, FunctionTable, Limits, List, Map, Rest, Str, TemplateSet, Value};
use proptest::prelude::*;

/// Small enough that a thousand cases are quick.
fn limits() -> Limits {
    Limits {
        steps: 20_000,
        bytes: 1 << 20,
        template_depth: 200,
        parse_nodes: 10_000,
        parse_depth: 100,
    }
}

fn functions() -> FunctionTable {
    [
        Function::new("include", |frame: &mut Frame<'_>, name: Str, data: Value| {
            frame.execute(name, data)
        }),
        Function::new("tpl", |frame: &mut Frame<'_>, text: Str, data: Value| {
            frame
                .execute_text("tpl", &text, data)
                .map_err(|error| error.to_string())
        }),
        Function::new("list", |items: Rest<Value>| List::new(items.0)),
        Function::new("dict", Map::default),
        Function::new("set", |map: Map, key: Str, value: Value| {
            if map.insert(key, value) {
                Ok(map)
            } else {
                Err("assignment to entry in nil map")
            }
        }),
    ]
    .into_iter()
    .collect()
}

fn data() -> Value {
    let inner: Map = [("b", Value::Float(1.5)), ("s", Value::from("text"))]
        .into_iter()
        .collect();
    let map: Map = [
        ("a", Value::Map(inner)),
        (
            "l",
            Value::from(vec![Value::int(1), Value::from("x"), Value::Nil]),
        ),
        ("n", Value::int(7)),
        ("s", Value::Str(Str::from(b"\xff<&'\"\n".as_slice()))),
        ("nil", Value::Nil),
    ]
    .into_iter()
    .collect();
    Value::Map(map)
}

/// The bound on output: what is written is at most the budget and the step that went over it.
fn run(text: Vec<u8>) -> Result<(), TestCaseError> {
    let mut set = TemplateSet::new("set")
        .with_functions(functions())
        .with_limits(limits());
    if let Err(error) = set.parse("t", text) {
        prop_assert!(error.to_string().starts_with("template: t:"));
        return Ok(());
    }
    match set.execute("t", data()) {
        Ok(output) => prop_assert!(output.len() <= 1 << 20),
        Err(error) => prop_assert!(!error.to_string().is_empty()),
    }
    Ok(())
}

const TOKENS: &[&str] = &[
    "{{",
    "}}",
    "{{- ",
    " -}}",
    " ",
    " ",
    " ",
    ".",
    ".a",
    ".l",
    ".n",
    ".s",
    ".nil",
    ".a.b",
    "$",
    "$x",
    "$y.b",
    ":=",
    "=",
    "|",
    "(",
    ")",
    ",",
    "if ",
    "else",
    "end",
    "range ",
    "with ",
    "define \"d\"",
    "template \"d\" .",
    "block \"e\" .",
    "break",
    "continue",
    "nil",
    "true",
    "\"t\"",
    "`r`",
    "'c'",
    "1",
    "-1",
    "9223372036854775807",
    "1e9",
    "0x",
    "1i",
    "print ",
    "printf \"%*d\" ",
    "printf \"%[2]*.[1]*f|%v%!\" ",
    "len ",
    "index ",
    "slice ",
    "eq ",
    "lt ",
    "and ",
    "or ",
    "not ",
    "html ",
    "js ",
    "urlquery ",
    "call ",
    "include \"d\" .",
    "tpl \"{{ . }}\" .",
    "list ",
    "dict",
    "set $ \"k\" .",
    "set . \"self\" .",
    "/*",
    "*/",
    "{{ end }}",
    "{{ else }}",
    "{{ range 1000000 }}",
    "{{ $x := list $x $x }}",
    "é",
    "\u{0}",
    "\\",
    "\n",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes(text in proptest::collection::vec(any::<u8>(), 0..200)) {
        run(text)?;
    }

    #[test]
    fn random_bytes_in_an_action(text in proptest::collection::vec(any::<u8>(), 0..60)) {
        run([b"{{".as_slice(), &text, b"}}"].concat())?;
    }

    #[test]
    fn random_tokens(tokens in proptest::collection::vec(proptest::sample::select(TOKENS), 0..60)) {
        run(tokens.concat().into_bytes())?;
    }

    #[test]
    fn random_actions(actions in proptest::collection::vec(proptest::collection::vec(proptest::sample::select(TOKENS), 1..8), 0..12)) {
        let mut text = String::new();
        for tokens in actions {
            text.extend(["{{ ", &tokens.concat(), " }}"]);
        }
        run(text.into_bytes())?;
    }

    #[test]
    fn random_formats(format in ".{0,40}", n in any::<i64>(), f in any::<f64>(), s in ".{0,20}") {
        let args = [Value::int(n), Value::Float(f), Value::from(s), Value::Nil];
        let _ = gotemplate::format::sprintf(format.as_bytes(), &args);
        let verbs = format!("%{format}d %-{format}v %+.{format}q %#[{format}]x");
        let _ = gotemplate::format::sprintf(verbs.as_bytes(), &args);
    }

    #[test]
    fn floats_read_back(f in any::<f64>()) {
        use gotemplate::strconv::{FloatFormat, format_float, parse_float};
        for format in [FloatFormat::General, FloatFormat::Exponent, FloatFormat::Fixed, FloatFormat::Hex] {
            let text = format_float(f, format, None);
            let read = parse_float(text.as_bytes());
            prop_assert!(f.is_nan() || f.is_infinite() || read.map(f64::to_bits) == Ok(f.to_bits()), "{}", text);
        }
    }

    #[test]
    fn quoting_reads_back(s in proptest::collection::vec(any::<u8>(), 0..40)) {
        use gotemplate::strconv::{quote, quote_to_ascii, unquote};
        prop_assert_eq!(unquote(&quote(&s)), Some(s.clone()));
        prop_assert_eq!(unquote(&quote_to_ascii(&s)), Some(s));
    }
}
