//! Aliases, tags and conditions: which subcharts take part (`processDependencyEnabled`).

use std::collections::BTreeSet;

use gotemplate::{Map, Value};

use super::Node;
use crate::chart::Dependency;
use crate::remark::Remark;
use crate::values::coalesce::{Mode, TypeMismatch, coalesce};
use crate::values::live::{path_value, table};
use crate::version::{Constraint, Version};

/// Decides for a chart and everything below it. `path` is the prefix of its values, with a dot at its end.
pub(super) fn enable(
    node: &mut Node,
    values: &Map,
    path: &str,
    remarks: &mut Vec<Remark>,
) -> Result<(), TypeMismatch> {
    let Some(mut declared) = node.declared.take() else {
        return Ok(());
    };
    node.dependencies = select(&node.dependencies, &declared);
    for dependency in &mut declared {
        if !dependency.alias.is_empty() {
            dependency.name.clone_from(&dependency.alias);
        }
        dependency.enabled = true;
    }
    let coalesced = coalesce(node, values, Mode::Coalesce, remarks)?;
    apply_tags(&mut declared, &coalesced, remarks);
    apply_conditions(&mut declared, &coalesced, path, remarks);

    let disabled: BTreeSet<String> = declared
        .iter()
        .filter(|dependency| !dependency.enabled)
        .map(|dependency| dependency.name.clone())
        .collect();
    node.dependencies.retain(|child| !disabled.contains(child.name()));
    declared.retain(|dependency| !disabled.contains(&dependency.name));
    for child in &mut node.dependencies {
        let path = format!("{path}{}.", child.name());
        enable(child, &coalesced, &path, remarks)?;
    }
    node.declared = (!declared.is_empty()).then_some(declared);
    Ok(())
}

/// Subcharts that no dependency mentions, then the subchart of each dependency, under its alias.
fn select(children: &[Node], declared: &[Dependency]) -> Vec<Node> {
    let fits = |child: &Node, dependency: &Dependency| {
        child.name() == dependency.name && is_compatible(&dependency.version, &child.metadata.version)
    };
    let mut selected: Vec<Node> = children
        .iter()
        .filter(|child| !declared.iter().any(|dependency| fits(child, dependency)))
        .cloned()
        .collect();
    for dependency in declared {
        if let Some(child) = children.iter().find(|child| fits(child, dependency)) {
            let mut child = child.detached();
            if !dependency.alias.is_empty() {
                child.metadata.name.clone_from(&dependency.alias);
            }
            selected.push(child);
        }
    }
    selected
}

/// Whether a version is inside a range; anything malformed is outside (`IsCompatibleRange`).
pub(crate) fn is_compatible(constraint: &str, version: &str) -> bool {
    let (Ok(version), Ok(constraint)) = (Version::parse(version), Constraint::parse(constraint)) else {
        return false;
    };
    constraint.matches(&version)
}

/// One true tag enables, else one false tag disables (`processDependencyTags`).
fn apply_tags(declared: &mut [Dependency], values: &Map, remarks: &mut Vec<Remark>) {
    let Ok(tags) = table(values, "tags") else { return };
    for dependency in declared {
        let (mut any_true, mut any_false) = (false, false);
        for tag in &dependency.tags {
            match tags.get(tag) {
                None => {}
                Some(Value::Bool(true)) => any_true = true,
                Some(Value::Bool(false)) => any_false = true,
                Some(_) => remarks.push(
                    Remark::warn("returned non-bool value")
                        .with("tag", tag)
                        .with("chart", &dependency.name),
                ),
            }
        }
        dependency.enabled = any_true || !any_false;
    }
}

/// The first path that leads to a boolean decides, over any tag (`processDependencyConditions`).
fn apply_conditions(declared: &mut [Dependency], values: &Map, path: &str, remarks: &mut Vec<Remark>) {
    for dependency in declared {
        for condition in dependency
            .condition
            .trim()
            .split(',')
            .filter(|condition| !condition.is_empty())
        {
            match path_value(values, &format!("{path}{condition}")) {
                Ok(Value::Bool(enabled)) => {
                    dependency.enabled = enabled;
                    break;
                }
                Ok(_) => remarks.push(
                    Remark::warn("returned non-bool value")
                        .with("path", condition)
                        .with("chart", &dependency.name),
                ),
                Err(_) => {}
            }
        }
    }
}
