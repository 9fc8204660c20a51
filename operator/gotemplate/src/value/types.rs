//! Types and kinds, and how Go writes them.

use std::borrow::Cow;
use std::fmt;
use std::rc::Rc;

use super::IntKind;

/// The static type of the items of a list or the entries of a map.
///
/// It decides the Go text of the container's type and whether an item is itself an interface
/// (`[]interface {}`) or a concrete value (`[]string`), which shows in error messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// `interface {}`
    Any,
    /// `bool`
    Bool,
    /// An integer type.
    Int(IntKind),
    /// `float64`
    Float,
    /// `string`
    Str,
    /// A slice of the inner type.
    List(Rc<Type>),
    /// A map from string to the inner type.
    Map(Rc<Type>),
    /// Any other type, by Go's text for it: `time.Time`, `*semver.Version`.
    Named(&'static str),
}

impl Type {
    /// Go's text of the type.
    pub fn name(&self) -> Cow<'static, str> {
        match self {
            Type::Any => Cow::Borrowed("interface {}"),
            Type::Bool => Cow::Borrowed("bool"),
            Type::Int(kind) => Cow::Borrowed(kind.name()),
            Type::Float => Cow::Borrowed("float64"),
            Type::Str => Cow::Borrowed("string"),
            Type::List(item) => match **item {
                Type::Any => Cow::Borrowed("[]interface {}"),
                Type::Str => Cow::Borrowed("[]string"),
                _ => Cow::Owned(format!("[]{}", item.name())),
            },
            Type::Map(entry) => match **entry {
                Type::Any => Cow::Borrowed("map[string]interface {}"),
                Type::Str => Cow::Borrowed("map[string]string"),
                _ => Cow::Owned(format!("map[string]{}", entry.name())),
            },
            Type::Named(name) => Cow::Borrowed(name),
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

/// `reflect.Kind` of the types that occur.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the variants are Go's kinds")]
pub enum Kind {
    Invalid,
    Bool,
    Int(IntKind),
    Float64,
    String,
    Slice,
    Map,
    Struct,
    Ptr,
    Func,
}

impl Kind {
    /// Go's name of the kind (sprig's `kindOf`).
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Invalid => "invalid",
            Kind::Bool => "bool",
            Kind::Int(kind) => kind.name(),
            Kind::Float64 => "float64",
            Kind::String => "string",
            Kind::Slice => "slice",
            Kind::Map => "map",
            Kind::Struct => "struct",
            Kind::Ptr => "ptr",
            Kind::Func => "func",
        }
    }
}
