//! What user values make of a chart's subcharts: which take part, under which names, with which imported values.
//!
//! A loaded [`Chart`] never changes; [`process`] builds a tree of [`Node`]s that borrows its files and holds what Helm
//! would have changed in it. Mirrors `pkg/chart/v2/util/dependencies.go`, including its side effect: the default values
//! of a chart with dependencies then hold the defaults of its subcharts and the globals, and that is what a release
//! record stores.

mod enable;
mod import;

use std::sync::Arc;

use gotemplate::Map;

use crate::chart::{Chart, Dependency, Metadata};
use crate::remark::Remark;
use crate::values::coalesce::TypeMismatch;
use crate::values::live::{copy_map, from_data};

/// A chart as it takes part in one render.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    chart: Arc<Chart>,
    metadata: Metadata,
    /// `None` stands for Go's nil slice: nothing was ever declared, or nothing is left.
    declared: Option<Vec<Dependency>>,
    values: Map,
    dependencies: Vec<Node>,
}

impl Node {
    /// The chart as loaded, before anything is decided.
    pub(crate) fn new(chart: &Arc<Chart>) -> Self {
        let mut metadata = chart.metadata.clone();
        let declared = std::mem::take(&mut metadata.dependencies);
        Self {
            chart: Arc::clone(chart),
            metadata,
            declared: chart.declares_dependencies.then_some(declared),
            values: chart.values.as_ref().map(from_data).unwrap_or_default(),
            dependencies: chart.subcharts.iter().map(Self::new).collect(),
        }
    }

    /// The chart's name here, which is its alias if it has one.
    pub(crate) fn name(&self) -> &str {
        &self.metadata.name
    }

    /// The default values, with what was imported.
    pub(crate) fn values(&self) -> &Map {
        &self.values
    }

    /// The subcharts that take part.
    pub(crate) fn dependencies(&self) -> &[Node] {
        &self.dependencies
    }

    /// The chart's files.
    pub(crate) fn chart(&self) -> &Arc<Chart> {
        &self.chart
    }

    /// Chart.yaml, with the alias as name and the dependencies that are left.
    pub(crate) fn metadata(&self) -> Metadata {
        Metadata {
            dependencies: self.declared.clone().unwrap_or_default(),
            ..self.metadata.clone()
        }
    }

    /// A copy whose values are its own, for a second alias of the same chart.
    fn detached(&self) -> Self {
        Self {
            chart: Arc::clone(&self.chart),
            metadata: self.metadata.clone(),
            declared: self.declared.clone(),
            values: copy_map(&self.values),
            dependencies: self.dependencies.iter().map(Self::detached).collect(),
        }
    }
}

pub(crate) use enable::is_compatible;

/// Decides everything for a chart and the given user values (`ProcessDependencies`).
pub(crate) fn process(
    chart: &Arc<Chart>,
    values: &Map,
    remarks: &mut Vec<Remark>,
) -> Result<Node, TypeMismatch> {
    let mut node = Node::new(chart);
    enable::enable(&mut node, values, "", remarks)?;
    import::import(&mut node, remarks)?;
    Ok(node)
}

/// The declared dependencies that are not in `charts/` (`CheckDependencies` in `pkg/action/install.go`).
pub fn missing_dependencies(chart: &Chart) -> Vec<&str> {
    chart
        .metadata
        .dependencies
        .iter()
        .map(|dependency| dependency.name.as_str())
        .filter(|name| !chart.subcharts.iter().any(|subchart| subchart.name() == *name))
        .collect()
}
