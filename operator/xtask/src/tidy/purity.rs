//! The purity line in dependencies: no async runtime, Kubernetes client or HTTP left of `source`.
//!
//! Calls are the other half; the `clippy.toml` of the pure crates forbids these.

use std::{path::Path, process::Command};

use anyhow::{Context, ensure};

/// Crates left of the purity line.
pub const PURE: &[&str] = &["gotemplate", "helm", "plan", "api"];

/// Crates that bring I/O, a runtime or a clock with them. Their companions need no entry: nobody
/// uses `h2` without `hyper`.
const FORBIDDEN: &[&str] = &[
    "async-executor",
    "async-io",
    "async-std",
    "attohttpc",
    "axum",
    "chrono",
    "futures-executor",
    "hickory-resolver",
    "hyper",
    "hyper-util",
    "isahc",
    "kube-client",
    "kube-runtime",
    "mio",
    "native-tls",
    "oci-client",
    "reqwest",
    "rustls",
    "smol",
    "socket2",
    "surf",
    "tokio",
    "tokio-util",
    "tower",
    "ureq",
];

/// Names of everything that a crate links when it is built by itself: its normal dependencies, with
/// the features it declares itself and not those that other members of the workspace turn on.
/// Runs `cargo tree`.
pub fn closure(root: &Path, name: &str) -> anyhow::Result<Vec<String>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "tree",
            "--locked",
            "--package",
            name,
            "--edges",
            "normal",
            "--prefix",
            "none",
            "--format",
            "{p}",
        ])
        .current_dir(root)
        .output()
        .context("run cargo tree")?;
    ensure!(
        output.status.success(),
        "run cargo tree: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    let text = String::from_utf8(output.stdout).context("read the output of cargo tree")?;
    let mut names: Vec<String> = text
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect();
    names.sort();
    names.dedup();
    Ok(names)
}

/// Dependencies of a pure crate that it must not have.
pub fn check(name: &str, closure: &[String]) -> Vec<String> {
    if !closure.iter().any(|entry| entry == name) {
        return vec![format!("the dependencies of {name} were not found")];
    }
    closure
        .iter()
        .filter(|entry| FORBIDDEN.contains(&entry.as_str()))
        .map(|entry| format!("crate {name} is left of the purity line and must not link {entry}"))
        .collect()
}

/// What `api` declares of `kube`: `derive` and nothing else.
pub fn check_kube_features(features: &[String], uses_defaults: bool) -> Vec<String> {
    let mut problems = Vec::new();
    if uses_defaults {
        problems.push("crate api must turn off the default features of kube".to_owned());
    }
    for feature in features.iter().filter(|feature| *feature != "derive") {
        problems.push(format!("crate api must not turn on feature {feature} of kube"));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn data_crates_pass_and_io_is_refused() {
        assert_eq!(
            check("helm", &names(&["helm", "serde", "tar"])),
            Vec::<String>::new()
        );
        assert_eq!(
            check("helm", &names(&["helm", "hyper", "tokio"])),
            [
                "crate helm is left of the purity line and must not link hyper",
                "crate helm is left of the purity line and must not link tokio",
            ],
        );
    }

    #[test]
    fn an_empty_answer_is_no_proof() {
        assert_eq!(check("helm", &[]), ["the dependencies of helm were not found"]);
    }

    #[test]
    fn api_has_the_derive_of_kube_only() {
        assert_eq!(
            check_kube_features(&names(&["derive"]), false),
            Vec::<String>::new()
        );
        assert_eq!(
            check_kube_features(&names(&["client", "derive"]), true),
            [
                "crate api must turn off the default features of kube",
                "crate api must not turn on feature client of kube",
            ],
        );
    }
}
