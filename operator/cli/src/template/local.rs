//! `--dependency-update` as far as it needs no network: dependencies that lie on this machine.
//!
//! Mirrors `Manager.Update` in `pkg/downloader/manager.go` and `internal/resolver/resolver.go`, but keeps what it finds in
//! memory: Helm would write archives into `charts/`, and a Chart.lock.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use helm::chart::{Chart, Dependency};
use helm::dependencies::missing_dependencies;
use helm::remark::Remark;
use helm::version::{Constraint, Version};

use super::disk;

/// Adds the dependencies that are missing in `charts/`. Gives what Helm prints on the way.
pub(super) fn complete(chart: &mut Chart, path: &Path, remarks: &mut Vec<Remark>) -> Result<String, String> {
    if missing_dependencies(chart).is_empty() {
        return Ok(String::new());
    }
    if !path.is_dir() {
        return Err("only unpacked charts can be updated".to_owned());
    }
    let declared = chart.metadata.dependencies.clone();
    let mut found = Vec::new();
    let mut unsatisfied = Vec::new();
    for dependency in &declared {
        let Dependency {
            name,
            version,
            repository,
            ..
        } = dependency;
        let constraint = Constraint::parse(version).map_err(|error| {
            format!("dependency {name:?} has an invalid version/constraint format: {error}")
        })?;
        let place = place_of(dependency, path)?;
        let local = disk::load(&place, remarks)?;
        let fits = Version::parse(&local.metadata.version).is_ok_and(|version| constraint.matches(&version));
        if repository.is_empty() {
            if !fits {
                let version = &local.metadata.version;
                return Err(format!(
                    "dependency {name} at version {version} does not satisfy the constraint {}",
                    dependency.version
                ));
            }
        } else if fits {
            found.push(local);
        } else {
            unsatisfied.push(format!(
                "{name:?} (repository {repository:?}, version {version:?})"
            ));
        }
    }
    if !unsatisfied.is_empty() {
        return Err(format!(
            "can't get a valid version for {} subchart(s): {}. Make sure a matching chart version exists in the repo, or \
             change the version constraint in Chart.yaml",
            unsatisfied.len(),
            unsatisfied.join(", ")
        ));
    }
    let mut lines = format!("Saving {} charts\n", declared.len());
    for dependency in declared
        .iter()
        .filter(|dependency| dependency.repository.is_empty())
    {
        lines.push_str("Dependency ");
        lines.push_str(&dependency.name);
        lines.push_str(" did not declare a repository. Assuming it exists in the charts directory\n");
    }
    lines.push_str("Deleting outdated charts\n");
    let names: Vec<String> = found.iter().map(|chart| chart.name().to_owned()).collect();
    chart
        .subcharts
        .retain(|subchart| !names.iter().any(|name| name == subchart.name()));
    chart.subcharts.extend(found.into_iter().map(Arc::new));
    Ok(lines)
}

/// Where a dependency lies: `GetLocalPath`.
fn place_of(dependency: &Dependency, chart: &Path) -> Result<PathBuf, String> {
    let repository = dependency.repository.as_str();
    let place = match repository.strip_prefix("file://") {
        _ if repository.is_empty() => chart.join("charts").join(&dependency.name),
        Some(path) => chart.join(path),
        None => {
            return Err(format!(
                "dependency {:?} is in {repository}, and nothing is downloaded: get it into charts/ first",
                dependency.name
            ));
        }
    };
    if !place.exists() {
        return Err(format!("directory {} not found", disk::clean(&place).display()));
    }
    Ok(disk::clean(&place))
}
