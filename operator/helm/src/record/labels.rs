//! Name, type and labels of the Secret that holds a revision (`pkg/storage/driver/secrets.go`, `labels.go`).

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Release, Revision};

/// The type of a release Secret.
pub const SECRET_TYPE: &str = "helm.sh/release.v1";

/// Label keys that belong to Helm.
pub const SYSTEM_LABELS: [&str; 6] = ["name", "owner", "status", "version", "createdAt", "modifiedAt"];

/// A user label that would hide one of Helm's. Helm's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "user supplied labels contains system reserved label name. System labels: [name owner status version createdAt modifiedAt]"
)]
pub struct LabelError;

/// Which write of a Secret its time label tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoredAt {
    /// The first write.
    Created(Timestamp),
    /// Any later write.
    Modified(Timestamp),
}

/// The name of the Secret of a revision.
pub fn secret_name(release: &str, revision: Revision) -> String {
    format!("sh.helm.release.v1.{release}.v{revision}")
}

/// All labels of the Secret of a revision. User labels lie over the time label and under the other four.
pub fn secret_labels(release: &Release, stored: StoredAt) -> BTreeMap<String, String> {
    let (time_key, time) = match stored {
        StoredAt::Created(at) => ("createdAt", at),
        StoredAt::Modified(at) => ("modifiedAt", at),
    };
    let mut labels = BTreeMap::from([(time_key.to_owned(), time.as_second().to_string())]);
    labels.extend(release.labels.clone());
    labels.insert("name".to_owned(), release.name.clone());
    labels.insert("owner".to_owned(), "helm".to_owned());
    labels.insert("status".to_owned(), release.info.status.as_str().to_owned());
    labels.insert("version".to_owned(), release.version.to_string());
    labels
}

/// The user labels among those of a Secret.
pub fn user_labels(labels: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let user = |key: &str| !SYSTEM_LABELS.contains(&key);
    labels
        .iter()
        .filter(|(key, _)| user(key))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

/// The labels of an upgrade: those of the last revision under the new ones; the value `null` removes a key.
pub fn merge_user_labels(
    last: &BTreeMap<String, String>,
    new: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let mut merged = last.clone();
    merged.extend(new.clone());
    merged.retain(|_, value| value != "null");
    merged
}

/// Refuses labels that belong to Helm.
pub fn check_user_labels(labels: &BTreeMap<String, String>) -> Result<(), LabelError> {
    if SYSTEM_LABELS.iter().any(|key| labels.contains_key(*key)) {
        Err(LabelError)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    fn release() -> Release {
        let mut release = Release {
            name: "web".to_owned(),
            version: Revision(12),
            ..Release::default()
        };
        release.info.status = Status::PendingUpgrade;
        release
    }

    #[test]
    fn the_secret_name_has_no_padding() {
        assert_eq!(secret_name("web", Revision(12)), "sh.helm.release.v1.web.v12");
    }

    #[test]
    fn system_labels_lie_over_user_labels_and_those_over_the_time() {
        let mut release = release();
        release.labels = map(&[("team", "a"), ("owner", "me"), ("createdAt", "7")]);
        let at = Timestamp::from_second(1_700_000_000).unwrap();
        assert_eq!(
            secret_labels(&release, StoredAt::Created(at)),
            map(&[
                ("createdAt", "7"),
                ("name", "web"),
                ("owner", "helm"),
                ("status", "pending-upgrade"),
                ("team", "a"),
                ("version", "12"),
            ])
        );
        let modified = secret_labels(&release, StoredAt::Modified(at));
        assert_eq!(modified["modifiedAt"], "1700000000");
    }

    #[test]
    fn user_labels_are_what_is_not_helms() {
        let all = map(&[("name", "web"), ("team", "a"), ("modifiedAt", "1")]);
        assert_eq!(user_labels(&all), map(&[("team", "a")]));
    }

    #[test]
    fn an_upgrade_merges_labels_and_null_removes() {
        let merged = merge_user_labels(
            &map(&[("a", "1"), ("b", "2")]),
            &map(&[("b", "null"), ("c", "3")]),
        );
        assert_eq!(merged, map(&[("a", "1"), ("c", "3")]));
    }

    #[test]
    fn reserved_labels_are_refused_in_helms_words() {
        assert_eq!(check_user_labels(&map(&[("team", "a")])), Ok(()));
        assert_eq!(
            check_user_labels(&map(&[("status", "a")]))
                .unwrap_err()
                .to_string(),
            "user supplied labels contains system reserved label name. System labels: [name owner status version createdAt modifiedAt]"
        );
    }
}
