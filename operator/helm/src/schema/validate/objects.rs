//! Keywords of objects (`objValidate`).

use std::collections::BTreeMap;

use super::{Step, Validator};
use crate::schema::compile::{Additional, Depends};
use crate::schema::draft::Draft;
use crate::schema::error::FailureKind;
use crate::schema::json::Json;

impl Validator {
    pub(super) fn object(&mut self, step: &mut Step<'_, '_, '_>, object: &BTreeMap<String, Json>) {
        let schema = step.schema.schema();
        let got = object.len();
        if let Some(want) = schema.min_properties.filter(|want| got < *want) {
            self.fail(step, || FailureKind::Count {
                keyword: "minProperties",
                got,
                want,
            });
        }
        if let Some(want) = schema.max_properties.filter(|want| got > *want) {
            self.fail(step, || FailureKind::Count {
                keyword: "maxProperties",
                got,
                want,
            });
        }
        let missing = absent(object, &schema.required);
        if !missing.is_empty() {
            self.fail(step, || FailureKind::Required(missing));
        }
        if step.only_answer && !step.errors.is_empty() {
            return;
        }
        for (property, depends) in &schema.dependencies {
            if !object.contains_key(property) {
                continue;
            }
            match depends {
                Depends::On(names) => {
                    let missing = absent(object, names);
                    if !missing.is_empty() {
                        self.fail(step, || FailureKind::Dependency {
                            property: property.clone(),
                            missing,
                        });
                    }
                }
                Depends::Schema(target) => {
                    let outcome = self.same_value(step, *target, "", false);
                    step.errors.extend(outcome.err());
                }
            }
        }
        self.properties(step, object);
        if schema.draft() == Draft::Draft4 {
            return;
        }
        if let Some(target) = schema.property_names {
            for name in object.keys() {
                let mut target = step.schema.to(target);
                let mut meta = step.meta;
                self.switch_draft(&mut target, &mut meta);
                if let Err(mut failure) = self.whole(target, &Json::String(name.clone()), meta) {
                    failure.kind = FailureKind::PropertyNames(name.clone());
                    step.errors.push(failure);
                }
            }
        }
        if schema.draft() == Draft::Draft6 {
            return;
        }
        for (property, target) in &schema.dependent_schemas {
            if object.contains_key(property) {
                let outcome = self.same_value(step, *target, "", false);
                step.errors.extend(outcome.err());
            }
        }
        for (property, names) in &schema.dependent_required {
            let missing = if object.contains_key(property) {
                absent(object, names)
            } else {
                Vec::new()
            };
            if !missing.is_empty() {
                self.fail(step, || FailureKind::Dependency {
                    property: property.clone(),
                    missing,
                });
            }
        }
    }

    fn properties(&mut self, step: &mut Step<'_, '_, '_>, object: &BTreeMap<String, Json>) {
        let schema = step.schema.schema();
        let mut additional = Vec::new();
        for (name, value) in object {
            if step.only_answer && !step.errors.is_empty() {
                return;
            }
            let mut evaluated = false;
            if let Some(target) = schema.properties.get(name) {
                evaluated = true;
                let outcome = self.child(step, *target, value, name);
                step.errors.extend(outcome.err());
            }
            for (pattern, target) in &schema.pattern_properties {
                if pattern.regex.is_match(name.as_bytes()) {
                    evaluated = true;
                    let outcome = self.child(step, *target, value, name);
                    step.errors.extend(outcome.err());
                }
            }
            if !evaluated && let Some(rule) = schema.additional_properties {
                evaluated = true;
                match rule {
                    Additional::Allowed(true) => {}
                    Additional::Allowed(false) => additional.push(name.clone()),
                    Additional::Schema(target) => {
                        let outcome = self.child(step, target, value, name);
                        step.errors.extend(outcome.err());
                    }
                }
            }
            if evaluated {
                step.unevaluated.properties.remove(name);
            }
        }
        if !additional.is_empty() {
            self.fail(step, || FailureKind::AdditionalProperties(additional));
        }
    }
}

fn absent(object: &BTreeMap<String, Json>, names: &[String]) -> Vec<String> {
    names
        .iter()
        .filter(|name| !object.contains_key(*name))
        .cloned()
        .collect()
}
