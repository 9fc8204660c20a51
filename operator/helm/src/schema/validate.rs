//! Walking a value along a schema.
//!
//! Mirrors `validator.go` of santhosh-tekuri/jsonschema v6: the same checks in the same order, so that the tree of
//! failures is the same. Where upstream walks a Go map, this walks by name. Bounded by [`MAX_STEPS`] and
//! [`MAX_DEPTH`]: a schema can ask for exponential work in a few lines.

#![expect(
    clippy::result_large_err,
    reason = "a failure is moved into the tree of causes, where it is not boxed either"
)]

mod arrays;
mod objects;
mod scalars;
mod scope;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use super::SchemaError;
use super::compile::{Compiled, Formats, Id, Schema, compile};
use super::draft::Draft;
use super::error::{Failure, FailureKind, pointer};
use super::format;
use super::json::{Json, Kind};
use super::roots::Roots;
use scope::{Ref, Scope, cycle, keyword_location};

/// Most schemas that are applied in one validation. The largest public charts need some ten thousand.
pub(super) const MAX_STEPS: u64 = 20_000_000;
/// Deepest nesting of schemas being applied.
pub(super) const MAX_DEPTH: usize = 1_000;

/// Why a value was refused.
#[derive(Debug)]
pub(super) enum Invalid {
    /// It does not meet the schema.
    Value(Failure),
    /// Finding out takes too long.
    Limit(SchemaError),
}

/// Checks a value against a compiled schema.
pub(super) fn against(compiled: &Compiled, value: &Json) -> Result<(), Invalid> {
    Validator::new(None).start(compiled, value)
}

/// Checks a schema against the meta-schema of its draft; `drafts` are those of the resources in it, by pointer.
pub(super) fn against_draft(
    draft: Draft,
    schema: &Json,
    drafts: BTreeMap<String, Draft>,
) -> Result<(), Invalid> {
    let compiled = meta_schema(draft).map_err(Invalid::Limit)?;
    Validator::new(Some(drafts)).start(compiled, schema)
}

/// The compiled meta-schema of a draft.
fn meta_schema(draft: Draft) -> Result<&'static Compiled, SchemaError> {
    static COMPILED: [OnceLock<Result<Compiled, SchemaError>>; 5] = [const { OnceLock::new() }; 5];
    COMPILED[draft as usize]
        .get_or_init(|| compile(&mut Roots::default(), draft.url(), Formats::Always))
        .as_ref()
        .map_err(Clone::clone)
}

/// What no schema has looked at yet.
#[derive(Debug, Default)]
struct Unevaluated {
    properties: BTreeSet<String>,
    items: BTreeSet<usize>,
}

impl Unevaluated {
    fn from(value: &Json, schema: &Schema, caller_needs: bool) -> Self {
        let mut unevaluated = Self::default();
        match value {
            Json::Object(object)
                if !schema.all_props_evaluated
                    && (caller_needs || schema.unevaluated_properties.is_some()) =>
            {
                unevaluated.properties = object.keys().cloned().collect();
            }
            Json::Array(items)
                if !schema.all_items_evaluated && (caller_needs || schema.unevaluated_items.is_some()) =>
            {
                unevaluated.items = (schema.num_items_evaluated..items.len()).collect();
            }
            _ => {}
        }
        unevaluated
    }

    fn is_empty(&self) -> bool {
        self.properties.is_empty() && self.items.is_empty()
    }

    fn merge(&mut self, other: &Self) {
        self.properties.retain(|name| other.properties.contains(name));
        self.items.retain(|index| other.items.contains(index));
    }
}

/// What the whole walk shares.
struct Validator {
    /// Only for meta-schemas: the draft of each resource of the schema that is checked.
    drafts: Option<BTreeMap<String, Draft>>,
    path: Vec<String>,
    steps: u64,
    depth: usize,
    limit: Option<&'static str>,
}

/// One schema being applied to one value.
struct Step<'s, 'p, 'v> {
    value: &'v Json,
    schema: Ref<'s>,
    scope: &'p Scope<'s, 'p>,
    unevaluated: Unevaluated,
    errors: Vec<Failure>,
    /// Only the answer counts, not the reasons.
    only_answer: bool,
    /// The meta-schema that stands for "a schema" here.
    meta: Option<Ref<'s>>,
}

impl Validator {
    fn new(drafts: Option<BTreeMap<String, Draft>>) -> Self {
        Self {
            drafts,
            path: Vec::new(),
            steps: 0,
            depth: 0,
            limit: None,
        }
    }

    fn start(mut self, compiled: &Compiled, value: &Json) -> Result<(), Invalid> {
        let schema = Ref {
            compiled,
            id: Compiled::ROOT,
        };
        let meta = self.drafts.is_some().then_some(schema);
        let outcome = self.whole(schema, value, meta);
        if let Some(limit) = self.limit {
            return Err(Invalid::Limit(SchemaError::new(limit)));
        }
        outcome.map_err(Invalid::Value)
    }

    /// A validation of its own: `Schema.validate`.
    fn whole(&mut self, schema: Ref<'_>, value: &Json, meta: Option<Ref<'_>>) -> Result<(), Failure> {
        let scope = Scope {
            schema,
            keyword: "",
            depth: 0,
            parent: None,
        };
        let unevaluated = Unevaluated::from(value, schema.schema(), false);
        let path = std::mem::take(&mut self.path);
        let step = Step {
            value,
            schema,
            scope: &scope,
            unevaluated,
            errors: Vec::new(),
            only_answer: false,
            meta,
        };
        let outcome = self.run(step);
        self.path = path;
        outcome.map(drop).map_err(|failure| {
            let causes = if matches!(failure.kind, FailureKind::Group) {
                failure.causes
            } else {
                vec![failure]
            };
            let location = schema.schema().location.clone();
            Failure {
                path: Vec::new(),
                kind: FailureKind::Schema(location),
                causes,
            }
        })
    }

    fn run(&mut self, step: Step<'_, '_, '_>) -> Result<Unevaluated, Failure> {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            self.limit =
                Some("unable to validate schema: more than the maximum number of schemas applied (20000000)");
        }
        if self.depth >= MAX_DEPTH {
            self.limit = Some("unable to validate schema: schemas are nested deeper than the maximum (1000)");
        }
        if self.limit.is_some() {
            return Err(Failure {
                path: Vec::new(),
                kind: FailureKind::Group,
                causes: Vec::new(),
            });
        }
        self.depth += 1;
        let outcome = self.apply(step);
        self.depth -= 1;
        outcome
    }

    fn apply(&mut self, mut step: Step<'_, '_, '_>) -> Result<Unevaluated, Failure> {
        let schema = step.schema.schema();
        match schema.boolean {
            Some(true) => return Ok(step.unevaluated),
            Some(false) => return Err(self.failure(&step, || FailureKind::FalseSchema)),
            None => {}
        }
        if let Some(earlier) = cycle(step.scope) {
            let kind = || FailureKind::RefCycle {
                url: schema.location.clone(),
                first: keyword_location(step.scope),
                second: keyword_location(earlier),
            };
            return Err(self.failure(&step, kind));
        }
        if let Some(kind) = mismatch(schema, step.value) {
            return Err(self.failure(&step, || kind));
        }
        if let Some(name) = &schema.format
            && let Err(error) = format::check(name, step.value)
        {
            let kind = || FailureKind::Format {
                got: step.value.clone(),
                want: name.clone(),
                error,
            };
            return Err(self.failure(&step, kind));
        }
        if let Some(target) = schema.reference {
            let outcome = self.reference(&mut step, target, "$ref");
            if schema.draft() < Draft::Draft2019 {
                return outcome.map(|()| step.unevaluated);
            }
            step.errors.extend(outcome.err());
        }
        match step.value {
            Json::Object(object) => self.object(&mut step, object),
            Json::Array(items) => self.array(&mut step, items),
            Json::String(text) => self.string(&mut step, text),
            Json::Number(number) => self.number(&mut step, number),
            Json::Null | Json::Bool(_) => {}
        }
        if step.errors.is_empty() || !step.only_answer {
            if schema.draft() >= Draft::Draft2019 {
                self.dynamic_references(&mut step);
            }
            self.conditions(&mut step);
            if schema.draft() >= Draft::Draft2019 {
                self.unevaluated(&mut step);
            }
        }
        match step.errors.len() {
            0 => Ok(step.unevaluated),
            1 => Err(step.errors.remove(0)),
            _ => {
                let mut group = self.failure(&step, || FailureKind::Group);
                group.causes = step.errors;
                Err(group)
            }
        }
    }

    /// Applies another schema to the same value.
    fn same_value(
        &mut self,
        step: &mut Step<'_, '_, '_>,
        target: Id,
        keyword: &'static str,
        only_answer: bool,
    ) -> Result<(), Failure> {
        let mut schema = step.schema.to(target);
        let unevaluated = Unevaluated::from(step.value, schema.schema(), !step.unevaluated.is_empty());
        let scope = Scope {
            schema,
            keyword,
            depth: step.scope.depth,
            parent: Some(step.scope),
        };
        let mut meta = step.meta;
        self.switch_draft(&mut schema, &mut meta);
        let inner = Step {
            value: step.value,
            schema,
            scope: &scope,
            unevaluated,
            errors: Vec::new(),
            only_answer: step.only_answer || only_answer,
            meta,
        };
        let seen = self.run(inner)?;
        step.unevaluated.merge(&seen);
        Ok(())
    }

    /// Applies a schema to a property or an item.
    fn child(
        &mut self,
        step: &Step<'_, '_, '_>,
        target: Id,
        value: &Json,
        token: &str,
    ) -> Result<(), Failure> {
        let mut schema = step.schema.to(target);
        let unevaluated = Unevaluated::from(value, schema.schema(), false);
        let scope = Scope {
            schema,
            keyword: "",
            depth: step.scope.depth + 1,
            parent: Some(step.scope),
        };
        let mut meta = step.meta;
        self.path.push(token.to_owned());
        self.switch_draft(&mut schema, &mut meta);
        let inner = Step {
            value,
            schema,
            scope: &scope,
            unevaluated,
            errors: Vec::new(),
            only_answer: step.only_answer,
            meta,
        };
        let outcome = self.run(inner);
        self.path.pop();
        outcome.map(drop)
    }

    /// While a schema is checked: a resource with a draft of its own is checked against that draft's meta-schema.
    fn switch_draft<'s>(&self, schema: &mut Ref<'s>, meta: &mut Option<Ref<'s>>) {
        let (Some(drafts), Some(current)) = (&self.drafts, *meta) else {
            return;
        };
        if !schema.is(current) {
            return;
        }
        let pointer = pointer(&self.path);
        if let Some(draft) = drafts.get(&pointer)
            && let Ok(compiled) = meta_schema(*draft)
        {
            *schema = Ref {
                compiled,
                id: Compiled::ROOT,
            };
            *meta = Some(*schema);
        }
    }

    fn reference(
        &mut self,
        step: &mut Step<'_, '_, '_>,
        target: Id,
        keyword: &'static str,
    ) -> Result<(), Failure> {
        self.same_value(step, target, keyword, false).map_err(|cause| {
            let mut failure = self.failure(step, || FailureKind::Reference);
            failure.causes = if matches!(cause.kind, FailureKind::Group) {
                cause.causes
            } else {
                vec![cause]
            };
            failure
        })
    }

    fn dynamic_references(&mut self, step: &mut Step<'_, '_, '_>) {
        let schema = step.schema.schema();
        let of = |id: Id| &step.schema.compiled.schemas[id];
        let recursive = schema.recursive_ref.map(|mut target| {
            if of(target).recursive_anchor {
                let mut scope = Some(step.scope);
                while let Some(here) = scope {
                    if std::ptr::eq(here.schema.compiled, step.schema.compiled)
                        && of(here.schema.schema().resource).recursive_anchor
                    {
                        target = here.schema.id;
                    }
                    scope = here.parent;
                }
            }
            target
        });
        let dynamic = schema.dynamic_ref.as_ref().map(|(target, anchor)| {
            let mut target = *target;
            if !anchor.is_empty() && of(target).dynamic_anchor == *anchor {
                let mut scope = Some(step.scope);
                while let Some(here) = scope {
                    if std::ptr::eq(here.schema.compiled, step.schema.compiled)
                        && let Some(found) = of(here.schema.schema().resource).dynamic_anchors.get(anchor)
                    {
                        target = *found;
                    }
                    scope = here.parent;
                }
            }
            target
        });
        if let Some(target) = recursive {
            let outcome = self.reference(step, target, "$recursiveRef");
            step.errors.extend(outcome.err());
        }
        if let Some(target) = dynamic {
            let outcome = self.reference(step, target, "$dynamicRef");
            step.errors.extend(outcome.err());
        }
    }

    fn conditions(&mut self, step: &mut Step<'_, '_, '_>) {
        let schema = step.schema.schema();
        if let Some(not) = schema.not
            && self.same_value(step, not, "", true).is_ok()
        {
            self.fail(step, || FailureKind::Not);
        }
        if !schema.all_of.is_empty() {
            let mut causes = Vec::new();
            for target in &schema.all_of {
                if let Err(cause) = self.same_value(step, *target, "", false) {
                    causes.push(cause);
                    if step.only_answer {
                        break;
                    }
                }
            }
            if !causes.is_empty() {
                self.fail_because(step, || FailureKind::AllOf, causes);
            }
        }
        if !schema.any_of.is_empty() {
            let mut matched = false;
            let mut causes = Vec::new();
            for target in &schema.any_of {
                if let Err(cause) = self.same_value(step, *target, "", false) {
                    causes.push(cause);
                } else {
                    matched = true;
                    // To know what is unevaluated, all must be applied.
                    if step.unevaluated.is_empty() {
                        break;
                    }
                }
            }
            if !matched {
                self.fail_because(step, || FailureKind::AnyOf, causes);
            }
        }
        if !schema.one_of.is_empty() {
            self.one_of(step, &schema.one_of);
        }
        if let Some(condition) = schema.condition {
            let branch = if self.same_value(step, condition, "", true).is_ok() {
                schema.then
            } else {
                schema.otherwise
            };
            if let Some(branch) = branch {
                let outcome = self.same_value(step, branch, "", false);
                step.errors.extend(outcome.err());
            }
        }
    }

    fn one_of(&mut self, step: &mut Step<'_, '_, '_>, targets: &[Id]) {
        let mut matched: Option<usize> = None;
        let mut causes = Vec::new();
        for (index, target) in targets.iter().enumerate() {
            match (self.same_value(step, *target, "", matched.is_some()), matched) {
                (Err(cause), None) => causes.push(cause),
                (Err(_), Some(_)) => {}
                (Ok(()), None) => matched = Some(index),
                (Ok(()), Some(first)) => {
                    self.fail(step, || FailureKind::OneOf(Some((first, index))));
                    break;
                }
            }
        }
        if matched.is_none() {
            self.fail_because(step, || FailureKind::OneOf(None), causes);
        }
    }

    fn unevaluated(&mut self, step: &mut Step<'_, '_, '_>) {
        let schema = step.schema.schema();
        if let (Json::Object(object), Some(target)) = (step.value, schema.unevaluated_properties) {
            for name in std::mem::take(&mut step.unevaluated.properties) {
                if let Some(value) = object.get(&name) {
                    let outcome = self.child(step, target, value, &name);
                    step.errors.extend(outcome.err());
                }
            }
        }
        if let (Json::Array(items), Some(target)) = (step.value, schema.unevaluated_items) {
            for index in std::mem::take(&mut step.unevaluated.items) {
                let outcome = self.child(step, target, &items[index], &index.to_string());
                step.errors.extend(outcome.err());
            }
        }
    }

    /// A failure here. Without need for reasons nothing is built.
    fn failure(&self, step: &Step<'_, '_, '_>, kind: impl FnOnce() -> FailureKind) -> Failure {
        if step.only_answer {
            return Failure {
                path: Vec::new(),
                kind: FailureKind::Not,
                causes: Vec::new(),
            };
        }
        Failure {
            path: self.path.clone(),
            kind: kind(),
            causes: Vec::new(),
        }
    }

    fn fail(&self, step: &mut Step<'_, '_, '_>, kind: impl FnOnce() -> FailureKind) {
        let failure = self.failure(step, kind);
        step.errors.push(failure);
    }

    fn fail_because(
        &self,
        step: &mut Step<'_, '_, '_>,
        kind: impl FnOnce() -> FailureKind,
        causes: Vec<Failure>,
    ) {
        let mut failure = self.failure(step, kind);
        failure.causes = causes;
        step.errors.push(failure);
    }
}

/// `type`, `const` and `enum`, which end the check of a schema.
fn mismatch(schema: &Schema, value: &Json) -> Option<FailureKind> {
    let kind = value.kind();
    if !schema.types.is_empty() && !schema.types.contains(&kind) {
        let integer = matches!(value, Json::Number(number) if number.value.as_ref().is_some_and(super::number::Decimal::is_integer));
        if !(integer && schema.types.contains(&Kind::Integer)) {
            let want = schema
                .types
                .iter()
                .map(|kind| kind.name())
                .collect::<Vec<_>>()
                .join(" or ");
            return Some(FailureKind::Type {
                got: kind.name(),
                want,
            });
        }
    }
    if let Some(constant) = &schema.constant
        && !value.same(constant)
    {
        return Some(FailureKind::Const(constant.clone()));
    }
    if let Some(items) = &schema.enumeration
        && !items.iter().any(|item| value.same(item))
    {
        return Some(FailureKind::Enum(items.clone()));
    }
    None
}
