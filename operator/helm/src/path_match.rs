//! Go's `filepath.Match`: the patterns of `.helmignore` and of `--show-only`.
//!
//! `*` and `?` do not cross `/`; `[a-z]` and `[^a-z]` are classes; `\` takes the next character literally.
//! Mirrors `path/filepath/match.go` of the Go standard library, with its one error.
//! `.Files.Glob` speaks another language: [`crate::glob`].

use crate::text::{REPLACEMENT, decode_rune};

/// The pattern is malformed: an open class or a trailing backslash. Go's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("syntax error in pattern")]
pub struct BadPattern;

/// Says whether the whole of `name` matches `pattern`.
///
/// As in Go, a malformed part of the pattern is only an error when the match gets that far.
pub fn path_match(pattern: &str, name: &str) -> Result<bool, BadPattern> {
    let mut pattern = pattern.as_bytes();
    let mut name = name.as_bytes();
    'pattern: while !pattern.is_empty() {
        let (star, chunk, rest) = scan_chunk(pattern);
        pattern = rest;
        if star && chunk.is_empty() {
            // A trailing star takes the rest of the name, unless it would cross a separator.
            return Ok(!name.contains(&b'/'));
        }
        if let Some(after) = match_chunk(chunk, name)?
            && (after.is_empty() || !pattern.is_empty())
        {
            name = after;
            continue;
        }
        if star {
            // Try every later place that the star may skip to.
            for index in 0..name.len() {
                if name[index] == b'/' {
                    break;
                }
                if let Some(after) = match_chunk(chunk, &name[index + 1..])? {
                    // The last chunk must take everything.
                    if pattern.is_empty() && !after.is_empty() {
                        continue;
                    }
                    name = after;
                    continue 'pattern;
                }
            }
        }
        return Ok(false);
    }
    Ok(name.is_empty())
}

/// Cuts leading stars and the piece up to the next star.
fn scan_chunk(pattern: &[u8]) -> (bool, &[u8], &[u8]) {
    let stars = pattern.iter().take_while(|&&byte| byte == b'*').count();
    let chunk = &pattern[stars..];
    let mut in_class = false;
    let mut index = 0;
    while index < chunk.len() {
        match chunk[index] {
            b'\\' if index + 1 < chunk.len() => index += 1,
            b'[' => in_class = true,
            b']' => in_class = false,
            b'*' if !in_class => break,
            _ => {}
        }
        index += 1;
    }
    (stars > 0, &chunk[..index], &chunk[index..])
}

/// Matches a chunk without stars at the start of `name`; gives what is left of the name.
fn match_chunk<'n>(mut chunk: &[u8], mut name: &'n [u8]) -> Result<Option<&'n [u8]>, BadPattern> {
    // After a mismatch the walk goes on, to find a malformed rest of the chunk.
    let mut failed = false;
    while let Some(&first) = chunk.first() {
        failed = failed || name.is_empty();
        match first {
            b'[' => {
                let mut rune = 0;
                if !failed {
                    let (decoded, width) = decode_rune(name);
                    rune = decoded;
                    name = &name[width..];
                }
                let hit;
                (hit, chunk) = match_class(&chunk[1..], rune)?;
                failed = failed || !hit;
            }
            b'?' => {
                if !failed {
                    failed = name[0] == b'/';
                    name = &name[decode_rune(name).1..];
                }
                chunk = &chunk[1..];
            }
            _ => {
                if first == b'\\' {
                    chunk = &chunk[1..];
                }
                let literal = *chunk.first().ok_or(BadPattern)?;
                if !failed {
                    failed = literal != name[0];
                    name = &name[1..];
                }
                chunk = &chunk[1..];
            }
        }
    }
    Ok((!failed).then_some(name))
}

/// Matches one character against a class whose `[` is already cut; gives the chunk after its `]`.
fn match_class(chunk: &[u8], rune: u32) -> Result<(bool, &[u8]), BadPattern> {
    let (negated, mut chunk) = match chunk.strip_prefix(b"^") {
        Some(rest) => (true, rest),
        None => (false, chunk),
    };
    let mut hit = false;
    let mut ranges = 0;
    loop {
        if ranges > 0
            && let Some(rest) = chunk.strip_prefix(b"]")
        {
            return Ok((hit != negated, rest));
        }
        let low;
        (low, chunk) = class_character(chunk)?;
        let mut high = low;
        if let Some(rest) = chunk.strip_prefix(b"-") {
            (high, chunk) = class_character(rest)?;
        }
        hit = hit || (low <= rune && rune <= high);
        ranges += 1;
    }
}

/// One character of a class; the class must go on after it.
fn class_character(chunk: &[u8]) -> Result<(u32, &[u8]), BadPattern> {
    if matches!(chunk.first(), None | Some(b'-' | b']')) {
        return Err(BadPattern);
    }
    let chunk = chunk.strip_prefix(b"\\").unwrap_or(chunk);
    let (rune, width) = decode_rune(chunk);
    if width == 0 || (rune == REPLACEMENT && width == 1) || width == chunk.len() {
        return Err(BadPattern);
    }
    Ok((rune, &chunk[width..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cases_of_go() {
        for (pattern, name, expected) in [
            ("abc", "abc", Ok(true)),
            ("*", "abc", Ok(true)),
            ("*c", "abc", Ok(true)),
            ("a*", "a", Ok(true)),
            ("a*", "ab/c", Ok(false)),
            ("a*/b", "abc/b", Ok(true)),
            ("a*/b", "a/c/b", Ok(false)),
            ("a*b*c*d*e*/f", "axbxcxdxe/f", Ok(true)),
            ("a*b*c*d*e*/f", "axbxcxdxe/xxx/f", Ok(false)),
            ("a*b?c*x", "abxbbxdbxebxczzx", Ok(true)),
            ("a*b?c*x", "abxbbxdbxebxczzy", Ok(false)),
            ("ab[c]", "abc", Ok(true)),
            ("ab[^c]", "abc", Ok(false)),
            ("ab[e-g]", "abc", Ok(false)),
            ("a\\*b", "a*b", Ok(true)),
            ("a\\*b", "ab", Ok(false)),
            ("a?b", "a☺b", Ok(true)),
            ("a[^a][^a][^a]b", "a☺b", Ok(false)),
            ("[a-ζ]*", "α", Ok(true)),
            ("*[a-ζ]", "A", Ok(false)),
            ("a?b", "a/b", Ok(false)),
            ("[\\]a]", "]", Ok(true)),
            ("[x\\-]", "-", Ok(true)),
            ("[]a]", "]", Err(BadPattern)),
            ("[-]", "-", Err(BadPattern)),
            ("[x-]", "x", Err(BadPattern)),
            ("\\", "a", Err(BadPattern)),
            ("[", "a", Err(BadPattern)),
            ("[^bc", "a", Err(BadPattern)),
            ("a[", "ab", Err(BadPattern)),
            ("a/b[", "x", Err(BadPattern)),
            ("*x", "xxx", Ok(true)),
        ] {
            assert_eq!(path_match(pattern, name), expected, "{pattern:?} {name:?}");
        }
    }
}
