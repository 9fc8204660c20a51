//! Keywords of lists (`arrValidate`).

use std::collections::BTreeMap;

use super::{Step, Validator};
use crate::schema::compile::{Additional, Items, Schema};
use crate::schema::draft::Draft;
use crate::schema::error::FailureKind;
use crate::schema::json::Json;

impl Validator {
    pub(super) fn array(&mut self, step: &mut Step<'_, '_, '_>, items: &[Json]) {
        let schema = step.schema.schema();
        let got = items.len();
        if let Some(want) = schema.min_items.filter(|want| got < *want) {
            self.fail(step, || FailureKind::Count {
                keyword: "minItems",
                got,
                want,
            });
        }
        if let Some(want) = schema.max_items.filter(|want| got > *want) {
            self.fail(step, || FailureKind::Count {
                keyword: "maxItems",
                got,
                want,
            });
        }
        if schema.unique_items
            && let Some((first, second)) = duplicates(items)
        {
            self.fail(step, || FailureKind::UniqueItems(first, second));
        }
        if schema.draft() < Draft::Draft2020 {
            self.items(step, schema, items);
        } else {
            let fixed = schema.prefix_items.len().min(items.len());
            for (index, (target, item)) in schema.prefix_items.iter().zip(items).enumerate() {
                let outcome = self.child(step, *target, item, &index.to_string());
                step.errors.extend(outcome.err());
            }
            if let Some(target) = schema.items_2020 {
                // Upstream counts from the first item that is left.
                for (index, item) in items[fixed..].iter().enumerate() {
                    let outcome = self.child(step, target, item, &index.to_string());
                    step.errors.extend(outcome.err());
                }
            }
        }
        if let Some(target) = schema.contains {
            self.contains(step, schema, target, items);
        }
    }

    /// `items` and `additionalItems` up to 2019-09.
    fn items(&mut self, step: &mut Step<'_, '_, '_>, schema: &Schema, items: &[Json]) {
        let mut evaluated = 0;
        match &schema.items {
            Some(Items::One(target)) => {
                for (index, item) in items.iter().enumerate() {
                    let outcome = self.child(step, *target, item, &index.to_string());
                    step.errors.extend(outcome.err());
                }
                evaluated = items.len();
            }
            Some(Items::Many(targets)) => {
                for (index, (target, item)) in targets.iter().zip(items).enumerate() {
                    let outcome = self.child(step, *target, item, &index.to_string());
                    step.errors.extend(outcome.err());
                    evaluated += 1;
                }
            }
            None => {}
        }
        match schema.additional_items {
            Some(Additional::Allowed(false)) if evaluated != items.len() => {
                self.fail(step, || FailureKind::AdditionalItems(items.len() - evaluated));
            }
            Some(Additional::Schema(target)) => {
                for (index, item) in items[evaluated..].iter().enumerate() {
                    let outcome = self.child(step, target, item, &index.to_string());
                    step.errors.extend(outcome.err());
                }
            }
            Some(Additional::Allowed(_)) | None => {}
        }
    }

    fn contains(&mut self, step: &mut Step<'_, '_, '_>, schema: &Schema, target: usize, items: &[Json]) {
        let mut causes = Vec::new();
        let mut matched = Vec::new();
        for (index, item) in items.iter().enumerate() {
            if let Err(cause) = self.child(step, target, item, &index.to_string()) {
                causes.push(cause);
            } else {
                matched.push(index);
                if schema.draft() >= Draft::Draft2020 {
                    step.unevaluated.items.remove(&index);
                }
            }
        }
        match schema.min_contains {
            Some(want) if matched.len() < want => {
                let got = matched.clone();
                self.fail_because(step, || FailureKind::MinContains { got, want }, causes);
            }
            None if matched.is_empty() => self.fail_because(step, || FailureKind::Contains, causes),
            Some(_) | None => {}
        }
        if let Some(want) = schema.max_contains.filter(|want| matched.len() > *want) {
            self.fail(step, || FailureKind::MaxContains { got: matched, want });
        }
    }
}

/// The first two equal items, as upstream finds them: the earliest second one, with its earliest equal.
fn duplicates(items: &[Json]) -> Option<(usize, usize)> {
    // Long lists are compared by a text that equal values share, so that a hostile list costs no square.
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (index, item) in items.iter().enumerate() {
        let mut key = String::new();
        write_key(item, &mut key);
        if let Some(first) = seen.get(&key) {
            return Some((*first, index));
        }
        seen.insert(key, index);
    }
    None
}

/// A text that is the same for equal values and different for different ones.
fn write_key(value: &Json, out: &mut String) {
    match value {
        Json::Null => out.push('n'),
        Json::Bool(flag) => out.push(if *flag { 't' } else { 'f' }),
        Json::Number(number) => match &number.value {
            Some(value) => out.push_str(&value.key()),
            None => out.push_str(&number.text),
        },
        Json::String(text) => {
            out.push_str(&text.len().to_string());
            out.push(':');
            out.push_str(text);
        }
        Json::Array(items) => {
            out.push('[');
            for item in items {
                write_key(item, out);
                out.push(',');
            }
            out.push(']');
        }
        Json::Object(object) => {
            out.push('{');
            for (key, value) in object {
                out.push_str(&key.len().to_string());
                out.push(':');
                out.push_str(key);
                write_key(value, out);
                out.push(',');
            }
            out.push('}');
        }
    }
}
