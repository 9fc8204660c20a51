//! Runes as Go sees them: decoding of byte strings that need not be UTF-8, the classes of package `unicode`,
//! and its one-to-one case mappings.
//!
//! Not a general Unicode library: only what the string functions of sprig ask for. Go maps rune by rune
//! (`ß` has no upper case), so `str::to_uppercase` would be wrong here.

use unicode_general_category::{GeneralCategory, get_general_category};

/// What Go writes for a byte that is not part of valid UTF-8 (`utf8.RuneError`).
pub(crate) const RUNE_ERROR: char = '\u{FFFD}';

/// Decodes the first rune of `bytes` (`utf8.DecodeRune`): an invalid byte is [`RUNE_ERROR`] of width 1, an empty
/// string is [`RUNE_ERROR`] of width 0.
pub(crate) fn decode(bytes: &[u8]) -> (char, usize) {
    let Some(&first) = bytes.first() else {
        return (RUNE_ERROR, 0);
    };
    if first < 0x80 {
        return (first as char, 1);
    }
    let width = match first {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => return (RUNE_ERROR, 1),
    };
    let rune = bytes
        .get(..width)
        .and_then(|part| std::str::from_utf8(part).ok())
        .and_then(|text| text.chars().next());
    rune.map_or((RUNE_ERROR, 1), |rune| (rune, width))
}

/// Decodes the last rune of `bytes` (`utf8.DecodeLastRune`).
pub(crate) fn decode_last(bytes: &[u8]) -> (char, usize) {
    if bytes.is_empty() {
        return (RUNE_ERROR, 0);
    }
    for width in 1..=bytes.len().min(4) {
        let (rune, size) = decode(&bytes[bytes.len() - width..]);
        if size == width && (width > 1 || rune != RUNE_ERROR) {
            return (rune, width);
        }
    }
    (RUNE_ERROR, 1)
}

/// Iterates over the runes of a byte string, as `range` over a Go string does; yields offset, rune and width.
pub(crate) fn runes(bytes: &[u8]) -> impl Iterator<Item = (usize, char, usize)> + '_ {
    let mut offset = 0;
    std::iter::from_fn(move || {
        let rest = bytes.get(offset..).filter(|rest| !rest.is_empty())?;
        let (rune, width) = decode(rest);
        let at = offset;
        offset += width;
        Some((at, rune, width))
    })
}

/// Appends the UTF-8 form of a rune.
pub(crate) fn push(out: &mut Vec<u8>, rune: char) {
    let mut buffer = [0; 4];
    out.extend_from_slice(rune.encode_utf8(&mut buffer).as_bytes());
}

/// `strings.Map` with a mapping that drops nothing.
pub(crate) fn map(bytes: &[u8], mut mapping: impl FnMut(char) -> char) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for (_, rune, _) in runes(bytes) {
        push(&mut out, mapping(rune));
    }
    out
}

/// `unicode.IsSpace`.
pub(crate) fn is_space(rune: char) -> bool {
    matches!(
        rune,
        '\t'..='\r'
            | ' '
            | '\u{85}'
            | '\u{A0}'
            | '\u{1680}'
            | '\u{2000}'..='\u{200A}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{202F}'
            | '\u{205F}'
            | '\u{3000}'
    )
}

/// `unicode.IsUpper`.
pub(crate) fn is_upper(rune: char) -> bool {
    if rune.is_ascii() {
        return rune.is_ascii_uppercase();
    }
    get_general_category(rune) == GeneralCategory::UppercaseLetter
}

/// `unicode.IsLower`.
pub(crate) fn is_lower(rune: char) -> bool {
    if rune.is_ascii() {
        return rune.is_ascii_lowercase();
    }
    get_general_category(rune) == GeneralCategory::LowercaseLetter
}

/// `unicode.IsTitle`.
pub(crate) fn is_title(rune: char) -> bool {
    !rune.is_ascii() && get_general_category(rune) == GeneralCategory::TitlecaseLetter
}

/// `unicode.IsLetter`.
pub(crate) fn is_letter(rune: char) -> bool {
    if rune.is_ascii() {
        return rune.is_ascii_alphabetic();
    }
    matches!(
        get_general_category(rune),
        GeneralCategory::UppercaseLetter
            | GeneralCategory::LowercaseLetter
            | GeneralCategory::TitlecaseLetter
            | GeneralCategory::ModifierLetter
            | GeneralCategory::OtherLetter
    )
}

/// `unicode.IsDigit`.
pub(crate) fn is_digit(rune: char) -> bool {
    if rune.is_ascii() {
        return rune.is_ascii_digit();
    }
    get_general_category(rune) == GeneralCategory::DecimalNumber
}

/// `unicode.IsNumber`.
pub(crate) fn is_number(rune: char) -> bool {
    if rune.is_ascii() {
        return rune.is_ascii_digit();
    }
    matches!(
        get_general_category(rune),
        GeneralCategory::DecimalNumber | GeneralCategory::LetterNumber | GeneralCategory::OtherNumber
    )
}

/// `unicode.IsPunct`.
pub(crate) fn is_punct(rune: char) -> bool {
    matches!(
        get_general_category(rune),
        GeneralCategory::ConnectorPunctuation
            | GeneralCategory::DashPunctuation
            | GeneralCategory::OpenPunctuation
            | GeneralCategory::ClosePunctuation
            | GeneralCategory::InitialPunctuation
            | GeneralCategory::FinalPunctuation
            | GeneralCategory::OtherPunctuation
    )
}

/// `unicode.ToUpper`: one rune to one rune.
pub(crate) fn to_upper(rune: char) -> char {
    if rune.is_ascii() {
        return rune.to_ascii_uppercase();
    }
    let mut upper = rune.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(single), None) => single,
        // The full mapping has several runes; the simple one is what Go uses.
        (_, _) => simple_upper_of_special(rune),
    }
}

/// `unicode.ToLower`: one rune to one rune.
pub(crate) fn to_lower(rune: char) -> char {
    if rune.is_ascii() {
        return rune.to_ascii_lowercase();
    }
    let mut lower = rune.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(single), None) => single,
        // Only `İ` has a full lower-case mapping of two runes; its simple mapping is `i`.
        (_, _) => 'i',
    }
}

/// `unicode.ToTitle`: upper case but for the digraphs, which have a title form, and Georgian, which has none.
pub(crate) fn to_title(rune: char) -> char {
    match rune {
        '\u{01C4}'..='\u{01C6}' => '\u{01C5}',
        '\u{01C7}'..='\u{01C9}' => '\u{01C8}',
        '\u{01CA}'..='\u{01CC}' => '\u{01CB}',
        '\u{01F1}'..='\u{01F3}' => '\u{01F2}',
        '\u{10D0}'..='\u{10FA}' | '\u{10FD}'..='\u{10FF}' => rune,
        _ => to_upper(rune),
    }
}

/// Greek letters with iota subscript have a simple upper case beside their full one; the other runes with a full
/// mapping of several runes have none and stay.
fn simple_upper_of_special(rune: char) -> char {
    let code = rune as u32;
    let mapped = match code {
        0x1F80..=0x1F87 | 0x1F90..=0x1F97 | 0x1FA0..=0x1FA7 => code + 8,
        0x1FB3 | 0x1FC3 | 0x1FF3 => code + 9,
        _ => code,
    };
    char::from_u32(mapped).unwrap_or(rune)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invalid_byte_is_one_replacement_rune() {
        let got: Vec<_> = runes(b"a\xffb\xe2\x82")
            .map(|(_, rune, width)| (rune, width))
            .collect();
        assert_eq!(
            got,
            [
                ('a', 1),
                (RUNE_ERROR, 1),
                ('b', 1),
                (RUNE_ERROR, 1),
                (RUNE_ERROR, 1)
            ]
        );
        assert_eq!(decode_last("é".as_bytes()), ('é', 2));
        assert_eq!(decode_last(b"\xa9"), (RUNE_ERROR, 1));
    }

    #[test]
    fn case_mappings_keep_the_number_of_runes() {
        assert_eq!(to_upper('ß'), 'ß');
        assert_eq!(to_lower('İ'), 'i');
        assert_eq!(to_upper('ᾳ'), 'ᾼ');
        assert_eq!(to_title('ǆ'), 'ǅ');
        assert_eq!(to_title('ა'), 'ა');
    }
}
