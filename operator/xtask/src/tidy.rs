//! Tidy checks: functions from facts to problems, an empty list meaning that all is well.
//!
//! They never read the repository themselves, except where the function says so; `tests/tidy.rs`
//! does, and shows beside that each check can fail.

pub mod dependencies;
pub mod edges;
pub mod lints;
pub mod purity;
pub mod repository;
pub mod sources;
