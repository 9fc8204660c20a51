//! Keywords of strings and numbers (`strValidate`, `numValidate`).

use super::{Step, Validator};
use crate::schema::error::FailureKind;
use crate::schema::json::Number;

impl Validator {
    pub(super) fn string(&mut self, step: &mut Step<'_, '_, '_>, text: &str) {
        let schema = step.schema.schema();
        if schema.min_length.is_some() || schema.max_length.is_some() {
            let got = text.chars().count();
            if let Some(want) = schema.min_length.filter(|want| got < *want) {
                self.fail(step, || FailureKind::Count {
                    keyword: "minLength",
                    got,
                    want,
                });
            }
            if let Some(want) = schema.max_length.filter(|want| got > *want) {
                self.fail(step, || FailureKind::Count {
                    keyword: "maxLength",
                    got,
                    want,
                });
            }
        }
        if let Some(pattern) = &schema.pattern
            && !pattern.regex.is_match(text.as_bytes())
        {
            self.fail(step, || FailureKind::Pattern {
                got: text.to_owned(),
                want: pattern.source.clone(),
            });
        }
    }

    pub(super) fn number(&mut self, step: &mut Step<'_, '_, '_>, number: &Number) {
        let schema = step.schema.schema();
        let Some(value) = &number.value else { return };
        let mut bound =
            |keyword, limit: &Option<Number>, broken: &dyn Fn(&crate::schema::number::Decimal) -> bool| {
                let Some(limit) = limit else { return };
                if limit.value.as_ref().is_some_and(broken) {
                    let (got, want) = (number.text.clone(), limit.text.clone());
                    self.fail(step, || FailureKind::Bound { keyword, got, want });
                }
            };
        bound("minimum", &schema.minimum, &|limit| value < limit);
        bound("maximum", &schema.maximum, &|limit| value > limit);
        bound("exclusiveMinimum", &schema.exclusive_minimum, &|limit| {
            value <= limit
        });
        bound("exclusiveMaximum", &schema.exclusive_maximum, &|limit| {
            value >= limit
        });
        bound("multipleOf", &schema.multiple_of, &|limit| {
            !value.is_multiple_of(limit)
        });
    }
}
