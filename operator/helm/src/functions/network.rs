//! URLs and hosts (`url.go` and `network.go` of sprig): `urlParse`, `urlJoin`, `getHostByName`.

pub(crate) mod address;
pub(crate) mod url;

use gotemplate::{Frame, FuncError, Function, Map, Str, Value};

use super::charge;
use super::host::{facts, host};
use url::Url;

/// The functions of this family.
pub(super) fn functions() -> Vec<Function> {
    vec![
        Function::new("getHostByName", get_host_by_name),
        Function::new("urlParse", url_parse),
        Function::new("urlJoin", url_join),
    ]
}

/// Helm answers nothing unless DNS was allowed. sprig picks any address and panics when there is none.
fn get_host_by_name(frame: &mut Frame<'_>, name: Str) -> Result<String, FuncError> {
    if !host(frame)?.options().dns {
        return Ok(String::new());
    }
    let addresses = facts(frame)?.resolve_host(&name.to_str_lossy());
    addresses
        .into_iter()
        .next()
        .ok_or_else(|| FuncError::panic("invalid argument to Intn"))
}

fn url_parse(frame: &mut Frame<'_>, text: Str) -> Result<Map, FuncError> {
    charge::text(frame, text.len())?;
    let url = url::parse(&text).map_err(|error| FuncError::panic(format!("unable to parse url: {error}")))?;
    let hostname = url.hostname().to_vec();
    let user = url.user.as_ref().map(url::UserInfo::text).unwrap_or_default();
    let entries = [
        ("scheme", url.scheme),
        ("host", url.host),
        ("hostname", hostname),
        ("path", url.path),
        ("query", url.query),
        ("opaque", url.opaque),
        ("fragment", url.fragment),
        ("userinfo", user),
    ];
    Ok(entries
        .into_iter()
        .map(|(key, text)| (key, Value::Str(Str::from(text))))
        .collect())
}

fn url_join(frame: &mut Frame<'_>, map: Map) -> Result<Str, FuncError> {
    let url = Url {
        scheme: text_entry(&map, "scheme")?,
        host: text_entry(&map, "host")?,
        path: text_entry(&map, "path")?,
        query: text_entry(&map, "query")?,
        opaque: text_entry(&map, "opaque")?,
        fragment: text_entry(&map, "fragment")?,
        user: user_entry(&map)?,
    };
    charge::text(
        frame,
        (url.host.len() + url.path.len() + url.query.len() + url.fragment.len()).saturating_mul(3),
    )?;
    Ok(Str::from(url.text()))
}

fn user_entry(map: &Map) -> Result<Option<url::UserInfo>, FuncError> {
    let text = text_entry(map, "userinfo")?;
    if text.is_empty() {
        return Ok(None);
    }
    let parsed = url::parse(&[b"proto://", text.as_slice(), b"@host"].concat());
    let parsed =
        parsed.map_err(|error| FuncError::panic(format!("unable to parse userinfo in dict: {error}")))?;
    Ok(parsed.user)
}

/// sprig's `dictGetOrEmpty`.
fn text_entry(map: &Map, key: &str) -> Result<Vec<u8>, FuncError> {
    match map.get(key) {
        None => Ok(Vec::new()),
        Some(Value::Str(text)) => Ok(text.to_vec()),
        Some(Value::Nil) => Err(FuncError::panic(
            "runtime error: invalid memory address or nil pointer dereference",
        )),
        Some(other) => {
            let kind = other.kind().name();
            Err(FuncError::panic(format!(
                "unable to parse {key} key, must be of type string, but {kind} found"
            )))
        }
    }
}
