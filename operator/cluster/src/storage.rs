//! Helm's storage: one Secret a revision. The only place that writes release Secrets.
//!
//! Layout, labels and payload are Helm's (`helm::record`); beside them a Secret that this operator wrote carries the
//! annotations of [`plan::Mark`]. Which revision to write and what it says is decided in `plan`.

use std::collections::BTreeMap;
use std::sync::Arc;

use helm::record::{self, Release, Revision, Status, StoredAt};
use jiff::Timestamp;
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use kube::api::{
    Api, DeleteParams, ListParams, ObjectMeta, PartialObjectMeta, Patch, PatchParams, PostParams,
};
use kube::{Client, ResourceExt};
use plan::{Category, EffectError, Mark, Outcome, RevisionFacts, Target};
use serde_json::{Value, json};

use crate::error::{effect_error, is_already_exists, is_conflict, is_not_found, permanent};
use crate::own::OwnWrites;

/// The field manager of every write: Helm's own name, so that a later `helm` meets its own fields.
pub(crate) const FIELD_MANAGER: &str = "helm";

/// How often an update is tried again when somebody wrote the Secret in between.
const CONFLICT_RETRIES: usize = 5;

/// The stored revisions of one release.
#[derive(Clone)]
pub struct Storage {
    secrets: Api<Secret>,
    target: Target,
    own: Arc<OwnWrites>,
}

impl Storage {
    /// The storage of a release, in its namespace.
    pub(crate) fn new(client: &Client, target: &Target, own: Arc<OwnWrites>) -> Self {
        Self {
            secrets: Api::namespaced(client.clone(), target.namespace.as_str()),
            target: target.clone(),
            own,
        }
    }

    /// Every stored revision by its metadata, ascending. Payloads are not read.
    ///
    /// # Errors
    /// The API server did not answer with a list.
    pub async fn revisions(&self) -> Result<Vec<RevisionFacts>, EffectError> {
        let selector = format!("name={},owner=helm", self.target.name);
        let list = self
            .secrets
            .list_metadata(&ListParams::default().labels(&selector))
            .await
            .map_err(|error| effect_error("query: failed to query with labels", None, &error))?;
        let mut revisions: Vec<RevisionFacts> = list.items.iter().filter_map(facts).collect();
        revisions.sort_by_key(|facts| facts.revision);
        Ok(revisions)
    }

    /// The record of a revision, `None` when it is not stored.
    ///
    /// # Errors
    /// The API server did not answer, or the payload can't be read.
    pub async fn record(&self, revision: Revision) -> Result<Option<Release>, EffectError> {
        match self.secrets.get_opt(&self.name(revision)).await {
            Ok(Some(secret)) => decode(&secret).map(Some),
            Ok(None) => Ok(None),
            Err(error) => Err(effect_error("get: failed to get the release", None, &error)),
        }
    }

    /// Creates the Secret of a revision. One with the same operation is ours from before a crash.
    pub async fn create(&self, release: &Release, mark: &Mark) -> Result<Outcome, EffectError> {
        let now = Timestamp::now();
        let secret = Secret {
            metadata: ObjectMeta {
                name: Some(self.name(release.version)),
                namespace: Some(self.target.namespace.as_str().to_owned()),
                labels: Some(record::secret_labels(release, StoredAt::Created(now))),
                annotations: Some(mark.annotations()),
                ..ObjectMeta::default()
            },
            type_: Some(record::SECRET_TYPE.to_owned()),
            data: Some(payload(release)?),
            ..Secret::default()
        };
        let params = PostParams {
            field_manager: Some(FIELD_MANAGER.to_owned()),
            ..PostParams::default()
        };
        match self.secrets.create(&params, &secret).await {
            Ok(written) => {
                self.own.wrote(&written);
                Ok(Outcome::Done)
            }
            Err(error) if is_already_exists(&error) => self.whose(release.version, mark).await,
            Err(error) if is_too_large(&error) => Err(permanent(
                Category::RecordTooLarge,
                format!("create: failed to create: {}", crate::error::words(&error)),
            )),
            Err(error) => Err(effect_error("create: failed to create", None, &error)),
        }
    }

    /// Whether the Secret that is in the way was made by the same operation.
    async fn whose(&self, revision: Revision, mark: &Mark) -> Result<Outcome, EffectError> {
        let found = self
            .secrets
            .get_metadata_opt(&self.name(revision))
            .await
            .map_err(|error| effect_error("get: failed to get the release", None, &error))?;
        let operation = found
            .as_ref()
            .and_then(|meta| meta.annotations().get(Mark::OPERATION));
        Ok(if operation == Some(&mark.operation.0) {
            Outcome::Done
        } else {
            Outcome::AlreadyExists
        })
    }

    /// Replaces the record of a revision. Without a mark the annotations stay.
    ///
    /// # Errors
    /// The Secret is gone (Helm's `release: not found`), or the API server refused the write.
    pub async fn update(&self, release: &Release, mark: Option<&Mark>) -> Result<(), EffectError> {
        let data = payload(release)?;
        let labels = record::secret_labels(release, StoredAt::Modified(Timestamp::now()));
        for _ in 0..CONFLICT_RETRIES {
            let mut secret = match self.secrets.get_opt(&self.name(release.version)).await {
                Ok(Some(secret)) => secret,
                Ok(None) => {
                    return Err(permanent(
                        Category::ForeignRelease,
                        "update: failed to update: release: not found",
                    ));
                }
                Err(error) => return Err(effect_error("update: failed to update", None, &error)),
            };
            // Helm shows stale `createdAt` labels too; keeping it tells when the revision began.
            let created = secret.labels().get("createdAt").cloned();
            let mut labels = labels.clone();
            if let Some(created) = created {
                labels.entry("createdAt".to_owned()).or_insert(created);
            }
            secret.metadata.labels = Some(labels);
            secret.data = Some(data.clone());
            if let Some(mark) = mark {
                set_mark(secret.metadata.annotations.get_or_insert_default(), mark);
            }
            let params = PostParams {
                field_manager: Some(FIELD_MANAGER.to_owned()),
                ..PostParams::default()
            };
            match self
                .secrets
                .replace(&self.name(release.version), &params, &secret)
                .await
            {
                Ok(written) => {
                    self.own.wrote(&written);
                    return Ok(());
                }
                Err(error) if is_conflict(&error) => {}
                Err(error) => return Err(effect_error("update: failed to update", None, &error)),
            }
        }
        Err(EffectError {
            category: Category::ClusterUnreachable,
            class: plan::ErrorClass::Transient,
            message: "update: failed to update: the release is being written by somebody else".to_owned(),
            objects: Vec::new(),
        })
    }

    /// Sets revisions to superseded; those that are gone are fine.
    pub async fn supersede(
        &self,
        revisions: &[Revision],
        description: Option<&str>,
    ) -> Result<(), EffectError> {
        for &revision in revisions {
            let Some(mut release) = self.record(revision).await? else {
                continue;
            };
            if release.info.status == Status::Superseded && description.is_none() {
                continue;
            }
            release.info.status = Status::Superseded;
            if let Some(words) = description {
                words.clone_into(&mut release.info.description);
            }
            self.update(&release, None).await?;
        }
        Ok(())
    }

    /// Deletes revisions; those that are gone are fine.
    pub async fn delete(&self, revisions: &[Revision]) -> Result<(), EffectError> {
        for &revision in revisions {
            match self
                .secrets
                .delete(&self.name(revision), &DeleteParams::default())
                .await
            {
                Ok(_) => self
                    .own
                    .deleted(self.target.namespace.as_str(), self.name(revision)),
                Err(error) if is_not_found(&error) => {}
                Err(error) => return Err(effect_error("delete: failed to delete the release", None, &error)),
            }
        }
        Ok(())
    }

    /// Sets our annotations on a revision and nothing else.
    pub async fn mark(&self, revision: Revision, mark: &Mark) -> Result<(), EffectError> {
        let mut annotations: BTreeMap<&str, Value> =
            MARK_KEYS.iter().map(|&key| (key, Value::Null)).collect();
        let wanted = mark.annotations();
        for (key, value) in &wanted {
            annotations.insert(key, value.as_str().into());
        }
        let patch = json!({"metadata": {"annotations": annotations}});
        let params = PatchParams {
            field_manager: Some(FIELD_MANAGER.to_owned()),
            ..PatchParams::default()
        };
        self.secrets
            .patch_metadata(&self.name(revision), &params, &Patch::Merge(&patch))
            .await
            .map(|written| self.own.wrote(&written))
            .map_err(|error| effect_error("update: failed to update", None, &error))
    }

    fn name(&self, revision: Revision) -> String {
        record::secret_name(self.target.name.as_str(), revision)
    }
}

/// Every key of a mark: those that a new mark does not have are removed.
const MARK_KEYS: [&str; 9] = [
    Mark::MADE_BY,
    Mark::OWNER,
    Mark::OPERATION,
    Mark::INPUTS,
    Mark::HELD,
    Mark::COPIED,
    Mark::PROVEN,
    Mark::TESTS,
    Mark::FAILED,
];

fn set_mark(annotations: &mut BTreeMap<String, String>, mark: &Mark) {
    annotations.retain(|key, _| !MARK_KEYS.contains(&key.as_str()));
    annotations.extend(mark.annotations());
}

fn payload(release: &Release) -> Result<BTreeMap<String, ByteString>, EffectError> {
    let bytes = record::encode(release).map_err(|error| {
        permanent(
            Category::RecordTooLarge,
            format!("create: failed to encode the release: {error}"),
        )
    })?;
    Ok(BTreeMap::from([("release".to_owned(), ByteString(bytes))]))
}

fn decode(secret: &Secret) -> Result<Release, EffectError> {
    let name = secret.name_any();
    let bytes = secret
        .data
        .as_ref()
        .and_then(|data| data.get("release"))
        .ok_or_else(|| {
            permanent(
                Category::RecordCorrupt,
                format!("the Secret `{name}` has no key `release`"),
            )
        })?;
    let mut release = record::decode(&bytes.0).map_err(|error| {
        permanent(
            Category::RecordCorrupt,
            format!("decode the Secret `{name}`: {error}"),
        )
    })?;
    release.labels = record::user_labels(secret.labels());
    Ok(release)
}

/// The facts that the metadata of a release Secret tells; `None` when it is not one.
fn facts(meta: &PartialObjectMeta<Secret>) -> Option<RevisionFacts> {
    let labels = meta.labels();
    let revision = Revision(labels.get("version")?.parse().ok()?);
    let time = |key: &str| {
        labels
            .get(key)
            .and_then(|seconds| seconds.parse().ok())
            .and_then(|at| Timestamp::from_second(at).ok())
    };
    // The API types carry another version of the time library than ours.
    let created = meta
        .metadata
        .creation_timestamp
        .as_ref()
        .and_then(|at| Timestamp::from_second(at.0.as_second()).ok());
    let created_at = created.or_else(|| time("createdAt"))?;
    Some(RevisionFacts {
        revision,
        status: Status::parse(labels.get("status").map_or("", String::as_str)),
        mark: Mark::read(meta.annotations()),
        created_at,
        updated_at: time("modifiedAt").unwrap_or(created_at),
        record: None,
    })
}

fn is_too_large(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.message.contains("Too long: may not be more than")
        || status.message.contains("Too long: must have at most")
        || status.code == 413)
}
