//! Digests of strings: `sha1sum`, `sha256sum`, `sha512sum`, `adler32sum`.

use data_encoding::HEXLOWER;
use gotemplate::{Frame, FuncError, Function, Str};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::charge;

type Digester = fn(&[u8]) -> String;

/// The functions of this family.
pub(super) fn functions() -> Vec<Function> {
    let all: [(&'static str, Digester); 4] = [
        ("sha1sum", |text| HEXLOWER.encode(&Sha1::digest(text))),
        ("sha256sum", |text| HEXLOWER.encode(&Sha256::digest(text))),
        ("sha512sum", |text| HEXLOWER.encode(&Sha512::digest(text))),
        ("adler32sum", |text| adler2::adler32_slice(text).to_string()),
    ];
    all.into_iter()
        .map(|(name, digest)| {
            Function::new(
                name,
                move |frame: &mut Frame<'_>, text: Str| -> Result<String, FuncError> {
                    charge::scan(frame, text.len())?;
                    Ok(digest(&text))
                },
            )
        })
        .collect()
}
