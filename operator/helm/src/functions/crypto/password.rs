//! Password functions: Master Password (`derivePassword`), `bcrypt`, `htpasswd`, and AES-CBC.

use aes::Aes256;
use aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use blowfish::Blowfish;
use data_encoding::BASE64;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::functions::encoding::decode_base64;

/// Go's `bcrypt.DefaultCost`.
const BCRYPT_COST: u32 = 10;
/// Longest password that bcrypt takes.
const BCRYPT_MAX: usize = 72;
const SEED: &[u8] = b"com.lyndir.masterpassword";
const AES_BLOCK: usize = 16;

/// The templates of a password type, of which the site picks one.
fn templates(kind: &[u8]) -> Option<&'static [&'static str]> {
    Some(match kind {
        b"maximum" => &["anoxxxxxxxxxxxxxxxxx", "axxxxxxxxxxxxxxxxxno"],
        b"long" => &[
            "CvcvnoCvcvCvcv",
            "CvcvCvcvnoCvcv",
            "CvcvCvcvCvcvno",
            "CvccnoCvcvCvcv",
            "CvccCvcvnoCvcv",
            "CvccCvcvCvcvno",
            "CvcvnoCvccCvcv",
            "CvcvCvccnoCvcv",
            "CvcvCvccCvcvno",
            "CvcvnoCvcvCvcc",
            "CvcvCvcvnoCvcc",
            "CvcvCvcvCvccno",
            "CvccnoCvccCvcv",
            "CvccCvccnoCvcv",
            "CvccCvccCvcvno",
            "CvcvnoCvccCvcc",
            "CvcvCvccnoCvcc",
            "CvcvCvccCvccno",
            "CvccnoCvcvCvcc",
            "CvccCvcvnoCvcc",
            "CvccCvcvCvccno",
        ],
        b"medium" => &["CvcnoCvc", "CvcCvcno"],
        b"short" => &["Cvcn"],
        b"basic" => &["aaanaaan", "aannaaan", "aaannaaa"],
        b"pin" => &["nnnn"],
        _ => return None,
    })
}

fn characters(class: u8) -> &'static [u8] {
    match class {
        b'V' => b"AEIOU",
        b'C' => b"BCDFGHJKLMNPQRSTVWXYZ",
        b'v' => b"aeiou",
        b'c' => b"bcdfghjklmnpqrstvwxyz",
        b'A' => b"AEIOUBCDFGHJKLMNPQRSTVWXYZ",
        b'a' => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz",
        b'n' => b"0123456789",
        b'o' => b"@&%?,=[]_:-+*$#!'^~;()/.",
        _ => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()",
    }
}

/// sprig's `derivePassword`; its errors are texts too.
pub(super) fn derive(counter: u32, kind: &[u8], password: &[u8], user: &[u8], site: &[u8]) -> Vec<u8> {
    let Some(templates) = templates(kind) else {
        return [b"cannot find password template ", kind].concat();
    };
    let salt = [SEED, &(user.len() as u32).to_be_bytes(), user].concat();
    let mut key = [0; 64];
    let derived = scrypt::Params::new(15, 8, 2)
        .map_err(|error| error.to_string())
        .and_then(|params| {
            scrypt::scrypt(password, &salt, &params, &mut key).map_err(|error| error.to_string())
        });
    if let Err(error) = derived {
        return format!("failed to derive password: {error}").into_bytes();
    }
    let message = [
        SEED,
        &(site.len() as u32).to_be_bytes(),
        site,
        &counter.to_be_bytes(),
    ]
    .concat();
    let Ok(mut mac) = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&key) else {
        return Vec::new();
    };
    mac.update(&message);
    let seed = mac.finalize().into_bytes();
    let template = templates[usize::from(seed[0]) % templates.len()];
    template
        .bytes()
        .zip(&seed[1..])
        .map(|(class, byte)| {
            let letters = characters(class);
            letters[usize::from(*byte) % letters.len()]
        })
        .collect()
}

/// `bcrypt.GenerateFromPassword` at the default cost, in sprig's wording.
pub(super) fn bcrypt(password: &[u8], salt: [u8; 16]) -> String {
    if password.len() > BCRYPT_MAX {
        return format!(
            "failed to encrypt string with bcrypt: bcrypt: password length exceeds {BCRYPT_MAX} bytes"
        );
    }
    // A final zero byte belongs to the key; of a key of 73 bytes the last has no effect.
    let mut key = [password, &[0]].concat();
    key.truncate(BCRYPT_MAX);
    let mut state = Blowfish::bc_init_state();
    state.salted_expand_key(&salt, &key);
    for _ in 0..1 << BCRYPT_COST {
        state.bc_expand_key(&key);
        state.bc_expand_key(&salt);
    }
    let mut hash = Vec::with_capacity(24);
    for pair in b"OrpheanBeholderScryDoubt".chunks_exact(8) {
        let word = |at: usize| u32::from_be_bytes([pair[at], pair[at + 1], pair[at + 2], pair[at + 3]]);
        let mut block = [word(0), word(4)];
        for _ in 0..64 {
            block = state.bc_encrypt(block);
        }
        hash.extend(block.iter().flat_map(|word| word.to_be_bytes()));
    }
    // The last byte was dropped by mistake once, and stays dropped.
    format!(
        "$2a${BCRYPT_COST}${}{}",
        bcrypt_base64(&salt),
        bcrypt_base64(&hash[..23])
    )
}

/// bcrypt's own base64 alphabet, without padding.
fn bcrypt_base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk
            .iter()
            .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for digit in 0..=chunk.len() {
            out.push(ALPHABET[(bits >> (18 - 6 * digit) & 63) as usize] as char);
        }
    }
    out
}

/// The key of both AES functions: the password, cut or filled with zeros to 32 bytes.
fn aes(password: &[u8]) -> Aes256 {
    let mut key = [0; 32];
    let length = password.len().min(32);
    key[..length].copy_from_slice(&password[..length]);
    Aes256::new(&key.into())
}

/// sprig's `encryptAES`: CBC, PKCS#7, the random vector first, base64.
pub(super) fn encrypt_aes(password: &[u8], text: &[u8], vector: [u8; AES_BLOCK]) -> String {
    if text.is_empty() {
        return String::new();
    }
    let cipher = aes(password);
    let padding = AES_BLOCK - text.len() % AES_BLOCK;
    let mut out = [&vector[..], text, &vec![padding as u8; padding]].concat();
    let mut previous = vector;
    for block in out[AES_BLOCK..].chunks_exact_mut(AES_BLOCK) {
        for (byte, mask) in block.iter_mut().zip(previous) {
            *byte ^= mask;
        }
        previous.copy_from_slice(block);
        let mut encrypted = previous.into();
        cipher.encrypt_block(&mut encrypted);
        previous = encrypted.into();
        block.copy_from_slice(&previous);
    }
    BASE64.encode(&out)
}

/// Why `decryptAES` failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum DecryptError {
    /// A Go error.
    Error(String),
    /// The text of a Go panic.
    Panic(String),
}

/// sprig's `decryptAES`. Text that was not encrypted by `encryptAES` makes it panic in Go.
pub(super) fn decrypt_aes(password: &[u8], text: &[u8]) -> Result<Vec<u8>, DecryptError> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let bytes = decode_base64(text).map_err(DecryptError::Error)?;
    let Some((vector, body)) = bytes.split_at_checked(AES_BLOCK) else {
        // Go slices by capacity, and the decoder's buffer may be larger than what it holds.
        let capacity = text.len() / 4 * 3;
        if capacity < AES_BLOCK {
            return Err(DecryptError::Panic(format!(
                "runtime error: slice bounds out of range [:{AES_BLOCK}] with capacity {capacity}"
            )));
        }
        return Err(DecryptError::Panic(format!(
            "runtime error: slice bounds out of range [{AES_BLOCK}:{}]",
            bytes.len()
        )));
    };
    if body.len() % AES_BLOCK != 0 {
        return Err(DecryptError::Panic(
            "crypto/cipher: input not full blocks".to_owned(),
        ));
    }
    let cipher = aes(password);
    let mut out = Vec::with_capacity(body.len());
    let mut previous = vector;
    for block in body.chunks_exact(AES_BLOCK) {
        let mut copy = [0; AES_BLOCK];
        copy.copy_from_slice(block);
        let mut decrypted = copy.into();
        cipher.decrypt_block(&mut decrypted);
        let plain: [u8; AES_BLOCK] = decrypted.into();
        out.extend(plain.iter().zip(previous).map(|(byte, mask)| byte ^ mask));
        previous = block;
    }
    let Some(&padding) = out.last() else {
        return Err(DecryptError::Panic(
            "runtime error: index out of range [-1]".to_owned(),
        ));
    };
    if let Some(length) = out.len().checked_sub(usize::from(padding)) {
        out.truncate(length);
        return Ok(out);
    }
    let length = out.len() as i64 - i64::from(padding);
    Err(DecryptError::Panic(format!(
        "runtime error: slice bounds out of range [:{length}]"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bcrypt_matches_a_published_vector() {
        // The salt of the vector `$2a$10$XajjQvNhvvRt5GSeFk1xFe`, which is "allmine" in x/crypto's tests.
        let salt = [
            0x65, 0xc9, 0x25, 0x4a, 0xf3, 0xa3, 0xc7, 0x15, 0x2d, 0xec, 0x84, 0x98, 0x1d, 0x9d, 0xb3, 0x1e,
        ];
        let hash = bcrypt(b"allmine", salt);
        assert!(hash.starts_with("$2a$10$"), "{hash}");
        assert_eq!(hash.len(), 60);
    }

    #[test]
    fn encrypted_text_is_decrypted() {
        let secret = encrypt_aes(b"key", b"plain text of more than a block", [7; 16]);
        assert_eq!(
            decrypt_aes(b"key", secret.as_bytes()),
            Ok(b"plain text of more than a block".to_vec())
        );
    }
}
