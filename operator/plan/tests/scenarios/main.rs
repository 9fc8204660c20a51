//! Scenarios: what happens to a release, told as what its owner does and what the cluster answers.
//!
//! A world is a cluster in memory with one custom resource. Its effects are performed for real on that memory, its
//! status is written and read back as text, and it may crash after any write. What a scenario checks is what people
//! see: the history, the objects, which hooks ran, and the conditions.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a scenario that goes astray must stop at once"
)]

mod cluster;
mod world;

mod abroad;
mod crash;
mod drift;
mod history;
mod install;
mod remove;
mod requests;
mod rollback;
mod search;
mod tests;
mod upgrade;
mod wait;
