//! How fast a typical template renders: `cargo run --release -p gotemplate --example speed`.

use gotemplate::{Frame, Function, FunctionTable, Map, Str, TemplateSet, Value, format};

const LIB: &str = r#"
{{- define "labels" }}
app: {{ .name | quote }}
chart: {{ printf "%s-%s" .chart .version }}
{{- range $k, $v := .extra }}
{{ $k }}: {{ $v | quote }}
{{- end }}
{{- end }}"#;

const PAGE: &str = r#"
{{- range $i := .list }}
---
kind: Thing
metadata:
  labels: {{ include "labels" $ }}
spec:
  {{- if and $.enabled (gt $i 2) }}
  index: {{ $i }}
  {{- else if eq $i 1 }}
  first: true
  {{- end }}
  {{- with $.nested.deep }}
  value: {{ .value | default "none" | quote }}
  {{- end }}
{{- end }}"#;

fn functions() -> FunctionTable {
    [
        Function::new("include", |frame: &mut Frame<'_>, name: Str, data: Value| {
            frame.execute(name, data)
        }),
        Function::new("quote", |value: Value| {
            format::text(&value).map(|text| format::quote(&text))
        }),
        Function::new(
            "default",
            |default: Value, value: Value| if value.truth() { value } else { default },
        ),
    ]
    .into_iter()
    .collect()
}

fn data() -> Value {
    let extra: Map = [("team", "blue"), ("tier", "web"), ("zone", "a")]
        .into_iter()
        .collect();
    let deep: Map = [("value", "x")].into_iter().collect();
    let nested: Map = [("deep", deep)].into_iter().collect();
    let list: Vec<Value> = (0..20).map(Value::int).collect();
    let map: Map = [
        ("name", Value::from("demo")),
        ("chart", Value::from("demo")),
        ("version", Value::from("1.2.3")),
        ("extra", extra.into()),
        ("nested", nested.into()),
        ("enabled", Value::Bool(true)),
        ("list", list.into()),
    ]
    .into_iter()
    .collect();
    map.into()
}

#[expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a benchmark looks at the clock"
)]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    use std::time::Instant;
    const TURNS: u32 = 2_000;

    let start = Instant::now();
    let mut set = TemplateSet::new("speed");
    for _ in 0..TURNS {
        set = TemplateSet::new("speed").with_functions(functions());
        set.parse("lib", LIB)?;
        set.parse("page", PAGE)?;
    }
    let parsing = start.elapsed() / TURNS;

    let data = data();
    let start = Instant::now();
    let mut bytes = 0;
    let mut steps = 0;
    for _ in 0..TURNS {
        let mut execution = set.execution(&());
        bytes = execution.execute("page", data.clone())?.len();
        steps = execution.used().0;
    }
    let executing = start.elapsed() / TURNS;
    let nanoseconds = executing.as_nanos() / u128::from(steps.max(1));
    #[expect(clippy::print_stdout, reason = "a benchmark reports")]
    {
        println!(
            "parse {parsing:?}; execute {executing:?} for {bytes} bytes, {steps} steps, {nanoseconds} ns a step"
        );
    }
    Ok(())
}
