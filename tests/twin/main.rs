//! Twin tests: the same story told twice, once by the real `helm` in one namespace and once by a
//! `HelmRelease` in another. After every step the release Secrets and the live objects of both are
//! compared, and at the end everything that `helm` says about them.
//!
//! Helm is the referee: no expected output is written down here. What may differ is named in
//! `normal.rs`, with the reason.
//!
//! `TWIN_STORIES=<part of a name>` tells only the stories whose name contains that text.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "this is a test, although the helpers carry no attribute that says so"
)]

mod charts;
mod cli;
mod cr;
mod flags;
mod look;
mod normal;
mod play;
mod stories;
mod story;
