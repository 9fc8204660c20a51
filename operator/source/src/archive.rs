//! Is this a whole chart archive? Reads an archive to its end without keeping anything of it but name and version.
//!
//! It finds truncation and damage before anybody else sees the archive. Whether the files make a chart is for
//! `helm::chart` to say.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use serde::Deserialize;

use crate::scalar::Scalar;

/// Why an archive is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ArchiveError {
    /// No gzip header. Helm's loader says it like this.
    #[error("file does not appear to be a gzipped archive; got '{0}'")]
    NotGzip(&'static str),
    /// The archive ends early or has damaged parts.
    #[error("chart archive is corrupt: {0}")]
    Corrupt(String),
    /// It unpacks to too much.
    #[error("decompressed chart is larger than the maximum size {0}")]
    TooLarge(u64),
}

/// What `Chart.yaml` of an archive says about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ChartHead {
    /// `name`.
    pub(crate) name: Option<String>,
    /// `version`.
    pub(crate) version: Option<String>,
}

#[derive(Deserialize)]
struct ChartYaml {
    name: Option<Scalar>,
    version: Option<Scalar>,
}

/// The most that is read of a `Chart.yaml`.
const MAX_CHART_YAML_BYTES: u64 = 1024 * 1024;

/// Reads the archive to its end; `limit` bounds what it may unpack to.
pub(crate) fn inspect(archive: &[u8], limit: u64) -> Result<ChartHead, ArchiveError> {
    if !archive.starts_with(&[0x1f, 0x8b, 0x08]) {
        return Err(ArchiveError::NotGzip(content_type(archive)));
    }
    let mut unpacked = Limited {
        inner: MultiGzDecoder::new(archive),
        left: limit,
        exceeded: false,
    };
    let result = walk(&mut unpacked);
    if unpacked.exceeded {
        return Err(ArchiveError::TooLarge(limit));
    }
    result.map_err(|error| ArchiveError::Corrupt(error.to_string()))
}

fn walk(unpacked: &mut impl Read) -> io::Result<ChartHead> {
    let mut head = ChartHead::default();
    let mut archive = tar::Archive::new(unpacked);
    for entry in archive.entries()? {
        let entry = entry?;
        if is_chart_yaml(&entry.path_bytes()) {
            let mut text = Vec::new();
            entry.take(MAX_CHART_YAML_BYTES).read_to_end(&mut text)?;
            head = read_head(&text);
        }
    }
    // The checksum of gzip stands behind the last entry.
    io::copy(&mut archive.into_inner(), &mut io::sink())?;
    Ok(head)
}

/// `<folder>/Chart.yaml`, with either kind of slash.
fn is_chart_yaml(path: &[u8]) -> bool {
    let mut parts = path
        .split(|byte| matches!(byte, b'/' | b'\\'))
        .filter(|part| !matches!(*part, b"" | b"."));
    parts.next().is_some() && parts.next() == Some(b"Chart.yaml") && parts.next().is_none()
}

fn read_head(text: &[u8]) -> ChartHead {
    match serde_saphyr::from_slice::<ChartYaml>(text) {
        Ok(ChartYaml { name, version }) => ChartHead {
            name: name.map(Scalar::into_text),
            version: version.map(Scalar::into_text),
        },
        // The chart loader says what is wrong with it, in Helm's words.
        Err(_) => ChartHead::default(),
    }
}

/// What Go's `http.DetectContentType` says about the things that are served in place of an archive.
fn content_type(bytes: &[u8]) -> &'static str {
    let start = bytes.trim_ascii_start();
    let begins = |tag: &str| {
        start
            .get(..tag.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(tag.as_bytes()))
    };
    if begins("<!doctype html") || begins("<html") || begins("<head") || begins("<body") {
        "text/html; charset=utf-8"
    } else if begins("<?xml") {
        "text/xml; charset=utf-8"
    } else if bytes.starts_with(b"PK\x03\x04") {
        "application/zip"
    } else if bytes
        .iter()
        .take(512)
        .any(|byte| matches!(byte, 0..=8 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f))
    {
        "application/octet-stream"
    } else {
        "text/plain; charset=utf-8"
    }
}

/// Fails when more than `left` bytes are read.
struct Limited<R> {
    inner: R,
    left: u64,
    exceeded: bool,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        if let Some(left) = self.left.checked_sub(count as u64) {
            self.left = left;
            Ok(count)
        } else {
            self.exceeded = true;
            Err(io::Error::other("too large"))
        }
    }
}

#[cfg(test)]
mod tests {
    use testkit::ChartBuilder;

    use super::*;

    fn archive() -> Vec<u8> {
        let text: String = (0..5000)
            .map(|number: u32| (number * 7919 % 10007).to_string())
            .collect();
        ChartBuilder::new("web", "1.2.3")
            .file("notes.txt", text)
            .archive()
            .unwrap()
    }

    #[test]
    fn name_and_version_are_found() {
        let head = inspect(&archive(), 1 << 20).unwrap();
        assert_eq!(
            head,
            ChartHead {
                name: Some("web".into()),
                version: Some("1.2.3".into())
            }
        );
    }

    #[test]
    fn a_subchart_does_not_speak_for_the_chart() {
        let chart = ChartBuilder::new("web", "1.2.3").subchart(ChartBuilder::new("db", "9.9.9"));
        assert_eq!(
            inspect(&chart.archive().unwrap(), 1 << 20)
                .unwrap()
                .name
                .as_deref(),
            Some("web")
        );
    }

    #[test]
    fn every_truncation_is_found() {
        let whole = archive();
        for length in (3..whole.len()).step_by(whole.len() / 97) {
            let result = inspect(&whole[..length], 1 << 20);
            assert!(
                matches!(result, Err(ArchiveError::Corrupt(_))),
                "{length} of {}: {result:?}",
                whole.len()
            );
        }
    }

    #[test]
    fn a_flipped_bit_is_found() {
        let mut damaged = archive();
        let middle = damaged.len() / 2;
        damaged[middle] ^= 0x10;
        assert!(matches!(
            inspect(&damaged, 1 << 20),
            Err(ArchiveError::Corrupt(_))
        ));
    }

    #[test]
    fn a_bomb_is_stopped_at_the_limit() {
        let bomb = ChartBuilder::new("web", "1.2.3")
            .file("zeros", vec![0; 3 << 20])
            .archive()
            .unwrap();
        assert_eq!(
            inspect(&bomb, 1 << 20).unwrap_err(),
            ArchiveError::TooLarge(1 << 20)
        );
        assert!(inspect(&bomb, 4 << 20).is_ok());
    }

    #[test]
    fn other_things_are_named() {
        let message = |bytes: &[u8]| inspect(bytes, 1 << 20).unwrap_err().to_string();
        assert_eq!(
            message(b"<!DOCTYPE html><p>404"),
            "file does not appear to be a gzipped archive; got 'text/html; charset=utf-8'"
        );
        assert_eq!(
            message(b"not found"),
            "file does not appear to be a gzipped archive; got 'text/plain; charset=utf-8'"
        );
        assert_eq!(
            message(b""),
            "file does not appear to be a gzipped archive; got 'text/plain; charset=utf-8'"
        );
    }
}
