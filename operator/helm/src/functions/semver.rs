//! `semver` and `semverCompare`: Masterminds' versions as template objects.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::rc::Rc;

use gotemplate::value::JsonForm;
use gotemplate::{
    ArgumentKind, FromArg, FuncError, Function, GoInt, Method, Object, Param, Shape, Str, Typed, Value,
};

use crate::version::{Constraint, Version};

/// The functions of this family.
pub(super) fn functions() -> Vec<Function> {
    vec![
        Function::new("semver", |text: Str| -> Result<Typed, FuncError> {
            let version =
                Version::parse(&text.to_str_lossy()).map_err(|error| FuncError::new(error.to_string()))?;
            Ok(Typed::object(VersionObject {
                version,
                pointer: true,
            }))
        }),
        Function::new(
            "semverCompare",
            |constraint: Str, version: Str| -> Result<bool, FuncError> {
                let constraint = Constraint::parse(&constraint.to_str_lossy())
                    .map_err(|error| FuncError::new(error.to_string()))?;
                let version = Version::parse(&version.to_str_lossy())
                    .map_err(|error| FuncError::new(error.to_string()))?;
                Ok(constraint.matches(&version))
            },
        ),
    ]
}

/// A `*semver.Version`, or the `semver.Version` that the `Inc` and `Set` methods return.
#[derive(Debug, Clone)]
pub(crate) struct VersionObject {
    version: Version,
    pointer: bool,
}

/// A parameter of type `*semver.Version`.
struct VersionArg(Rc<VersionObject>);

impl FromArg for VersionArg {
    const PARAM: Param = Param {
        type_name: "*semver.Version",
        kind: ArgumentKind::Nilable,
        accepts: |value| {
            value
                .downcast::<VersionObject>()
                .is_some_and(|object| object.pointer)
        },
    };

    fn from_arg(value: Value) -> Option<Self> {
        value.downcast().map(VersionArg)
    }
}

impl VersionObject {
    fn value(version: Version) -> Typed {
        Typed::object(VersionObject {
            version,
            pointer: false,
        })
    }
}

impl Object for VersionObject {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed(if self.pointer {
            "*semver.Version"
        } else {
            "semver.Version"
        })
    }

    fn shape(&self) -> Shape {
        if self.pointer {
            Shape::Pointer
        } else {
            Shape::Struct
        }
    }

    fn method(self: Rc<Self>, name: &str) -> Option<Method> {
        let this = Rc::clone(&self);
        let version = self.version.clone();
        let next = |result: Result<Version, crate::version::VersionError>| {
            result
                .map(VersionObject::value)
                .map_err(|error| FuncError::panic(error.to_string()))
        };
        let compare = move |wanted: fn(Ordering) -> bool| {
            Method::new(move |other: VersionArg| wanted(this.version.compare(&other.0.version)))
        };
        Some(match name {
            "String" => Method::new(move || version.to_string()),
            "Major" => Method::new(move || version.major()),
            "Minor" => Method::new(move || version.minor()),
            "Patch" => Method::new(move || version.patch()),
            "Prerelease" => Method::new(move || version.prerelease().to_owned()),
            "Metadata" => Method::new(move || version.metadata().to_owned()),
            "Value" => Method::new(move || Value::from(version.to_string())),
            "IncMajor" => Method::new(move || next(version.inc_major())),
            "IncMinor" => Method::new(move || next(version.inc_minor())),
            "IncPatch" => Method::new(move || next(version.inc_patch())),
            "SetPrerelease" => Method::new(move |text: Str| {
                let changed = version.with_prerelease(&text.to_str_lossy());
                changed
                    .map(VersionObject::value)
                    .map_err(|error| FuncError::new(error.to_string()))
            }),
            "SetMetadata" => Method::new(move |text: Str| {
                let changed = version.with_metadata(&text.to_str_lossy());
                changed
                    .map(VersionObject::value)
                    .map_err(|error| FuncError::new(error.to_string()))
            }),
            // Methods of the pointer only.
            _ if !self.pointer => return None,
            "Original" => Method::new(move || version.original().to_owned()),
            "Compare" => {
                let this = Rc::clone(&self);
                Method::new(move |other: VersionArg| GoInt(this.version.compare(&other.0.version) as i64))
            }
            "Equal" => compare(Ordering::is_eq),
            "LessThan" => compare(Ordering::is_lt),
            "LessThanEqual" => compare(Ordering::is_le),
            "GreaterThan" => compare(Ordering::is_gt),
            "GreaterThanEqual" => compare(Ordering::is_ge),
            _ => return None,
        })
    }

    fn stringer(&self) -> Option<Str> {
        Some(Str::from(self.version.to_string()))
    }

    fn json(&self) -> JsonForm {
        JsonForm::Value(Value::from(self.version.to_string()))
    }

    fn equals(&self, other: &dyn Object) -> Option<bool> {
        if self.pointer {
            return Some(std::ptr::addr_eq(
                std::ptr::from_ref(self),
                std::ptr::from_ref(other),
            ));
        }
        let other: &dyn std::any::Any = other;
        other
            .downcast_ref::<VersionObject>()
            .map(|other| self.version.original() == other.version.original())
    }
}
