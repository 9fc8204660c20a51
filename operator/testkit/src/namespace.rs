//! A namespace for one test, so that tests share a control plane without seeing each other.

use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use k8s_openapi::api::core::v1::{Namespace, ServiceAccount};
use kube::api::{Api, DeleteParams, PostParams};
use kube::{Client, Config};

use crate::wait::eventually;

/// Longest part of a name that comes from the test, so that names of releases and pods still fit.
const MAX_PURPOSE: usize = 30;

/// A namespace with a unique name. Dropping it deletes it, unless the test failed or the process
/// ends at the same moment; nothing depends on it, because the control plane goes away as well.
pub struct TestNamespace {
    name: String,
    client: Client,
    config: Config,
}

impl TestNamespace {
    /// The name, `<purpose>-<unique>`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The administrator's client that made it.
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// The API of one kind in this namespace.
    pub fn api<K>(&self) -> Api<K>
    where
        K: kube::Resource<Scope = kube::core::NamespaceResourceScope>,
        K::DynamicType: Default,
    {
        Api::namespaced(self.client(), &self.name)
    }

    pub(crate) async fn create(config: Config, purpose: &str) -> Result<Self> {
        let name = unique_name(purpose);
        let client = Client::try_from(config.clone()).context("make a client")?;
        let namespaces: Api<Namespace> = Api::all(client.clone());
        let mut namespace = Namespace::default();
        namespace.metadata.name = Some(name.clone());
        namespaces
            .create(&PostParams::default(), &namespace)
            .await
            .with_context(|| format!("create the namespace {name}"))?;
        let accounts: Api<ServiceAccount> = Api::namespaced(client.clone(), &name);
        // Pods are refused until the controller manager has made this account.
        eventually("the default service account", Duration::from_secs(30), || async {
            Ok(accounts
                .get_opt("default")
                .await
                .context("get the default service account")?
                .map(drop))
        })
        .await?;
        Ok(Self { name, client, config })
    }
}

impl std::fmt::Debug for TestNamespace {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("TestNamespace").field(&self.name).finish()
    }
}

impl Drop for TestNamespace {
    fn drop(&mut self) {
        // After a failure the objects are what one wants to look at.
        if thread::panicking() {
            return;
        }
        let (name, config) = (std::mem::take(&mut self.name), self.config.clone());
        // The runtime of the test is about to end and its client with it.
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(async {
                let namespaces: Api<Namespace> = Api::all(Client::try_from(config)?);
                namespaces
                    .delete(&name, &DeleteParams::background())
                    .await
                    .map(drop)?;
                anyhow::Ok(())
            })
        });
    }
}

/// A DNS label that no other test of this or another process uses.
fn unique_name(purpose: &str) -> String {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    let mut label: String = purpose
        .chars()
        .map(|character| {
            if character.is_ascii_alphanumeric() {
                character.to_ascii_lowercase()
            } else {
                '-'
            }
        })
        .take(MAX_PURPOSE)
        .collect();
    label = label.trim_matches('-').to_owned();
    if label.is_empty() {
        label.push_str("test");
    }
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    let clock = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| time.subsec_nanos());
    format!("{label}-{:x}-{number}-{:04x}", std::process::id(), clock & 0xffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_labels_and_differ() {
        let one = unique_name("Upgrade, then roll back: a very long purpose");
        let other = unique_name("Upgrade, then roll back: a very long purpose");
        assert_ne!(one, other);
        assert!(one.starts_with("upgrade--then-roll-back--a-ver"), "{one}");
        assert!(one.len() <= 63, "{one}");
        assert!(unique_name("...").starts_with("test-"));
    }
}
