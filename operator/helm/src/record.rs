//! The release record: what Helm stores of every revision, and its byte form.
//!
//! A revision is one Secret. Its `release` key holds JSON, gzip and base64, in that order
//! ([`encode`], [`decode`]); its labels repeat the facts that queries select by ([`labels`]).
//! The types mirror Helm 4.2.4 (`pkg/release/v1`, `pkg/chart/v2`, `pkg/storage/driver`) and read
//! the forms of Helm 3 as well. Fields that this version does not know are kept and written back,
//! because a change of status rewrites the whole payload.
//!
//! Not here: the Secret object itself (`cluster` writes it) and the split of the stored manifest
//! into documents ([`crate::manifest`]).

mod chart;
mod codec;
mod from_chart;
mod hook;
mod labels;
mod name;
mod release;
mod time;

pub use chart::{ChartRecord, FileRecord};
pub use codec::{
    DecodeError, EncodeError, MAX_PAYLOAD_BYTES, ShapeError, decode, encode, json_digest, to_json,
};
pub use hook::{HookExecution, HookPhase, HookRecord};
pub use labels::{
    LabelError, SECRET_TYPE, SYSTEM_LABELS, StoredAt, check_user_labels, merge_user_labels, secret_labels,
    secret_name, user_labels,
};
pub use name::{Namespace, NamespaceError, Revision};
pub use release::{ApplyMethod, Info, Release, Status};
pub use time::{GoTime, GoTimeError};
