//! Values by verb: scalars, lists, maps, objects, and what is printed for a verb that does not fit
//! (`fmt/print.go`).

use std::rc::Rc;

use super::Printer;
use crate::stack;
use crate::value::{List, Map, Object, Shape, Type, Value};

impl Printer {
    pub(super) fn print(&mut self, args: &[Value]) {
        let mut previous_string = true;
        for arg in args {
            let string = matches!(arg.underlying().as_ref(), Value::Str(_));
            if !string && !previous_string {
                self.write(b" ");
            }
            self.print_arg(arg, 'v');
            previous_string = string;
        }
    }

    pub(super) fn println(&mut self, args: &[Value]) {
        for (i, arg) in args.iter().enumerate() {
            if i > 0 {
                self.write(b" ");
            }
            self.print_arg(arg, 'v');
        }
        self.write(b"\n");
    }

    /// An operand (Go's `printArg`).
    pub(super) fn print_arg(&mut self, arg: &Value, verb: char) {
        match (arg, verb) {
            (Value::Nil, 'T' | 'v') => self.pad(b"<nil>"),
            (Value::Nil, _) => self.bad_verb(verb, None),
            (_, 'T') => self.fmt_s(arg.type_name().as_bytes()),
            (_, 'p') => self.fmt_pointer(arg, 'p'),
            (Value::Bytes(bytes), _) => self.fmt_bytes(bytes, verb, "[]byte"),
            (_, _) => self.print_value(arg, verb, 0),
        }
    }

    /// An operand or a value inside of one. The caller has unpacked interfaces.
    fn print_value(&mut self, value: &Value, verb: char, depth: usize) {
        if let Err(limit) = stack::check() {
            self.failed.get_or_insert(limit);
        }
        if self.failed.is_some() {
            return;
        }
        let whole = depth > 0 || matches!(value, Value::List(_) | Value::Map(_));
        if verb == 'w' && whole && !self.erroring {
            return self.bad_verb(verb, Some(value));
        }
        match value {
            // Only reached through lists and maps of interfaces, which print it themselves.
            Value::Nil => self.write(b"<nil>"),
            Value::Bool(b) => match verb {
                't' | 'v' => self.pad(if *b { b"true" } else { b"false" }),
                _ => self.bad_verb(verb, Some(value)),
            },
            Value::Int(kind, n) => self.fmt_integer(*n as u64, kind.is_signed(), verb, value),
            Value::Float(f) => self.fmt_float(*f, verb, value),
            Value::Str(s) => self.fmt_string(s, verb, Some(value)),
            Value::Bytes(bytes) => self.fmt_bytes(bytes, verb, "[]uint8"),
            Value::List(list) => self.fmt_list(list, &value.type_name(), verb, depth),
            Value::Map(map) => self.fmt_map(map, &value.type_name(), verb, depth),
            Value::Object(object) => self.fmt_object(object, value, verb, depth),
        }
    }

    /// An item of a container: `interface` items may be nil.
    fn print_item(&mut self, item: &Value, item_type: &Type, verb: char, depth: usize) {
        match item {
            Value::Nil if verb == 'w' => self.bad_verb(verb, None),
            Value::Nil if self.flags.sharp_v => {
                self.write(item_type.name().as_bytes());
                self.write(b"(nil)");
            }
            Value::Nil => self.write(b"<nil>"),
            item => self.print_value(item, verb, depth + 1),
        }
    }

    fn fmt_bytes(&mut self, bytes: &[u8], verb: char, type_name: &str) {
        match verb {
            's' => self.fmt_s(bytes),
            'q' => self.fmt_q(bytes),
            'x' | 'X' => self.fmt_hex(bytes, verb),
            _ => {
                let separator: &[u8] = if self.flags.sharp_v { b", " } else { b" " };
                if self.flags.sharp_v {
                    self.write(type_name.as_bytes());
                }
                self.write(if self.flags.sharp_v { b"{" } else { b"[" });
                for (i, b) in bytes.iter().enumerate() {
                    if i > 0 {
                        self.write(separator);
                    }
                    match verb {
                        'w' => self.bad_verb(verb, Some(&Value::from(*b))),
                        _ => self.fmt_integer(u64::from(*b), false, verb, &Value::from(*b)),
                    }
                    if self.failed.is_some() {
                        return;
                    }
                }
                self.write(if self.flags.sharp_v { b"}" } else { b"]" });
            }
        }
    }

    fn fmt_list(&mut self, list: &List, type_name: &str, verb: char, depth: usize) {
        let (open, separator, close): (&[u8], &[u8], &[u8]) = if self.flags.sharp_v {
            (b"{", b", ", b"}")
        } else {
            (b"[", b" ", b"]")
        };
        if self.flags.sharp_v {
            self.write(type_name.as_bytes());
            if list.is_nil() {
                self.write(b"(nil)");
                return;
            }
        }
        self.write(open);
        for (i, item) in list.iter().enumerate() {
            if i > 0 {
                self.write(separator);
            }
            self.print_item(item, list.item_type(), verb, depth);
            if self.failed.is_some() {
                return;
            }
        }
        self.write(close);
    }

    fn fmt_map(&mut self, map: &Map, type_name: &str, verb: char, depth: usize) {
        let (separator, close): (&[u8], &[u8]) = if self.flags.sharp_v {
            (b", ", b"}")
        } else {
            (b" ", b"]")
        };
        if self.flags.sharp_v {
            self.write(type_name.as_bytes());
            if map.is_nil() {
                self.write(b"(nil)");
                return;
            }
            self.write(b"{");
        } else {
            self.write(b"map[");
        }
        for (i, (key, item)) in map.snapshot().iter().enumerate() {
            if i > 0 {
                self.write(separator);
            }
            let key = Value::Str(key.clone());
            self.print_value(&key, verb, depth + 1);
            self.write(b":");
            self.print_item(item, map.entry_type(), verb, depth);
            if self.failed.is_some() {
                return;
            }
        }
        self.write(close);
    }

    fn fmt_object(&mut self, object: &Rc<dyn Object>, value: &Value, verb: char, depth: usize) {
        if self.handle_methods(&**object, value, verb) {
            return;
        }
        match object.shape() {
            Shape::Struct => self.fmt_struct(&**object, verb, depth),
            Shape::Pointer if depth == 0 => {
                self.write(b"&");
                self.fmt_struct(&**object, verb, depth + 1);
            }
            Shape::Pointer | Shape::NilPointer | Shape::Func(_) => self.fmt_pointer(value, verb),
            Shape::Named(inner) => self.fmt_named(&inner, value, verb, depth),
        }
    }

    /// A named type prints as its plain value, but shows its own name where types are shown.
    fn fmt_named(&mut self, inner: &Value, value: &Value, verb: char, depth: usize) {
        match inner {
            Value::Nil => self.write(b"<nil>"),
            Value::Bool(b) => match verb {
                't' | 'v' => self.pad(if *b { b"true" } else { b"false" }),
                _ => self.bad_verb(verb, Some(value)),
            },
            Value::Int(kind, n) => self.fmt_integer(*n as u64, kind.is_signed(), verb, value),
            Value::Float(f) => self.fmt_float(*f, verb, value),
            Value::Str(s) => self.fmt_string(s, verb, Some(value)),
            Value::Bytes(bytes) => self.fmt_bytes(bytes, verb, &value.type_name()),
            Value::List(list) => self.fmt_list(list, &value.type_name(), verb, depth),
            Value::Map(map) => self.fmt_map(map, &value.type_name(), verb, depth),
            Value::Object(object) => self.fmt_object(object, value, verb, depth),
        }
    }

    /// `Error`, `String` and `GoString` methods.
    fn handle_methods(&mut self, object: &dyn Object, value: &Value, verb: char) -> bool {
        if self.erroring {
            return false;
        }
        if verb == 'w' {
            self.bad_verb(verb, Some(value));
            return true;
        }
        if self.flags.sharp_v {
            if let Some(text) = object.go_string() {
                self.fmt_s(&text);
                return true;
            }
            return false;
        }
        if matches!(verb, 'v' | 's' | 'x' | 'X' | 'q')
            && let Some(text) = object.stringer()
        {
            self.fmt_string(&text, verb, None);
            return true;
        }
        false
    }

    fn fmt_struct(&mut self, object: &dyn Object, verb: char, depth: usize) {
        if self.flags.sharp_v {
            self.write(object.type_name().trim_start_matches('*').as_bytes());
        }
        self.write(b"{");
        for (i, (name, field)) in object.fields().into_iter().enumerate() {
            if i > 0 {
                self.write(if self.flags.sharp_v { b", " } else { b" " });
            }
            if self.flags.plus_v || self.flags.sharp_v {
                self.write(name.as_bytes());
                self.write(b":");
            }
            self.print_item(&field, &Type::Any, verb, depth);
            if self.failed.is_some() {
                return;
            }
        }
        self.write(b"}");
    }

    fn fmt_pointer(&mut self, value: &Value, verb: char) {
        let address = match value {
            Value::List(list) => Some(if list.is_nil() { 0 } else { list.address() }),
            Value::Map(map) => Some(if map.is_nil() { 0 } else { map.address() }),
            Value::Bytes(bytes) => Some(bytes.as_ptr().addr()),
            Value::Object(object) => match object.shape() {
                Shape::NilPointer => Some(0),
                Shape::Pointer | Shape::Func(_) => Some(Rc::as_ptr(object).cast::<()>().addr()),
                Shape::Named(Value::List(list)) => Some(list.address()),
                Shape::Named(Value::Map(map)) => Some(map.address()),
                Shape::Struct | Shape::Named(_) => None,
            },
            Value::Nil | Value::Bool(_) | Value::Int(..) | Value::Float(_) | Value::Str(_) => None,
        };
        let Some(address) = address.map(|address| address as u64) else {
            return self.bad_verb(verb, Some(value));
        };
        match verb {
            'v' if self.flags.sharp_v => {
                self.write(format!("({})(", value.type_name()).as_bytes());
                if address == 0 {
                    self.write(b"nil");
                } else {
                    self.fmt_0x(address, true);
                }
                self.write(b")");
            }
            'v' if address == 0 => self.pad(b"<nil>"),
            'v' | 'p' => self.fmt_0x(address, !self.flags.sharp),
            'b' | 'o' | 'd' | 'x' | 'X' => self.fmt_integer(address, false, verb, value),
            _ => self.bad_verb(verb, Some(value)),
        }
    }

    /// `%!d(string=hi)`
    pub(super) fn bad_verb(&mut self, verb: char, shown: Option<&Value>) {
        self.erroring = true;
        self.write(b"%!");
        self.write(verb.encode_utf8(&mut [0; 4]).as_bytes());
        self.write(b"(");
        match shown {
            Some(value) => {
                self.write(value.type_name().as_bytes());
                self.write(b"=");
                self.print_arg(value, 'v');
            }
            None => self.write(b"<nil>"),
        }
        self.write(b")");
        self.erroring = false;
    }
}
