//! Limits, depth, and what execution errors carry. What templates print is checked in `tests/conformance`.

use std::borrow::Cow;

use crate::func::{FuncError, FuncErrorKind, Function, FunctionTable};
use crate::limits::{LimitKind, Limits};
use crate::stack::{DEEP_STACK, with_stack};
use crate::{CycleGuard, ExecError, Frame, List, Map, Object, Rest, Shape, Str, TemplateSet, Value};

fn functions() -> FunctionTable {
    [
        Function::new("include", |frame: &mut Frame<'_>, name: Str, data: Value| {
            frame.execute(name, data)
        }),
        Function::new("wrapped", |frame: &mut Frame<'_>, name: Str, data: Value| {
            frame
                .execute(name, data)
                .map_err(|error| error.wrap(&"long ".repeat(200)))
        }),
        Function::new("list", |items: Rest<Value>| List::new(items.0)),
        Function::new(
            "set",
            |map: Map, key: Str, value: Value| -> Result<Map, FuncError> {
                if map.insert(key, value) {
                    Ok(map)
                } else {
                    Err(FuncError::panic("assignment to entry in nil map"))
                }
            },
        ),
        Function::new("twice", |list: List| {
            list.iter().chain(&list).cloned().collect::<List>()
        }),
        Function::new("add1", |n: crate::GoInt| crate::GoInt(n.0 + 1)),
        Function::new("fail", |message: Str| -> Result<Str, FuncError> {
            Err(FuncError::new(message.to_string()))
        }),
    ]
    .into_iter()
    .collect()
}

fn set(limits: Limits, text: &str) -> TemplateSet {
    let mut set = TemplateSet::new("set")
        .with_functions(functions())
        .with_limits(limits);
    set.parse("t", text).unwrap();
    set
}

fn fails(limits: Limits, text: &str) -> (LimitKind, String) {
    let error = set(limits, text).execute("t", Value::Nil).unwrap_err();
    let limit = error.limit().unwrap_or_else(|| panic!("no limit: {error}"));
    (limit.kind, error.to_string())
}

fn exec_error(error: &FuncError) -> &ExecError {
    let FuncErrorKind::Exec(error) = error.kind() else {
        panic!("no execution error: {error}")
    };
    error
}

#[test]
fn endless_range_uses_up_the_steps() {
    let limits = Limits {
        steps: 10_000,
        ..Limits::default()
    };
    let (kind, text) = fails(limits, "{{ range 9223372036854775807 }}{{ end }}");
    assert_eq!(kind, LimitKind::Steps);
    assert_eq!(
        text,
        "template: t:1:9: executing \"t\" at <9223372036854775807>: exceeded maximum number of execution steps (10000)"
    );
}

#[test]
fn output_is_bounded() {
    let limits = Limits {
        bytes: 10_000,
        ..Limits::default()
    };
    assert_eq!(
        fails(limits.clone(), "{{ range 1000 }}0123456789012345{{ end }}").0,
        LimitKind::Bytes
    );
    assert_eq!(
        fails(limits.clone(), "{{ printf \"%20000d\" 1 }}").0,
        LimitKind::Bytes
    );
    assert_eq!(
        fails(
            limits,
            "{{ $x := \"0123456789012345\" }}{{ range 12 }}{{ $x = print $x $x }}{{ end }}"
        )
        .0,
        LimitKind::Bytes
    );
}

#[test]
fn results_of_functions_are_charged() {
    let limits = Limits {
        bytes: 100_000,
        ..Limits::default()
    };
    let text = "{{ $x := list 1 }}{{ range 60 }}{{ $x = twice $x }}{{ end }}";
    assert_eq!(fails(limits, text).0, LimitKind::Bytes);
}

#[test]
fn shared_lists_do_not_explode_when_printed() {
    // Forty doublings would print a terabyte.
    let text = "{{ $x := list 1 }}{{ range 40 }}{{ $x = list $x $x }}{{ end }}{{ $x }}";
    assert_eq!(
        fails(
            Limits {
                bytes: 1 << 20,
                ..Limits::default()
            },
            text
        )
        .0,
        LimitKind::Bytes
    );
}

#[test]
fn template_recursion_names_its_limit() {
    let limits = Limits {
        template_depth: 50,
        ..Limits::default()
    };
    let (kind, text) = fails(
        limits,
        "{{ define \"x\" }}{{ template \"x\" }}{{ end }}{{ template \"x\" }}",
    );
    assert_eq!(kind, LimitKind::TemplateDepth);
    assert_eq!(
        text,
        "template: t:1:28: executing \"x\" at <{{template \"x\"}}>: exceeded maximum template depth (50)"
    );
}

#[test]
fn endless_recursion_ends_on_a_small_stack() {
    for text in [
        "{{ define \"x\" }}{{ template \"x\" }}{{ end }}{{ template \"x\" }}",
        "{{ define \"x\" }}{{ include \"x\" . }}{{ end }}{{ include \"x\" . }}",
        "{{ define \"x\" }}{{ if true }}{{ with 1 }}{{ print (print (include \"x\" .)) }}{{ end }}{{ end }}{{ end }}{{ include \"x\" . }}",
    ] {
        assert_eq!(fails(Limits::default(), text).0, LimitKind::Stack, "{text}");
    }
}

#[test]
fn a_thousand_includes_fit_on_a_deep_stack() {
    let text = "{{ define \"down\" }}{{ range 1 }}{{ if lt (len $) 1000 }}{{ with $ }}\
                {{ print . \"x\" | include \"down\" | print }}{{ end }}{{ else }}bottom{{ end }}{{ end }}{{ end }}\
                {{ include \"down\" \"\" }}{{ include \"down\" \"x\" }}";
    let set = set(Limits::default(), text);
    let output = with_stack(DEEP_STACK, || set.execute("t", Value::Nil)).unwrap();
    assert_eq!(output, "bottom");
}

#[test]
fn ten_thousand_templates_fit_on_a_deep_stack() {
    let text = "{{ define \"down\" }}{{ if lt (len .) 10000 }}{{ template \"down\" (print . \"x\") }}{{ else }}bottom{{ end }}{{ end }}\
                {{ template \"down\" \"x\" }}";
    let set = set(Limits::default(), text);
    assert_eq!(
        with_stack(DEEP_STACK, || set.execute("t", Value::Nil)).unwrap(),
        "bottom"
    );
}

#[test]
fn deep_values_are_dropped_and_refused_to_print() {
    let text = "{{ $x := list }}{{ range 100000 }}{{ $x = list $x }}{{ end }}";
    assert_eq!(set(Limits::default(), text).execute("t", Value::Nil).unwrap(), "");
    assert_eq!(
        fails(Limits::default(), &format!("{text}{{{{ $x }}}}")).0,
        LimitKind::Stack
    );
    assert_eq!(
        fails(Limits::default(), &format!("{text}{{{{ print $x }}}}")).0,
        LimitKind::Stack
    );
}

#[test]
fn a_map_may_contain_itself() {
    let guard = CycleGuard::new();
    let map = Map::default();
    let set = set(
        Limits::default(),
        "{{ $x := set . \"self\" . }}{{ len $x.self.self }}{{ $x }}",
    );
    let error = set.execute("t", Value::Map(map.clone())).unwrap_err();
    assert_eq!(error.limit().map(|limit| limit.kind), Some(LimitKind::Stack));
    drop(guard);
    assert!(map.is_empty());
}

#[test]
fn budget_is_shared_by_the_templates_of_an_execution() {
    let set = set(
        Limits {
            steps: 100,
            ..Limits::default()
        },
        "{{ range 10 }}{{ end }}",
    );
    let mut execution = set.execution(&());
    let runs = (0..20)
        .take_while(|_| execution.execute("t", Value::Nil).is_ok())
        .count();
    assert!((5..15).contains(&runs), "{runs}");
    assert!(execution.used().0 >= 100);
}

#[test]
fn functions_see_the_host_state() {
    let function = Function::new("host", |frame: &mut Frame<'_>| {
        frame.host::<String>().cloned().unwrap_or_default()
    });
    let mut set = TemplateSet::new("set").with_functions(FunctionTable::from_iter([function]));
    set.parse("t", "{{ host }}").unwrap();
    assert_eq!(
        set.execution(&String::from("state"))
            .execute("t", Value::Nil)
            .unwrap(),
        "state"
    );
    assert_eq!(set.execute("t", Value::Nil).unwrap(), "");
}

#[test]
fn errors_carry_their_parts_and_their_cause() {
    let mut set = TemplateSet::new("set").with_functions(functions());
    set.parse("lib", "{{ define \"a\" }}\n  {{ fail \"boom\" }}{{ end }}")
        .unwrap();
    set.parse("t", "x {{ include \"a\" . }}").unwrap();
    let error = set.execute("t", Value::Nil).unwrap_err();
    let outer = exec_error(&error);
    let location = outer.data().location.as_ref().unwrap();
    assert_eq!(
        (location.file.as_str(), location.line, location.column),
        ("t", 1, 5)
    );
    assert_eq!(location.node, "include \"a\" .");
    let inner = outer.inner().unwrap();
    assert_eq!(inner.data().template, "a");
    assert_eq!(
        inner.data().location.as_ref().map(|location| location.line),
        Some(2)
    );
    assert!(inner.inner().is_none());
    assert_eq!(inner.cause().unwrap().to_string(), "boom");
    assert_eq!(
        error.to_string(),
        "template: t:1:5: executing \"t\" at <include \"a\" .>: error calling include: \
         template: lib:2:5: executing \"a\" at <fail \"boom\">: error calling fail: boom"
    );
}

#[test]
fn long_chains_of_errors_are_written_and_dropped_on_a_small_stack() {
    let text = "{{ define \"down\" }}{{ if lt (len .) 5000 }}{{ include \"down\" (print . \"x\") }}{{ else }}{{ fail \"bottom\" }}{{ end }}{{ end }}\
                {{ include \"down\" \"\" }}";
    let set = set(Limits::default(), text);
    let error = with_stack(DEEP_STACK, || set.execute("t", Value::Nil).unwrap_err());
    let text = error.to_string();
    assert_eq!(text.matches("error calling include").count(), 5001);
    assert!(text.ends_with("error calling fail: bottom"));
    assert!(
        exec_error(&error)
            .head()
            .ends_with("at <include \"down\" \"\">: error calling include")
    );
    let copy = error.clone();
    drop(error);
    drop(copy);
}

#[test]
fn errors_pay_for_their_text() {
    let text = "{{ define \"x\" }}{{ if lt (len .) 100 }}{{ wrapped \"x\" (print . \"x\") }}{{ else }}{{ fail \"bottom\" }}{{ end }}{{ end }}\
                {{ wrapped \"x\" \"\" }}";
    let limits = Limits {
        bytes: 50_000,
        ..Limits::default()
    };
    assert_eq!(fails(limits, text).0, LimitKind::Bytes);
}

#[test]
fn unknown_template_is_a_plain_error() {
    let error = TemplateSet::new("set").execute("a\"b", Value::Nil).unwrap_err();
    assert_eq!(
        error.to_string(),
        "template: no template \"a\\\"b\" associated with template \"set\""
    );
    assert!(matches!(error.kind(), FuncErrorKind::Message(_)));
}

// What differs from Go, pinned. See the list in the crate documentation.

#[test]
fn divergence_complex_numbers_have_no_value() {
    let error = set(Limits::default(), "{{ 1+2i }}")
        .execute("t", Value::Nil)
        .unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("complex numbers are not supported: 1+2i"),
        "{error}"
    );
}

#[derive(Debug)]
struct Level;

impl Object for Level {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed("main.Level")
    }

    fn shape(&self) -> Shape {
        Shape::Named(Value::int(2))
    }
}

#[test]
fn divergence_items_of_named_integers_are_plain() {
    let set = set(
        Limits::default(),
        "{{ printf \"%T\" . }}{{ range . }} {{ printf \"%T\" . }}{{ end }}",
    );
    // Go: main.Level main.Level main.Level
    assert_eq!(
        set.execute("t", Value::object(Level)).unwrap(),
        "main.Level int int"
    );
}

#[derive(Debug)]
struct Labels;

impl Object for Labels {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed("main.Labels")
    }

    fn shape(&self) -> Shape {
        Shape::Named(Value::List(List::strings(["a", "b", "c"])))
    }
}

#[test]
fn divergence_slices_of_named_slices_are_plain() {
    let set = set(
        Limits::default(),
        "{{ printf \"%T\" (slice . 1) }} {{ slice (slice . 0 1) 0 1 }}",
    );
    // Go: main.Labels [a]
    assert_eq!(set.execute("t", Value::object(Labels)).unwrap(), "[]string [a]");
}

#[test]
fn divergence_capacity_is_length() {
    let error = set(Limits::default(), "{{ slice (slice (list 1 2 3) 0 1) 0 3 }}")
        .execute("t", Value::Nil)
        .unwrap_err();
    // Go finds the capacity of the array behind the slice and prints [1 2 3].
    assert!(
        error
            .to_string()
            .ends_with("error calling slice: index out of range: 3"),
        "{error}"
    );
}
