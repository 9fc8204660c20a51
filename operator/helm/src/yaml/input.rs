//! From bytes to the text that the scanner reads: byte order marks, UTF-16, characters that YAML does not allow.
//!
//! Go decodes its input in pieces of 512 bytes, only as far as the scanner has asked. Which of two errors is reported
//! (a bad character, or bad syntax before it) depends on that, so unusual input is cut into the same pieces here.
//! Ordinary input is checked in one sweep and used in place.

use std::borrow::Cow;

/// Size of the raw buffer in Go's reader (`input_raw_buffer_size`).
const PIECE: usize = 512;

const UTF8_BOM: &[u8] = b"\xEF\xBB\xBF";

/// Decoded text.
pub(super) struct Input<'a> {
    /// The text up to the first bad character.
    pub(super) text: Cow<'a, str>,
    /// Set for unusual input: how Go's reader would deliver the text.
    pub(super) pieces: Option<Pieces>,
}

/// The ends of the pieces in which Go's reader would deliver the text.
pub(super) struct Pieces {
    /// Ends in bytes of the decoded text, ascending.
    pub(super) ends: Vec<usize>,
    /// The problem that Go meets when it decodes one more piece.
    pub(super) problem: Option<&'static str>,
}

#[derive(Clone, Copy)]
enum Encoding {
    Utf8,
    Utf16 { big_endian: bool },
}

impl<'a> Input<'a> {
    /// Decodes `bytes`. Problems are kept in [`Pieces::problem`], since the scanner may stop before it meets them.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let content = bytes.strip_prefix(UTF8_BOM).unwrap_or(bytes);
        match std::str::from_utf8(content) {
            Ok(text) if !has_unusual_character(content) => Self {
                text: Cow::Borrowed(text),
                pieces: None,
            },
            Ok(_) | Err(_) => decode_in_pieces(bytes),
        }
    }
}

/// True for characters that YAML forbids, and for byte order marks, on which Go has a rule of its own.
fn has_unusual_character(bytes: &[u8]) -> bool {
    // Without an early exit the compiler can do this many bytes at a time.
    let suspicious = bytes.iter().fold(false, |found, &byte| {
        found
            || (byte < 0x20 && byte != b'\t' && byte != b'\n' && byte != b'\r')
            || (byte == 0x7F)
            || (byte == 0xC2)
            || (byte == 0xEF)
    });
    suspicious && has_unusual_sequence(bytes)
}

fn has_unusual_sequence(bytes: &[u8]) -> bool {
    bytes.iter().enumerate().any(|(at, &byte)| {
        let next = |offset: usize| bytes.get(at + offset).copied().unwrap_or(0);
        match byte {
            b'\t' | b'\n' | b'\r' => false,
            0x00..0x20 | 0x7F => true,
            0xC2 => next(1) < 0xA0 && next(1) != 0x85,
            0xEF => (next(1) == 0xBB && next(2) == 0xBF) || (next(1) == 0xBF && next(2) >= 0xBE),
            _ => false,
        }
    })
}

fn decode_in_pieces(bytes: &[u8]) -> Input<'_> {
    let (encoding, mut at) = match bytes {
        [0xFF, 0xFE, ..] => (Encoding::Utf16 { big_endian: false }, 2),
        [0xFE, 0xFF, ..] => (Encoding::Utf16 { big_endian: true }, 2),
        _ if bytes.starts_with(UTF8_BOM) => (Encoding::Utf8, 3),
        _ => (Encoding::Utf8, 0),
    };
    let mut text = String::with_capacity(bytes.len());
    let mut ends = Vec::new();
    // The first piece begins at the start of the input, byte order mark included.
    let mut piece_end = PIECE.min(bytes.len());
    let problem = loop {
        let is_last = piece_end == bytes.len();
        match decode_piece(encoding, bytes, &mut at, piece_end, &mut text) {
            Ok(()) => {}
            Err(problem) => break Some(problem),
        }
        ends.push(text.len());
        if is_last {
            break (at < bytes.len()).then_some(match encoding {
                Encoding::Utf8 => "incomplete UTF-8 octet sequence",
                Encoding::Utf16 { .. } if bytes.len() - at < 2 => "incomplete UTF-16 character",
                Encoding::Utf16 { .. } => "incomplete UTF-16 surrogate pair",
            });
        }
        piece_end = (at + PIECE).min(bytes.len());
    };
    if problem.is_some() {
        // Go has decoded some characters of the failing piece, but never lets the scanner see them.
        text.truncate(ends.last().copied().unwrap_or(0));
    }
    Input {
        text: Cow::Owned(text),
        pieces: Some(Pieces { ends, problem }),
    }
}

/// Decodes whole characters from `bytes[*at..end]`; stops before an incomplete one.
fn decode_piece(
    encoding: Encoding,
    bytes: &[u8],
    at: &mut usize,
    end: usize,
    text: &mut String,
) -> Result<(), &'static str> {
    while *at < end {
        let rest = bytes.get(*at..end).unwrap_or_default();
        let decoded = match encoding {
            Encoding::Utf8 => decode_utf8(rest)?,
            Encoding::Utf16 { big_endian } => decode_utf16(rest, big_endian)?,
        };
        let Some((character, width)) = decoded else {
            return Ok(());
        };
        let allowed = matches!(character, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{A0}'..='\u{FFFD}' | '\u{10000}'..);
        if !allowed {
            return Err("control characters are not allowed");
        }
        text.push(character);
        *at += width;
    }
    Ok(())
}

type Decoded = Result<Option<(char, usize)>, &'static str>;

fn decode_utf8(rest: &[u8]) -> Decoded {
    let Some(&lead) = rest.first() else {
        return Ok(None);
    };
    let (width, first) = match lead {
        0x00..0x80 => (1, u32::from(lead)),
        0xC0..0xE0 => (2, u32::from(lead & 0x1F)),
        0xE0..0xF0 => (3, u32::from(lead & 0x0F)),
        0xF0..0xF8 => (4, u32::from(lead & 0x07)),
        _ => return Err("invalid leading UTF-8 octet"),
    };
    let Some(trail) = rest.get(1..width) else {
        return Ok(None);
    };
    let mut value = first;
    for &byte in trail {
        if byte & 0xC0 != 0x80 {
            return Err("invalid trailing UTF-8 octet");
        }
        value = (value << 6) | u32::from(byte & 0x3F);
    }
    let shortest = match width {
        1 => 0,
        2 => 0x80,
        3 => 0x800,
        _ => 0x1_0000,
    };
    if value < shortest {
        return Err("invalid length of a UTF-8 sequence");
    }
    let character = char::from_u32(value).ok_or("invalid Unicode character")?;
    Ok(Some((character, width)))
}

fn decode_utf16(rest: &[u8], big_endian: bool) -> Decoded {
    let unit = |at: usize| match rest.get(at..at + 2) {
        Some(&[high, low]) if big_endian => Some(u32::from(high) << 8 | u32::from(low)),
        Some(&[low, high]) => Some(u32::from(high) << 8 | u32::from(low)),
        _ => None,
    };
    let Some(first) = unit(0) else { return Ok(None) };
    match first & 0xFC00 {
        0xDC00 => Err("unexpected low surrogate area"),
        0xD800 => {
            let Some(second) = unit(2) else { return Ok(None) };
            if second & 0xFC00 != 0xDC00 {
                return Err("expected low surrogate area");
            }
            let value = 0x1_0000 + ((first & 0x3FF) << 10) + (second & 0x3FF);
            Ok(char::from_u32(value).map(|character| (character, 4)))
        }
        _ => Ok(char::from_u32(first).map(|character| (character, 2))),
    }
}
