//! Base64 and base32 (`b64enc`, `b64dec`, `b32enc`, `b32dec`), with the positions that Go's decoders report.

use data_encoding::{BASE32, BASE64};
use gotemplate::{Frame, FuncError, Function, Str};

use super::charge;

/// The functions of this family. A decoding error is returned as the text, as sprig does.
pub(super) fn functions() -> Vec<Function> {
    vec![
        Function::new(
            "b64enc",
            |frame: &mut Frame<'_>, text: Str| -> Result<String, FuncError> {
                charge::text(frame, text.len() / 3 * 4 + 4)?;
                Ok(BASE64.encode(&text))
            },
        ),
        Function::new(
            "b32enc",
            |frame: &mut Frame<'_>, text: Str| -> Result<String, FuncError> {
                charge::text(frame, text.len() / 5 * 8 + 8)?;
                Ok(BASE32.encode(&text))
            },
        ),
        Function::new(
            "b64dec",
            |frame: &mut Frame<'_>, text: Str| -> Result<Str, FuncError> {
                charge::text(frame, text.len())?;
                Ok(decode_base64(&text).map_or_else(Str::from, Str::from))
            },
        ),
        Function::new(
            "b32dec",
            |frame: &mut Frame<'_>, text: Str| -> Result<Str, FuncError> {
                charge::text(frame, text.len())?;
                Ok(decode_base32(&text).map_or_else(Str::from, Str::from))
            },
        ),
    ]
}

const PAD: u8 = b'=';

fn is_newline(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

fn digit64(byte: u8) -> Option<u32> {
    Some(u32::from(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}

fn digit32(byte: u8) -> Option<u64> {
    Some(u64::from(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'2'..=b'7' => byte - b'2' + 26,
        _ => return None,
    }))
}

/// `base64.StdEncoding.DecodeString`: newlines are skipped anywhere, bits left over are ignored.
///
/// # Errors
/// The text of Go's `CorruptInputError`.
pub(crate) fn decode_base64(text: &[u8]) -> Result<Vec<u8>, String> {
    let corrupt = |at: usize| format!("illegal base64 data at input byte {at}");
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let mut at = 0;
    let skip_newlines = |mut at: usize| {
        while text.get(at).copied().is_some_and(is_newline) {
            at += 1;
        }
        at
    };
    loop {
        let (mut bits, mut count) = (0_u32, 0_usize);
        let mut padded = false;
        while count < 4 && !padded {
            let Some(&byte) = text.get(at) else {
                if count == 0 {
                    return Ok(out);
                }
                return Err(corrupt(at - count));
            };
            at += 1;
            if let Some(digit) = digit64(byte) {
                bits = bits << 6 | digit;
                count += 1;
                continue;
            }
            if is_newline(byte) {
                continue;
            }
            if byte != PAD || count < 2 {
                return Err(corrupt(at - 1));
            }
            if count == 2 {
                at = skip_newlines(at);
                match text.get(at) {
                    None => return Err(corrupt(text.len())),
                    Some(&PAD) => at += 1,
                    Some(_) => return Err(corrupt(at - 1)),
                }
            }
            at = skip_newlines(at);
            if at < text.len() {
                return Err(corrupt(at));
            }
            padded = true;
        }
        bits <<= 6 * (4 - count);
        out.extend_from_slice(&bits.to_be_bytes()[1..count]);
        if padded {
            return Ok(out);
        }
    }
}

/// `base32.StdEncoding.DecodeString`.
fn decode_base32(text: &[u8]) -> Result<Vec<u8>, String> {
    let stripped: Vec<u8> = text.iter().copied().filter(|byte| !is_newline(*byte)).collect();
    let corrupt = |at: usize| format!("illegal base32 data at input byte {at}");
    let length = stripped.len();
    let mut rest = stripped.as_slice();
    let mut out = Vec::with_capacity(length / 8 * 5 + 5);
    while !rest.is_empty() {
        let (mut bits, mut count) = (0_u64, 0_usize);
        let mut ended = false;
        while count < 8 {
            let Some((&byte, after)) = rest.split_first() else {
                return Err(corrupt(length - count));
            };
            rest = after;
            if byte == PAD && count >= 2 && rest.len() < 8 {
                if rest.len() + count < 7 {
                    return Err(corrupt(length));
                }
                if let Some(wrong) = rest.iter().take(7 - count).position(|byte| *byte != PAD) {
                    return Err(corrupt((length - rest.len() + wrong).saturating_sub(1)));
                }
                // Three and six digits do not make whole bytes.
                if matches!(count, 3 | 6) {
                    return Err(corrupt(length - rest.len() - 1));
                }
                ended = true;
                break;
            }
            let digit = digit32(byte).ok_or_else(|| corrupt(length - rest.len() - 1))?;
            bits = bits << 5 | digit;
            count += 1;
        }
        bits <<= 5 * (8 - count);
        out.extend_from_slice(&bits.to_be_bytes()[3..3 + count * 5 / 8]);
        if ended {
            break;
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_the_byte_that_go_names() {
        assert_eq!(decode_base64(b"aGVs\nbG8="), Ok(b"hello".to_vec()));
        assert_eq!(
            decode_base64(b"a"),
            Err("illegal base64 data at input byte 0".to_owned())
        );
        assert_eq!(
            decode_base64(b"YWJj!"),
            Err("illegal base64 data at input byte 4".to_owned())
        );
        assert_eq!(decode_base64(b"YWI="), Ok(b"ab".to_vec()));
        assert_eq!(
            decode_base64(b"YQ=a"),
            Err("illegal base64 data at input byte 2".to_owned())
        );
        assert_eq!(decode_base32(b"NBSWY3DP"), Ok(b"hello".to_vec()));
        assert_eq!(
            decode_base32(b"nope"),
            Err("illegal base32 data at input byte 0".to_owned())
        );
    }
}
