//! Archives on disk: `<folder>/<scope>/<digest>.tgz`, written atomically, verified when read, the oldest deleted when
//! they are too many.
//!
//! It is a cache: trouble is logged, never reported. All calls block.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use crate::digest::Digest;
use crate::options::MAX_ARCHIVE_BYTES;
use crate::scope::Scope;

/// A folder of archives.
#[derive(Debug)]
pub(super) struct Disk {
    folder: PathBuf,
    budget: u64,
    /// Bytes in use. Held while files are added or deleted.
    used: Mutex<u64>,
    /// Makes names of unfinished files distinct.
    written: AtomicU64,
}

/// A file of the folder.
struct Kept {
    path: PathBuf,
    bytes: u64,
    used_at: SystemTime,
}

const UNFINISHED: &str = "unfinished";

impl Disk {
    /// Creates the folder when it is missing, removes unfinished files of earlier processes and keeps to the budget.
    pub(super) fn open(folder: &Path, budget: u64) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        for kept in list(folder)? {
            if kept
                .path
                .extension()
                .is_some_and(|extension| extension == UNFINISHED)
            {
                fs::remove_file(&kept.path)?;
            }
        }
        let disk = Self {
            folder: folder.to_owned(),
            budget,
            used: Mutex::new(0),
            written: AtomicU64::new(0),
        };
        disk.shrink(&mut disk.used.lock().unwrap_or_else(PoisonError::into_inner))?;
        Ok(disk)
    }

    /// The archive, if it is there undamaged.
    pub(super) fn read(&self, scope: Scope, digest: Digest) -> Option<Vec<u8>> {
        let path = self.path(scope, digest);
        match read_verified(&path, digest) {
            Ok(bytes) => bytes,
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "a chart archive on disk was not usable");
                None
            }
        }
    }

    /// Keeps an archive, unless it alone exceeds the budget.
    pub(super) fn write(&self, scope: Scope, digest: Digest, bytes: &[u8]) {
        if bytes.len() as u64 > self.budget {
            return;
        }
        if let Err(error) = self.try_write(scope, digest, bytes) {
            tracing::warn!(folder = %self.folder.display(), %error, "a chart archive was not kept on disk");
        }
    }

    fn try_write(&self, scope: Scope, digest: Digest, bytes: &[u8]) -> io::Result<()> {
        let path = self.path(scope, digest);
        let number = self.written.fetch_add(1, Ordering::Relaxed);
        let unfinished = path.with_extension(format!("{number}.{UNFINISHED}"));
        // The folder of a scope is deleted when its last archive is.
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let result = create(&unfinished)
            .and_then(|mut file| file.write_all(bytes))
            .and_then(|()| fs::rename(&unfinished, &path));
        if let Err(error) = result {
            // What is left of it counts for nothing and goes at the next start if it cannot go now.
            let _ = fs::remove_file(&unfinished);
            return Err(error);
        }
        *used += bytes.len() as u64;
        if *used > self.budget {
            self.shrink(&mut used)?;
        }
        Ok(())
    }

    /// Counts what is there and deletes the oldest files until the rest fits.
    fn shrink(&self, used: &mut u64) -> io::Result<()> {
        let mut files = list(&self.folder)?;
        files.sort_by_key(|kept| kept.used_at);
        *used = files.iter().map(|kept| kept.bytes).sum();
        for kept in files {
            if *used <= self.budget {
                break;
            }
            fs::remove_file(&kept.path)?;
            *used -= kept.bytes;
            if let Some(folder) = kept.path.parent() {
                // Fails while it holds other archives.
                let _ = fs::remove_dir(folder);
            }
        }
        Ok(())
    }

    fn path(&self, scope: Scope, digest: Digest) -> PathBuf {
        self.folder
            .join(scope.hex())
            .join(format!("{}.tgz", digest.hex()))
    }
}

fn read_verified(path: &Path, digest: Digest) -> io::Result<Option<Vec<u8>>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    io::Read::read_to_end(&mut io::Read::take(&file, MAX_ARCHIVE_BYTES + 1), &mut bytes)?;
    if Digest::of(&bytes) != digest {
        fs::remove_file(path)?;
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "the content does not have the digest of its name",
        ));
    }
    // The time of the last use decides what is deleted first.
    if let Err(error) = file.set_modified(SystemTime::now()) {
        tracing::debug!(path = %path.display(), %error, "the time of use was not noted");
    }
    Ok(Some(bytes))
}

/// Charts of private repositories are for nobody else on the machine.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

/// Every file in the folders of the scopes.
fn list(folder: &Path) -> io::Result<Vec<Kept>> {
    let mut files = Vec::new();
    for scope in fs::read_dir(folder)? {
        let scope = scope?;
        if !scope.file_type()?.is_dir() {
            continue;
        }
        for file in fs::read_dir(scope.path())? {
            let file = file?;
            let metadata = file.metadata()?;
            if metadata.is_file() {
                files.push(Kept {
                    path: file.path(),
                    bytes: metadata.len(),
                    used_at: metadata.modified()?,
                });
            }
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::credentials::CredentialScope;
    use crate::request::{RegistryTransport, TlsOptions};
    use crate::scope::{Identity, Scopes};

    fn scope(place: &str) -> Scope {
        let tls = TlsOptions::default();
        Scopes::new().scope(
            place,
            Identity {
                credentials: None,
                credential_scope: CredentialScope::SameHost,
                tls: &tls,
                transport: RegistryTransport::Tls,
            },
        )
    }

    fn keep(disk: &Disk, scope: Scope, content: &[u8]) -> Digest {
        let digest = Digest::of(content);
        disk.write(scope, digest, content);
        digest
    }

    fn age(disk: &Disk, scope: Scope, digest: Digest, seconds: u64) {
        let file = OpenOptions::new()
            .write(true)
            .open(disk.path(scope, digest))
            .unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(seconds))
            .unwrap();
    }

    #[test]
    fn an_archive_survives_a_restart_for_its_scope_alone() {
        let folder = tempfile::tempdir().unwrap();
        let digest = keep(&Disk::open(folder.path(), 1000).unwrap(), scope("a"), b"content");
        let disk = Disk::open(folder.path(), 1000).unwrap();
        assert_eq!(
            disk.read(scope("a"), digest).as_deref(),
            Some(b"content".as_slice())
        );
        assert_eq!(disk.read(scope("b"), digest), None);
    }

    #[test]
    fn a_damaged_archive_is_deleted_instead_of_used() {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::open(folder.path(), 1000).unwrap();
        let digest = keep(&disk, scope("a"), b"content");
        let path = disk.path(scope("a"), digest);
        fs::write(&path, b"contenT").unwrap();
        assert_eq!(disk.read(scope("a"), digest), None);
        assert!(!path.exists());
    }

    #[test]
    fn what_was_used_longest_ago_goes_first() {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::open(folder.path(), 10).unwrap();
        let (a, b) = (keep(&disk, scope("a"), b"aaaa"), keep(&disk, scope("b"), b"bbbb"));
        age(&disk, scope("a"), a, 200);
        age(&disk, scope("b"), b, 100);
        assert!(disk.read(scope("a"), a).is_some());
        let c = keep(&disk, scope("a"), b"cccc");
        assert!(disk.read(scope("a"), a).is_some());
        assert_eq!(disk.read(scope("b"), b), None);
        assert!(disk.read(scope("a"), c).is_some());
        assert!(!folder.path().join(scope("b").hex()).exists());
    }

    #[test]
    fn an_archive_that_exceeds_the_budget_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::open(folder.path(), 10).unwrap();
        let small = keep(&disk, scope("a"), b"small");
        let large = keep(&disk, scope("a"), b"larger than ten");
        assert_eq!(disk.read(scope("a"), large), None);
        assert!(disk.read(scope("a"), small).is_some());
    }

    #[test]
    fn a_new_process_removes_what_was_not_finished_and_keeps_to_its_budget() {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::open(folder.path(), 100).unwrap();
        let a = keep(&disk, scope("a"), b"aaaa");
        let b = keep(&disk, scope("a"), b"bbbb");
        age(&disk, scope("a"), b, 100);
        let unfinished = disk.path(scope("a"), a).with_extension("0.unfinished");
        fs::write(&unfinished, b"half").unwrap();
        let disk = Disk::open(folder.path(), 5).unwrap();
        assert!(!unfinished.exists());
        assert!(disk.read(scope("a"), a).is_some());
        assert_eq!(disk.read(scope("a"), b), None);
    }

    #[cfg(unix)]
    #[test]
    fn archives_are_private() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::open(folder.path(), 100).unwrap();
        let digest = keep(&disk, scope("a"), b"aaaa");
        let mode = fs::metadata(disk.path(scope("a"), digest))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o077, 0);
    }
}
