//! PEM blocks as Go's `encoding/pem` writes and finds them.

use data_encoding::BASE64;

use crate::functions::encoding::decode_base64;

/// A PEM block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) label: String,
    pub(super) bytes: Vec<u8>,
}

/// `pem.EncodeToMemory` of a block without headers.
pub(super) fn encode(label: &str, bytes: &[u8]) -> String {
    let text = BASE64.encode(bytes);
    let mut out = format!("-----BEGIN {label}-----\n");
    for line in text.as_bytes().chunks(64) {
        out.push_str(&String::from_utf8_lossy(line));
        out.push('\n');
    }
    out.push_str("-----END ");
    out.push_str(label);
    out.push_str("-----\n");
    out
}

/// `pem.Decode`: the first block, wherever it stands in the text.
pub(super) fn decode(text: &[u8]) -> Option<Block> {
    let mut rest = text;
    loop {
        let begin = memchr::memmem::find(rest, b"-----BEGIN ")?;
        let at_line_start = begin == 0 || rest[begin - 1] == b'\n';
        let after = &rest[begin + 11..];
        if let Some(block) = decode_from(after).filter(|_| at_line_start) {
            return Some(block);
        }
        rest = after;
    }
}

/// A block from behind its `-----BEGIN `.
fn decode_from(text: &[u8]) -> Option<Block> {
    let (line, mut rest) = take_line(text);
    let label = line.strip_suffix(b"-----")?;
    // Header lines have a colon; nothing else in a block has one.
    while !rest.is_empty() {
        let (line, next) = take_line(rest);
        if !line.contains(&b':') {
            break;
        }
        rest = next;
    }
    let end = if rest.starts_with(b"-----END ") {
        0
    } else {
        memchr::memmem::find(rest, b"\n-----END ")? + 1
    };
    let trailer = &rest[end + 9..];
    let (last, _) = take_line(trailer);
    if last.strip_suffix(b"-----")? != label {
        return None;
    }
    let body: Vec<u8> = rest[..end]
        .iter()
        .copied()
        .filter(|byte| !matches!(byte, b' ' | b'\t'))
        .collect();
    let bytes = decode_base64(&body).ok()?;
    Some(Block {
        label: String::from_utf8_lossy(label).into_owned(),
        bytes,
    })
}

/// The first line without trailing blanks, and what follows it.
fn take_line(text: &[u8]) -> (&[u8], &[u8]) {
    let (line, rest) = match memchr::memchr(b'\n', text) {
        Some(end) => (&text[..end], &text[end + 1..]),
        None => (text, &text[text.len()..]),
    };
    (line.trim_ascii_end(), rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_found_again() {
        let text = format!("noise\n{}", encode("CERTIFICATE", &[7; 100]));
        assert_eq!(
            decode(text.as_bytes()),
            Some(Block {
                label: "CERTIFICATE".to_owned(),
                bytes: vec![7; 100]
            })
        );
        assert_eq!(decode(b"-----BEGIN A-----\nAAAA\n-----END B-----\n"), None);
    }
}
