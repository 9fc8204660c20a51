//! [`Facts`]: everything that a template may learn from outside.
//!
//! Rendering is a pure function of the chart, the values and these answers. Keys and certificates are not asked for
//! here: they are computed from [`Facts::random_bytes`], so that the same answers give the same text.

use std::cell::Cell;

use jiff::ZonedDateTime;
use sha2::{Digest, Sha256};

use crate::Data;

/// The outside world as templates see it. The engine keeps it in an `Rc` for one render, on one thread.
pub trait Facts {
    /// The clock, for `now`, `date`, `ago` and certificates. Its zone is what Go calls `Local`.
    fn now(&self) -> ZonedDateTime;

    /// Fills a buffer with random bytes. They become passwords and keys: use the system's generator.
    fn random_bytes(&self, buffer: &mut [u8]);

    /// `lookup`: the object, a list object when `name` is empty, an empty map when there is none.
    /// The default is what Helm does without a cluster.
    ///
    /// # Errors
    /// The text of the API error, which fails the render.
    fn lookup(&self, api_version: &str, kind: &str, namespace: &str, name: &str) -> Result<Data, String> {
        let _ = (api_version, kind, namespace, name);
        Ok(Data::Object(serde_json::Map::new()))
    }

    /// `getHostByName`: the addresses of a host. Asked only if the render allows DNS.
    fn resolve_host(&self, name: &str) -> Vec<String> {
        let _ = name;
        Vec::new()
    }
}

/// Facts that never change: a fixed time and a fixed sequence of "random" bytes, no cluster, no DNS.
///
/// For tests and for comparing two renders. Never use it for a release: its keys are known to everybody.
#[derive(Debug)]
pub struct FixedFacts {
    now: ZonedDateTime,
    block: Cell<u64>,
}

impl FixedFacts {
    /// Facts at a time.
    pub fn at(now: ZonedDateTime) -> FixedFacts {
        FixedFacts {
            now,
            block: Cell::new(0),
        }
    }
}

impl Facts for FixedFacts {
    fn now(&self) -> ZonedDateTime {
        self.now.clone()
    }

    fn random_bytes(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(32) {
            let block = self.block.get();
            self.block.set(block + 1);
            let digest = Sha256::digest(block.to_be_bytes());
            chunk.copy_from_slice(&digest[..chunk.len()]);
        }
    }
}
