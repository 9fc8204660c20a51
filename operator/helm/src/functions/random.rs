//! Random texts and numbers: `randAlphaNum` and friends, `randInt`, `randBytes`, `shuffle`, `uuidv4`.
//!
//! All randomness comes from [`crate::facts::Facts::random_bytes`].

use data_encoding::BASE64;
use gotemplate::{Frame, FuncError, Function, GoInt, Str};

use super::charge;
use super::host::random_bytes;
use super::unicode::{push, runes};

const DIGITS: &[u8] = b"0123456789";
const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The functions of this family.
pub(super) fn functions() -> Vec<Function> {
    let mut all = vec![
        Function::new("randInt", rand_int),
        Function::new("randBytes", rand_bytes),
        Function::new("shuffle", shuffle),
        Function::new("uuidv4", uuid_v4),
    ];
    let alphabets: [(&'static str, Vec<u8>); 4] = [
        ("randAlphaNum", [DIGITS, LETTERS].concat()),
        ("randAlpha", LETTERS.to_vec()),
        ("randNumeric", DIGITS.to_vec()),
        ("randAscii", (32..127).collect()),
    ];
    for (name, alphabet) in alphabets {
        all.push(Function::new(name, move |frame: &mut Frame<'_>, count: GoInt| {
            from_alphabet(frame, &alphabet, count.0)
        }));
    }
    all
}

/// `goutils.CryptoRandom`: its error for a negative count is dropped by sprig.
fn from_alphabet(frame: &mut Frame<'_>, alphabet: &[u8], count: i64) -> Result<Str, FuncError> {
    let count = usize::try_from(count).unwrap_or(0);
    charge::text(frame, count.saturating_mul(4))?;
    let mut out = Vec::with_capacity(count);
    for _ in 0..count {
        out.push(alphabet[below(frame, alphabet.len() as u64)? as usize]);
    }
    Ok(Str::from(out))
}

/// A uniform number below `limit`, by rejection.
fn below(frame: &mut Frame<'_>, limit: u64) -> Result<u64, FuncError> {
    let zone = u64::MAX - u64::MAX % limit.max(1);
    loop {
        frame.charge_steps(1)?;
        let mut buffer = [0; 8];
        random_bytes(frame, &mut buffer)?;
        let number = u64::from_le_bytes(buffer);
        if number < zone {
            return Ok(number % limit.max(1));
        }
    }
}

/// `rand.Intn(max-min) + min`.
fn rand_int(frame: &mut Frame<'_>, min: GoInt, max: GoInt) -> Result<GoInt, FuncError> {
    let span = max.0.wrapping_sub(min.0);
    if span <= 0 {
        return Err(FuncError::panic("invalid argument to Intn"));
    }
    let offset = below(frame, span.unsigned_abs())?;
    Ok(GoInt(min.0.wrapping_add(offset as i64)))
}

fn rand_bytes(frame: &mut Frame<'_>, count: GoInt) -> Result<String, FuncError> {
    let Ok(count) = usize::try_from(count.0) else {
        return Err(FuncError::panic("runtime error: makeslice: len out of range"));
    };
    charge::text(frame, count.saturating_mul(3))?;
    let mut buffer = vec![0; count];
    random_bytes(frame, &mut buffer)?;
    Ok(BASE64.encode(&buffer))
}

/// `xstrings.Shuffle`, by runes.
fn shuffle(frame: &mut Frame<'_>, text: Str) -> Result<Str, FuncError> {
    charge::text(frame, text.len().saturating_mul(4))?;
    let mut letters: Vec<char> = runes(&text).map(|(_, rune, _)| rune).collect();
    for last in (1..letters.len()).rev() {
        let other = below(frame, last as u64 + 1)? as usize;
        letters.swap(last, other);
    }
    let mut out = Vec::with_capacity(text.len());
    for letter in letters {
        push(&mut out, letter);
    }
    Ok(Str::from(out))
}

/// A version 4 UUID (RFC 9562).
fn uuid_v4(frame: &mut Frame<'_>) -> Result<String, FuncError> {
    let mut bytes = [0; 16];
    random_bytes(frame, &mut bytes)?;
    bytes[6] = bytes[6] & 0x0F | 0x40;
    bytes[8] = bytes[8] & 0x3F | 0x80;
    let hex = data_encoding::HEXLOWER.encode(&bytes);
    Ok(format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    ))
}
