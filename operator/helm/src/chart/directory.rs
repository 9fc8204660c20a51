//! Chart directories: the files of a directory, less what `.helmignore` leaves out.
//!
//! The caller walks the disk (this crate reads no files) and gives every file with its path below the directory; it
//! follows symbolic links as Helm does and leaves the ignoring to [`load_directory`]. To keep ignored files from being
//! read at all, it may ask [`Rules`] itself. Mirrors `pkg/chart/v2/loader/directory.go`.

use std::sync::Arc;

use super::Chart;
use super::archive::{Budget, MAX_FILE_BYTES};
use super::load::{CHART_YAML, ChartError, InputFile, load, load_detected};
use crate::ignore::{EntryKind, HELM_IGNORE, Rules};

/// The rules for a directory: those of its `.helmignore`, if it has one, and Helm's own.
pub fn rules(helm_ignore: Option<&[u8]>) -> Result<Rules, ChartError> {
    let rules = match helm_ignore {
        Some(text) => Rules::parse(text).map_err(ChartError::Ignore)?,
        None => Rules::default(),
    };
    Ok(rules.with_defaults())
}

/// Loads a chart from all files of its directory.
pub fn load_directory(mut files: Vec<InputFile>) -> Result<Chart, ChartError> {
    let ignore = files.iter().find(|file| file.name == HELM_IGNORE);
    let rules = rules(ignore.map(|file| &*file.data))?;
    // Helm walks in the order of path elements, which differs from the order of whole paths where a name
    // continues with a character below the slash.
    files.sort_by(|left, right| left.name.split('/').cmp(right.name.split('/')));
    let mut kept = Vec::with_capacity(files.len());
    for file in files {
        if is_ignored(&rules, &file.name) {
            continue;
        }
        if file.data.len() as u64 > MAX_FILE_BYTES {
            let name = file.name.rsplit('/').next().unwrap_or(&file.name).to_owned();
            return Err(ChartError::FileTooLarge(name));
        }
        let data = match file.data.strip_prefix(b"\xEF\xBB\xBF") {
            Some(rest) => Arc::from(rest),
            None => file.data,
        };
        kept.push(InputFile { data, ..file });
    }
    if kept.iter().any(|file| file.name == CHART_YAML) {
        load_detected(kept, &mut Budget::default())
    } else {
        // It may be there and be ignored: Helm looks at the kind of chart before it ignores files.
        load(kept, &mut Budget::default(), 0)
    }
}

/// Whether the rules leave out a file, itself or through one of the directories above it.
pub fn is_ignored(rules: &Rules, path: &str) -> bool {
    path.match_indices('/')
        .any(|(end, _)| rules.ignores(&path[..end], EntryKind::Directory))
        || rules.ignores(path, EntryKind::File)
}
