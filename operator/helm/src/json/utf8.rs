//! Text that may not be UTF-8, the way Go walks over it: each bad byte on its own.

use std::borrow::Cow;

/// The stretches of valid text and the bytes that are none, in order.
pub(super) fn chunks(bytes: &[u8]) -> impl Iterator<Item = Result<&str, u8>> {
    bytes.utf8_chunks().flat_map(|chunk| {
        let valid = Some(chunk.valid()).filter(|text| !text.is_empty()).map(Ok);
        valid
            .into_iter()
            .chain(chunk.invalid().iter().map(|&byte| Err(byte)))
    })
}

/// Valid text; each bad byte becomes U+FFFD, as `encoding/json` does.
pub(crate) fn go_lossy(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(chunks(bytes).map(|chunk| chunk.unwrap_or("\u{FFFD}")).collect()),
    }
}
