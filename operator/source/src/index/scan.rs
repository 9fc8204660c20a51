//! Reads an index as a stream of YAML or JSON events and keeps the versions of one chart.
//!
//! Anchors, merge keys and flow style are the parser's business; its budget bounds what aliases can blow up.

mod excerpt;

use std::cell::Cell;
use std::fmt;
use std::io::{self, BufReader, Read};

use flate2::bufread::MultiGzDecoder;
use helm::version::Version;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::{IndexEntry, IndexError};
use crate::scalar::Scalar;

/// Depth of nesting; Chart.yaml fields in an index need six levels.
const MAX_DEPTH: usize = 64;

/// Events that aliases may add. Generators that write `*id001` for repeated lists stay far below it.
const MAX_REPLAYED_EVENTS: usize = 1_000_000;

/// Events that are kept for aliases to come, about 100 bytes each.
const MAX_RECORDED_EVENTS: usize = 200_000;

/// Texts that are kept for aliases to come.
const MAX_RECORDED_BYTES: usize = 16 * 1024 * 1024;

/// The versions of `chart` in a gzipped index, newest first; `None` when the index does not have the chart.
pub(super) fn scan(body: &[u8], chart: &str, limit: u64) -> Result<Option<Vec<IndexEntry>>, IndexError> {
    let exceeded = Cell::new(false);
    let open = || Document {
        inner: MultiGzDecoder::new(body),
        left: limit,
        exceeded: &exceeded,
    };
    let result = match first_byte(open()) {
        Ok(None) => Err(IndexError::Empty),
        Ok(Some(b'{')) => read_json(open(), chart).or_else(|json| {
            // A YAML document may begin with a brace, too.
            read_yaml(open(), chart).map_err(|yaml| {
                if json.is_data() {
                    syntax(&json)
                } else {
                    syntax(&yaml)
                }
            })
        }),
        Ok(Some(_)) => read_excerpt(open(), chart)
            .map_or_else(|| read_yaml(open(), chart).map_err(|error| syntax(&error)), Ok),
        Err(error) => Err(syntax(&error)),
    };
    if exceeded.get() {
        return Err(IndexError::TooLarge(limit));
    }
    let Scanned {
        api_version,
        versions,
    } = result?;
    if api_version.is_none_or(|version| version.is_empty()) {
        return Err(IndexError::NoApiVersion);
    }
    Ok(versions.map(valid_entries))
}

/// What is kept of a document.
#[derive(Debug, Default)]
struct Scanned {
    api_version: Option<String>,
    versions: Option<Vec<Option<RawEntry>>>,
}

/// An entry of the chart. Fields that are only validated are kept as little as that needs.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawEntry {
    name: Option<Scalar>,
    version: Option<Scalar>,
    r#type: Option<Scalar>,
    #[serde(default)]
    urls: Option<Vec<Scalar>>,
    created: Option<Scalar>,
    digest: Option<Scalar>,
    #[serde(default)]
    maintainers: Option<Vec<Option<IgnoredAny>>>,
    #[serde(default)]
    dependencies: Option<Vec<Option<RawDependency>>>,
}

#[derive(Debug, Deserialize)]
struct RawDependency {
    alias: Option<Scalar>,
}

/// Reads only the lines that matter, when they can be told by the layout.
fn read_excerpt(document: impl Read, chart: &str) -> Option<Scanned> {
    let excerpt = excerpt::excerpt(BufReader::with_capacity(64 * 1024, document), chart)
        .ok()
        .flatten()?;
    // An alias to another chart is unknown here, and what is wrong is better told with the lines of the whole.
    read_yaml(excerpt.as_slice(), chart).ok()
}

fn read_json(document: impl Read, chart: &str) -> Result<Scanned, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_reader(BufReader::new(document));
    let scanned = IndexSeed { chart }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(scanned)
}

fn read_yaml(document: impl Read, chart: &str) -> Result<Scanned, serde_saphyr::Error> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            // The document is limited by bytes already.
            max_reader_input_bytes: None,
            max_events: usize::MAX,
            max_nodes: usize::MAX,
            max_total_scalar_bytes: usize::MAX,
            max_aliases: MAX_REPLAYED_EVENTS,
            max_anchors: MAX_REPLAYED_EVENTS,
            max_recorded_anchor_events: MAX_RECORDED_EVENTS,
            max_recorded_anchor_bytes: MAX_RECORDED_BYTES,
            max_merge_keys: MAX_REPLAYED_EVENTS,
            max_depth: MAX_DEPTH,
            enforce_alias_anchor_ratio: false,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: MAX_REPLAYED_EVENTS,
        },
        non_finite_float_policy: serde_saphyr::NonFiniteFloatPolicy::AsString,
        with_snippet: false,
    };
    let document = BufReader::new(document);
    serde_saphyr::with_deserializer_from_reader_with_options(document, options, |deserializer| {
        IndexSeed { chart }.deserialize(deserializer)
    })
}

fn syntax(error: &dyn fmt::Display) -> IndexError {
    // One line, and not the content of the document at length.
    let text: String = error
        .to_string()
        .lines()
        .next()
        .unwrap_or_default()
        .chars()
        .take(300)
        .collect();
    IndexError::Syntax(text)
}

/// Reads the whole document for one chart.
struct IndexSeed<'a> {
    chart: &'a str,
}

impl<'de> DeserializeSeed<'de> for IndexSeed<'_> {
    type Value = Scanned;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Scanned, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for IndexSeed<'_> {
    type Value = Scanned;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the index of a chart repository")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Scanned, A::Error> {
        let mut scanned = Scanned::default();
        while let Some(key) = map.next_key::<Scalar>()? {
            match key.text() {
                "apiVersion" => {
                    scanned.api_version = map.next_value::<Option<Scalar>>()?.map(Scalar::into_text);
                }
                "entries" => scanned.versions = map.next_value_seed(EntriesSeed { chart: self.chart })?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(scanned)
    }
}

/// Reads `entries` and keeps one chart.
struct EntriesSeed<'a> {
    chart: &'a str,
}

impl<'de> DeserializeSeed<'de> for EntriesSeed<'_> {
    type Value = Option<Vec<Option<RawEntry>>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for EntriesSeed<'_> {
    type Value = Option<Vec<Option<RawEntry>>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the charts of a repository by name")
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut versions = None;
        while let Some(key) = map.next_key::<Scalar>()? {
            if key.text() == self.chart {
                versions = Some(
                    map.next_value::<Option<Vec<Option<RawEntry>>>>()?
                        .unwrap_or_default(),
                );
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(versions)
    }
}

/// The entries that pass Helm's validation, newest first.
fn valid_entries(raw: Vec<Option<RawEntry>>) -> Vec<IndexEntry> {
    let mut entries: Vec<IndexEntry> = raw.into_iter().flatten().filter_map(RawEntry::validate).collect();
    entries.sort_by(|left, right| right.version.compare(&left.version));
    entries
}

impl RawEntry {
    /// `Metadata.Validate` as far as an index is concerned. Helm skips what fails it with a warning.
    fn validate(self) -> Option<IndexEntry> {
        let given = |field: Option<Scalar>| field.map(Scalar::into_text).filter(|text| !text.is_empty());
        let name = given(self.name)?;
        let version = Version::parse(&given(self.version)?).ok()?;
        let known_type =
            given(self.r#type).is_none_or(|r#type| matches!(r#type.as_str(), "application" | "library"));
        let valid_name = !matches!(name.as_str(), "." | "..") && !name.contains('/');
        let maintained = self.maintainers.unwrap_or_default().iter().all(Option::is_some);
        let dependencies = self.dependencies.unwrap_or_default();
        let valid_dependencies = dependencies
            .iter()
            .all(|dependency| dependency.as_ref().is_some_and(RawDependency::is_valid));
        (known_type && valid_name && maintained && valid_dependencies).then(|| IndexEntry {
            version,
            url: self
                .urls
                .unwrap_or_default()
                .into_iter()
                .next()
                .map(Scalar::into_text),
            digest: given(self.digest),
            created: given(self.created),
        })
    }
}

impl RawDependency {
    fn is_valid(&self) -> bool {
        self.alias.as_ref().is_none_or(|alias| {
            alias
                .text()
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        })
    }
}

/// The first byte that is not white space or a byte order mark.
fn first_byte(document: impl Read) -> io::Result<Option<u8>> {
    for byte in BufReader::with_capacity(512, document).bytes() {
        let byte = byte?;
        if !byte.is_ascii_whitespace() && !matches!(byte, 0xef | 0xbb | 0xbf) {
            return Ok(Some(byte));
        }
    }
    Ok(None)
}

/// The unpacked document, which must not have more than `left` bytes.
struct Document<'a, R> {
    inner: R,
    left: u64,
    exceeded: &'a Cell<bool>,
}

impl<R: Read> Read for Document<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        if let Some(left) = self.left.checked_sub(count as u64) {
            self.left = left;
            Ok(count)
        } else {
            self.exceeded.set(true);
            Err(io::Error::other("too large"))
        }
    }
}

#[cfg(test)]
mod tests;
