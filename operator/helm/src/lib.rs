//! Helm's semantics without Helm: charts, values, templates, manifests and release records, pure.
//!
//! Nothing in this crate reads a file, a clock, the environment or the network. What a template may learn from
//! outside (time, randomness, `lookup`) comes in through [`facts::Facts`].

pub mod data;
pub mod hooks;
pub mod ignore;
pub mod json;
pub mod name;
pub mod path_match;
pub mod record;
pub mod version;
pub mod yaml;

mod text;

pub use data::Data;
