//! Characters as Go sees them: UTF-8 decoding that steps over one bad byte at a time, and character
//! classes of the Unicode version that Go carries (which is older than Rust's).

mod tables;

/// What Go decodes an invalid byte to (`utf8.RuneError`).
pub const REPLACEMENT: char = char::REPLACEMENT_CHARACTER;

/// Decodes the first character and its width in bytes. An invalid sequence is [`REPLACEMENT`] of width 1;
/// empty input is `None`.
pub fn decode(bytes: &[u8]) -> Option<(char, usize)> {
    let first = *bytes.first()?;
    if first < 0x80 {
        return Some((char::from(first), 1));
    }
    let width = match first {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return Some((REPLACEMENT, 1)),
    };
    let decoded = bytes
        .get(..width)
        .and_then(|bytes| std::str::from_utf8(bytes).ok())
        .and_then(|s| s.chars().next());
    Some(decoded.map_or((REPLACEMENT, 1), |c| (c, width)))
}

/// Decodes the last character and its width in bytes, as [`decode`].
pub fn decode_last(bytes: &[u8]) -> Option<(char, usize)> {
    let last = *bytes.last()?;
    if last < 0x80 {
        return Some((char::from(last), 1));
    }
    for width in 2..=4.min(bytes.len()) {
        let tail = &bytes[bytes.len() - width..];
        if let Some((c, decoded)) = decode(tail)
            && decoded == width
        {
            return Some((c, width));
        }
    }
    Some((REPLACEMENT, 1))
}

/// The characters of bytes, as ranging over a Go string gives them: offset, character, width.
pub fn chars(bytes: &[u8]) -> impl Iterator<Item = (usize, char, usize)> + '_ {
    let mut offset = 0;
    std::iter::from_fn(move || {
        let (c, width) = decode(&bytes[offset..])?;
        let at = offset;
        offset += width;
        Some((at, c, width))
    })
}

/// `utf8.RuneCount`
pub fn count(bytes: &[u8]) -> usize {
    if bytes.is_ascii() {
        bytes.len()
    } else {
        chars(bytes).count()
    }
}

/// Appends the UTF-8 form of a character.
pub fn push(out: &mut Vec<u8>, c: char) {
    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

/// `unicode.IsLetter`
pub fn is_letter(c: char) -> bool {
    if c.is_ascii() {
        c.is_ascii_alphabetic()
    } else {
        contains(tables::LETTER, c)
    }
}

/// `unicode.IsDigit`: decimal digits of any script.
pub fn is_digit(c: char) -> bool {
    if c.is_ascii() {
        c.is_ascii_digit()
    } else {
        contains(tables::DIGIT, c)
    }
}

/// `strconv.IsPrint` and `unicode.IsPrint`: what Go writes as it is when it quotes.
pub fn is_print(c: char) -> bool {
    if c.is_ascii() {
        (' '..='~').contains(&c)
    } else {
        contains(tables::PRINT, c)
    }
}

/// `unicode.IsSpace`
pub fn is_space(c: char) -> bool {
    matches!(
        c,
        '\t' | '\n' | '\x0b' | '\x0c' | '\r' | ' ' | '\u{85}' | '\u{a0}' | '\u{1680}' | '\u{2000}'
            ..='\u{200a}' | '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    )
}

/// `bytes.TrimSpace`
pub fn trim_space(mut bytes: &[u8]) -> &[u8] {
    while let Some((c, width)) = decode(bytes)
        && is_space(c)
    {
        bytes = &bytes[width..];
    }
    while let Some((c, width)) = decode_last(bytes)
        && is_space(c)
    {
        bytes = &bytes[..bytes.len() - width];
    }
    bytes
}

fn contains(table: &[(u32, u32)], c: char) -> bool {
    let c = u32::from(c);
    let after = table.partition_point(|&(first, _)| first <= c);
    after > 0 && c <= table[after - 1].1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_bytes_count_one_each() {
        assert_eq!(count(b"a\xff\xfeb"), 4);
        assert_eq!(count("é€😀".as_bytes()), 3);
        // A truncated three-byte sequence is two bad bytes, not one.
        assert_eq!(count(b"\xe2\x82"), 2);
        assert_eq!(decode(b"\xed\xa0\x80"), Some((REPLACEMENT, 1)));
        assert_eq!(decode_last("a€".as_bytes()), Some(('€', 3)));
        assert_eq!(decode_last(b"a\x82\xac"), Some((REPLACEMENT, 1)));
    }

    #[test]
    fn classes_are_those_of_go() {
        assert!(is_letter('é') && is_letter('中') && !is_letter('Ⅷ') && !is_letter('_'));
        assert!(is_digit('٣') && !is_digit('²'));
        assert!(is_print('\u{a1}') && !is_print('\u{a0}') && !is_print('\u{200b}') && !is_print('\u{feff}'));
    }

    #[test]
    fn space_is_trimmed_in_characters() {
        assert_eq!(trim_space("\u{3000} a b\u{a0}\n".as_bytes()), b"a b");
        assert_eq!(trim_space(b" \t"), b"");
    }
}
