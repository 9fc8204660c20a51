//! The way that led to a schema: for finding cycles and for naming the place.

use crate::schema::compile::{Compiled, Id, Schema};
use crate::schema::error::escape;

/// A schema in its compilation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ref<'s> {
    pub(super) compiled: &'s Compiled,
    pub(super) id: Id,
}

impl<'s> Ref<'s> {
    pub(super) fn schema(self) -> &'s Schema {
        &self.compiled.schemas[self.id]
    }

    pub(super) fn to(self, id: Id) -> Self {
        Self { id, ..self }
    }

    pub(super) fn is(self, other: Self) -> bool {
        self.id == other.id && std::ptr::eq(self.compiled, other.compiled)
    }
}

/// The schemas that led here.
pub(super) struct Scope<'s, 'p> {
    pub(super) schema: Ref<'s>,
    /// The keyword of the reference that led here; empty for plain subschemas.
    pub(super) keyword: &'static str,
    /// The same for all schemas that are applied to one value.
    pub(super) depth: usize,
    pub(super) parent: Option<&'p Scope<'s, 'p>>,
}

/// The same schema, already being applied to the same value.
pub(super) fn cycle<'s, 'p>(scope: &'p Scope<'s, 'p>) -> Option<&'p Scope<'s, 'p>> {
    let mut earlier = scope.parent;
    while let Some(here) = earlier {
        if here.depth != scope.depth {
            return None;
        }
        if here.schema.is(scope.schema) {
            return Some(here);
        }
        earlier = here.parent;
    }
    None
}

/// How the walk came to a schema, as a pointer with references in it.
pub(super) fn keyword_location(scope: &Scope<'_, '_>) -> String {
    let mut location = String::new();
    let mut here = scope;
    while let Some(parent) = here.parent {
        let part = if here.keyword.is_empty() {
            let current = &here.schema.schema().location;
            current
                .get(parent.schema.schema().location.len()..)
                .unwrap_or_default()
                .to_owned()
        } else {
            format!("/{}", escape(here.keyword))
        };
        location = format!("{part}{location}");
        here = parent;
    }
    location
}
