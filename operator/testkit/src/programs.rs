//! Where the programs of the control plane are. It builds nothing: `make cluster` does.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// Names the folder that holds every program. `make` sets it; without it the build script is asked.
pub const CLUSTER_BIN: &str = "PILOTHOUSE_CLUSTER_BIN";

/// The folder that holds every program and the `stages` of KWOK.
///
/// # Errors
/// The folder does not exist: the control plane was not built for the versions pinned now.
pub fn bin_dir() -> Result<PathBuf> {
    let folder = match std::env::var_os(CLUSTER_BIN) {
        Some(folder) if !folder.is_empty() => PathBuf::from(folder),
        _ => ask_build_script()?,
    };
    if !folder.is_dir() {
        bail!(
            "find the test control plane: `{}` does not exist\nhint: `make cluster` builds it (15 minutes the first time)",
            folder.display()
        );
    }
    Ok(folder)
}

/// The path of one program, for example `kubectl` or `helm3`.
pub fn program(name: &str) -> Result<PathBuf> {
    let path = bin_dir()?.join(name);
    if !path.is_file() {
        bail!(
            "find `{name}`: `{}` does not exist\nhint: `make cluster` builds it",
            path.display()
        );
    }
    Ok(path)
}

/// The path of helm 4, which is enough for tests without a cluster.
///
/// It is found even when only `make helm4` was run.
pub fn helm4() -> Result<PathBuf> {
    if let Ok(path) = program("helm") {
        return Ok(path);
    }
    let path = run_build_script(&["--print-dir", "helm4"])?.join("helm");
    if !path.is_file() {
        bail!(
            "find helm 4: `{}` does not exist\nhint: `make helm4` builds it",
            path.display()
        );
    }
    Ok(path)
}

fn ask_build_script() -> Result<PathBuf> {
    run_build_script(&["--bin-dir"])
}

fn run_build_script(args: &[&str]) -> Result<PathBuf> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cluster/build.sh");
    let output = Command::new("bash")
        .arg(&script)
        .args(args)
        .output()
        .with_context(|| format!("run `{}`", script.display()))?;
    if !output.status.success() {
        bail!(
            "run `{}`: {}",
            script.display(),
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(PathBuf::from(
        String::from_utf8(output.stdout)
            .context("read the folder of the programs")?
            .trim_end(),
    ))
}
