//! What the end-to-end tests and the demo share: an operator process on a real control plane, a
//! chart repository, and the words to speak about a `HelmRelease` and its status.
//!
//! No assertions live here and no Helm semantics: a [`Stage`] sets the scene, a test asks one
//! question of it.

pub mod charts;
pub mod operator;
pub mod release;
pub mod stage;

pub use operator::Operator;
pub use release::Release;
pub use stage::Stage;
