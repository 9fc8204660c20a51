//! JSON the way Go's `encoding/json` reads and writes it.

pub(crate) mod number;
mod utf8;
mod write;

pub(crate) use utf8::go_lossy;

use crate::data::{Data, TooDeep, walk};
use write::{Html, Writer};

/// Why a value cannot be written as JSON; the texts are Go's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// A number that is not finite, or a map that contains itself.
    #[error("json: unsupported value: {0}")]
    UnsupportedValue(String),
    /// The value is nested deeper than we write. Go has no such limit.
    #[error("json: nested too deep")]
    TooDeep,
}

/// Compact JSON, keys in bytewise order, `<`, `>` and `&` escaped: `json.Marshal`.
pub fn encode_data(data: &Data) -> Result<Vec<u8>, EncodeError> {
    let mut writer = Writer::new(Html::Escape, None);
    walk(data, &mut writer).map_err(|TooDeep| EncodeError::TooDeep)?;
    writer.finish()
}
