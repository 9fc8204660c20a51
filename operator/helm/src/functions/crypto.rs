//! Keys, certificates and passwords (`crypto.go` of sprig).
//!
//! Everything is computed here from the random bytes of the facts. These functions are slow; each takes a fixed
//! number of steps from the budget, so that a render can make some dozens of keys but not thousands.

mod certificate;
mod der;
mod key;
mod object;
mod password;
mod pem;

use gotemplate::{Frame, FuncError, Function, GoInt, List, Str, Typed, Value};

use super::encoding::decode_base64;
use super::host::{facts, random_bytes};
use super::network::address;
use super::text::display;
use certificate::{Issuer, Template};
use key::{FactsRng, PrivateKey};
use object::{Certificate, CertificateArg};
use password::DecryptError;

/// Steps of an RSA key of 2048 bits, by far the most frequent slow thing.
const RSA_2048_STEPS: u64 = 1_000_000;
const RSA_4096_STEPS: u64 = 8_000_000;
const DSA_STEPS: u64 = 8_000_000;
const BCRYPT_STEPS: u64 = 100_000;
const SCRYPT_STEPS: u64 = 500_000;
const SIGNATURE_STEPS: u64 = 20_000;

/// The functions of this family.
pub(super) fn functions() -> Vec<Function> {
    vec![
        Function::new("genPrivateKey", gen_private_key),
        Function::new("derivePassword", derive_password),
        Function::new("bcrypt", |frame: &mut Frame<'_>, password: Str| {
            bcrypt(frame, &password)
        }),
        Function::new("htpasswd", htpasswd),
        Function::new("encryptAES", encrypt_aes),
        Function::new("decryptAES", decrypt_aes),
        Function::new("buildCustomCert", build_custom_cert),
        Function::new("genCA", |frame: &mut Frame<'_>, name: Str, days: GoInt| {
            let key = new_rsa(frame)?;
            make(
                frame,
                &key,
                &Request {
                    name: &name,
                    days: days.0,
                    authority: true,
                    ..Request::default()
                },
                None,
            )
        }),
        Function::new(
            "genCAWithKey",
            |frame: &mut Frame<'_>, name: Str, days: GoInt, key: Str| {
                let key = parse_key(&key)?;
                make(
                    frame,
                    &key,
                    &Request {
                        name: &name,
                        days: days.0,
                        authority: true,
                        ..Request::default()
                    },
                    None,
                )
            },
        ),
        Function::new(
            "genSelfSignedCert",
            |frame: &mut Frame<'_>, name: Str, ips: List, dns: List, days: GoInt| {
                let key = new_rsa(frame)?;
                make(
                    frame,
                    &key,
                    &Request {
                        name: &name,
                        ips: Some(&ips),
                        dns: Some(&dns),
                        days: days.0,
                        authority: false,
                    },
                    None,
                )
            },
        ),
        Function::new(
            "genSelfSignedCertWithKey",
            |frame: &mut Frame<'_>, name: Str, ips: List, dns: List, days: GoInt, key: Str| {
                let key = parse_key(&key)?;
                let request = Request {
                    name: &name,
                    ips: Some(&ips),
                    dns: Some(&dns),
                    days: days.0,
                    authority: false,
                };
                make(frame, &key, &request, None)
            },
        ),
        Function::new(
            "genSignedCert",
            |frame: &mut Frame<'_>,
             name: Str,
             ips: List,
             dns: List,
             days: GoInt,
             authority: CertificateArg| {
                let key = new_rsa(frame)?;
                let request = Request {
                    name: &name,
                    ips: Some(&ips),
                    dns: Some(&dns),
                    days: days.0,
                    authority: false,
                };
                make(frame, &key, &request, Some(&authority.0))
            },
        ),
        Function::new(
            "genSignedCertWithKey",
            |frame: &mut Frame<'_>,
             name: Str,
             ips: List,
             dns: List,
             days: GoInt,
             authority: CertificateArg,
             key: Str| {
                let key = parse_key(&key)?;
                let request = Request {
                    name: &name,
                    ips: Some(&ips),
                    dns: Some(&dns),
                    days: days.0,
                    authority: false,
                };
                make(frame, &key, &request, Some(&authority.0))
            },
        ),
    ]
}

/// What a certificate is made from.
#[derive(Default)]
struct Request<'a> {
    name: &'a [u8],
    ips: Option<&'a List>,
    dns: Option<&'a List>,
    days: i64,
    authority: bool,
}

fn new_rsa(frame: &mut Frame<'_>) -> Result<PrivateKey, FuncError> {
    frame.charge_steps(RSA_2048_STEPS)?;
    let mut rng = FactsRng(facts(frame)?);
    PrivateKey::new_rsa(&mut rng, 2048)
        .map_err(|error| FuncError::new(format!("error generating rsa key: {error}")))
}

fn parse_key(text: &Str) -> Result<PrivateKey, FuncError> {
    PrivateKey::from_pem(text).map_err(|error| FuncError::new(format!("parsing private key: {error}")))
}

/// sprig's `getBaseCertTemplate` and `getCertAndKey`.
fn make(
    frame: &mut Frame<'_>,
    key: &PrivateKey,
    request: &Request<'_>,
    authority: Option<&Certificate>,
) -> Result<Typed, FuncError> {
    frame.charge_steps(SIGNATURE_STEPS)?;
    let parent = authority.map(parse_authority).transpose()?;
    let addresses = addresses(request.ips)?;
    let dns_names = dns_names(request.dns)?;
    let mut serial = [0; 16];
    random_bytes(frame, &mut serial)?;
    let now = facts(frame)?.now().timestamp().as_second();
    // Go multiplies durations, which wrap.
    let valid_for = 24_i64.wrapping_mul(3_600_000_000_000).wrapping_mul(request.days);
    let template = Template {
        serial,
        common_name: request.name.to_vec(),
        dns_names,
        addresses,
        not_before: now,
        not_after: now.saturating_add(valid_for.div_euclid(1_000_000_000)),
        authority: request.authority,
    };
    let issuer = match &parent {
        None => Issuer::Own,
        Some((parsed, signer)) => Issuer::Other(parsed, signer),
    };
    let der = certificate::create(&template, key, &issuer)
        .map_err(|error| FuncError::new(format!("error creating certificate: {error}")))?;
    let key = key
        .to_pem()
        .map_err(|error| FuncError::new(format!("error pem-encoding key: {error}")))?;
    Ok(Typed::object(Certificate {
        cert: Str::from(pem::encode("CERTIFICATE", &der)),
        key: Str::from(key),
    }))
}

fn parse_authority(authority: &Certificate) -> Result<(certificate::Parsed, PrivateKey), FuncError> {
    let block = pem::decode(&authority.cert).ok_or_else(|| FuncError::new("unable to decode certificate"))?;
    let parsed = certificate::parse(&block.bytes).map_err(|error| {
        FuncError::new(format!(
            "error parsing certificate: decodedSignerCert.Bytes: {error}"
        ))
    })?;
    let key = PrivateKey::from_pem(&authority.key)
        .map_err(|error| FuncError::new(format!("error parsing private key: {error}")))?;
    Ok((parsed, key))
}

fn addresses(list: Option<&List>) -> Result<Vec<std::net::IpAddr>, FuncError> {
    let mut addresses = Vec::new();
    for item in list.map(List::items).unwrap_or_default() {
        let Value::Str(text) = item else {
            return Err(FuncError::new(format!(
                "error parsing ip: {} is not a string",
                display(item)?
            )));
        };
        match address::parse(text) {
            Ok(found) if !found.zone => addresses.push(found.ip),
            _ => return Err(FuncError::new(format!("error parsing ip: {text}"))),
        }
    }
    Ok(addresses)
}

fn dns_names(list: Option<&List>) -> Result<Vec<Vec<u8>>, FuncError> {
    list.map(List::items)
        .unwrap_or_default()
        .iter()
        .map(|item| match item {
            Value::Str(text) => Ok(text.to_vec()),
            other => {
                let shown = display(other)?;
                Err(FuncError::new(format!(
                    "error processing alternate dns name: {shown} is not a string"
                )))
            }
        })
        .collect()
}

fn gen_private_key(frame: &mut Frame<'_>, kind: Str) -> Result<String, FuncError> {
    let mut rng = FactsRng(facts(frame)?);
    let key = match kind.as_bytes() {
        b"" | b"rsa" => {
            frame.charge_steps(RSA_4096_STEPS)?;
            PrivateKey::new_rsa(&mut rng, 4096)
        }
        b"dsa" => {
            frame.charge_steps(DSA_STEPS)?;
            Ok(PrivateKey::new_dsa(&mut rng))
        }
        b"ecdsa" => {
            frame.charge_steps(SIGNATURE_STEPS)?;
            Ok(PrivateKey::new_p256(&mut rng))
        }
        b"ed25519" => {
            frame.charge_steps(SIGNATURE_STEPS)?;
            Ok(PrivateKey::new_ed25519(&mut rng))
        }
        _ => return Ok(format!("Unknown type {kind}")),
    };
    // sprig returns the error as the text.
    Ok(key
        .and_then(|key| key.to_pem())
        .unwrap_or_else(|error| format!("failed to generate private key: {error}")))
}

fn derive_password(
    frame: &mut Frame<'_>,
    counter: u32,
    kind: Str,
    password: Str,
    user: Str,
    site: Str,
) -> Result<Str, FuncError> {
    frame.charge_steps(SCRYPT_STEPS)?;
    Ok(Str::from(password::derive(
        counter, &kind, &password, &user, &site,
    )))
}

fn bcrypt(frame: &mut Frame<'_>, password: &Str) -> Result<String, FuncError> {
    frame.charge_steps(BCRYPT_STEPS)?;
    let mut salt = [0; 16];
    random_bytes(frame, &mut salt)?;
    Ok(password::bcrypt(password, salt))
}

fn htpasswd(frame: &mut Frame<'_>, user: Str, password: Str) -> Result<Str, FuncError> {
    if user.contains(&b':') {
        return Ok(Str::from([b"invalid username: ", user.as_bytes()].concat()));
    }
    let hash = bcrypt(frame, &password)?;
    Ok(Str::from([user.as_bytes(), b":", hash.as_bytes()].concat()))
}

fn encrypt_aes(frame: &mut Frame<'_>, password: Str, text: Str) -> Result<String, FuncError> {
    super::charge::text(frame, text.len().saturating_mul(3))?;
    let mut vector = [0; 16];
    random_bytes(frame, &mut vector)?;
    Ok(password::encrypt_aes(&password, &text, vector))
}

fn decrypt_aes(frame: &mut Frame<'_>, password: Str, text: Str) -> Result<Str, FuncError> {
    super::charge::text(frame, text.len())?;
    password::decrypt_aes(&password, &text)
        .map(Str::from)
        .map_err(|error| match error {
            DecryptError::Error(message) => FuncError::new(message),
            DecryptError::Panic(message) => FuncError::panic(message),
        })
}

fn build_custom_cert(frame: &mut Frame<'_>, certificate: Str, key: Str) -> Result<Typed, FuncError> {
    super::charge::text(frame, certificate.len().saturating_add(key.len()))?;
    let cert =
        decode_base64(&certificate).map_err(|_| FuncError::new("unable to decode base64 certificate"))?;
    let key = decode_base64(&key).map_err(|_| FuncError::new("unable to decode base64 private key"))?;
    let block = pem::decode(&cert).ok_or_else(|| FuncError::new("unable to decode certificate"))?;
    certificate::parse(&block.bytes)
        .map_err(|error| FuncError::new(format!("error parsing certificate: decodedCert.Bytes: {error}")))?;
    PrivateKey::from_pem(&key)
        .map_err(|error| FuncError::new(format!("error parsing private key: {error}")))?;
    Ok(Typed::object(Certificate {
        cert: Str::from(cert),
        key: Str::from(key),
    }))
}
