//! Files for `pilothouse template`: finding and reading charts and values, writing output, with Helm's messages.
//!
//! Mirrors `LocateChart` in `pkg/action/install.go`, `pkg/chart/loader/load.go`, `internal/sympath/walk.go` and the texts
//! of Go's file errors.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Component, Path, PathBuf, absolute};

use helm::chart::archive::{MAX_FILE_BYTES, is_gzip, load_archive};
use helm::chart::directory::{load_directory, rules};
use helm::chart::{Chart, ChartError, InputFile};
use helm::ignore::{EntryKind, HELM_IGNORE, Rules};
use helm::remark::Remark;

/// Deepest nesting of directories, against links that lead in circles.
const MAX_DEPTH: usize = 64;
/// Most files and directories of a chart, for the same reason: with two such links they double at each level.
const MAX_ENTRIES: usize = 100_000;

/// Finds a chart on disk.
pub(super) fn locate(name: &str) -> Result<PathBuf, String> {
    let name = name.trim();
    if Path::new(name).exists() {
        return absolute(name).map_err(|error| go_error("stat", Path::new(name), &error));
    }
    if name.starts_with(['/', '.']) {
        return Err(format!("path {name:?} not found"));
    }
    if name.contains("://") {
        return Err(format!("chart {name:?} is not on disk: download it first"));
    }
    match name.split_once('/') {
        Some((repository, _)) => Err(format!("repo {repository} not found")),
        None => Err(format!(
            "non-absolute URLs should be in form of repo_name/path_to_chart, got: {name}"
        )),
    }
}

/// Loads a chart directory or archive. Remarks are added also when the result is an error.
pub(super) fn load(path: &Path, remarks: &mut Vec<Remark>) -> Result<Chart, String> {
    if path.is_dir() {
        directory(path, remarks)
    } else {
        archive(path, remarks)
    }
}

/// Reads a file.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, String> {
    if path.is_dir() {
        return Err(format!("read {}: is a directory", path.display()));
    }
    fs::read(path).map_err(|error| go_error("open", path, &error))
}

/// Reads a file as text, for `--set-file`.
pub(super) fn read_text(path: &str) -> Result<String, String> {
    read(Path::new(path)).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// Writes or extends a file, making its directories (`writeToFile`).
pub(super) fn write(path: &Path, content: &str, append: bool) -> Result<(), String> {
    if let Some(parent) = path.parent() {
        // Helm makes the directory of the path without `..`, but opens the path as it is.
        let parent = clean(parent);
        match fs::metadata(&parent) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(go_error("stat", &parent, &error));
            }
            _ => fs::create_dir_all(&parent).map_err(|error| go_error("mkdir", &parent, &error))?,
        }
    }
    let file = fs::OpenOptions::new()
        .create(true)
        .write(true)
        .append(append)
        .truncate(!append)
        .open(path);
    file.and_then(|mut file| file.write_all(content.as_bytes()))
        .map_err(|error| go_error("open", path, &error))
}

/// A path without `.` and `..`, as Go's `filepath.Clean` leaves it.
pub(super) fn clean(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(clean.components().next_back(), Some(Component::Normal(_))) => {
                clean.pop();
            }
            Component::ParentDir if clean.has_root() => {}
            part => clean.push(part),
        }
    }
    if clean.as_os_str().is_empty() {
        PathBuf::from(".")
    } else {
        clean
    }
}

fn archive(path: &Path, remarks: &mut Vec<Remark>) -> Result<Chart, String> {
    let bytes = read(path)?;
    let name = path.display();
    if !is_gzip(&bytes) {
        let extension = path.extension().and_then(|extension| extension.to_str());
        return Err(if matches!(extension, Some("yml" | "yaml")) {
            format!("file '{name}' seems to be a YAML file, but expected a gzipped archive")
        } else {
            format!(
                "file '{name}' does not appear to be a gzipped archive; got '{}'",
                content_type(&bytes)
            )
        });
    }
    load_archive(&bytes).map_err(|error| match error {
        // Helm does not say more here.
        ChartError::Archive(_) => "unable to load chart archive".to_owned(),
        error => refused(&error, remarks),
    })
}

/// As much of Go's `http.DetectContentType` as tells text from anything else. Helm looks at 512 bytes, and what a shorter
/// file leaves of them counts as binary.
fn content_type(bytes: &[u8]) -> &'static str {
    let is_binary = |byte: &u8| matches!(byte, 0..=8 | 0xB | 0xE..=0x1A | 0x1C..=0x1F);
    if bytes.starts_with(b"PK\x03\x04") {
        "application/zip"
    } else if bytes.len() < 512 || bytes[..512].iter().any(is_binary) {
        "application/octet-stream"
    } else {
        "text/plain; charset=utf-8"
    }
}

/// The text of an error, after what was remarked before it.
fn refused(error: &ChartError, remarks: &mut Vec<Remark>) -> String {
    remarks.extend(error.warnings().into_iter().map(Remark::info));
    error.to_string()
}

fn directory(path: &Path, remarks: &mut Vec<Remark>) -> Result<Chart, String> {
    let chart_yaml = path.join("Chart.yaml");
    if !chart_yaml.exists() {
        let place = chart_yaml.display();
        return Err(format!(
            "unable to detect chart at {place}: open {place}: no such file or directory"
        ));
    }
    let ignore = path.join(HELM_IGNORE);
    let text = if ignore.exists() {
        Some(read(&ignore)?)
    } else {
        None
    };
    let rules = rules(text.as_deref()).map_err(|error| error.to_string())?;
    let mut walk = Walk {
        root: path,
        rules: &rules,
        entries: 0,
        files: Vec::new(),
        remarks,
    };
    walk.directory("", 0)?;
    let Walk { files, remarks, .. } = walk;
    load_directory(files).map_err(|error| refused(&error, remarks))
}

/// Collects the files below a directory, following links, without those that are ignored.
struct Walk<'w> {
    root: &'w Path,
    rules: &'w Rules,
    entries: usize,
    files: Vec<InputFile>,
    remarks: &'w mut Vec<Remark>,
}

impl Walk<'_> {
    fn directory(&mut self, below: &str, depth: usize) -> Result<(), String> {
        let directory = self.root.join(below);
        if depth > MAX_DEPTH {
            return Err(format!(
                "{} is nested deeper than {MAX_DEPTH} directories",
                directory.display()
            ));
        }
        let mut names = Vec::new();
        for entry in fs::read_dir(&directory).map_err(|error| go_error("open", &directory, &error))? {
            let entry = entry.map_err(|error| go_error("readdir", &directory, &error))?;
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
        names.sort_unstable();
        for name in names {
            let relative = if below.is_empty() {
                name
            } else {
                format!("{below}/{name}")
            };
            self.entry(relative, depth)?;
        }
        Ok(())
    }

    fn entry(&mut self, relative: String, depth: usize) -> Result<(), String> {
        self.entries += 1;
        if self.entries > MAX_ENTRIES {
            return Err(format!(
                "{} has more than {MAX_ENTRIES} files and directories",
                self.root.display()
            ));
        }
        let path = self.root.join(&relative);
        let place = path.display().to_string();
        let metadata = match fs::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_symlink() => {
                let resolved =
                    resolve(&path).map_err(|error| format!("error evaluating symlink {place}: {error}"))?;
                let remark =
                    Remark::info("found symbolic link in path. Contents of linked file included and used");
                self.remarks.push(
                    remark
                        .with("path", place.clone())
                        .with("resolved", resolved.display().to_string()),
                );
                fs::metadata(&resolved)
            }
            metadata => metadata,
        };
        let metadata = metadata.map_err(|error| go_error("lstat", &path, &error))?;
        if metadata.is_dir() {
            if self.rules.ignores(&relative, EntryKind::Directory) {
                return Ok(());
            }
            return self.directory(&relative, depth + 1);
        }
        if self.rules.ignores(&relative, EntryKind::File) {
            return Ok(());
        }
        if !metadata.is_file() {
            return Err(format!(
                "cannot load irregular file {place} as it has file mode type bits set"
            ));
        }
        if metadata.len() > MAX_FILE_BYTES {
            let name = path.file_name().unwrap_or_default();
            return Err(format!(
                "chart file {name:?} is larger than the maximum file size {MAX_FILE_BYTES}"
            ));
        }
        let data = fs::read(&path)
            .map_err(|error| format!("error reading {relative}: {}", go_error("open", &path, &error)))?;
        let modified = metadata
            .modified()
            .ok()
            .and_then(|time| jiff::Timestamp::try_from(time).ok());
        self.files.push(InputFile {
            name: relative,
            data: data.into(),
            modified,
        });
        Ok(())
    }
}

/// Where a link leads; the error names what is missing, as Go's `EvalSymlinks`.
fn resolve(path: &Path) -> Result<PathBuf, String> {
    fs::canonicalize(path).map_err(|error| {
        let target = fs::read_link(path).unwrap_or_default();
        let parent = path.parent().unwrap_or(path);
        let parent = fs::canonicalize(parent).unwrap_or_else(|_| parent.to_owned());
        go_error("lstat", &clean(&parent.join(target)), &error)
    })
}

/// A file error in Go's words: `open x: no such file or directory`.
fn go_error(operation: &str, path: &Path, error: &io::Error) -> String {
    let why = match error.kind() {
        io::ErrorKind::NotFound => "no such file or directory".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::IsADirectory => "is a directory".to_owned(),
        io::ErrorKind::NotADirectory => "not a directory".to_owned(),
        _ => error.to_string(),
    };
    format!("{operation} {}: {why}", path.display())
}
