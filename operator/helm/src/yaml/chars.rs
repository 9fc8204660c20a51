//! Classes of bytes, for the scanner and the emitter.
//!
//! Text is handled as UTF-8 bytes; a class that needs more than one byte takes the slice that starts at the character.

const BLANK: u8 = 1;
const ASCII_BREAK_OR_END: u8 = 2;
/// The byte may begin a line break of more than one byte.
const BREAK_LEAD: u8 = 4;
const FLOW_INDICATOR: u8 = 8;
const WORD: u8 = 16;
const PLAIN_SPECIAL: u8 = 32;
const URI: u8 = 64;

const TABLE: [u8; 256] = table();

const fn table() -> [u8; 256] {
    let mut table = [0_u8; 256];
    table[b' ' as usize] = BLANK;
    table[b'\t' as usize] = BLANK;
    table[0] = ASCII_BREAK_OR_END;
    table[b'\n' as usize] = ASCII_BREAK_OR_END;
    table[b'\r' as usize] = ASCII_BREAK_OR_END;
    table[0xC2] = BREAK_LEAD;
    table[0xE2] = BREAK_LEAD;
    let mut index = 0;
    let flow = b",?[]{}";
    while index < flow.len() {
        table[flow[index] as usize] |= FLOW_INDICATOR;
        index += 1;
    }
    let mut byte = 0_usize;
    while byte < 128 {
        let value = byte as u8;
        if value.is_ascii_alphanumeric() || value == b'_' || value == b'-' {
            table[byte] |= WORD | URI;
        }
        byte += 1;
    }
    let uri = b";/?:@&=+$,.!~*'()[]%";
    index = 0;
    while index < uri.len() {
        table[uri[index] as usize] |= URI;
        index += 1;
    }
    // Bytes at which the scan of a plain scalar must stop and look.
    table[b':' as usize] |= PLAIN_SPECIAL;
    table
}

fn has(byte: u8, class: u8) -> bool {
    TABLE[usize::from(byte)] & class != 0
}

/// Space or tab.
pub(super) fn is_blank(byte: u8) -> bool {
    has(byte, BLANK)
}

/// A letter, digit, `_` or `-`: what names of anchors and tag handles are made of.
pub(super) fn is_word(byte: u8) -> bool {
    has(byte, WORD)
}

/// A byte that may stand in a tag URI (`%` begins an escape).
pub(super) fn is_uri(byte: u8) -> bool {
    has(byte, URI)
}

/// One of `, ? [ ] { }`, which end a plain scalar inside a flow collection.
pub(super) fn is_flow_indicator(byte: u8) -> bool {
    has(byte, FLOW_INDICATOR)
}

/// Nothing to look at in a plain scalar: neither blank, break, end, `:` nor (in a flow collection) an indicator.
pub(super) fn is_dull_in_plain(byte: u8, flow: bool) -> bool {
    let stops = BLANK | ASCII_BREAK_OR_END | BREAK_LEAD | PLAIN_SPECIAL;
    !has(byte, if flow { stops | FLOW_INDICATOR } else { stops })
}

/// Nothing to look at in the content of a line.
pub(super) fn is_dull_in_line(byte: u8) -> bool {
    !has(byte, ASCII_BREAK_OR_END | BREAK_LEAD)
}

/// Nothing to look at in a quoted scalar.
pub(super) fn is_dull_in_quotes(byte: u8) -> bool {
    !has(byte, BLANK | ASCII_BREAK_OR_END | BREAK_LEAD) && !matches!(byte, b'\'' | b'"' | b'\\')
}

/// The number of bytes of the line break at the start of `bytes`; 0 when there is none.
/// Breaks of YAML 1.1: CR LF, CR, LF, NEL, LS and PS.
pub(super) fn break_len(bytes: &[u8]) -> usize {
    match bytes {
        [b'\r', b'\n', ..] | [0xC2, 0x85, ..] => 2,
        [b'\r' | b'\n', ..] => 1,
        [0xE2, 0x80, 0xA8 | 0xA9, ..] => 3,
        _ => 0,
    }
}

/// A line break or the end of the text.
pub(super) fn is_break_or_end(bytes: &[u8]) -> bool {
    matches!(bytes, [] | [0, ..]) || break_len(bytes) > 0
}

/// A blank, a line break or the end of the text.
pub(super) fn is_blank_or_end(bytes: &[u8]) -> bool {
    match bytes.first() {
        None => true,
        Some(&byte) => is_blank(byte) || is_break_or_end(bytes),
    }
}

/// The number of characters in valid UTF-8 bytes.
pub(super) fn count_chars(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&byte| byte & 0xC0 != 0x80).count()
}

/// The width in bytes of the character that begins with `lead`.
pub(super) fn char_len(lead: u8) -> usize {
    match lead {
        0x00..0x80 => 1,
        0x80..0xE0 => 2,
        0xE0..0xF0 => 3,
        0xF0..=0xFF => 4,
    }
}
