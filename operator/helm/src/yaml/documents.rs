//! Cutting a stream into documents before any YAML is read, as Kubernetes does.

/// Text follows a document separator on its line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid Yaml document separator: {0}")]
pub struct SeparatorError(pub String);

/// The buffer of Go's `bufio.Reader`.
const GO_BUFFER_BYTES: usize = 4096;

/// Cuts a stream at lines that begin with `---` and hold nothing else but a comment: `YAMLReader` of
/// `k8s.io/apimachinery` 0.36.
///
/// Line breaks become `\n`. Nothing is left out, so a document may be blank. One fault is kept: an unterminated last line
/// whose length is a multiple of 4096 is lost.
pub fn split(stream: &[u8]) -> Result<Vec<Vec<u8>>, SeparatorError> {
    let mut documents = Vec::new();
    let mut current: Vec<u8> = Vec::new();
    let mut lines = stream.split(|&byte| byte == b'\n').peekable();
    while let Some(line) = lines.next() {
        if lines.peek().is_none() && line.len().is_multiple_of(GO_BUFFER_BYTES) {
            break;
        }
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if let Some(rest) = line.strip_prefix(b"---") {
            let rest = String::from_utf8_lossy(rest);
            let rest = rest.trim();
            if !rest.is_empty() && !rest.starts_with('#') {
                return Err(SeparatorError(rest.to_owned()));
            }
            if !current.is_empty() {
                documents.push(std::mem::take(&mut current));
                continue;
            }
        }
        current.extend_from_slice(line);
        current.push(b'\n');
    }
    if !current.is_empty() {
        documents.push(current);
    }
    Ok(documents)
}
