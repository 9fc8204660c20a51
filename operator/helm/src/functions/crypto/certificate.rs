//! X.509 certificates as Go's `x509.CreateCertificate` encodes them for sprig's template.

use std::net::IpAddr;

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use sha2::{Digest, Sha256};

use super::der::{self, Reader};
use super::key::PrivateKey;

const OID_COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const OID_SUBJECT_KEY_ID: &[u8] = &[0x55, 0x1D, 0x0E];
const OID_KEY_USAGE: &[u8] = &[0x55, 0x1D, 0x0F];
const OID_SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1D, 0x11];
const OID_BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1D, 0x13];
const OID_AUTHORITY_KEY_ID: &[u8] = &[0x55, 0x1D, 0x23];
const OID_EXT_KEY_USAGE: &[u8] = &[0x55, 0x1D, 0x25];
const OID_SERVER_AUTH: &[u8] = &[0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];
const OID_CLIENT_AUTH: &[u8] = &[0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02];

/// sprig's `getBaseCertTemplate`.
#[derive(Debug, Clone)]
pub(super) struct Template {
    /// 128 random bits.
    pub(super) serial: [u8; 16],
    pub(super) common_name: Vec<u8>,
    pub(super) dns_names: Vec<Vec<u8>>,
    pub(super) addresses: Vec<IpAddr>,
    /// Unix seconds.
    pub(super) not_before: i64,
    /// Unix seconds.
    pub(super) not_after: i64,
    pub(super) authority: bool,
}

/// Who signs.
pub(super) enum Issuer<'a> {
    /// The certificate's own key.
    Own,
    /// Another certificate and its key.
    Other(&'a Parsed, &'a PrivateKey),
}

/// What of a parsed certificate matters for signing others.
#[derive(Debug, Clone)]
pub(super) struct Parsed {
    subject: Vec<u8>,
    public_info: Vec<u8>,
    subject_key_id: Vec<u8>,
}

/// `x509.CreateCertificate`.
///
/// # Errors
/// Go's message, without the prefix that sprig adds.
pub(super) fn create(template: &Template, key: &PrivateKey, issuer: &Issuer<'_>) -> Result<Vec<u8>, String> {
    let signer = match issuer {
        Issuer::Own => key,
        Issuer::Other(_, signer) => signer,
    };
    let algorithm = signer.signature_algorithm()?;
    let public_info = key.public_info()?;
    let subject = name(&template.common_name)?;
    let (issuer_name, authority_key_id) = match issuer {
        Issuer::Own => (subject.clone(), Vec::new()),
        Issuer::Other(parent, signer) => {
            if signer.public_info()? != parent.public_info {
                return Err("x509: provided PrivateKey doesn't match parent's PublicKey".to_owned());
            }
            let differs = parent.subject != subject;
            (
                parent.subject.clone(),
                if differs {
                    parent.subject_key_id.clone()
                } else {
                    Vec::new()
                },
            )
        }
    };
    let extensions = extensions(template, key, &authority_key_id, subject == [der::SEQUENCE, 0])?;
    let validity = der::sequence(&[&time(template.not_before)?, &time(template.not_after)?]);
    let body = der::sequence(&[
        &der::element(0xA0, &der::unsigned(&[2])),
        &der::unsigned(&template.serial),
        &algorithm,
        &issuer_name,
        &validity,
        &subject,
        &public_info,
        &der::element(0xA3, &extensions),
    ]);
    let signature = signer.sign(&body)?;
    Ok(der::sequence(&[&body, &algorithm, &der::bits(&signature)]))
}

fn extensions(
    template: &Template,
    key: &PrivateKey,
    authority_key_id: &[u8],
    empty_subject: bool,
) -> Result<Vec<u8>, String> {
    const CRITICAL: &[u8] = &[0x01, 0x01, 0xFF];
    let extension = |id: &[u8], critical: bool, value: &[u8]| {
        let flag: &[u8] = if critical { CRITICAL } else { &[] };
        der::sequence(&[&der::oid(id), flag, &der::element(der::OCTET_STRING, value)])
    };
    // digitalSignature and keyEncipherment, and for authorities keyCertSign.
    let usage: &[u8] = if template.authority {
        &[0x02, 0xA4]
    } else {
        &[0x05, 0xA0]
    };
    let mut all = vec![extension(
        OID_KEY_USAGE,
        true,
        &der::element(der::BIT_STRING, usage),
    )];
    let purposes = der::sequence(&[&der::oid(OID_SERVER_AUTH), &der::oid(OID_CLIENT_AUTH)]);
    all.push(extension(OID_EXT_KEY_USAGE, false, &purposes));
    let constraints = if template.authority {
        der::sequence(&[CRITICAL])
    } else {
        der::sequence(&[])
    };
    all.push(extension(OID_BASIC_CONSTRAINTS, true, &constraints));
    if template.authority {
        // RFC 7093, method 1: the first 160 bits of the SHA-256 of the public key.
        let digest = Sha256::digest(key.public_bits()?);
        all.push(extension(
            OID_SUBJECT_KEY_ID,
            false,
            &der::element(der::OCTET_STRING, &digest[..20]),
        ));
    }
    if !authority_key_id.is_empty() {
        let value = der::sequence(&[&der::element(0x80, authority_key_id)]);
        all.push(extension(OID_AUTHORITY_KEY_ID, false, &value));
    }
    if !template.dns_names.is_empty() || !template.addresses.is_empty() {
        all.push(extension(
            OID_SUBJECT_ALT_NAME,
            empty_subject,
            &alternative_names(template)?,
        ));
    }
    Ok(der::sequence(&[&all.concat()]))
}

fn alternative_names(template: &Template) -> Result<Vec<u8>, String> {
    let mut names = Vec::new();
    for name in &template.dns_names {
        if !name.is_ascii() {
            let quoted = String::from_utf8_lossy(&gotemplate::strconv::quote(name)).into_owned();
            return Err(format!("x509: {quoted} cannot be encoded as an IA5String"));
        }
        names.extend_from_slice(&der::element(0x82, name));
    }
    for address in &template.addresses {
        let bytes = match address {
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => match address.to_ipv4_mapped() {
                Some(address) => address.octets().to_vec(),
                None => address.octets().to_vec(),
            },
        };
        names.extend_from_slice(&der::element(0x87, &bytes));
    }
    Ok(der::sequence(&[&names]))
}

/// A distinguished name with a common name only, or an empty one.
fn name(common_name: &[u8]) -> Result<Vec<u8>, String> {
    if common_name.is_empty() {
        return Ok(der::sequence(&[]));
    }
    let printable = |byte: &u8| byte.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(byte);
    let tag = if common_name.iter().all(printable) {
        der::PRINTABLE_STRING
    } else if std::str::from_utf8(common_name).is_ok() {
        der::UTF8_STRING
    } else {
        return Err("asn1: string not valid UTF-8".to_owned());
    };
    let attribute = der::sequence(&[&der::oid(OID_COMMON_NAME), &der::element(tag, common_name)]);
    Ok(der::sequence(&[&der::element(der::SET, &attribute)]))
}

/// A time as `UTCTime` where its two-digit year can say it, else `GeneralizedTime`.
fn time(unix: i64) -> Result<Vec<u8>, String> {
    let timestamp = Timestamp::from_second(unix)
        .map_err(|_| "asn1: structure error: cannot represent time as GeneralizedTime".to_owned())?;
    let civil: DateTime = TimeZone::UTC.to_datetime(timestamp);
    let year = civil.year();
    if year < 0 {
        return Err("asn1: structure error: cannot represent time as GeneralizedTime".to_owned());
    }
    let rest = format!(
        "{:02}{:02}{:02}{:02}{:02}Z",
        civil.month(),
        civil.day(),
        civil.hour(),
        civil.minute(),
        civil.second()
    );
    Ok(if (1950..2050).contains(&year) {
        der::element(der::UTC_TIME, format!("{:02}{rest}", year % 100).as_bytes())
    } else {
        der::element(der::GENERALIZED_TIME, format!("{year:04}{rest}").as_bytes())
    })
}

/// `x509.ParseCertificate`, as far as signing needs it. Extensions are checked only in their form.
///
/// # Errors
/// Go's message for the part that is malformed.
pub(super) fn parse(bytes: &[u8]) -> Result<Parsed, String> {
    let malformed = |what: &str| format!("x509: malformed {what}");
    let mut outer = Reader(bytes);
    let content = outer
        .read(der::SEQUENCE)
        .ok_or_else(|| malformed("certificate"))?;
    if !outer.is_empty() {
        return Err("x509: trailing data".to_owned());
    }
    let mut content = Reader(content);
    let mut body = Reader(
        content
            .read(der::SEQUENCE)
            .ok_or_else(|| malformed("tbs certificate"))?,
    );
    if body
        .read(0xA0)
        .is_some_and(|version| Reader(version).read(der::INTEGER).is_none())
    {
        return Err(malformed("version"));
    }
    body.read(der::INTEGER)
        .ok_or_else(|| malformed("serial number"))?;
    body.read(der::SEQUENCE)
        .ok_or_else(|| malformed("signature algorithm identifier"))?;
    body.read(der::SEQUENCE).ok_or_else(|| malformed("issuer"))?;
    body.read(der::SEQUENCE).ok_or_else(|| malformed("validity"))?;
    let (tag, _, subject) = body.next().ok_or_else(|| malformed("issuer"))?;
    if tag != der::SEQUENCE {
        return Err(malformed("issuer"));
    }
    let (tag, _, public_info) = body.next().ok_or_else(|| malformed("spki"))?;
    if tag != der::SEQUENCE {
        return Err(malformed("spki"));
    }
    body.read(0x81);
    body.read(0x82);
    let mut subject_key_id = Vec::new();
    if let Some(wrapped) = body.read(0xA3) {
        let mut list = Reader(
            Reader(wrapped)
                .read(der::SEQUENCE)
                .ok_or_else(|| malformed("extensions"))?,
        );
        while !list.is_empty() {
            let mut extension = Reader(list.read(der::SEQUENCE).ok_or_else(|| malformed("extension"))?);
            let id = extension
                .read(der::OID)
                .ok_or_else(|| malformed("extension OID field"))?;
            extension.read(0x01);
            let value = extension
                .read(der::OCTET_STRING)
                .ok_or_else(|| malformed("extension value field"))?;
            if id == OID_SUBJECT_KEY_ID {
                let value = Reader(value).read(der::OCTET_STRING);
                subject_key_id = value.ok_or("x509: invalid subject key identifier")?.to_vec();
            }
        }
    }
    content
        .read(der::SEQUENCE)
        .ok_or_else(|| malformed("algorithm identifier"))?;
    content
        .read(der::BIT_STRING)
        .ok_or_else(|| malformed("signature"))?;
    Ok(Parsed {
        subject: subject.to_vec(),
        public_info: public_info.to_vec(),
        subject_key_id,
    })
}
