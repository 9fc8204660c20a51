//! `index.yaml` of a chart repository: kept compressed, read as a stream for one chart at a time, searched by Helm's
//! rules.
//!
//! An index may have tens of megabytes, of which one release wants a few hundred bytes. No tree of it is ever built:
//! [`scan`] passes over it and keeps the versions of one chart. This mirrors `loadIndex` and `IndexFile.Get` of Helm's
//! `pkg/repo/v1/index.go`, with these differences: fields that Helm does not know are no error, and neither are
//! mistakes in the entries of other charts.

mod scan;
mod select;

use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use flate2::Compression;
use flate2::write::GzEncoder;
use helm::version::Version;
use tokio::sync::OnceCell;

use crate::http::{HttpError, Validators};
use crate::lru::{Lru, Weight};

pub(crate) use select::{NotFound, select};

/// Why an index cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum IndexError {
    /// It could not be fetched.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// Nothing was served.
    #[error("empty index.yaml file")]
    Empty,
    /// Helm's check that it is an index at all.
    #[error("no API version specified")]
    NoApiVersion,
    /// Neither the YAML nor the JSON of an index.
    #[error("error converting YAML to JSON: {0}")]
    Syntax(String),
    /// It unpacks to too much.
    #[error("index is larger than the maximum size {0}")]
    TooLarge(u64),
}

/// One version of a chart in an index.
#[derive(Debug, Clone)]
pub(crate) struct IndexEntry {
    /// The version, parsed.
    pub(crate) version: Version,
    /// The first of `urls`, the only one that Helm uses.
    pub(crate) url: Option<String>,
    /// `digest` of the archive as it is written.
    pub(crate) digest: Option<String>,
    /// `created` as it is written.
    pub(crate) created: Option<String>,
}

/// An index as it was fetched.
#[derive(Debug)]
pub(crate) struct Index {
    /// gzip of the document.
    body: Vec<u8>,
    /// What the document may unpack to.
    limit: u64,
    /// How to ask whether it changed.
    pub(crate) validators: Validators,
    /// The charts that were looked up lately. Each is searched for once.
    charts: Mutex<Lru<String, Versions>>,
}

/// The versions of a chart, newest first, once they are known. `None`: the index does not have the chart.
type Versions = Arc<OnceCell<Result<Option<Arc<Vec<IndexEntry>>>, IndexError>>>;

/// Memory for the versions of charts of one index, in bytes: some thousand versions. What does not fit is looked up again.
const VERSIONS_BUDGET: u64 = 2 * 1024 * 1024;

/// What an entry takes with its texts.
const ENTRY_BYTES: u64 = 400;

impl Index {
    /// The versions of a chart, newest first; `None` when the index does not have the chart.
    pub(crate) async fn versions(
        self: &Arc<Self>,
        chart: &str,
    ) -> Result<Option<Arc<Vec<IndexEntry>>>, IndexError> {
        let versions = {
            let mut charts = self.charts.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(versions) = charts.get(&chart.to_owned()) {
                Arc::clone(versions)
            } else {
                let versions = Versions::default();
                charts.insert(chart.to_owned(), Arc::clone(&versions));
                versions
            }
        };
        let search = || async {
            let (index, wanted) = (Arc::clone(self), chart.to_owned());
            let scanned = tokio::task::spawn_blocking(move || scan::scan(&index.body, &wanted, index.limit));
            match scanned.await {
                Ok(result) => result.map(|entries| entries.map(Arc::new)),
                Err(error) => Err(IndexError::Syntax(format!("the reader failed: {error}"))),
            }
        };
        if let Some(known) = versions.get() {
            return known.clone();
        }
        let result = versions.get_or_init(search).await.clone();
        // Now that they are known they have their weight.
        self.charts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(chart.to_owned(), versions);
        result
    }
}

impl Weight for Versions {
    fn weight(&self) -> u64 {
        let known = self
            .get()
            .and_then(|result| result.as_ref().ok())
            .and_then(Option::as_ref);
        known.map_or(0, |entries| entries.len() as u64 * ENTRY_BYTES)
    }
}

impl Weight for Arc<Index> {
    fn weight(&self) -> u64 {
        self.body.len() as u64
    }
}

/// Takes an index in, piece by piece.
pub(crate) struct IndexWriter {
    target: Target,
    limit: u64,
}

enum Target {
    /// The server compressed it already.
    Compressed(Vec<u8>),
    Plain(GzEncoder<Vec<u8>>),
}

impl IndexWriter {
    /// `compressed` says that the pieces are gzip; `limit` bounds the document.
    pub(crate) fn new(compressed: bool, limit: u64) -> Self {
        let target = if compressed {
            Target::Compressed(Vec::new())
        } else {
            Target::Plain(GzEncoder::new(Vec::new(), Compression::fast()))
        };
        Self { target, limit }
    }

    /// The next piece.
    pub(crate) fn write(&mut self, piece: &[u8]) {
        match &mut self.target {
            Target::Compressed(body) => body.extend_from_slice(piece),
            Target::Plain(encoder) => {
                // Writing to memory cannot fail.
                let _ = encoder.write_all(piece);
            }
        }
    }

    /// The whole index.
    pub(crate) fn finish(self, validators: Validators) -> Result<Arc<Index>, IndexError> {
        let mut body = match self.target {
            Target::Compressed(body) => body,
            Target::Plain(encoder) => encoder
                .finish()
                .map_err(|error| IndexError::Syntax(error.to_string()))?,
        };
        body.shrink_to_fit();
        Ok(Arc::new(Index {
            body,
            limit: self.limit,
            validators,
            charts: Mutex::new(Lru::new(VERSIONS_BUDGET)),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INDEX: &str =
        "apiVersion: v1\nentries:\n  web:\n  - name: web\n    version: 1.0.0\n    urls: [web-1.0.0.tgz]\n";

    fn index(text: &str) -> Arc<Index> {
        let mut writer = IndexWriter::new(false, 1 << 20);
        for piece in text.as_bytes().chunks(7) {
            writer.write(piece);
        }
        writer.finish(Validators::default()).unwrap()
    }

    #[tokio::test]
    async fn charts_are_looked_up_one_by_one() {
        let index = index(INDEX);
        assert_eq!(index.versions("web").await.unwrap().unwrap().len(), 1);
        assert!(index.versions("db").await.unwrap().is_none());
        assert!(Arc::ptr_eq(
            &index.versions("web").await.unwrap().unwrap(),
            &index.versions("web").await.unwrap().unwrap()
        ));
    }

    #[tokio::test]
    async fn the_memory_for_looked_up_charts_is_bounded() {
        let index = index(INDEX);
        for number in 0..VERSIONS_BUDGET / 256 + 10 {
            assert!(
                index
                    .versions(&format!("chart-{number}"))
                    .await
                    .unwrap()
                    .is_none()
            );
        }
        assert!(index.charts.lock().unwrap().used() <= VERSIONS_BUDGET);
        assert!(index.versions("web").await.unwrap().is_some());
    }

    #[tokio::test]
    async fn an_index_that_the_server_compressed_is_kept_as_it_is() {
        let plain = index(INDEX);
        let mut writer = IndexWriter::new(true, 1 << 20);
        writer.write(&plain.body);
        let compressed = writer.finish(Validators::default()).unwrap();
        assert_eq!(compressed.body, plain.body);
        assert_eq!(compressed.versions("web").await.unwrap().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn an_index_that_unpacks_to_too_much_is_refused() {
        let mut writer = IndexWriter::new(false, 1000);
        writer.write(INDEX.as_bytes());
        writer.write(format!("annotations:\n  padding: {}\n", "x".repeat(1000)).as_bytes());
        let index = writer.finish(Validators::default()).unwrap();
        assert_eq!(
            index.versions("web").await.unwrap_err(),
            IndexError::TooLarge(1000)
        );
    }
}
