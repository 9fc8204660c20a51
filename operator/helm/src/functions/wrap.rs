//! Wrapping and cutting of text (goutils 1.1.1): `wrap`, `wrapWith`, `abbrev`, `abbrevboth`. Widths are bytes.

/// `goutils.WrapCustom`. `charge` is told of every piece before it is added.
pub(super) fn wrap<E>(
    text: &[u8],
    width: i64,
    separator: &[u8],
    cut_long_words: bool,
    mut charge: impl FnMut(usize) -> Result<(), E>,
) -> Result<Vec<u8>, E> {
    let separator: &[u8] = if separator.is_empty() { b"\n" } else { separator };
    let width = usize::try_from(width).unwrap_or(1).max(1);
    let mut out = Vec::new();
    let mut offset = 0;
    let mut push = |piece: &[u8], more: bool| -> Result<(), E> {
        charge(piece.len() + if more { separator.len() } else { 0 })?;
        out.extend_from_slice(piece);
        if more {
            out.extend_from_slice(separator);
        }
        Ok(())
    };
    while text.len() - offset > width {
        if text[offset] == b' ' {
            offset += 1;
            continue;
        }
        let line = &text[offset..=offset + width];
        if let Some(blank) = line.iter().rposition(|byte| *byte == b' ') {
            push(&line[..blank], true)?;
            offset += blank + 1;
        } else if cut_long_words {
            push(&line[..width], true)?;
            offset += width;
        } else if let Some(blank) = text[offset + width..].iter().position(|byte| *byte == b' ') {
            let end = offset + width + blank;
            push(&text[offset..end], true)?;
            offset = end + 1;
        } else {
            push(&text[offset..], false)?;
            offset = text.len();
        }
    }
    push(&text[offset..], false)?;
    Ok(out)
}

/// `goutils.AbbreviateFull`; its errors give an empty text, as sprig drops them.
pub(super) fn abbreviate(text: &[u8], offset: i64, width: i64) -> Vec<u8> {
    const MARKER: &[u8] = b"...";
    let length = text.len() as i64;
    if text.is_empty() || width < 4 {
        return Vec::new();
    }
    if length <= width {
        return text.to_vec();
    }
    let mut offset = offset.min(length);
    if length - offset < width - 3 {
        offset = length - (width - 3);
    }
    let kept = (width - 3) as usize;
    if offset <= 4 {
        return [&text[..kept], MARKER].concat();
    }
    if width < 7 {
        return Vec::new();
    }
    if offset + width - 3 < length {
        return [MARKER, &abbreviate(&text[offset as usize..], 0, width - 3)].concat();
    }
    [MARKER, &text[text.len() - kept..]].concat()
}
