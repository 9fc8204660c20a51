//! Helm's semantics without Helm: charts, values, templates, manifests and release records, pure.
//!
//! Nothing in this crate reads a file, a clock, the environment or the network. What a template may learn from
//! outside (time, randomness, `lookup`) comes in through [`facts::Facts`].

pub mod hooks;
pub mod ignore;
pub mod name;
pub mod path_match;
pub mod record;
pub mod version;

mod text;

/// Plain data: what charts, values and records carry. Maps are sorted bytewise, as Go prints them.
pub type Data = serde_json::Value;
