//! SHA-256 digests of archives, manifests and layers. Other algorithms are not accepted anywhere.

use std::fmt;

use sha2::{Digest as _, Sha256};

/// A SHA-256 digest. Displays as `sha256:<64 lower-case hexadecimal digits>`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

/// A text that is no SHA-256 digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a sha256 digest")]
pub struct DigestError {
    text: String,
}

impl Digest {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Reads 64 hexadecimal digits with or without `sha256:` in front; an index holds either form.
    pub fn parse(text: &str) -> Result<Self, DigestError> {
        decode(text.strip_prefix("sha256:").unwrap_or(text))
            .map(Self)
            .ok_or_else(|| DigestError {
                text: text.chars().take(100).collect(),
            })
    }

    /// The 64 hexadecimal digits alone, for file names.
    pub fn hex(&self) -> String {
        self.0.iter().fold(String::with_capacity(64), |mut text, byte| {
            text.push(hex_digit(byte >> 4));
            text.push(hex_digit(byte & 15));
            text
        })
    }
}

impl From<[u8; 32]> for Digest {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn decode(hex: &str) -> Option<[u8; 32]> {
    let digits = hex.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let [high, low] = pair else { return None };
        let value = char::from(*high).to_digit(16)? * 16 + char::from(*low).to_digit(16)?;
        *byte = u8::try_from(value).ok()?;
    }
    Some(bytes)
}

fn hex_digit(value: u8) -> char {
    char::from_digit(u32::from(value), 16).unwrap_or('0')
}

#[cfg(test)]
mod tests {
    use super::*;

    const OF_ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn a_digest_is_read_with_and_without_its_prefix() {
        let digest = Digest::of(b"abc");
        assert_eq!(digest.to_string(), format!("sha256:{OF_ABC}"));
        assert_eq!(Digest::parse(OF_ABC).unwrap(), digest);
        assert_eq!(Digest::parse(&digest.to_string()).unwrap(), digest);
        assert_eq!(Digest::parse(&OF_ABC.to_uppercase()).unwrap(), digest);
    }

    #[test]
    fn other_texts_are_refused() {
        let long = format!("{OF_ABC}0");
        for text in [
            "",
            "sha256:",
            "abc",
            "sha512:00",
            &long,
            &OF_ABC.replace('b', "g"),
            &"é".repeat(32),
        ] {
            assert!(Digest::parse(text).is_err(), "{text}");
        }
    }
}
