//! Limits and settings of a [`Source`](crate::Source). Every limit has its reason here.

use std::path::PathBuf;
use std::time::Duration;

/// Largest archive that is downloaded. Helm refuses to unpack more than this, and gzip does not make charts larger.
pub const MAX_ARCHIVE_BYTES: u64 = 100 * 1024 * 1024;

/// Most bytes that an archive may unpack to, as in Helm (`MaxDecompressedChartSize`).
pub const MAX_UNPACKED_BYTES: u64 = 100 * 1024 * 1024;

/// Largest `index.yaml`. The largest public ones have about 25 MB; an index is kept compressed and read as a stream.
pub const MAX_INDEX_BYTES: u64 = 100 * 1024 * 1024;

/// Largest manifest, tag list page or token of a registry; the limit of the library that Helm uses.
pub const MAX_METADATA_BYTES: u64 = 4 * 1024 * 1024;

/// Largest provenance file. It holds a `Chart.yaml`, digests and a signature.
pub const MAX_PROVENANCE_BYTES: u64 = 1024 * 1024;

/// Most redirects that are followed, as in Go.
pub const MAX_REDIRECTS: usize = 10;

/// Most tags of one repository that are looked at. Registries list 100 to 1000 tags a page.
pub const MAX_TAGS: usize = 100_000;

/// Most manifests of an image index that are searched for a chart.
pub const MAX_INDEX_MANIFESTS: usize = 16;

/// Settings of a [`Source`](crate::Source).
#[derive(Debug, Clone)]
pub struct SourceOptions {
    /// Time for one answer with its body, redirects included. Helm: 120 s.
    pub request_timeout: Duration,
    /// Time to get a connection.
    pub connect_timeout: Duration,
    /// How long an answer about the content of a repository is used without asking again.
    pub fresh_for: Duration,
    /// Bytes that all downloads beyond 1 MiB may hold at once; more of them wait. At least one fits in any case.
    pub download_memory: u64,
    /// Bytes of archives kept in memory.
    pub archive_memory: u64,
    /// Bytes of compressed indexes kept in memory.
    pub index_memory: u64,
    /// Folder to keep archives in, also over restarts. It must belong to this process alone.
    pub disk: Option<DiskOptions>,
    /// Largest archive, at most [`MAX_ARCHIVE_BYTES`].
    pub max_archive_bytes: u64,
    /// Largest index, at most [`MAX_INDEX_BYTES`].
    pub max_index_bytes: u64,
}

/// Where and how much is kept on disk.
#[derive(Debug, Clone)]
pub struct DiskOptions {
    /// The folder; it is created when missing.
    pub folder: PathBuf,
    /// Bytes of archives kept there; the oldest go first.
    pub bytes: u64,
}

impl Default for SourceOptions {
    fn default() -> Self {
        Self {
            request_timeout: Duration::from_mins(2),
            connect_timeout: Duration::from_secs(15),
            fresh_for: Duration::from_mins(1),
            download_memory: 256 * 1024 * 1024,
            archive_memory: 64 * 1024 * 1024,
            index_memory: 32 * 1024 * 1024,
            disk: None,
            max_archive_bytes: MAX_ARCHIVE_BYTES,
            max_index_bytes: MAX_INDEX_BYTES,
        }
    }
}
