//! Generators and tidy checks: what keeps the repository in step with itself.
//!
//! A generator gives a [`Generated`] file, which the binary writes and a test compares with what is
//! committed. A tidy check is a function from facts to problems, so that each can be shown to fail;
//! `tests/tidy.rs` feeds them the repository.

mod crds;
mod generated;
mod reference;
pub mod tidy;

pub use crds::{chart_crd_file, crd_file};
pub use generated::{Generated, Outcome};
pub use reference::reference_file;

use std::path::{Path, PathBuf};

use anyhow::Context;

/// The root of the repository this crate was built from.
pub fn workspace_root() -> anyhow::Result<PathBuf> {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .context("resolve the path of the workspace")
}
