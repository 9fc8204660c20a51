//! Reading fields of an object whose shape nobody promises: a field of another type counts as absent.

use serde_json::Value;

/// A view of an object.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a>(pub(crate) &'a Value);

/// A condition in `status.conditions`.
#[derive(Clone, Copy)]
pub(crate) struct Condition<'a> {
    pub(crate) kind: &'a str,
    pub(crate) status: &'a str,
    pub(crate) reason: &'a str,
    pub(crate) message: &'a str,
}

impl<'a> Fields<'a> {
    /// What lies at a path.
    pub(crate) fn at(self, path: &[&str]) -> Option<&'a Value> {
        path.iter().try_fold(self.0, |value, key| value.get(*key))
    }

    /// A string, empty when absent.
    pub(crate) fn text(self, path: &[&str]) -> &'a str {
        self.at(path).and_then(Value::as_str).unwrap_or_default()
    }

    /// An integer.
    pub(crate) fn number(self, path: &[&str]) -> Option<i64> {
        self.at(path).and_then(Value::as_i64)
    }

    /// An integer with its default.
    pub(crate) fn number_or(self, path: &[&str], default: i64) -> i64 {
        self.number(path).unwrap_or(default)
    }

    /// The items of a list, none when absent.
    pub(crate) fn list(self, path: &[&str]) -> impl Iterator<Item = Fields<'a>> + use<'a> {
        self.at(path)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .map(Fields)
    }

    /// `status.conditions`.
    pub(crate) fn conditions(self) -> impl Iterator<Item = Condition<'a>> + use<'a> {
        self.list(&["status", "conditions"]).map(|condition| Condition {
            kind: condition.text(&["type"]),
            status: condition.text(&["status"]),
            reason: condition.text(&["reason"]),
            message: condition.text(&["message"]),
        })
    }

    /// API group (empty for the core) and kind.
    pub(crate) fn group_kind(self) -> (&'a str, &'a str) {
        let group = self
            .text(&["apiVersion"])
            .split_once('/')
            .map_or("", |(group, _)| group);
        (group, self.text(&["kind"]))
    }
}
