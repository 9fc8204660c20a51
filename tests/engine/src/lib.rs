//! What the tests of the engine share: reading charts from disk, running one case, reading case files,
//! showing a difference.
//!
//! The tests themselves are in `tests/corpus` and `tests/conformance`; they are in a crate of their own so that they
//! build without the Kubernetes client.

pub mod case;
pub mod chart;
pub mod diff;
pub mod suite;
pub mod transcript;
