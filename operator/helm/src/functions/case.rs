//! Word-wise case functions: xstrings 1.5.0 (`camelcase`, `snakecase`, `kebabcase`) and goutils 1.1.1 (`swapcase`,
//! `untitle`, `initials`), plus Go's deprecated `strings.Title`.
//!
//! Pure text algorithms over bytes; nothing here knows values or templates.

use super::unicode::{
    RUNE_ERROR, decode, is_digit, is_letter, is_lower, is_number, is_punct, is_space, is_title, is_upper,
    map, push, runes, to_lower, to_title, to_upper,
};

/// `strings.Title`: the title case of every rune that follows a separator.
pub(crate) fn title(text: &[u8]) -> Vec<u8> {
    let mut previous = ' ';
    map(text, |rune| {
        let mapped = if is_separator(previous) {
            to_title(rune)
        } else {
            rune
        };
        previous = rune;
        mapped
    })
}

fn is_separator(rune: char) -> bool {
    if rune.is_ascii() {
        return !(rune.is_ascii_alphanumeric() || rune == '_');
    }
    !is_letter(rune) && !is_digit(rune) && is_space(rune)
}

/// `goutils.Uncapitalize`: the first rune of every word in lower case.
pub(crate) fn uncapitalize(text: &[u8]) -> Vec<u8> {
    let mut next = true;
    map(text, |rune| {
        if is_space(rune) {
            next = true;
            rune
        } else if next {
            next = false;
            to_lower(rune)
        } else {
            rune
        }
    })
}

/// `goutils.SwapCase`.
pub(crate) fn swap_case(text: &[u8]) -> Vec<u8> {
    let mut whitespace = true;
    map(text, |rune| {
        if is_upper(rune) || is_title(rune) {
            whitespace = false;
            to_lower(rune)
        } else if is_lower(rune) {
            if whitespace {
                whitespace = false;
                to_title(rune)
            } else {
                to_upper(rune)
            }
        } else {
            whitespace = is_space(rune);
            rune
        }
    })
}

/// `goutils.Initials`. Bytes, not runes: each byte is taken for a Latin-1 rune, as upstream does.
pub(crate) fn initials(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut gap = true;
    for &byte in text {
        if is_space(byte as char) {
            gap = true;
        } else if gap {
            push(&mut out, byte as char);
            gap = false;
        }
    }
    out
}

/// `goutils.DeleteWhiteSpace`. Bytes taken for Latin-1 runes too, so that non-ASCII text with a blank is mangled.
pub(crate) fn delete_white_space(text: &[u8]) -> Vec<u8> {
    if !text.iter().any(|&byte| is_space(byte as char)) {
        return text.to_vec();
    }
    let mut out = Vec::with_capacity(text.len());
    for &byte in text {
        if !is_space(byte as char) {
            push(&mut out, byte as char);
        }
    }
    out
}

/// `xstrings.ToPascalCase`, which sprig calls `camelcase`.
pub(crate) fn pascal_case(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    let mut current = RUNE_ERROR;
    let mut first_upper = false;
    let mut size = 0;
    while !rest.is_empty() {
        (current, size) = decode(rest);
        rest = &rest[size..];
        if !is_connector(current) {
            first_upper = is_upper(current);
            current = to_upper(current);
            break;
        }
        // Leading connectors stay.
        push(&mut out, current);
    }
    if rest.is_empty() {
        if size != 0 {
            push(&mut out, current);
        }
        return out;
    }
    while !rest.is_empty() {
        let previous = current;
        (current, size) = decode(rest);
        rest = &rest[size..];
        if is_connector(current) && is_connector(previous) {
            push(&mut out, previous);
            continue;
        }
        if is_connector(previous) {
            first_upper = is_upper(current);
            current = to_upper(current);
        } else {
            if first_upper {
                if is_upper(current) {
                    current = to_lower(current);
                } else {
                    first_upper = false;
                }
            }
            push(&mut out, previous);
        }
    }
    push(&mut out, current);
    out
}

fn is_connector(rune: char) -> bool {
    rune == '-' || rune == '_' || is_space(rune)
}

/// `xstrings.isAlphabet`: a letter, but not one of the CJK ideographs it counts.
fn is_alphabet(rune: char) -> bool {
    is_letter(rune)
        && !matches!(rune, '\u{4E00}'..='\u{9FCC}' | '\u{3400}'..='\u{4D85}' | '\u{20000}'..='\u{2B81D}')
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    Invalid,
    Number,
    UpperCase,
    Alphabet,
    Connector,
    Punct,
    Other,
}

/// `xstrings.ToSnakeCase` (`_`) and `xstrings.ToKebabCase` (`-`).
pub(crate) fn separated_lower_case(text: &[u8], connector: u8) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 8);
    if text.is_empty() {
        return out;
    }
    let (mut kind, mut word, mut rest) = next_word(text);
    while !rest.is_empty() {
        if kind != Word::Connector {
            append_lower(&mut out, kind, word, connector);
        }
        let previous = kind;
        let last = word;
        (kind, word, rest) = next_word(rest);
        match previous {
            Word::Number => {
                while matches!(kind, Word::Alphabet | Word::Number) {
                    append_lower(&mut out, kind, word, connector);
                    (kind, word, rest) = next_word(rest);
                }
                if !matches!(kind, Word::Invalid | Word::Punct | Word::Connector) {
                    out.push(connector);
                }
            }
            Word::Connector => append_lower(&mut out, previous, last, connector),
            Word::Punct => {}
            Word::Invalid | Word::UpperCase | Word::Alphabet | Word::Other => {
                if kind != Word::Number {
                    if !matches!(kind, Word::Connector | Word::Punct) {
                        out.push(connector);
                    }
                    continue;
                }
                if rest.is_empty() {
                    continue;
                }
                let number = word;
                (kind, word, rest) = next_word(rest);
                // A number belongs to the word before it ("Bld4Floor") unless lower case letters follow ("HTTP2xx").
                if kind != Word::Alphabet {
                    append_lower(&mut out, Word::Number, number, connector);
                    if !matches!(kind, Word::Connector | Word::Punct) {
                        out.push(connector);
                    }
                    continue;
                }
                out.push(connector);
                append_lower(&mut out, Word::Number, number, connector);
                while matches!(kind, Word::Alphabet | Word::Number) {
                    append_lower(&mut out, kind, word, connector);
                    (kind, word, rest) = next_word(rest);
                }
                if !matches!(kind, Word::Invalid | Word::Connector | Word::Punct) {
                    out.push(connector);
                }
            }
        }
    }
    append_lower(&mut out, kind, word, connector);
    out
}

fn append_lower(out: &mut Vec<u8>, kind: Word, word: &[u8], connector: u8) {
    if kind != Word::UpperCase && kind != Word::Connector {
        out.extend_from_slice(word);
        return;
    }
    for (_, rune, _) in runes(word) {
        if is_connector(rune) {
            out.push(connector);
        } else if is_upper(rune) {
            push(out, to_lower(rune));
        } else {
            push(out, rune);
        }
    }
}

/// `xstrings.nextValidRune`: the next rune that is not U+FFFD with the bytes skipped before it, or `previous`.
fn next_valid(text: &[u8], previous: char) -> (char, usize) {
    let mut size = 0;
    for (_, rune, width) in runes(text) {
        size += width;
        if rune != RUNE_ERROR {
            return (rune, size);
        }
    }
    (previous, size)
}

/// Takes runes while `accept` holds, starting behind the first `taken` bytes.
fn take_while(text: &[u8], mut taken: usize, mut rune: char, accept: impl Fn(char) -> bool) -> usize {
    while taken < text.len() {
        let (next, size) = next_valid(&text[taken..], rune);
        rune = next;
        if !accept(rune) {
            break;
        }
        taken += size;
    }
    taken
}

/// `xstrings.nextWord`: the kind and text of the first word, and what follows.
fn next_word(text: &[u8]) -> (Word, &[u8], &[u8]) {
    if text.is_empty() {
        return (Word::Invalid, text, text);
    }
    let (rune, size) = next_valid(text, RUNE_ERROR);
    let (kind, end) = if rune == RUNE_ERROR {
        (Word::Invalid, size)
    } else if is_connector(rune) {
        (Word::Connector, take_while(text, size, rune, is_connector))
    } else if is_punct(rune) {
        (Word::Punct, take_while(text, size, rune, is_punct))
    } else if is_upper(rune) {
        (Word::UpperCase, upper_case_end(text, size, rune))
    } else if is_alphabet(rune) {
        (
            Word::Alphabet,
            take_while(text, size, rune, |next| is_alphabet(next) && !is_upper(next)),
        )
    } else if is_number(rune) {
        (Word::Number, take_while(text, size, rune, is_number))
    } else {
        let stop = |next| is_connector(next) || is_alphabet(next) || is_number(next) || is_punct(next);
        (Word::Other, take_while(text, size, rune, |next| !stop(next)))
    };
    (kind, &text[..end], &text[end..])
}

/// End of a word that starts in upper case: `HTTPStatus` ends before `Status`, `Server` takes its lower case tail.
fn upper_case_end(text: &[u8], first: usize, rune: char) -> usize {
    if first >= text.len() {
        return first;
    }
    let (second, size) = next_valid(&text[first..], rune);
    if is_upper(second) {
        let mut end = first + size;
        let mut last = size;
        let mut rune = second;
        while end < text.len() {
            let (next, size) = next_valid(&text[end..], rune);
            rune = next;
            if !is_upper(rune) {
                break;
            }
            last = size;
            end += size;
        }
        if end < text.len() && is_alphabet(rune) {
            end - last
        } else {
            end
        }
    } else if is_alphabet(second) {
        take_while(text, first + size, second, |next| {
            is_alphabet(next) && !is_upper(next)
        })
    } else {
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(got: Vec<u8>, expected: &str) {
        assert_eq!(String::from_utf8_lossy(&got), expected);
    }

    #[test]
    fn words_are_split_as_xstrings_documents() {
        for (input, expected) in [
            ("FirstName", "first_name"),
            ("HTTPServer", "http_server"),
            ("http2xx", "http_2xx"),
            ("HTTP20xOK", "http_20x_ok"),
            ("Duration2m3s", "duration_2m3s"),
            ("Bld4Floor3rd", "bld4_floor_3rd"),
        ] {
            check(separated_lower_case(input.as_bytes(), b'_'), expected);
        }
        check(pascal_case(b"_complex__case_"), "_Complex_Case_");
        check(pascal_case(b"GOLANG_IS_GREAT"), "GolangIsGreat");
    }

    #[test]
    fn nospace_takes_bytes_for_runes() {
        check(delete_white_space("h é".as_bytes()), "hÃ©");
        check(delete_white_space("hé".as_bytes()), "hé");
    }
}
