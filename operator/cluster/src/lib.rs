//! Performs the effects of a [`plan`] against a Kubernetes API server.
//!
//! The state machine of `plan` says *what* has to happen next as data ([`plan::Effect`]); this crate does it and
//! answers with a [`plan::Outcome`]. It decides nothing: no retry policy, no choice of target, no interpretation of a
//! status beyond what an effect asks for. Every effect may be performed twice and changes nothing the second time.
//!
//! | need | type |
//! |---|---|
//! | perform an effect | [`Cluster::perform`] |
//! | stored revisions and their records | [`Storage`] |
//! | how ready objects are, and who is woken when that changes | [`Hub`] |
//! | which kinds the API server has | [`Discovery`] |
//! | what templates ask a cluster | [`Lookup`] |

pub mod discovery;
pub mod error;
pub mod objects;

mod apply;
mod delete;
mod diagnose;
mod drift;
mod hooks;
mod hub;
mod lookup;
mod managers;
mod own;
mod parallel;
mod perform;
mod ready;
mod removed;
mod storage;

pub use discovery::{Discovery, Served};
pub use hub::{Hub, ReleaseKey};
pub use lookup::Lookup;
pub use own::OwnWrites;
pub use perform::Cluster;
pub use storage::Storage;
