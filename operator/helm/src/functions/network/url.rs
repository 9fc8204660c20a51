//! URLs as Go's `net/url` parses and prints them.

use std::net::IpAddr;

use gotemplate::strconv;

use super::address;

/// A `url.URL`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Url {
    pub(crate) scheme: Vec<u8>,
    pub(super) opaque: Vec<u8>,
    pub(super) user: Option<UserInfo>,
    pub(crate) host: Vec<u8>,
    pub(super) path: Vec<u8>,
    pub(super) query: Vec<u8>,
    pub(super) fragment: Vec<u8>,
}

/// A `url.Userinfo`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UserInfo {
    name: Vec<u8>,
    password: Option<Vec<u8>>,
}

impl UserInfo {
    /// `Userinfo.String`.
    pub(super) fn text(&self) -> Vec<u8> {
        let mut out = escape(&self.name, Part::UserPassword);
        if let Some(password) = &self.password {
            out.push(b':');
            out.extend_from_slice(&escape(password, Part::UserPassword));
        }
        out
    }
}

/// Which part of a URL is escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Path,
    Host,
    Zone,
    UserPassword,
    Fragment,
}

/// `url.Parse`.
///
/// # Errors
/// Go's message, with `parse "URL": ` before it.
pub(crate) fn parse(text: &[u8]) -> Result<Url, String> {
    let (before, fragment) = cut(text, b'#');
    let within = |text: &[u8], error: String| format!("parse {}: {error}", quote(text));
    let mut url = parse_without_fragment(before).map_err(|error| within(before, error))?;
    url.fragment =
        unescape(fragment.unwrap_or_default(), Part::Fragment).map_err(|error| within(text, error))?;
    Ok(url)
}

fn parse_without_fragment(text: &[u8]) -> Result<Url, String> {
    if text.iter().any(|byte| *byte < b' ' || *byte == 0x7F) {
        return Err("net/url: invalid control character in URL".to_owned());
    }
    let mut url = Url::default();
    if text == b"*" {
        url.path = b"*".to_vec();
        return Ok(url);
    }
    let (scheme, rest) = split_scheme(text)?;
    url.scheme = scheme.to_ascii_lowercase();
    let (mut rest, query) = cut(rest, b'?');
    url.query = query.unwrap_or_default().to_vec();
    if !rest.starts_with(b"/") {
        if !url.scheme.is_empty() {
            url.opaque = rest.to_vec();
            return Ok(url);
        }
        if cut(rest, b'/').0.contains(&b':') {
            return Err("first path segment in URL cannot contain colon".to_owned());
        }
    }
    if (!url.scheme.is_empty() || !rest.starts_with(b"///")) && rest.starts_with(b"//") {
        let authority = &rest[2..];
        let end = authority
            .iter()
            .position(|byte| *byte == b'/')
            .unwrap_or(authority.len());
        rest = &authority[end..];
        (url.user, url.host) = parse_authority(&url.scheme, &authority[..end])?;
    }
    url.path = unescape(rest, Part::Path)?;
    Ok(url)
}

fn cut(text: &[u8], at: u8) -> (&[u8], Option<&[u8]>) {
    match text.iter().position(|byte| *byte == at) {
        Some(position) => (&text[..position], Some(&text[position + 1..])),
        None => (text, None),
    }
}

fn split_scheme(text: &[u8]) -> Result<(&[u8], &[u8]), String> {
    for (index, byte) in text.iter().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if index > 0 => {}
            b':' if index == 0 => return Err("missing protocol scheme".to_owned()),
            b':' => return Ok((&text[..index], &text[index + 1..])),
            _ => break,
        }
    }
    Ok((&[], text))
}

fn parse_authority(scheme: &[u8], authority: &[u8]) -> Result<(Option<UserInfo>, Vec<u8>), String> {
    let Some(at) = authority.iter().rposition(|byte| *byte == b'@') else {
        return Ok((None, parse_host(scheme, authority)?));
    };
    let host = parse_host(scheme, &authority[at + 1..])?;
    let info = &authority[..at];
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(byte);
    if !info.iter().all(allowed) {
        return Err("net/url: invalid userinfo".to_owned());
    }
    let (name, password) = cut(info, b':');
    let name = unescape(name, Part::UserPassword)?;
    let password = password
        .map(|password| unescape(password, Part::UserPassword))
        .transpose()?;
    Ok((Some(UserInfo { name, password }), host))
}

fn parse_host(scheme: &[u8], host: &[u8]) -> Result<Vec<u8>, String> {
    let bad_port = |port: &[u8]| format!("invalid port {} after host", quote(port));
    match host.iter().rposition(|byte| *byte == b'[') {
        Some(0) => {
            let close = host
                .iter()
                .rposition(|byte| *byte == b']')
                .ok_or("missing ']' in host")?;
            let port = &host[close + 1..];
            if !valid_optional_port(port) {
                return Err(bad_port(port));
            }
            let name = &host[1..close];
            let zone = name.windows(3).position(|window| window == b"%25");
            let unescaped = match zone {
                Some(zone) => [
                    unescape(&name[..zone], Part::Host)?,
                    unescape(&name[zone..], Part::Zone)?,
                ]
                .concat(),
                None => unescape(name, Part::Host)?,
            };
            let address = address::parse(&unescaped).map_err(|error| format!("invalid host: {error}"))?;
            if matches!(address.ip, IpAddr::V4(_)) {
                return Err("invalid IP-literal".to_owned());
            }
            return Ok([b"[".as_slice(), &unescaped, b"]", &unescape(port, Part::Host)?].concat());
        }
        Some(_) => return Err("invalid IP-literal".to_owned()),
        None => {}
    }
    if let Some(first) = host.iter().position(|byte| *byte == b':') {
        let last = host.iter().rposition(|byte| *byte == b':').unwrap_or(first);
        // Lists of hosts with ports are tolerated, but not for HTTP.
        let port = if matches!(scheme, b"http" | b"https") {
            first
        } else {
            last
        };
        if !valid_optional_port(&host[port..]) {
            return Err(bad_port(&host[port..]));
        }
    }
    unescape(host, Part::Host)
}

fn valid_optional_port(port: &[u8]) -> bool {
    match port {
        [] => true,
        [b':', digits @ ..] => digits.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

impl Url {
    /// `URL.Hostname`.
    pub(crate) fn hostname(&self) -> &[u8] {
        let mut host = self.host.as_slice();
        let colon = host.iter().rposition(|byte| *byte == b':');
        if let Some(colon) = colon.filter(|colon| valid_optional_port(&host[*colon..])) {
            host = &host[..colon];
        }
        match host {
            [b'[', inner @ .., b']'] => inner,
            host => host,
        }
    }

    /// `URL.String` of a URL that was put together and not parsed.
    pub(super) fn text(&self) -> Vec<u8> {
        let mut out = Vec::new();
        if !self.scheme.is_empty() {
            out.extend_from_slice(&self.scheme);
            out.push(b':');
        }
        if self.opaque.is_empty() {
            let authority = !self.host.is_empty() || self.user.is_some();
            if authority || !self.scheme.is_empty() && !self.path.is_empty() {
                out.extend_from_slice(b"//");
            }
            if let Some(user) = &self.user {
                out.extend_from_slice(&user.text());
                out.push(b'@');
            }
            out.extend_from_slice(&escape(&self.host, Part::Host));
            let path = if self.path == b"*" {
                b"*".to_vec()
            } else {
                escape(&self.path, Part::Path)
            };
            if !path.is_empty() && path[0] != b'/' && !self.host.is_empty() {
                out.push(b'/');
            }
            if out.is_empty() && cut(&path, b'/').0.contains(&b':') {
                out.extend_from_slice(b"./");
            }
            out.extend_from_slice(&path);
        } else {
            out.extend_from_slice(&self.opaque);
        }
        if !self.query.is_empty() {
            out.push(b'?');
            out.extend_from_slice(&self.query);
        }
        if !self.fragment.is_empty() {
            out.push(b'#');
            out.extend_from_slice(&escape(&self.fragment, Part::Fragment));
        }
        out
    }
}

fn should_escape(byte: u8, part: Part) -> bool {
    if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
        return false;
    }
    match part {
        Part::Host | Part::Zone => !b"!$&'()*+,;=:[]<>\"".contains(&byte),
        Part::Path => !b"$&+,/:;=@".contains(&byte),
        Part::UserPassword => !b"$&+,;=".contains(&byte),
        Part::Fragment => !b"$&+,/:;=?@!()*".contains(&byte),
    }
}

fn escape(text: &[u8], part: Part) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for &byte in text {
        if should_escape(byte, part) {
            out.extend_from_slice(format!("%{byte:02X}").as_bytes());
        } else {
            out.push(byte);
        }
    }
    out
}

fn unescape(text: &[u8], part: Part) -> Result<Vec<u8>, String> {
    let bad_escape = |text: &[u8]| format!("invalid URL escape {}", quote(text));
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(&byte) = rest.first() {
        if byte == b'%' {
            let digit = |at: usize| rest.get(at).and_then(|byte| (*byte as char).to_digit(16));
            let (Some(high), Some(low)) = (digit(1), digit(2)) else {
                return Err(bad_escape(&rest[..rest.len().min(3)]));
            };
            let value = (high << 4 | low) as u8;
            let percent = &rest[..3] == b"%25";
            let refused = match part {
                Part::Host => high < 8 && !percent,
                Part::Zone => !percent && value != b' ' && should_escape(value, Part::Host),
                Part::Path | Part::UserPassword | Part::Fragment => false,
            };
            if refused {
                return Err(bad_escape(&rest[..3]));
            }
            out.push(value);
            rest = &rest[3..];
            continue;
        }
        if matches!(part, Part::Host | Part::Zone) && byte < 0x80 && should_escape(byte, part) {
            return Err(format!("invalid character {} in host name", quote(&[byte])));
        }
        out.push(byte);
        rest = &rest[1..];
    }
    Ok(out)
}

fn quote(text: &[u8]) -> String {
    String::from_utf8_lossy(&strconv::quote(text)).into_owned()
}
