//! Which writes of release Secrets were ours, so that the watch of them wakes a release only when it was somebody else.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use kube::ResourceExt;

/// Beyond this many remembered writes the oldest knowledge is dropped: a release is then woken once too often.
const REMEMBERED: usize = 20_000;

/// The last write of each release Secret by this process.
#[derive(Debug, Default)]
pub struct OwnWrites {
    written: Mutex<HashMap<(String, String), Written>>,
}

#[derive(Debug, PartialEq, Eq)]
enum Written {
    Version(String),
    Deleted,
}

impl OwnWrites {
    /// Whether this process made the state that a watch shows of a Secret.
    pub fn made(&self, shown: &impl ResourceExt, deleted: bool) -> bool {
        let key = (shown.namespace().unwrap_or_default(), shown.name_any());
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if deleted {
            // Nothing more will be shown of it.
            return written.remove(&key) == Some(Written::Deleted);
        }
        match (written.get(&key), shown.resource_version()) {
            (Some(Written::Version(ours)), Some(theirs)) => *ours == theirs,
            (_, _) => false,
        }
    }

    pub(crate) fn wrote(&self, object: &impl ResourceExt) {
        if let Some(version) = object.resource_version() {
            self.remember(
                object.namespace().unwrap_or_default(),
                object.name_any(),
                Written::Version(version),
            );
        }
    }

    pub(crate) fn deleted(&self, namespace: &str, name: String) {
        self.remember(namespace.to_owned(), name, Written::Deleted);
    }

    fn remember(&self, namespace: String, name: String, what: Written) {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if written.len() >= REMEMBERED {
            written.clear();
        }
        written.insert((namespace, name), what);
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::Secret;
    use kube::api::ObjectMeta;

    use super::*;

    fn secret(version: &str) -> Secret {
        let metadata = ObjectMeta {
            namespace: Some("apps".to_owned()),
            name: Some("sh.helm.release.v1.web.v1".to_owned()),
            resource_version: Some(version.to_owned()),
            ..ObjectMeta::default()
        };
        Secret {
            metadata,
            ..Secret::default()
        }
    }

    #[test]
    fn only_the_version_that_was_written_here_is_ours() {
        let own = OwnWrites::default();
        assert!(!own.made(&secret("1"), false));
        own.wrote(&secret("2"));
        assert!(own.made(&secret("2"), false));
        assert!(!own.made(&secret("3"), false));
        assert!(!own.made(&secret("3"), true));
    }

    #[test]
    fn a_deletion_is_ours_once() {
        let own = OwnWrites::default();
        own.deleted("apps", "sh.helm.release.v1.web.v1".to_owned());
        assert!(!own.made(&secret("2"), false));
        assert!(own.made(&secret("2"), true));
        assert!(!own.made(&secret("2"), true));
    }
}
