//! Keys as text: dotted, and quoted where they have to be.

/// Appends a string in double quotes, as the encoder and error texts have it.
pub(super) fn push_quoted(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    for &byte in text {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            0x08 => out.extend_from_slice(b"\\b"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            0x0C => out.extend_from_slice(b"\\f"),
            b'\r' => out.extend_from_slice(b"\\r"),
            0x00..0x20 | 0x7F => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

/// Appends one part of a key.
pub(super) fn push_part(out: &mut Vec<u8>, part: &[u8]) {
    if !part.is_empty() && part.iter().all(|&byte| is_bare(byte)) {
        out.extend_from_slice(part);
    } else {
        push_quoted(out, part);
    }
}

/// All parts with points between them.
pub(super) fn join<P: AsRef<[u8]>>(parts: &[P]) -> Vec<u8> {
    let mut out = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            out.push(b'.');
        }
        push_part(&mut out, part.as_ref());
    }
    out
}

/// A character of a key that needs no quotes.
pub(super) fn is_bare(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}
