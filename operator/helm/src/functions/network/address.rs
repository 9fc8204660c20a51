//! IP addresses as `net/netip.ParseAddr` reads them, with its messages.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use gotemplate::strconv;

/// An address, and whether it had a zone (`fe80::1%eth0`).
pub(crate) struct Address {
    pub(crate) ip: IpAddr,
    pub(crate) zone: bool,
}

/// `netip.ParseAddr`.
///
/// # Errors
/// Go's message.
pub(crate) fn parse(text: &[u8]) -> Result<Address, String> {
    match text.iter().find(|byte| matches!(byte, b'.' | b':' | b'%')) {
        Some(b'.') => parse_v4(text, text).map(|octets| Address {
            ip: Ipv4Addr::from(octets).into(),
            zone: false,
        }),
        Some(b':') => parse_v6(text),
        Some(_) => Err(trouble(text, "missing IPv6 address", None)),
        None => Err(trouble(text, "unable to parse IP", None)),
    }
}

fn trouble(whole: &[u8], message: &str, at: Option<&[u8]>) -> String {
    let quote = |text: &[u8]| String::from_utf8_lossy(&strconv::quote(text)).into_owned();
    match at {
        Some(at) => format!("ParseAddr({}): {message} (at {})", quote(whole), quote(at)),
        None => format!("ParseAddr({}): {message}", quote(whole)),
    }
}

fn parse_v4(whole: &[u8], text: &[u8]) -> Result<[u8; 4], String> {
    let mut fields = [0; 4];
    let (mut value, mut position, mut digits) = (0_u32, 0, 0);
    for (index, byte) in text.iter().enumerate() {
        match byte {
            b'0'..=b'9' => {
                if digits == 1 && value == 0 {
                    return Err(trouble(whole, "IPv4 field has octet with leading zero", None));
                }
                value = value * 10 + u32::from(byte - b'0');
                digits += 1;
                if value > 255 {
                    return Err(trouble(whole, "IPv4 field has value >255", None));
                }
            }
            b'.' => {
                if index == 0 || index == text.len() - 1 || text[index - 1] == b'.' {
                    return Err(trouble(
                        whole,
                        "IPv4 field must have at least one digit",
                        Some(&text[index..]),
                    ));
                }
                if position == 3 {
                    return Err(trouble(whole, "IPv4 address too long", None));
                }
                fields[position] = value as u8;
                position += 1;
                (value, digits) = (0, 0);
            }
            _ => return Err(trouble(whole, "unexpected character", Some(&text[index..]))),
        }
    }
    if position < 3 {
        return Err(trouble(whole, "IPv4 address too short", None));
    }
    fields[3] = value as u8;
    Ok(fields)
}

fn parse_v6(whole: &[u8]) -> Result<Address, String> {
    let fail = |message: &str, at: &[u8]| Err(trouble(whole, message, Some(at)));
    let (mut text, zone) = match whole.iter().position(|byte| *byte == b'%') {
        Some(percent) => (&whole[..percent], Some(&whole[percent + 1..])),
        None => (whole, None),
    };
    if zone.is_some_and(<[u8]>::is_empty) {
        return Err(trouble(whole, "zone must be a non-empty string", None));
    }
    let found = |bytes: [u8; 16]| {
        Ok(Address {
            ip: Ipv6Addr::from(bytes).into(),
            zone: zone.is_some(),
        })
    };
    let mut bytes = [0_u8; 16];
    let mut ellipsis = None;
    if let Some(rest) = text.strip_prefix(b"::") {
        ellipsis = Some(0);
        text = rest;
        if text.is_empty() {
            return found(bytes);
        }
    }
    let mut at = 0;
    while at < 16 {
        let digits = text.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        if digits > 4 {
            return fail("each group must have 4 or less digits", text);
        }
        if digits == 0 {
            return fail("each colon-separated field must have at least one digit", text);
        }
        if text.get(digits) == Some(&b'.') {
            if ellipsis.is_none() && at != 12 {
                return fail(
                    "embedded IPv4 address must replace the final 2 fields of the address",
                    text,
                );
            }
            if at + 4 > 16 {
                return fail(
                    "too many hex fields to fit an embedded IPv4 at the end of the address",
                    text,
                );
            }
            bytes[at..at + 4].copy_from_slice(&parse_v4(whole, text)?);
            text = &[];
            at += 4;
            break;
        }
        let value = text[..digits].iter().fold(0, |value, digit| {
            value << 4 | (*digit as char).to_digit(16).unwrap_or(0)
        });
        bytes[at..at + 2].copy_from_slice(&(value as u16).to_be_bytes());
        at += 2;
        text = &text[digits..];
        match text {
            [] => break,
            [b':'] => return fail("colon must be followed by more characters", text),
            [b':', b':', rest @ ..] => {
                if ellipsis.is_some() {
                    return fail("multiple :: in address", &text[1..]);
                }
                ellipsis = Some(at);
                text = rest;
                if text.is_empty() {
                    break;
                }
            }
            [b':', rest @ ..] => text = rest,
            _ => return fail("unexpected character, want colon", text),
        }
    }
    if !text.is_empty() {
        return fail("trailing garbage after address", text);
    }
    match ellipsis {
        Some(_) if at == 16 => Err(trouble(
            whole,
            "the :: must expand to at least one field of zeros",
            None,
        )),
        Some(ellipsis) => {
            let gap = 16 - at;
            bytes.copy_within(ellipsis..at, ellipsis + gap);
            bytes[ellipsis..ellipsis + gap].fill(0);
            found(bytes)
        }
        None if at < 16 => Err(trouble(whole, "address string too short", None)),
        None => found(bytes),
    }
}
