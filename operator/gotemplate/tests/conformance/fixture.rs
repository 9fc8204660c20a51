//! The data and functions of `tests/recorder/fixture.go`, in Rust.

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

use gotemplate::{
    ArgumentKind, Frame, FromArg, FuncError, Function, FunctionTable, GoInt, IntKind, List, Map, MapType,
    Method, Object, Param, Rest, Shape, Str, TextError, Type, Value, format,
};

/// `Point`, or a pointer to one.
#[derive(Debug)]
struct Point {
    x: i64,
    name: &'static str,
    any: Value,
    pointer: bool,
}

impl Object for Point {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed(if self.pointer { "*main.Point" } else { "main.Point" })
    }

    fn shape(&self) -> Shape {
        if self.pointer {
            Shape::Pointer
        } else {
            Shape::Struct
        }
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "X" => Some(Value::int(self.x)),
            "Name" => Some(Value::from(self.name)),
            "Any" => Some(self.any.clone()),
            "Nothing" => Some(Value::Nil),
            _ => None,
        }
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("X", Value::int(self.x)),
            ("Name", Value::from(self.name)),
            ("Any", self.any.clone()),
            ("Nothing", Value::Nil),
            ("hidden", Value::int(0)),
        ]
    }

    fn method(self: Rc<Self>, name: &str) -> Option<Method> {
        match name {
            "Sum" => Some(Method::new(move |n: GoInt| GoInt(self.x + n.0))),
            "Fail" => Some(Method::new(|| -> Result<Str, FuncError> {
                Err(FuncError::new("point failed"))
            })),
            "Join" => Some(Method::new(|sep: Str, xs: Rest<Str>| {
                Str::from(
                    xs.iter()
                        .map(Str::as_bytes)
                        .collect::<Vec<_>>()
                        .join(sep.as_bytes()),
                )
            })),
            "Far" if self.pointer => Some(Method::new(move || format!("far {}", self.name))),
            _ => None,
        }
    }

    fn equals(&self, other: &dyn Object) -> Option<bool> {
        if self.pointer {
            return Some(std::ptr::addr_eq(self, other));
        }
        let other = (other as &dyn std::any::Any).downcast_ref::<Point>();
        Some(other.is_some_and(|other| self.x == other.x && self.name == other.name))
    }
}

/// A nil `*Point`.
#[derive(Debug)]
struct NilPoint;

impl Object for NilPoint {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed("*main.Point")
    }

    fn shape(&self) -> Shape {
        Shape::NilPointer
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        ["X", "Name", "Any", "Nothing", "hidden"]
            .map(|name| (name, Value::Nil))
            .to_vec()
    }

    fn method(self: Rc<Self>, name: &str) -> Option<Method> {
        let nil = || -> Result<Str, FuncError> {
            Err(FuncError::panic(
                "runtime error: invalid memory address or nil pointer dereference",
            ))
        };
        match name {
            "Far" => Some(Method::new(nil)),
            "Sum" => Some(Method::new(|_: GoInt| -> Result<GoInt, FuncError> {
                Err(FuncError::panic(
                    "value method main.Point.Sum called using nil *Point pointer",
                ))
            })),
            _ => None,
        }
    }
}

/// `Named`, or a pointer to one.
#[derive(Debug)]
struct Named {
    name: &'static str,
    pointer: bool,
}

impl Object for Named {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed(if self.pointer { "*main.Named" } else { "main.Named" })
    }

    fn shape(&self) -> Shape {
        if self.pointer {
            Shape::Pointer
        } else {
            Shape::Struct
        }
    }

    fn field(&self, name: &str) -> Option<Value> {
        (name == "Name").then(|| Value::from(self.name))
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![("Name", Value::from(self.name))]
    }

    fn method(self: Rc<Self>, name: &str) -> Option<Method> {
        (name == "String").then(|| Method::new(move || format!("<{}>", self.name)))
    }

    fn stringer(&self) -> Option<Str> {
        Some(Str::from(format!("<{}>", self.name)))
    }

    fn equals(&self, other: &dyn Object) -> Option<bool> {
        if self.pointer {
            return Some(std::ptr::addr_eq(self, other));
        }
        let other = (other as &dyn std::any::Any).downcast_ref::<Named>();
        Some(other.is_some_and(|other| self.name == other.name))
    }
}

/// Named types over plain values: `Month`, `Level`, `Label`, `Set`, `Files`.
#[derive(Debug)]
struct Plain {
    type_name: &'static str,
    value: Value,
}

impl Object for Plain {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed(self.type_name)
    }

    fn shape(&self) -> Shape {
        Shape::Named(self.value.clone())
    }

    fn stringer(&self) -> Option<Str> {
        (self.type_name == "main.Month").then(|| Str::from("month"))
    }

    fn method(self: Rc<Self>, name: &str) -> Option<Method> {
        match (self.type_name, name) {
            ("main.Set", "Has") => Some(Method::new(move |x: Str| {
                self.value
                    .as_list()
                    .is_some_and(|list| list.iter().any(|item| item.as_str() == Some(&x)))
            })),
            ("main.Files", "Get") => Some(Method::new(move |name: Str| -> Result<Str, FuncError> {
                format::text(
                    &self
                        .value
                        .as_map()
                        .and_then(|map| map.get(name))
                        .unwrap_or_default(),
                )
            })),
            ("main.Month", "String") => Some(Method::new(|| "month")),
            _ => None,
        }
    }
}

/// A function value.
#[derive(Debug)]
struct Func(&'static str, Method);

impl Object for Func {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed(self.0)
    }

    fn shape(&self) -> Shape {
        Shape::Func(self.1.clone())
    }
}

static VALUES: MapType = MapType {
    name: "main.Values",
    method: |map, name| match name {
        "AsMap" => Some(Method::new(move || map.plain())),
        "Lookup" => Some(Method::new(move |key: Str| map.get(key).unwrap_or_default())),
        _ => None,
    },
};

fn plain(type_name: &'static str, value: Value) -> Value {
    Value::object(Plain { type_name, value })
}

fn point(x: i64, name: &'static str, any: Value, pointer: bool) -> Value {
    Value::object(Point {
        x,
        name,
        any,
        pointer,
    })
}

fn bytes(bytes: &[u8]) -> Value {
    Value::Bytes(Arc::from(bytes))
}

fn map(entries: Vec<(&str, Value)>) -> Value {
    Value::Map(entries.into_iter().collect())
}

fn typed(item: Type, entries: Vec<(&str, Value)>) -> Value {
    Value::Map(Map::typed(
        item,
        entries
            .into_iter()
            .map(|(key, value)| (Str::from(key), value))
            .collect(),
    ))
}

fn kinds() -> Vec<(&'static str, Value)> {
    let int = |kind, n| Value::Int(kind, n);
    vec![
        ("true", Value::Bool(true)),
        ("false", Value::Bool(false)),
        ("int", Value::int(42)),
        ("zero", Value::int(0)),
        ("neg", Value::int(-7)),
        ("int8", Value::from(-8_i8)),
        ("int16", Value::from(1600_i16)),
        ("int32", Value::from(32_i32)),
        ("int64", Value::from(64_i64)),
        ("uint", int(IntKind::Uint, 7)),
        ("uint8", Value::from(200_u8)),
        ("uint16", Value::from(16_u16)),
        ("uint32", Value::from(32_u32)),
        ("uint64", Value::from(1_u64 << 63)),
        ("float", Value::Float(1.5)),
        ("fzero", Value::Float(0.0)),
        ("big", Value::Float(1e21)),
        ("small", Value::Float(1e-7)),
        ("million", Value::Float(1e6)),
        ("third", Value::Float(1.0 / 3.0)),
        ("negf", Value::Float(-2.5)),
        ("whole", Value::Float(3.0)),
        ("s", Value::from("hello")),
        ("empty", Value::from("")),
        ("uni", Value::from("héllo wörld ☺")),
        ("ctl", Value::from("a\tb\n\x00\x7f")),
        ("bad", Value::Str(Str::from(b"a\xffb".as_slice()))),
        ("html", Value::from(r#"<a href="x">'&'</a>"#)),
        ("long", Value::from("x".repeat(30))),
        ("quote", Value::from(r#"say "hi" \ back"#)),
        ("tick", Value::from("a`b")),
        ("emoji", Value::from("😀\u{200b}")),
        ("bytes", bytes(b"byt\x00es")),
        ("nobytes", bytes(b"")),
        ("nil", Value::Nil),
    ]
}

fn containers() -> Vec<(&'static str, Value)> {
    let list = |items: Vec<Value>| Value::List(List::new(items));
    vec![
        (
            "list",
            list(vec![
                Value::int(1),
                Value::from("two"),
                Value::Float(3.0),
                Value::Nil,
                Value::Bool(true),
            ]),
        ),
        ("elist", list(vec![])),
        ("nlist", Value::List(List::nil(Type::Any))),
        (
            "nested",
            list(vec![
                list(vec![Value::int(1), Value::int(2)]),
                map(vec![("k", Value::from("v"))]),
            ]),
        ),
        ("strs", Value::List(List::strings(["x", "y", "z"]))),
        ("ints", Value::List(List::ints([3, 1, 2]))),
        (
            "floats",
            Value::List(List::typed(
                Type::Float,
                vec![Value::Float(1.0), Value::Float(2.5)],
            )),
        ),
        (
            "bools",
            Value::List(List::typed(
                Type::Bool,
                vec![Value::Bool(true), Value::Bool(false)],
            )),
        ),
        (
            "map",
            map(vec![
                ("b", Value::int(1)),
                ("a", Value::from("x")),
                ("c", Value::Nil),
                ("d", map(vec![("e", Value::Float(5.0))])),
            ]),
        ),
        ("emap", map(vec![])),
        ("nmap", Value::Map(Map::nil(Type::Any))),
        (
            "smap",
            typed(Type::Str, vec![("k", Value::from("v")), ("j", Value::from("w"))]),
        ),
        (
            "imap",
            typed(Type::Int(IntKind::Int), vec![("one", Value::int(1))]),
        ),
        (
            "values",
            Value::Map(Map::named(&VALUES, [(Str::from("v"), Value::Float(1.0))].into())),
        ),
        ("a", map(vec![("b", map(vec![("c", Value::from("deep"))]))])),
    ]
}

fn objects() -> Vec<(&'static str, Value)> {
    let func = |ty, method| Value::object(Func(ty, method));
    vec![
        ("point", point(3, "p", Value::from("any"), false)),
        ("ptr", point(4, "q", Value::Nil, true)),
        ("nptr", Value::object(NilPoint)),
        (
            "named",
            Value::object(Named {
                name: "n",
                pointer: false,
            }),
        ),
        (
            "pnamed",
            Value::object(Named {
                name: "pn",
                pointer: true,
            }),
        ),
        ("month", plain("main.Month", Value::int(3))),
        ("level", plain("main.Level", Value::int(5))),
        ("label", plain("main.Label", Value::from("lab"))),
        ("set", plain("main.Set", Value::List(List::strings(["a", "b"])))),
        (
            "files",
            plain("main.Files", map(vec![("f", Value::from("content"))])),
        ),
        (
            "func",
            func("func(int) int", Method::new(|n: GoInt| GoInt(n.0 * 2))),
        ),
        (
            "vfunc",
            func(
                "func(string, ...interface {}) string",
                Method::new(|s: Str, xs: Rest<Value>| format!("{s}{}", xs.len())),
            ),
        ),
        (
            "efunc",
            func(
                "func() (interface {}, error)",
                Method::new(|| -> Result<Value, FuncError> { Err(FuncError::new("efunc failed")) }),
            ),
        ),
    ]
}

pub(crate) fn data() -> Value {
    map(kinds().into_iter().chain(containers()).chain(objects()).collect())
}

struct PointArg(Rc<Point>);

impl FromArg for PointArg {
    const PARAM: Param = Param {
        type_name: "main.Point",
        kind: ArgumentKind::Struct,
        // Go dereferences a pointer that is an argument.
        accepts: |value| value.downcast::<Point>().is_some(),
    };

    fn from_arg(value: Value) -> Option<Self> {
        value.downcast().map(PointArg)
    }
}

/// `GoInt` for the variadic function of ints.
fn count_ints(rest: &Rest<GoInt>) -> GoInt {
    GoInt(rest.len() as i64)
}

pub(crate) fn functions() -> FunctionTable {
    let sized = |nil: bool, len: usize| GoInt(if nil { -1 } else { len as i64 });
    let mut table: FunctionTable = [
        Function::new("fstr", |s: Str| {
            Str::from([b"s:".as_slice(), s.as_bytes()].concat())
        }),
        Function::new("fint", |n: GoInt| GoInt(n.0.wrapping_add(1))),
        Function::new("fint64", |n: i64| n.wrapping_add(1)),
        Function::new("fuint", |n: u32| n.wrapping_add(1)),
        Function::new("ffloat", |f: f64| f * 2.0),
        Function::new("fbool", |b: bool| !b),
        Function::new("fany", |value: Value| value),
        Function::new("fmap", move |map: Map| sized(map.is_nil(), map.len())),
        Function::new(
            "fset",
            |map: Map, key: Str, value: Value| -> Result<Map, FuncError> {
                if map.insert(key, value) {
                    Ok(map)
                } else {
                    Err(FuncError::panic("assignment to entry in nil map"))
                }
            },
        ),
        Function::new("flist", move |list: List| sized(list.is_nil(), list.len())),
        Function::new("fvar", |prefix: Str, rest: Rest<Value>| {
            format!("{prefix}{}", rest.len())
        }),
        Function::new("fvarint", |rest: Rest<GoInt>| count_ints(&rest)),
        Function::new("fnone", || "none"),
        Function::new("fnil", || Value::Nil),
        Function::new("fnilmap", || Map::nil(Type::Any)),
        Function::new("flistof", |items: Rest<Value>| List::new(items.0)),
        Function::new("fpoint", |point: PointArg| point.0.name),
        Function::new("two", |a: Value, b: Value| -> Result<Str, FuncError> {
            format::sprint(&[a, Value::from("/"), b])
        }),
    ]
    .into_iter()
    .collect();
    table.extend([
        Function::new("fstrs", |items: Vec<Str>| {
            let items: Vec<&[u8]> = items.iter().map(Str::as_bytes).collect();
            Str::from(items.join(b"+".as_slice()))
        }),
        Function::new("ferr", |message: Str| -> Result<Str, FuncError> {
            Err(FuncError::new(message.to_string()))
        }),
        Function::new("fpanic", |message: Str| -> Result<Str, FuncError> {
            Err(FuncError::panic(message.to_string()))
        }),
        Function::new("include", |frame: &mut Frame<'_>, name: Str, data: Value| {
            frame.execute(name, data)
        }),
        Function::new("wrapped", |frame: &mut Frame<'_>, name: Str, data: Value| {
            frame.execute(name, data).map_err(|error| error.wrap("wrapped"))
        }),
        Function::new("tpl", tpl),
    ]);
    table
}

#[expect(clippy::needless_pass_by_value, reason = "functions own their arguments")]
fn tpl(frame: &mut Frame<'_>, text: Str, data: Value) -> Result<Str, FuncError> {
    frame.execute_text("set", &text, data).map_err(|error| {
        let quoted = format::quote(&text);
        match error {
            TextError::Parse(error) => FuncError::new(format!("cannot parse template {quoted}: {error}")),
            TextError::Exec(error) => {
                FuncError::from(error).wrap(&format!("error during tpl function execution for {quoted}"))
            }
            TextError::Limit(error) => FuncError::from(error),
        }
    })
}
