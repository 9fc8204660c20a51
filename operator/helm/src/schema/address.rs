//! Addresses of schemas: URLs, fragments and JSON pointers.
//!
//! As much of `net/url` as references between schemas need; addresses are only ever compared, never fetched.

/// A schema: the document and the pointer into it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Address {
    pub(super) url: String,
    pub(super) pointer: String,
}

impl Address {
    pub(super) fn new(url: &str, pointer: &str) -> Self {
        Self {
            url: url.to_owned(),
            pointer: pointer.to_owned(),
        }
    }

    /// The address of a keyword of this schema.
    pub(super) fn below(&self, token: &str) -> Self {
        Self {
            url: self.url.clone(),
            pointer: format!("{}/{}", self.pointer, super::error::escape(token)),
        }
    }

    /// `url#pointer`, with the pointer escaped for a URL.
    pub(super) fn text(&self) -> String {
        format!("{}#{}", self.url, encode(&self.pointer))
    }
}

/// A fragment that is not a pointer is the name of an anchor.
pub(super) enum Fragment<'f> {
    Pointer(&'f str),
    Anchor(&'f str),
}

impl<'f> Fragment<'f> {
    pub(super) fn of(text: &'f str) -> Self {
        if text.is_empty() || text.starts_with('/') {
            Self::Pointer(text)
        } else {
            Self::Anchor(text)
        }
    }
}

/// Cuts at the first `#`.
pub(super) fn split(url: &str) -> (&str, &str) {
    url.split_once('#').unwrap_or((url, ""))
}

/// Escapes a pointer for a URL, slashes aside.
pub(super) fn encode(pointer: &str) -> String {
    let mut out = String::with_capacity(pointer.len());
    for byte in pointer.bytes() {
        match byte {
            b'a'..=b'z'
            | b'A'..=b'Z'
            | b'0'..=b'9'
            | b'-'
            | b'_'
            | b'.'
            | b'~'
            | b'$'
            | b'&'
            | b'+'
            | b'='
            | b':'
            | b'@'
            | b'/' => out.push(char::from(byte)),
            _ => {
                const HEX: &[u8; 16] = b"0123456789ABCDEF";
                out.push('%');
                out.push(char::from(HEX[usize::from(byte >> 4)]));
                out.push(char::from(HEX[usize::from(byte & 15)]));
            }
        }
    }
    out
}

/// Undoes percent escapes; the error is Go's text.
pub(super) fn decode(text: &str) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        if *first != b'%' {
            bytes.push(*first);
            rest = tail;
            continue;
        }
        let hex = |byte: &u8| char::from(*byte).to_digit(16);
        if let (Some(high), Some(low)) = (tail.first().and_then(hex), tail.get(1).and_then(hex)) {
            bytes.push((high * 16 + low) as u8);
            rest = &tail[2..];
        } else {
            let bad = String::from_utf8_lossy(&rest[..rest.len().min(3)]).into_owned();
            return Err(format!("invalid URL escape {}", crate::text::go_quote(&bad)));
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Resolves a reference without fragment against a base (RFC 3986, 5.2).
pub(super) fn join(base: &str, reference: &str) -> Result<String, String> {
    if reference.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
        return Err("net/url: invalid control character in URL".to_owned());
    }
    decode(reference.split('?').next().unwrap_or_default())?;
    if scheme(reference).is_some() {
        return Ok(reference.to_owned());
    }
    let first = reference.split('/').next().unwrap_or_default();
    if first.contains(':') {
        return Err("first path segment in URL cannot contain colon".to_owned());
    }
    let Some(scheme) = scheme(base) else {
        return Ok(reference.to_owned());
    };
    let after = &base[scheme.len() + 1..];
    let Some(hierarchy) = after.strip_prefix("//") else {
        // Opaque, such as `urn:a:b`.
        return Ok(if after.starts_with('/') {
            format!("{scheme}:{}", merge(after, reference))
        } else {
            base.to_owned()
        });
    };
    if let Some(network) = reference.strip_prefix("//") {
        return Ok(format!("{scheme}://{network}"));
    }
    let cut = hierarchy.find(['/', '?']).unwrap_or(hierarchy.len());
    let (authority, path) = hierarchy.split_at(cut);
    Ok(format!("{scheme}://{authority}{}", merge(path, reference)))
}

/// The scheme of an absolute URL.
pub(super) fn scheme(url: &str) -> Option<&str> {
    let (scheme, _) = url.split_once(':')?;
    let mut bytes = scheme.bytes();
    let letter_first = bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic());
    let rest = bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    (letter_first && rest).then_some(scheme)
}

/// Path and query of `reference` seen from `base`.
fn merge(base: &str, reference: &str) -> String {
    if reference.is_empty() {
        return base.to_owned();
    }
    let base_path = base.split('?').next().unwrap_or_default();
    let (path, query) = match reference.find('?') {
        Some(at) => reference.split_at(at),
        None => (reference, ""),
    };
    let full = if path.is_empty() {
        base_path.to_owned()
    } else if path.starts_with('/') {
        path.to_owned()
    } else {
        let directory = base_path.rfind('/').map_or("", |slash| &base_path[..=slash]);
        format!("{directory}{path}")
    };
    let mut parts: Vec<&str> = Vec::new();
    let mut trailing = false;
    for part in full.split('/') {
        trailing = matches!(part, "." | "..");
        match part {
            "." => {}
            ".." => {
                if parts.len() > 1 {
                    parts.pop();
                }
            }
            _ => parts.push(part),
        }
    }
    let mut joined = parts.join("/");
    if trailing && !joined.ends_with('/') {
        joined.push('/');
    }
    if !joined.starts_with('/') {
        joined.insert(0, '/');
    }
    format!("{joined}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_resolve() {
        for (base, reference, expected) in [
            ("file:///values.schema.json", "", "file:///values.schema.json"),
            ("file:///values.schema.json", "nope.json", "file:///nope.json"),
            (
                "https://json-schema.org/draft/2020-12/schema",
                "meta/core",
                "https://json-schema.org/draft/2020-12/meta/core",
            ),
            ("https://a.b/c/d?e", "../f", "https://a.b/f"),
            ("https://a.b/c/d", "/x?y", "https://a.b/x?y"),
            ("https://a.b", "x", "https://a.b/x"),
            ("https://a.b/c", "http://z/", "http://z/"),
            ("https://a.b/c", "//z/y", "https://z/y"),
            ("urn:a:b", "", "urn:a:b"),
        ] {
            assert_eq!(
                join(base, reference).as_deref(),
                Ok(expected),
                "{base} {reference}"
            );
        }
        assert!(join("file:///a", "x:y/z").is_ok());
        assert!(join("file:///a", "1:y").is_err());
        assert_eq!(decode("%zz").unwrap_err(), "invalid URL escape \"%zz\"");
    }
}
