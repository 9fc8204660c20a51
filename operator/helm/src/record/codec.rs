//! The byte form of a record: JSON, gzip level 9, base64 (`pkg/storage/driver/util.go`).
//!
//! # Guarantees
//! - Field order, omission of empty fields, escapes and numbers are those of Go's encoder over Helm 4.2.4's structs.
//! - `decode(encode(r)) == r` for every record whose times are not Go's zero.
//! - A hostile payload costs at most [`MAX_PAYLOAD_BYTES`] of memory for its JSON text.

mod gojson;
mod read;
mod write;

use std::io::{Read, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use data_encoding::HEXLOWER;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use super::Release;

pub use gojson::to_json;
pub use read::ShapeError;

/// The most JSON that a payload may unfold to. A Secret holds 1 MiB of base64; honest records unfold to about ten
/// times that, a gzip bomb to a thousand times.
pub const MAX_PAYLOAD_BYTES: usize = 32 * 1024 * 1024;

/// How gzip begins. Payloads without it are plain JSON, from before compression.
const GZIP_MAGIC: [u8; 3] = [0x1f, 0x8b, 0x08];

/// A record that cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// The JSON is larger than any reader of ours would take back.
    #[error("encode release: {0} bytes of JSON are more than {MAX_PAYLOAD_BYTES}")]
    TooLarge(usize),
    /// The compressor failed, which it does only when memory is short.
    #[error("compress release")]
    Compress(#[source] std::io::Error),
}

/// Bytes that are not a record.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// Not base64.
    #[error("decode release: not base64")]
    Base64(#[source] base64::DecodeError),
    /// Broken gzip.
    #[error("decompress release")]
    Gzip(#[source] std::io::Error),
    /// A payload that unfolds without end.
    #[error("decompress release: more than {MAX_PAYLOAD_BYTES} bytes")]
    TooLarge,
    /// Not JSON.
    #[error("parse release")]
    Json(#[source] serde_json::Error),
    /// JSON of another shape.
    #[error("parse release")]
    Shape(#[source] ShapeError),
}

/// The value of the Secret's `release` key for a record.
pub fn encode(release: &Release) -> Result<Vec<u8>, EncodeError> {
    let json = write::release(release);
    if json.len() > MAX_PAYLOAD_BYTES {
        return Err(EncodeError::TooLarge(json.len()));
    }
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(&json).map_err(EncodeError::Compress)?;
    let packed = gzip.finish().map_err(EncodeError::Compress)?;
    Ok(STANDARD.encode(packed).into_bytes())
}

/// Reads the value of a Secret's `release` key. Labels are not in it: see [`super::user_labels`].
pub fn decode(data: &[u8]) -> Result<Release, DecodeError> {
    let packed = STANDARD.decode(data).map_err(DecodeError::Base64)?;
    let json = if packed.len() > GZIP_MAGIC.len() && packed.starts_with(&GZIP_MAGIC) {
        let mut json = Vec::new();
        let limit = MAX_PAYLOAD_BYTES as u64 + 1;
        GzDecoder::new(packed.as_slice())
            .take(limit)
            .read_to_end(&mut json)
            .map_err(DecodeError::Gzip)?;
        json
    } else {
        packed
    };
    if json.len() > MAX_PAYLOAD_BYTES {
        return Err(DecodeError::TooLarge);
    }
    let value = serde_json::from_slice(&json).map_err(DecodeError::Json)?;
    read::release(value).map_err(DecodeError::Shape)
}

/// `sha256:` and the digest of a value's JSON with sorted keys: equal values have equal digests.
pub fn json_digest(value: &serde_json::Value) -> String {
    let digest = Sha256::digest(to_json(value));
    format!("sha256:{}", HEXLOWER.encode(&digest))
}
