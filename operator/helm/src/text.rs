//! Small pieces of Go's standard library that error texts and file names need: `%q`, `path.Clean`, `path.Join`.

use gotemplate::{strconv, unicode};

/// Go's `unicode.IsPrint`.
pub(crate) fn is_print(character: char) -> bool {
    unicode::is_print(character)
}

/// Go's `%q` of a string.
pub(crate) fn go_quote(text: &str) -> String {
    String::from_utf8_lossy(&strconv::quote(text.as_bytes())).into_owned()
}

/// Go's `%q` of a rune.
pub(crate) fn go_quote_rune(character: char) -> String {
    String::from_utf8_lossy(&strconv::quote_char(character)).into_owned()
}

/// Go's `fmt.Sprintf` of one value.
pub(crate) fn go_format(verb: &str, value: &gotemplate::Value) -> String {
    // Only nesting beyond the stack could fail, and values from files are not nested that deep.
    gotemplate::format::sprintf(verb.as_bytes(), std::slice::from_ref(value))
        .map_or_else(|error| error.to_string(), |text| text.to_str_lossy().into_owned())
}

/// Go's `path.Clean`.
pub(crate) fn clean_path(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(&last) if last != ".." => {
                    parts.pop();
                }
                None if rooted => {}
                Some(_) | None => parts.push(part),
            },
            _ => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

/// Go's `path.Join` of two elements.
pub(crate) fn join_path(base: &str, name: &str) -> String {
    match (base.is_empty(), name.is_empty()) {
        (true, true) => String::new(),
        (true, false) => clean_path(name),
        (false, true) => clean_path(base),
        (false, false) => clean_path(&format!("{base}/{name}")),
    }
}

/// Go's `path.Base`.
pub(crate) fn base_name(path: &str) -> &str {
    if path.is_empty() {
        return ".";
    }
    let path = path.trim_end_matches('/');
    if path.is_empty() {
        return "/";
    }
    path.rsplit('/').next().unwrap_or(path)
}

/// Go's `filepath.Ext`: from the last dot of the last element, with the dot.
pub(crate) fn extension(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rfind('.').map_or("", |dot| &name[dot..])
}

/// What Go's decoder gives for bytes that are not UTF-8.
pub(crate) const REPLACEMENT: u32 = 0xFFFD;

/// The first rune and its width, as Go's `utf8.DecodeRune` sees it: a wrong byte is U+FFFD of width one.
pub(crate) fn decode_rune(bytes: &[u8]) -> (u32, usize) {
    let head = &bytes[..bytes.len().min(4)];
    let valid = match std::str::from_utf8(head) {
        Ok(text) => text,
        // A longer character may be cut at the end; what stands before it is valid.
        Err(error) => std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default(),
    };
    match valid.chars().next() {
        Some(character) => (u32::from(character), character.len_utf8()),
        None => (REPLACEMENT, bytes.len().min(1)),
    }
}

/// The runes of bytes as Go's `range` over a string gives them: offset and rune.
pub(crate) fn runes(bytes: &[u8]) -> impl Iterator<Item = (usize, u32)> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = bytes.get(at..).filter(|rest| !rest.is_empty())?;
        let (rune, width) = decode_rune(rest);
        at += width;
        Some((at - width, rune))
    })
}

/// Go's `utf8.RuneLen`.
pub(crate) fn rune_len(rune: u32) -> usize {
    char::from_u32(rune).map_or(3, char::len_utf8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoting_is_gos() {
        assert_eq!(
            go_quote("a\"b\\\n\u{1}é\u{200b}\u{a0}"),
            r#""a\"b\\\n\x01é\u200b\u00a0""#
        );
        assert_eq!(go_quote("it's"), "\"it's\"");
        assert_eq!(go_quote_rune('\''), r"'\''");
        assert_eq!(go_quote_rune('x'), "'x'");
    }

    #[test]
    fn paths_are_gos() {
        for (path, clean) in [
            ("", "."),
            ("abc/./def", "abc/def"),
            ("abc//def/", "abc/def"),
            ("abc/../../def", "../def"),
            ("/../a", "/a"),
            ("/", "/"),
            ("..", ".."),
        ] {
            assert_eq!(clean_path(path), clean, "{path}");
        }
        assert_eq!(base_name("a/b/"), "b");
        assert_eq!(base_name("/"), "/");
        assert_eq!(extension("a.b/c"), "");
        assert_eq!(extension("a/c.tar.gz"), ".gz");
    }
}
