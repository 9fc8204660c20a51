//! Parsed templates, kept with the chart they belong to.
//!
//! Which templates make up a set depends on what values make of the chart (aliases, disabled subcharts), so a chart may
//! have several sets; the last few are kept.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use gotemplate::{Limits, MissingKey, TemplateSet};

use super::context::Template;
use super::error::RenderError;
use super::execute::function_table;

/// Sets kept for one chart. Releases of one chart differ in their values, but seldom in what they enable.
const KEPT_SETS: usize = 4;

/// The sets of a chart. Cheap while unused.
#[derive(Default)]
pub(crate) struct TemplateCache {
    sets: Mutex<VecDeque<(Key, Arc<TemplateSet>)>>,
}

/// What a set is made of. File contents are told apart by their address, which stays theirs while the chart that owns
/// this cache lives.
#[derive(PartialEq, Eq)]
struct Key {
    templates: Vec<(String, usize)>,
    missing: MissingKey,
    limits: Limits,
}

impl TemplateCache {
    /// The parsed set of these templates, in their order.
    pub(super) fn get(
        &self,
        templates: &[Template],
        missing_key: MissingKey,
        limits: &Limits,
    ) -> Result<Arc<TemplateSet>, RenderError> {
        let key = Key {
            templates: templates
                .iter()
                .map(|template| (template.name.clone(), Arc::as_ptr(&template.file.data).addr()))
                .collect(),
            missing: missing_key,
            limits: limits.clone(),
        };
        let find = |sets: &VecDeque<(Key, Arc<TemplateSet>)>| {
            sets.iter()
                .find(|(known, _)| *known == key)
                .map(|(_, set)| Arc::clone(set))
        };
        // A panic elsewhere cannot leave half a set here: they are put in whole.
        if let Some(set) = find(&self.sets.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(set);
        }
        // Parsed without the lock, so that other renders go on.
        let set = Arc::new(parse(templates, missing_key, limits)?);
        let mut sets = self.sets.lock().unwrap_or_else(PoisonError::into_inner);
        sets.push_front((key, Arc::clone(&set)));
        sets.truncate(KEPT_SETS);
        Ok(set)
    }
}

impl fmt::Debug for TemplateCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TemplateCache").finish_non_exhaustive()
    }
}

fn parse(
    templates: &[Template],
    missing_key: MissingKey,
    limits: &Limits,
) -> Result<TemplateSet, RenderError> {
    let mut set = TemplateSet::new("gotpl")
        .with_functions(function_table())
        .with_missing_key(missing_key)
        .with_limits(limits.clone());
    for template in templates {
        set.parse(&template.name, &*template.file.data)
            .map_err(|error| RenderError::parse(&template.name, &error))?;
    }
    Ok(set)
}
