//! Which crate of the workspace may use which: the dependency order of `operator/ARCHITECTURE.md`.

use cargo_metadata::{DependencyKind, Metadata};

/// For each shipped crate, the crates it may use. `api` and `plan` do not know each other.
const ALLOWED: &[(&str, &[&str])] = &[
    ("gotemplate", &[]),
    ("helm", &["gotemplate"]),
    ("plan", &["gotemplate", "helm"]),
    ("api", &[]),
    ("source", &["helm"]),
    ("cluster", &["helm", "plan"]),
    ("controller", &["api", "cluster", "helm", "plan", "source"]),
    (
        "cli",
        &[
            "api",
            "cluster",
            "controller",
            "gotemplate",
            "helm",
            "plan",
            "source",
        ],
    ),
];

/// Crates that are never part of the binary, besides those under `tests/`.
const DEVELOPMENT: &[&str] = &["testkit", "xtask"];

/// Members of the workspace and what they use of each other.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// Names of all members.
    pub members: Vec<Member>,
    /// Their dependencies on each other.
    pub edges: Vec<Edge>,
}

/// One crate of the workspace.
#[derive(Clone, Debug)]
pub struct Member {
    /// Name of the package.
    pub name: String,
    /// Whether it stands under `tests/`.
    pub is_test: bool,
}

/// One crate uses another.
#[derive(Clone, Debug)]
pub struct Edge {
    /// The user.
    pub from: String,
    /// The used.
    pub to: String,
    /// Whether only tests of the user need it.
    pub is_dev: bool,
}

impl Graph {
    /// The graph that `cargo metadata` tells.
    pub fn from_metadata(metadata: &Metadata) -> Self {
        let packages = metadata.workspace_packages();
        let names: Vec<&str> = packages.iter().map(|package| package.name.as_str()).collect();
        let members = packages.iter().map(|package| Member {
            name: package.name.to_string(),
            is_test: package
                .manifest_path
                .starts_with(metadata.workspace_root.join("tests")),
        });
        let edges = packages.iter().flat_map(|package| {
            let used = package
                .dependencies
                .iter()
                .filter(|used| names.contains(&used.name.as_str()));
            used.map(|used| Edge {
                from: package.name.to_string(),
                to: used.name.clone(),
                is_dev: used.kind == DependencyKind::Development,
            })
        });
        Self {
            members: members.collect(),
            edges: edges.collect(),
        }
    }

    fn is_development(&self, name: &str) -> bool {
        DEVELOPMENT.contains(&name)
            || self
                .members
                .iter()
                .any(|member| member.name == name && member.is_test)
    }
}

/// Edges that the dependency order forbids, and members that it does not know.
pub fn check(graph: &Graph) -> Vec<String> {
    let mut problems = Vec::new();
    for member in &graph.members {
        let is_shipped = ALLOWED.iter().any(|(name, _)| *name == member.name);
        if !is_shipped && !graph.is_development(&member.name) {
            problems.push(format!(
                "crate {} has no place in the dependency order",
                member.name
            ));
        }
    }
    for Edge { from, to, is_dev } in &graph.edges {
        if graph.is_development(from) {
            continue;
        }
        let allowed = ALLOWED
            .iter()
            .find(|(name, _)| name == from)
            .map_or(&[][..], |(_, allowed)| *allowed);
        let is_allowed = allowed.contains(&to.as_str()) || (*is_dev && to == "testkit");
        if !is_allowed {
            let kind = if *is_dev { "test-depend" } else { "depend" };
            problems.push(format!("crate {from} must not {kind} on {to}"));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(edges: &[(&str, &str, bool)]) -> Graph {
        let members = ALLOWED.iter().map(|(name, _)| (*name, false));
        let others = [("testkit", false), ("xtask", false), ("e2e-tests", true)];
        Graph {
            members: members
                .chain(others)
                .map(|(name, is_test)| Member {
                    name: name.to_owned(),
                    is_test,
                })
                .collect(),
            edges: edges
                .iter()
                .map(|(from, to, is_dev)| Edge {
                    from: (*from).into(),
                    to: (*to).into(),
                    is_dev: *is_dev,
                })
                .collect(),
        }
    }

    #[test]
    fn the_order_of_the_design_passes() {
        let edges: Vec<_> = ALLOWED
            .iter()
            .flat_map(|(from, allowed)| allowed.iter().map(move |to| (*from, *to, false)))
            .chain([
                ("helm", "testkit", true),
                ("e2e-tests", "testkit", false),
                ("xtask", "api", false),
            ])
            .collect();
        assert_eq!(check(&graph(&edges)), Vec::<String>::new());
    }

    #[test]
    fn every_other_edge_is_refused() {
        for (from, to, is_dev, expected) in [
            (
                "gotemplate",
                "helm",
                false,
                "crate gotemplate must not depend on helm",
            ),
            ("api", "plan", false, "crate api must not depend on plan"),
            ("plan", "api", false, "crate plan must not depend on api"),
            ("source", "plan", false, "crate source must not depend on plan"),
            (
                "cluster",
                "source",
                false,
                "crate cluster must not depend on source",
            ),
            (
                "controller",
                "cli",
                false,
                "crate controller must not depend on cli",
            ),
            (
                "controller",
                "gotemplate",
                false,
                "crate controller must not depend on gotemplate",
            ),
            ("helm", "testkit", false, "crate helm must not depend on testkit"),
            ("cli", "xtask", true, "crate cli must not test-depend on xtask"),
            (
                "helm",
                "cluster",
                true,
                "crate helm must not test-depend on cluster",
            ),
        ] {
            assert_eq!(check(&graph(&[(from, to, is_dev)])), [expected]);
        }
    }

    #[test]
    fn a_new_crate_must_be_given_a_place() {
        let mut graph = graph(&[]);
        graph.members.push(Member {
            name: "utils".to_owned(),
            is_test: false,
        });
        assert_eq!(
            check(&graph),
            ["crate utils has no place in the dependency order"]
        );
    }
}
