//! Chart archives: gzip, then tar, with every path checked.
//!
//! Mirrors `pkg/chart/loader/archive/archive.go`. Helm bounds the size of the files; this also bounds what Helm does
//! not: the tar headers, the number of entries, and archives within archives.

use std::io::{self, Read};
use std::sync::Arc;

use flate2::read::MultiGzDecoder;
use tar::{Archive, EntryType};

use super::Chart;
use super::load::{ChartError, InputFile, load_detected};
use crate::text::{clean_path, go_quote};

/// Largest sum of the files of an archive: upstream's `MaxDecompressedChartSize`.
pub const MAX_CHART_BYTES: u64 = 100 * 1024 * 1024;
/// Largest file: upstream's `MaxDecompressedFileSize`.
pub const MAX_FILE_BYTES: u64 = 5 * 1024 * 1024;
/// Most entries of an archive and of the archives in it. The largest public charts have some thousand files.
pub const MAX_ENTRIES: usize = 100_000;
/// Most bytes decompressed for one chart, with tar headers and archives within archives.
pub const MAX_STREAM_BYTES: u64 = 256 * 1024 * 1024;

/// The permission bits and type bits of a tar header that Go reads as a directory.
const MODE_TYPE_MASK: u32 = 0o770_000;
const MODE_DIRECTORY: u32 = 0o040_000;

/// Why an archive was refused; Helm's texts, and those of Go's gzip and tar readers.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// There is nothing.
    #[error("EOF")]
    Empty,
    /// The bytes do not begin like gzip.
    #[error("gzip: invalid header")]
    GzipHeader,
    /// The compressed stream ends too early.
    #[error("unexpected EOF")]
    Truncated,
    /// The compressed stream is damaged.
    #[error("gzip: {0}")]
    Gzip(String),
    /// The tar stream is damaged.
    #[error("archive/tar: invalid tar header")]
    Tar,
    /// An entry has an absolute path.
    #[error("chart illegally contains absolute paths")]
    AbsolutePath,
    /// An entry is outside of the one top directory.
    #[error("chart illegally contains content outside the base directory: {}", go_quote(.0))]
    OutsideBase(String),
    /// An entry leads upwards.
    #[error("chart illegally references parent directory")]
    ParentDirectory,
    /// An entry begins with a drive letter.
    #[error("chart contains illegally named files")]
    DrivePath,
    /// `Chart.yaml` is a directory at the top.
    #[error("chart yaml not in base directory")]
    ChartYamlNotInBase,
    /// The files are larger than [`MAX_CHART_BYTES`] together.
    #[error("decompressed chart is larger than the maximum size {MAX_CHART_BYTES}")]
    ChartTooLarge,
    /// A file is larger than [`MAX_FILE_BYTES`].
    #[error("decompressed chart file {} is larger than the maximum file size {MAX_FILE_BYTES}", go_quote(.0))]
    FileTooLarge(String),
    /// There is no file.
    #[error("no files in chart archive")]
    NoFiles,
    /// More entries than [`MAX_ENTRIES`].
    #[error("chart archive has more than the maximum number of entries {MAX_ENTRIES}")]
    TooManyEntries,
    /// More bytes than [`MAX_STREAM_BYTES`].
    #[error("chart archive decompresses to more than the maximum size {MAX_STREAM_BYTES}")]
    StreamTooLarge,
}

/// What is left for an archive and the archives in it.
#[derive(Debug)]
pub(super) struct Budget {
    bytes: u64,
    entries: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            bytes: MAX_STREAM_BYTES,
            entries: MAX_ENTRIES,
        }
    }
}

/// Loads a packaged chart (`LoadArchive` in `pkg/chart/loader/load.go`).
pub fn load_archive(bytes: &[u8]) -> Result<Chart, ChartError> {
    let mut budget = Budget::default();
    let files = read_archive_within(bytes, &mut budget).map_err(ChartError::Archive)?;
    load_detected(files, &mut budget)
}

/// Reads the files of a packaged chart, in the order of the archive; the top directory is cut from their names.
pub fn read_archive(bytes: &[u8]) -> Result<Vec<InputFile>, ArchiveError> {
    read_archive_within(bytes, &mut Budget::default())
}

/// Says whether bytes begin like gzip.
pub fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x1F\x8B\x08")
}

pub(super) fn read_archive_within(bytes: &[u8], budget: &mut Budget) -> Result<Vec<InputFile>, ArchiveError> {
    if bytes.is_empty() {
        return Err(ArchiveError::Empty);
    }
    if !is_gzip(bytes) {
        return Err(if bytes.len() < 10 {
            ArchiveError::Truncated
        } else {
            ArchiveError::GzipHeader
        });
    }
    let mut archive = Archive::new(Metered {
        inner: MultiGzDecoder::new(bytes),
        left: &mut budget.bytes,
    });
    let mut remaining = MAX_CHART_BYTES;
    let mut files = Vec::new();
    for entry in archive.entries().map_err(|error| from_io(&error))? {
        let mut entry = entry.map_err(|error| from_io(&error))?;
        budget.entries = budget
            .entries
            .checked_sub(1)
            .ok_or(ArchiveError::TooManyEntries)?;
        let header = entry.header();
        let kind = header.entry_type();
        let mode = header.mode().unwrap_or_default() & MODE_TYPE_MASK;
        let raw_name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        // Go reads the ancient regular type with a trailing slash as a directory.
        let old_directory = header.as_bytes()[156] == 0 && raw_name.ends_with('/');
        if kind == EntryType::Directory || mode == MODE_DIRECTORY || old_directory {
            continue;
        }
        if matches!(kind, EntryType::XGlobalHeader | EntryType::XHeader) {
            continue;
        }
        let name = check_name(&raw_name)?;
        // Links and devices have no body, whatever their header says.
        let size = if has_body(kind) { entry.size() } else { 0 };
        if size > remaining {
            return Err(ArchiveError::ChartTooLarge);
        }
        if size > MAX_FILE_BYTES {
            return Err(ArchiveError::FileTooLarge(raw_name));
        }
        let modified = entry
            .header()
            .mtime()
            .ok()
            .and_then(|seconds| i64::try_from(seconds).ok())
            .and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
        let mut data = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
        if size > 0 {
            entry
                .by_ref()
                .take(size)
                .read_to_end(&mut data)
                .map_err(|error| from_io(&error))?;
        }
        remaining -= data.len() as u64;
        if (data.len() as u64) < size || remaining == 0 {
            return Err(ArchiveError::ChartTooLarge);
        }
        files.push(InputFile {
            name,
            data: without_bom(data),
            modified,
        });
    }
    if files.is_empty() {
        return Err(ArchiveError::NoFiles);
    }
    Ok(files)
}

/// Cuts the top directory and refuses what leads out of it.
fn check_name(raw: &str) -> Result<String, ArchiveError> {
    // Archives from Windows may have backslashes.
    let delimiter = if raw.contains('\\') { '\\' } else { '/' };
    let (top, below) = raw.split_once(delimiter).unwrap_or((raw, ""));
    let below = below.replace(delimiter, "/");
    if below.starts_with('/') {
        return Err(ArchiveError::AbsolutePath);
    }
    let name = clean_path(&below);
    if name == "." {
        return Err(ArchiveError::OutsideBase(raw.to_owned()));
    }
    if name.starts_with("..") {
        return Err(ArchiveError::ParentDirectory);
    }
    let bytes = name.as_bytes();
    if bytes.len() > 2 && bytes[0].is_ascii_alphabetic() && &bytes[1..3] == b":/" {
        return Err(ArchiveError::DrivePath);
    }
    if top == "Chart.yaml" {
        return Err(ArchiveError::ChartYamlNotInBase);
    }
    Ok(name)
}

fn has_body(kind: EntryType) -> bool {
    !matches!(
        kind,
        EntryType::Link
            | EntryType::Symlink
            | EntryType::Char
            | EntryType::Block
            | EntryType::Directory
            | EntryType::Fifo
    )
}

/// Removes a UTF-8 byte order mark.
pub(super) fn without_bom(data: Vec<u8>) -> Arc<[u8]> {
    match data.strip_prefix(b"\xEF\xBB\xBF") {
        Some(rest) => rest.into(),
        None => data.into(),
    }
}

/// Turns the errors of the readers into Go's.
fn from_io(error: &io::Error) -> ArchiveError {
    if error.get_ref().is_some_and(
        <dyn std::error::Error + std::marker::Send + std::marker::Sync + 'static>::is::<StreamTooLarge>,
    ) || error.to_string() == STREAM_TOO_LARGE
    {
        return ArchiveError::StreamTooLarge;
    }
    match error.kind() {
        io::ErrorKind::UnexpectedEof => ArchiveError::Truncated,
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => ArchiveError::Gzip(error.to_string()),
        _ => ArchiveError::Tar,
    }
}

const STREAM_TOO_LARGE: &str = "decompressed stream is too large";

#[derive(Debug, thiserror::Error)]
#[error("{STREAM_TOO_LARGE}")]
struct StreamTooLarge;

/// A reader that stops with an error when the budget is used up.
struct Metered<'b, R> {
    inner: R,
    left: &'b mut u64,
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        match self.left.checked_sub(count as u64) {
            Some(left) => {
                *self.left = left;
                Ok(count)
            }
            None => Err(io::Error::other(StreamTooLarge)),
        }
    }
}
