//! Verified archives by digest, in memory and on disk, each downloaded once however many releases want it.
//!
//! Nothing gets in that is not whole and does not have the digest it was promised with; what comes from disk is
//! verified again. Entries belong to a [`Scope`], so that a cached archive is no way around missing credentials.

mod disk;

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::archive::{self, ArchiveError};
use crate::digest::Digest;
use crate::error::DigestSource;
use crate::flight::Flights;
use crate::http::HttpError;
use crate::lru::{Lru, Weight};
use crate::oci::OciError;
use crate::options::{MAX_UNPACKED_BYTES, SourceOptions};
use crate::scope::Scope;

use disk::Disk;

/// Why there is no archive.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FetchError {
    /// It could not be downloaded from a repository.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// It could not be pulled from a registry.
    #[error(transparent)]
    Oci(#[from] OciError),
    /// It is another one than promised.
    #[error("{promised_by} says {expected}, got {actual}")]
    Mismatch {
        promised_by: DigestSource,
        expected: Digest,
        actual: Digest,
    },
    /// It is no archive.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The thread that checked it ended early.
    #[error("check the archive: {0}")]
    Check(String),
}

/// How an archive is known before it is here.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum ArchiveName {
    /// By the digest that somebody promised.
    Promised(Digest, DigestSource),
    /// By URL, version and date in an index that has no digests.
    Unpromised(String),
}

/// A whole archive.
#[derive(Debug, Clone)]
pub(crate) struct Archive {
    pub(crate) bytes: Arc<[u8]>,
    pub(crate) digest: Digest,
}

type Remembered = Lru<(Scope, Digest), Arc<[u8]>>;

/// The store.
#[derive(Debug)]
pub(crate) struct Archives {
    memory: Mutex<Remembered>,
    /// What archives without a promise turned out to be.
    names: Mutex<Lru<(Scope, ArchiveName), Digest>>,
    disk: Option<Arc<Disk>>,
    flights: Arc<Flights<(Scope, ArchiveName), Archive, FetchError>>,
}

/// Memory for the digests of archives without a promise: about ten thousand of them.
const NAMES_BUDGET: u64 = 4 * 1024 * 1024;

impl Weight for Digest {
    fn weight(&self) -> u64 {
        // With the URL in the key.
        192
    }
}

impl Archives {
    /// Opens the folder of `options.disk`. A folder that cannot be used is left out with a warning: it is a cache.
    pub(crate) fn new(options: &SourceOptions) -> Arc<Self> {
        let disk = options.disk.as_ref().and_then(|disk| match Disk::open(&disk.folder, disk.bytes) {
            Ok(opened) => Some(Arc::new(opened)),
            Err(error) => {
                tracing::warn!(folder = %disk.folder.display(), %error, "chart archives are not kept on disk");
                None
            }
        });
        Arc::new(Self {
            memory: Mutex::new(Lru::new(options.archive_memory)),
            names: Mutex::new(Lru::new(NAMES_BUDGET)),
            disk,
            flights: Flights::new(),
        })
    }

    /// The archive from the cache, else from `download`, whose result is verified and kept.
    pub(crate) async fn get<F, W>(
        self: &Arc<Self>,
        scope: Scope,
        name: ArchiveName,
        download: F,
    ) -> Result<Archive, FetchError>
    where
        F: FnOnce() -> W + Send + 'static,
        W: Future<Output = Result<Vec<u8>, FetchError>> + Send + 'static,
    {
        if let Some(archive) = self.remembered(scope, &name) {
            return Ok(archive);
        }
        let this = Arc::clone(self);
        let flight = (scope, name.clone());
        let start = || async move {
            // It may have come since we looked.
            if let Some(archive) = this.remembered(scope, &name) {
                return Ok(archive);
            }
            if let Some(archive) = this.on_disk(scope, &name).await {
                return Ok(archive);
            }
            let bytes = download().await?;
            let archive = verify(bytes, &name).await?;
            this.keep(scope, name, &archive).await;
            Ok(archive)
        };
        self.flights.join(flight, start).await
    }

    /// Bytes of archives in memory.
    pub(crate) fn used(&self) -> u64 {
        lock(&self.memory).used()
    }

    fn remembered(&self, scope: Scope, name: &ArchiveName) -> Option<Archive> {
        let digest = self.digest_of(scope, name)?;
        let bytes = lock(&self.memory).get(&(scope, digest)).cloned()?;
        Some(Archive { bytes, digest })
    }

    async fn on_disk(&self, scope: Scope, name: &ArchiveName) -> Option<Archive> {
        let disk = Arc::clone(self.disk.as_ref()?);
        let digest = self.digest_of(scope, name)?;
        let bytes = tokio::task::spawn_blocking(move || disk.read(scope, digest))
            .await
            .ok()??;
        let archive = Archive {
            bytes: bytes.into(),
            digest,
        };
        lock(&self.memory).insert((scope, digest), Arc::clone(&archive.bytes));
        Some(archive)
    }

    fn digest_of(&self, scope: Scope, name: &ArchiveName) -> Option<Digest> {
        match name {
            ArchiveName::Promised(digest, _) => Some(*digest),
            ArchiveName::Unpromised(_) => lock(&self.names).get(&(scope, name.clone())).copied(),
        }
    }

    async fn keep(&self, scope: Scope, name: ArchiveName, archive: &Archive) {
        let Archive { bytes, digest } = archive.clone();
        lock(&self.memory).insert((scope, digest), Arc::clone(&bytes));
        if let ArchiveName::Unpromised(_) = name {
            lock(&self.names).insert((scope, name), digest);
        }
        if let Some(disk) = self.disk.clone() {
            // The caller need not wait, but the next one should find it there.
            let written = tokio::task::spawn_blocking(move || disk.write(scope, digest, &bytes)).await;
            if let Err(error) = written {
                tracing::warn!(%error, "a chart archive was not kept on disk");
            }
        }
    }
}

/// Checks the promise and that the archive is whole.
async fn verify(bytes: Vec<u8>, name: &ArchiveName) -> Result<Archive, FetchError> {
    let promise = match name {
        ArchiveName::Promised(digest, promised_by) => Some((*digest, *promised_by)),
        ArchiveName::Unpromised(_) => None,
    };
    let check = move || {
        let digest = Digest::of(&bytes);
        if let Some((expected, promised_by)) = promise.filter(|(expected, _)| *expected != digest) {
            return Err(FetchError::Mismatch {
                promised_by,
                expected,
                actual: digest,
            });
        }
        archive::inspect(&bytes, MAX_UNPACKED_BYTES)?;
        Ok(Archive {
            bytes: bytes.into(),
            digest,
        })
    };
    tokio::task::spawn_blocking(check)
        .await
        .unwrap_or_else(|error| Err(FetchError::Check(error.to_string())))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
