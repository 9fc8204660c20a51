//! Skeleton.
mod archive;
mod answers;
mod credentials;
mod digest;
mod error;
mod flight;
mod http;
mod index;
mod lru;
mod options;
mod request;
mod scalar;
mod scope;
pub use credentials::*;
pub use digest::*;
pub use error::*;
pub use options::*;
pub use request::*;
