//! Helm's semantics without Helm: charts, values, templates, manifests and release records, pure.
//!
//! Nothing in this crate reads a file, a clock, the environment or the network. What a template may learn from
//! outside (time, randomness, `lookup`) comes in through [`facts::Facts`].

pub mod capabilities;
pub mod chart;
pub mod data;
pub mod dependencies;
pub mod facts;
pub mod functions;
pub mod glob;
pub mod hooks;
pub mod ignore;
pub mod json;
pub mod manifest;
pub mod name;
pub mod path_match;
pub mod record;
pub mod remark;
pub mod render;
pub mod schema;
pub mod strvals;
pub mod template;
pub mod toml;
pub mod values;
pub mod version;
pub mod yaml;

mod files;
mod go_struct;
mod text;

pub use data::Data;
