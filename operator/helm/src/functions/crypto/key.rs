//! Private keys: making, reading, writing and signing, in the formats that sprig writes.

use std::rc::Rc;

use dsa::{Components, KeySize, VerifyingKey};
use ed25519_dalek::Signer as _;
use rsa::pkcs1::{DecodeRsaPrivateKey as _, EncodeRsaPrivateKey as _, EncodeRsaPublicKey as _};
use rsa::rand_core::{TryCryptoRng, TryRng};
use rsa::signature::SignatureEncoding as _;
use sha2::Sha256;

use super::der::{self, Reader};
use super::pem;
use crate::facts::Facts;

const OID_RSA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01];
const OID_EC: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01];
const OID_ED25519: &[u8] = &[0x2B, 0x65, 0x70];
const OID_P256: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07];
const OID_P384: &[u8] = &[0x2B, 0x81, 0x04, 0x00, 0x22];
const OID_P521: &[u8] = &[0x2B, 0x81, 0x04, 0x00, 0x23];
const OID_SHA256_WITH_RSA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0B];
const OID_ECDSA_SHA256: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02];
const OID_ECDSA_SHA384: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x03];
const OID_ECDSA_SHA512: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x04];

/// The randomness of the facts, for key generation.
pub(super) struct FactsRng(pub(super) Rc<dyn Facts>);

impl TryRng for FactsRng {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        let mut bytes = [0; 4];
        self.0.random_bytes(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        let mut bytes = [0; 8];
        self.0.random_bytes(&mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        self.0.random_bytes(bytes);
        Ok(())
    }
}

impl TryCryptoRng for FactsRng {}

/// A private key of one of the kinds that sprig makes or reads.
#[derive(Debug)]
pub(super) enum PrivateKey {
    Rsa(Box<rsa::PrivateKey>),
    /// DER of sprig's `DSAKeyFormat`; such keys can be written but sign nothing.
    Dsa(Vec<u8>),
    P256(p256::SecretKey),
    P384(p384::SecretKey),
    P521(p521::SecretKey),
    Ed25519(ed25519_dalek::SigningKey),
}

impl PrivateKey {
    /// A new RSA key.
    pub(super) fn new_rsa(rng: &mut FactsRng, bits: usize) -> Result<PrivateKey, String> {
        let key = rsa::PrivateKey::new(rng, bits).map_err(|error| error.to_string())?;
        Ok(PrivateKey::Rsa(Box::new(key)))
    }

    /// A new DSA key with parameters L=2048, N=256.
    pub(super) fn new_dsa(rng: &mut FactsRng) -> PrivateKey {
        let Ok(components) = Components::try_generate_from_rng_with_key_size(rng, KeySize::DSA_2048_256);
        let Ok(key) = dsa::SigningKey::try_generate_from_rng_with_components(rng, components);
        let public: &VerifyingKey = key.verifying_key();
        let components = public.components();
        let parts = [
            der::unsigned(&components.p().to_be_bytes()),
            der::unsigned(&components.q().to_be_bytes()),
            der::unsigned(&components.g().to_be_bytes()),
            der::unsigned(&public.y().to_be_bytes()),
            der::unsigned(&key.x().to_be_bytes()),
        ];
        PrivateKey::Dsa(der::sequence(&[&der::unsigned(&[0]), &parts.concat()]))
    }

    /// A new ECDSA key on P-256.
    pub(super) fn new_p256(rng: &mut FactsRng) -> PrivateKey {
        let mut bytes = [0; 32];
        loop {
            rng.0.random_bytes(&mut bytes);
            // Fails only for zero and for numbers beyond the order of the curve.
            if let Ok(key) = p256::SecretKey::from_slice(&bytes) {
                return PrivateKey::P256(key);
            }
        }
    }

    /// A new Ed25519 key.
    pub(super) fn new_ed25519(rng: &mut FactsRng) -> PrivateKey {
        let mut seed = [0; 32];
        rng.0.random_bytes(&mut seed);
        PrivateKey::Ed25519(ed25519_dalek::SigningKey::from_bytes(&seed))
    }

    /// sprig's `pemBlockForKey`.
    pub(super) fn to_pem(&self) -> Result<String, String> {
        Ok(match self {
            PrivateKey::Rsa(key) => {
                let der = key.to_pkcs1_der().map_err(|error| error.to_string())?;
                pem::encode("RSA PRIVATE KEY", der.as_bytes())
            }
            PrivateKey::Dsa(der) => pem::encode("DSA PRIVATE KEY", der),
            PrivateKey::P256(key) => pem::encode(
                "EC PRIVATE KEY",
                &ec_private(OID_P256, &key.to_bytes(), &self.public_bits()?),
            ),
            PrivateKey::P384(key) => pem::encode(
                "EC PRIVATE KEY",
                &ec_private(OID_P384, &key.to_bytes(), &self.public_bits()?),
            ),
            PrivateKey::P521(key) => pem::encode(
                "EC PRIVATE KEY",
                &ec_private(OID_P521, &key.to_bytes(), &self.public_bits()?),
            ),
            PrivateKey::Ed25519(key) => {
                let seed = der::element(
                    der::OCTET_STRING,
                    &der::element(der::OCTET_STRING, key.as_bytes()),
                );
                let algorithm = der::sequence(&[&der::oid(OID_ED25519)]);
                pem::encode(
                    "PRIVATE KEY",
                    &der::sequence(&[&der::unsigned(&[0]), &algorithm, &seed]),
                )
            }
        })
    }

    /// sprig's `parsePrivateKeyPEM`, with its messages.
    pub(super) fn from_pem(text: &[u8]) -> Result<PrivateKey, String> {
        let block = pem::decode(text).ok_or("no PEM data in input")?;
        if block.label == "PRIVATE KEY" {
            return from_pkcs8(&block.bytes).map_err(|error| format!("decoding PEM as PKCS#8: {error}"));
        }
        let Some(kind) = block.label.strip_suffix(" PRIVATE KEY") else {
            return Err(format!(
                "no private key data in PEM block of type {}",
                block.label
            ));
        };
        match kind {
            "RSA" => {
                from_pkcs1(&block.bytes).map_err(|error| format!("parsing RSA private key from PEM: {error}"))
            }
            "EC" => from_sec1(None, &block.bytes)
                .map_err(|error| format!("parsing EC private key from PEM: {error}")),
            "DSA" => {
                from_dsa(&block.bytes).map_err(|error| format!("parsing DSA private key from PEM: {error}"))
            }
            _ => Err(format!("invalid private key type {}", block.label)),
        }
    }

    /// The content of the public key's bit string.
    pub(super) fn public_bits(&self) -> Result<Vec<u8>, String> {
        Ok(match self {
            PrivateKey::Rsa(key) => key
                .to_public_key()
                .to_pkcs1_der()
                .map_err(|error| error.to_string())?
                .as_bytes()
                .to_vec(),
            PrivateKey::Dsa(_) => return Err("x509: unsupported public key type: *dsa.PublicKey".to_owned()),
            PrivateKey::P256(key) => key.public_key().to_sec1_bytes().to_vec(),
            PrivateKey::P384(key) => key.public_key().to_sec1_bytes().to_vec(),
            PrivateKey::P521(key) => key.public_key().to_sec1_bytes().to_vec(),
            PrivateKey::Ed25519(key) => key.verifying_key().to_bytes().to_vec(),
        })
    }

    /// The public key as a `SubjectPublicKeyInfo`.
    pub(super) fn public_info(&self) -> Result<Vec<u8>, String> {
        let null = [0x05, 0x00];
        let curve = |arcs| der::sequence(&[&der::oid(OID_EC), &der::oid(arcs)]);
        let algorithm = match self {
            PrivateKey::Rsa(_) | PrivateKey::Dsa(_) => der::sequence(&[&der::oid(OID_RSA), &null]),
            PrivateKey::P256(_) => curve(OID_P256),
            PrivateKey::P384(_) => curve(OID_P384),
            PrivateKey::P521(_) => curve(OID_P521),
            PrivateKey::Ed25519(_) => der::sequence(&[&der::oid(OID_ED25519)]),
        };
        Ok(der::sequence(&[&algorithm, &der::bits(&self.public_bits()?)]))
    }

    /// The identifier of the algorithm that Go signs with by default.
    pub(super) fn signature_algorithm(&self) -> Result<Vec<u8>, String> {
        Ok(match self {
            PrivateKey::Rsa(_) => der::sequence(&[&der::oid(OID_SHA256_WITH_RSA), &[0x05, 0x00]]),
            PrivateKey::Dsa(_) => {
                return Err("x509: certificate private key does not implement crypto.Signer".to_owned());
            }
            PrivateKey::P256(_) => der::sequence(&[&der::oid(OID_ECDSA_SHA256)]),
            PrivateKey::P384(_) => der::sequence(&[&der::oid(OID_ECDSA_SHA384)]),
            PrivateKey::P521(_) => der::sequence(&[&der::oid(OID_ECDSA_SHA512)]),
            PrivateKey::Ed25519(_) => der::sequence(&[&der::oid(OID_ED25519)]),
        })
    }

    /// Signs a message with that algorithm.
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, String> {
        Ok(match self {
            PrivateKey::Rsa(key) => {
                let signer = rsa::pkcs1v15::SigningKey::<Sha256>::new((**key).clone());
                signer
                    .try_sign(message)
                    .map_err(|error| error.to_string())?
                    .to_vec()
            }
            PrivateKey::Dsa(_) => {
                return Err("x509: certificate private key does not implement crypto.Signer".to_owned());
            }
            PrivateKey::P256(key) => {
                let signature: p256::ecdsa::DerSignature = p256::ecdsa::SigningKey::from(key).sign(message);
                signature.as_bytes().to_vec()
            }
            PrivateKey::P384(key) => {
                let signature: p384::ecdsa::DerSignature = p384::ecdsa::SigningKey::from(key).sign(message);
                signature.as_bytes().to_vec()
            }
            PrivateKey::P521(key) => {
                let signature: p521::ecdsa::DerSignature = p521::ecdsa::SigningKey::from(key).sign(message);
                signature.as_bytes().to_vec()
            }
            PrivateKey::Ed25519(key) => key.sign(message).to_bytes().to_vec(),
        })
    }
}

fn ec_private(curve: &[u8], scalar: &[u8], public: &[u8]) -> Vec<u8> {
    der::sequence(&[
        &der::unsigned(&[1]),
        &der::element(der::OCTET_STRING, scalar),
        &der::element(0xA0, &der::oid(curve)),
        &der::element(0xA1, &der::bits(public)),
    ])
}

/// What Go's `asn1.Unmarshal` says about bytes that are no DER of the wanted shape, as far as it can be told here.
fn malformed(bytes: &[u8]) -> String {
    match Reader(bytes).next() {
        _ if bytes.is_empty() => "asn1: syntax error: sequence truncated".to_owned(),
        None => "asn1: syntax error: data truncated".to_owned(),
        Some((der::SEQUENCE, ..)) => "asn1: syntax error: sequence truncated".to_owned(),
        Some((tag, content, _)) => {
            let (class, compound, number) = (tag >> 6, tag & 0x20 != 0, tag & 0x1F);
            let length = content.len();
            format!(
                "asn1: structure error: tags don't match (16 vs {{class:{class} tag:{number} length:{length} \
                 isCompound:{compound}}}) {{optional:false explicit:false application:false private:false \
                 defaultValue:<nil> tag:<nil> stringType:0 timeType:0 set:false omitEmpty:false}}"
            )
        }
    }
}

fn from_pkcs1(bytes: &[u8]) -> Result<PrivateKey, String> {
    let mut reader = Reader(bytes);
    if reader.next().is_some() && !reader.is_empty() {
        return Err("asn1: syntax error: trailing data".to_owned());
    }
    if is_sec1(bytes) {
        return Err(other_format("ParseECPrivateKey"));
    }
    if is_pkcs8(bytes) {
        return Err(other_format("ParsePKCS8PrivateKey"));
    }
    let key = rsa::PrivateKey::from_pkcs1_der(bytes).map_err(|_| malformed(bytes))?;
    Ok(PrivateKey::Rsa(Box::new(key)))
}

fn other_format(function: &str) -> String {
    format!("x509: failed to parse private key (use {function} instead for this key format)")
}

fn from_pkcs8(bytes: &[u8]) -> Result<PrivateKey, String> {
    let Some(Pkcs8 {
        algorithm,
        curve,
        key,
    }) = pkcs8_parts(bytes)
    else {
        return Err(if is_sec1(bytes) {
            other_format("ParseECPrivateKey")
        } else if rsa::PrivateKey::from_pkcs1_der(bytes).is_ok() {
            other_format("ParsePKCS1PrivateKey")
        } else {
            malformed(bytes)
        });
    };
    match algorithm {
        OID_RSA => from_pkcs1(key)
            .map_err(|error| format!("x509: failed to parse RSA private key embedded in PKCS#8: {error}")),
        OID_EC => from_sec1(curve, key)
            .map_err(|error| format!("x509: failed to parse EC private key embedded in PKCS#8: {error}")),
        OID_ED25519 => {
            let seed = Reader(key)
                .read(der::OCTET_STRING)
                .ok_or_else(|| malformed(key))?;
            let seed = <[u8; 32]>::try_from(seed)
                .map_err(|_| format!("x509: invalid Ed25519 private key length: {}", seed.len()))?;
            Ok(PrivateKey::Ed25519(ed25519_dalek::SigningKey::from_bytes(&seed)))
        }
        other => Err(format!(
            "x509: PKCS#8 wrapping contained private key with unknown algorithm: {}",
            dotted(other)
        )),
    }
}

/// A PKCS#8 structure.
struct Pkcs8<'a> {
    algorithm: &'a [u8],
    curve: Option<&'a [u8]>,
    key: &'a [u8],
}

fn pkcs8_parts(bytes: &[u8]) -> Option<Pkcs8<'_>> {
    let mut outer = Reader(Reader(bytes).read(der::SEQUENCE)?);
    outer.read(der::INTEGER)?;
    let mut algorithm = Reader(outer.read(der::SEQUENCE)?);
    let identifier = algorithm.read(der::OID)?;
    let curve = algorithm.read(der::OID);
    Some(Pkcs8 {
        algorithm: identifier,
        curve,
        key: outer.read(der::OCTET_STRING)?,
    })
}

fn is_pkcs8(bytes: &[u8]) -> bool {
    pkcs8_parts(bytes).is_some()
}

fn is_sec1(bytes: &[u8]) -> bool {
    sec1_parts(bytes).is_some()
}

/// A SEC 1 structure.
struct Sec1<'a> {
    version: &'a [u8],
    scalar: &'a [u8],
    curve: Option<&'a [u8]>,
}

fn sec1_parts(bytes: &[u8]) -> Option<Sec1<'_>> {
    let mut outer = Reader(Reader(bytes).read(der::SEQUENCE)?);
    let version = outer.read(der::INTEGER)?;
    let scalar = outer.read(der::OCTET_STRING)?;
    let curve = outer.read(0xA0).and_then(|inner| Reader(inner).read(der::OID));
    Some(Sec1 {
        version,
        scalar,
        curve,
    })
}

fn from_sec1(named_curve: Option<&[u8]>, bytes: &[u8]) -> Result<PrivateKey, String> {
    let Some(Sec1 {
        version,
        scalar,
        curve: own_curve,
    }) = sec1_parts(bytes)
    else {
        return Err(if is_pkcs8(bytes) {
            other_format("ParsePKCS8PrivateKey")
        } else if rsa::PrivateKey::from_pkcs1_der(bytes).is_ok() {
            other_format("ParsePKCS1PrivateKey")
        } else {
            format!("x509: failed to parse EC private key: {}", malformed(bytes))
        });
    };
    if version != [1] {
        let number = version
            .iter()
            .fold(0_i64, |value, byte| value.wrapping_shl(8) | i64::from(*byte));
        return Err(format!("x509: unknown EC private key version {number}"));
    }
    let curve = named_curve.or(own_curve).unwrap_or_default();
    let invalid = "crypto/ecdsa: invalid private key".to_owned();
    let padded = |size: usize| -> Result<Vec<u8>, String> {
        let extra = scalar.len().saturating_sub(size);
        if scalar[..extra].iter().any(|byte| *byte != 0) {
            return Err("x509: invalid private key length".to_owned());
        }
        let digits = &scalar[extra..];
        Ok([vec![0; size - digits.len()], digits.to_vec()].concat())
    };
    match curve {
        OID_P256 => p256::SecretKey::from_slice(&padded(32)?)
            .map(PrivateKey::P256)
            .map_err(|_| invalid),
        OID_P384 => p384::SecretKey::from_slice(&padded(48)?)
            .map(PrivateKey::P384)
            .map_err(|_| invalid),
        OID_P521 => p521::SecretKey::from_slice(&padded(66)?)
            .map(PrivateKey::P521)
            .map_err(|_| invalid),
        _ => Err("x509: unknown elliptic curve".to_owned()),
    }
}

fn from_dsa(bytes: &[u8]) -> Result<PrivateKey, String> {
    let content = Reader(bytes)
        .read(der::SEQUENCE)
        .ok_or_else(|| malformed(bytes))?;
    let mut numbers = Reader(content);
    for _ in 0..6 {
        numbers.read(der::INTEGER).ok_or_else(|| malformed(bytes))?;
    }
    Ok(PrivateKey::Dsa(der::element(
        der::SEQUENCE,
        &content[..content.len() - numbers.0.len()],
    )))
}

/// An object identifier as Go prints it.
fn dotted(arcs: &[u8]) -> String {
    let mut numbers: Vec<u64> = Vec::new();
    let mut value = 0_u64;
    for byte in arcs {
        value = value << 7 | u64::from(byte & 0x7F);
        if byte & 0x80 == 0 {
            if numbers.is_empty() {
                let first = (value / 40).min(2);
                numbers.extend([first, value - first * 40]);
            } else {
                numbers.push(value);
            }
            value = 0;
        }
    }
    numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(".")
}
