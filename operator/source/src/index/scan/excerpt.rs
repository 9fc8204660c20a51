//! Cuts the part about one chart out of an index by its lines alone, when the index is laid out as every tool lays it
//! out: one chart a key under `entries`, in block style.
//!
//! A YAML parser looks at every character of an index several times; this looks for line ends. It gives up at the first
//! line that it does not understand, and the caller then parses the whole document. What it cuts out is still parsed.

use std::collections::BTreeSet;
use std::io::{self, BufRead};

/// An index with nothing but `apiVersion` and one chart. `None`: the layout is unusual.
pub(super) fn excerpt(mut document: impl BufRead, chart: &str) -> io::Result<Option<Vec<u8>>> {
    let mut cutter = Cutter {
        chart,
        ..Cutter::default()
    };
    let mut line = Vec::new();
    while document.read_until(b'\n', &mut line)? > 0 {
        if cutter.line(&line).is_none() {
            return Ok(None);
        }
        line.clear();
    }
    let mut excerpt = cutter.api_version;
    excerpt.extend_from_slice(b"entries:\n");
    excerpt.append(&mut cutter.kept);
    Ok(Some(excerpt))
}

#[derive(Default)]
struct Cutter<'a> {
    chart: &'a str,
    place: Place,
    /// The line of `apiVersion`.
    api_version: Vec<u8>,
    /// The lines of the chart.
    kept: Vec<u8>,
    /// Indentation of the names of charts.
    indentation: Option<usize>,
    /// Names seen so far: a second one is an error that the parser reports.
    top: BTreeSet<Vec<u8>>,
    charts: BTreeSet<Vec<u8>>,
}

/// Where the next line is.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before the first key.
    #[default]
    Start,
    /// In the value of a key that does not matter.
    Elsewhere,
    /// Under `entries`, before the first chart.
    Entries,
    /// In a chart that is not wanted.
    OtherChart,
    /// In the wanted chart.
    Chart,
}

impl Cutter<'_> {
    /// Takes the next line. `None`: the layout is unusual.
    fn line(&mut self, line: &[u8]) -> Option<()> {
        let text = line.trim_ascii_end();
        let text = if self.place == Place::Start {
            text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)
        } else {
            text
        };
        let indentation = text.iter().take_while(|byte| **byte == b' ').count();
        let content = text.get(indentation..)?;
        match content.first() {
            None | Some(b'#') => self.keep(line),
            Some(b'\t') => return None,
            Some(_) if indentation == 0 => self.top_line(content, line)?,
            Some(_) => self.inner_line(indentation, content, line)?,
        }
        Some(())
    }

    fn top_line(&mut self, content: &[u8], line: &[u8]) -> Option<()> {
        if content == b"---" && self.place == Place::Start {
            return Some(());
        }
        if is_item(content) {
            // A list may stand right under its key.
            return (self.place == Place::Elsewhere).then_some(());
        }
        let (key, value) = key(content)?;
        if !self.top.insert(key.to_vec()) {
            return None;
        }
        self.place = match key {
            b"entries" if value.is_empty() => Place::Entries,
            b"entries" => return None,
            b"apiVersion" => {
                self.api_version = line.to_vec();
                Place::Elsewhere
            }
            _ => Place::Elsewhere,
        };
        Some(())
    }

    fn inner_line(&mut self, indentation: usize, content: &[u8], line: &[u8]) -> Option<()> {
        match self.place {
            Place::Start => return None,
            Place::Elsewhere => return Some(()),
            Place::Entries | Place::OtherChart | Place::Chart => {}
        }
        let expected = *self.indentation.get_or_insert(indentation);
        if indentation < expected {
            return None;
        }
        if indentation > expected || is_item(content) {
            self.keep(line);
            return (self.place != Place::Entries).then_some(());
        }
        let (key, value) = key(content)?;
        if !(value.is_empty() || value == b"[]") || !self.charts.insert(key.to_vec()) {
            return None;
        }
        self.place = if key == self.chart.as_bytes() {
            Place::Chart
        } else {
            Place::OtherChart
        };
        self.keep(line);
        Some(())
    }

    fn keep(&mut self, line: &[u8]) {
        if self.place == Place::Chart {
            self.kept.extend_from_slice(line);
            if !line.ends_with(b"\n") {
                self.kept.push(b'\n');
            }
        }
    }
}

fn is_item(content: &[u8]) -> bool {
    content == b"-" || content.starts_with(b"- ")
}

/// Key and value of `key: value`, with a key that means itself.
fn key(content: &[u8]) -> Option<(&[u8], &[u8])> {
    let (key, rest) = match content.first()? {
        quote @ (b'"' | b'\'') => {
            let inner = content.get(1..)?;
            let end = inner.iter().position(|byte| byte == quote)?;
            (inner.get(..end)?, inner.get(end + 1..)?)
        }
        _ => content.split_at(content.iter().position(|byte| *byte == b':')?),
    };
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let value = rest.strip_prefix(b":")?;
    let separated = value.is_empty() || value.starts_with(b" ");
    (!key.is_empty() && key.iter().all(plain) && separated).then_some((key, value.trim_ascii()))
}
