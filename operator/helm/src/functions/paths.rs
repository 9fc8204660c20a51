//! Slash paths (Go's `path`): `base`, `dir`, `clean`, `ext`, `isAbs`, and their `os` twins, which are the same on Linux.

use gotemplate::{Function, Str};

use super::push_aliases;

/// The functions of this family.
pub(super) fn functions() -> Vec<Function> {
    let mut all = Vec::new();
    push_aliases(
        &mut all,
        &["base", "osBase"],
        Function::new("base", |path: Str| Str::from(base(&path))),
    );
    push_aliases(
        &mut all,
        &["dir", "osDir"],
        Function::new("dir", |path: Str| Str::from(dir(&path))),
    );
    push_aliases(
        &mut all,
        &["clean", "osClean"],
        Function::new("clean", |path: Str| Str::from(clean(&path))),
    );
    push_aliases(
        &mut all,
        &["ext", "osExt"],
        Function::new("ext", |path: Str| Str::from(ext(&path))),
    );
    push_aliases(
        &mut all,
        &["isAbs", "osIsAbs"],
        Function::new("isAbs", |path: Str| path.starts_with(b"/")),
    );
    all
}

/// `path.Base`.
fn base(path: &[u8]) -> &[u8] {
    if path.is_empty() {
        return b".";
    }
    let end = path
        .iter()
        .rposition(|byte| *byte != b'/')
        .map_or(0, |last| last + 1);
    if end == 0 {
        return b"/";
    }
    let start = path[..end]
        .iter()
        .rposition(|byte| *byte == b'/')
        .map_or(0, |slash| slash + 1);
    &path[start..end]
}

/// `path.Dir`.
fn dir(path: &[u8]) -> Vec<u8> {
    clean(
        path.iter()
            .rposition(|byte| *byte == b'/')
            .map_or(b"".as_slice(), |slash| &path[..=slash]),
    )
}

/// `path.Ext`.
fn ext(path: &[u8]) -> &[u8] {
    let name = path
        .iter()
        .rposition(|byte| *byte == b'/')
        .map_or(0, |slash| slash + 1);
    path[name..]
        .iter()
        .rposition(|byte| *byte == b'.')
        .map_or(b"".as_slice(), |dot| &path[name + dot..])
}

/// `path.Clean`.
pub(super) fn clean(path: &[u8]) -> Vec<u8> {
    let rooted = path.starts_with(b"/");
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." if parts.last().is_some_and(|last| *last != b"..") => _ = parts.pop(),
            b".." if rooted => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join(b"/".as_slice());
    match (rooted, joined.is_empty()) {
        (true, _) => [b"/", joined.as_slice()].concat(),
        (false, true) => b".".to_vec(),
        (false, false) => joined,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned_as_go_does() {
        for (path, expected) in [
            ("", "."),
            ("a/../..", ".."),
            ("/../a//b/.", "/a/b"),
            ("a/b/../c", "a/c"),
            ("../../x", "../../x"),
            ("/", "/"),
        ] {
            assert_eq!(String::from_utf8_lossy(&clean(path.as_bytes())), expected);
        }
        assert_eq!(dir(b"/foo"), b"/");
        assert_eq!(base(b"a/b//"), b"b");
        assert_eq!(ext(b"a.b/c"), b"");
    }
}
