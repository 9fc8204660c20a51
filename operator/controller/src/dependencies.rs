//! What a release waits for before it is installed or upgraded: the releases in `spec.dependsOn`.
//!
//! Only the start of an install or upgrade is held back. A release that runs keeps running, and stays Ready, while one
//! that it depends on is not.

use std::sync::Arc;

use api::spec::reference::Dependency;
use api::{ConditionType, HelmRelease};
use kube::{Api, ResourceExt};
use plan::{Action, Category, Decision, Plan, Why};

use crate::context::Context;

/// The longest chain of dependencies that is followed when looking for a cycle.
const MAX_CHAIN: usize = 64;

/// A plan that starts a release, turned into one that waits when something that it depends on is not ready.
pub(crate) async fn gate(ctx: &Context, release: &HelmRelease, plan: Plan) -> Plan {
    let starts = matches!(
        &plan.decision,
        Decision::Run(Action::Install { .. } | Action::Upgrade)
    );
    if !starts || release.spec.depends_on.is_empty() {
        return plan;
    }
    if let Some(chain) = cycle(ctx, release) {
        let message = format!(
            "check spec.dependsOn: the releases wait for each other: {}",
            chain.join(" -> ")
        );
        let why = Why {
            category: Category::DependencyCycle,
            message,
        };
        return Plan {
            decision: Decision::Stall { why },
            ..plan
        };
    }
    for dependency in &release.spec.depends_on {
        if let Err(why) = ready(ctx, release, dependency).await {
            let decision = match why.category {
                Category::SpecInvalid => Decision::Stall { why },
                _ => Decision::Wait { until: None, why },
            };
            return Plan { decision, ..plan };
        }
    }
    plan
}

/// Whether a dependency is ready; if not, why.
async fn ready(ctx: &Context, release: &HelmRelease, dependency: &Dependency) -> Result<(), Why> {
    let (namespace, name) = place(release, dependency);
    let waits = |what: &str| Why {
        category: Category::DependencyNotReady,
        message: format!("waiting for HelmRelease {namespace}/{name}: {what}"),
    };
    let found = find(ctx, &namespace, &name)
        .await
        .map_err(|error| waits(&cluster::error::words(&error)))?;
    let found = found.ok_or_else(|| waits("it does not exist"))?;
    if let Some(expression) = &dependency.ready_expr {
        return match crate::expression::holds(expression, release, &found) {
            Ok(true) => Ok(()),
            Ok(false) => Err(waits(&format!("`{expression}` is false"))),
            Err(crate::expression::ExpressionError::Malformed(error)) => Err(Why {
                category: Category::SpecInvalid,
                message: format!("check spec.dependsOn, readyExpr of {namespace}/{name}: {error}"),
            }),
            // What an expression asks for may just not be there yet.
            Err(error) => Err(waits(&error.to_string())),
        };
    }
    let status = found.status.as_ref();
    let current = status.is_some_and(|status| Some(status.observed_generation) == found.metadata.generation);
    let conditions = status
        .map(|status| status.conditions.as_slice())
        .unwrap_or_default();
    match api::condition::find_condition(conditions, ConditionType::Ready) {
        Some(_) if current && api::condition::is_true(conditions, ConditionType::Ready) => Ok(()),
        Some(condition) if current => Err(waits(&condition.message)),
        Some(_) | None => Err(waits("it is not Ready yet")),
    }
}

async fn find(ctx: &Context, namespace: &str, name: &str) -> Result<Option<Arc<HelmRelease>>, kube::Error> {
    match ctx.releases.find(namespace, name) {
        Some(found) => Ok(found),
        // It lives where this operator does not watch: asked, and asked again at the interval.
        None => Ok(Api::<HelmRelease>::namespaced(ctx.client.clone(), namespace)
            .get_opt(name)
            .await?
            .map(Arc::new)),
    }
}

fn place(release: &HelmRelease, dependency: &Dependency) -> (String, String) {
    let own = || release.namespace().unwrap_or_default();
    (
        dependency.namespace.clone().unwrap_or_else(own),
        dependency.name.clone(),
    )
}

/// The way from a release over its dependencies back to itself, if there is one.
fn cycle(ctx: &Context, release: &HelmRelease) -> Option<Vec<String>> {
    let start = (release.namespace().unwrap_or_default(), release.name_any());
    let depends = |(namespace, name): &(String, String)| -> Vec<(String, String)> {
        let found = if (namespace, name) == (&start.0, &start.1) {
            Some(Arc::new(release.clone()))
        } else {
            ctx.releases.find(namespace, name).flatten()
        };
        let Some(found) = found else { return Vec::new() };
        found
            .spec
            .depends_on
            .iter()
            .map(|dependency| place(&found, dependency))
            .collect()
    };
    back_to(&start, depends)
}

/// The shortest way from a start back to it.
fn back_to(
    start: &(String, String),
    depends: impl Fn(&(String, String)) -> Vec<(String, String)>,
) -> Option<Vec<String>> {
    let mut seen = std::collections::BTreeSet::new();
    let mut ways = std::collections::VecDeque::from([vec![start.clone()]]);
    while let Some(way) = ways.pop_front() {
        let last = way.last()?;
        for next in depends(last) {
            if next == *start {
                let names = way
                    .iter()
                    .chain([start])
                    .map(|(namespace, name)| format!("{namespace}/{name}"));
                return Some(names.collect());
            }
            if way.len() < MAX_CHAIN && seen.insert(next.clone()) {
                ways.push_back(way.iter().cloned().chain([next]).collect());
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> (String, String) {
        ("apps".to_owned(), name.to_owned())
    }

    fn way(edges: &[(&str, &str)]) -> Option<Vec<String>> {
        back_to(&key("a"), |(_, from)| {
            edges
                .iter()
                .filter(|(start, _)| start == from)
                .map(|(_, end)| key(end))
                .collect()
        })
    }

    #[test]
    fn a_cycle_through_the_release_is_told_with_its_way() {
        assert_eq!(
            way(&[("a", "b"), ("b", "c"), ("c", "a")]).unwrap(),
            ["apps/a", "apps/b", "apps/c", "apps/a"]
        );
        assert_eq!(way(&[("a", "a")]).unwrap(), ["apps/a", "apps/a"]);
    }

    #[test]
    fn a_cycle_elsewhere_is_not_ours_and_ends_the_search() {
        assert_eq!(way(&[("a", "b"), ("b", "c"), ("c", "b")]), None);
        assert_eq!(way(&[("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")]), None);
    }
}
