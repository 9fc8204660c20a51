//! What templates may ask a cluster: the `lookup` function, with the identity of the client.
//!
//! Rendering is synchronous and runs on a blocking thread; a question blocks that thread and no worker.

use std::sync::Arc;

use jiff::ZonedDateTime;
use jiff::tz::TimeZone;
use kube::Client;
use kube::api::ListParams;
use serde_json::{Map, Value};
use tokio::runtime::Handle;

use crate::discovery::Discovery;
use crate::error::{is_not_found, words};
use crate::objects::api;

/// Pause between two tries to get random bytes from a system that has just started.
const ENTROPY_PAUSE: std::time::Duration = std::time::Duration::from_millis(20);

/// The facts of a render against a cluster.
pub struct Lookup {
    client: Client,
    discovery: Arc<Discovery>,
    runtime: Handle,
}

impl Lookup {
    /// Facts of a cluster. `runtime` answers the questions; the render itself must not run on one of its workers.
    pub fn new(client: Client, discovery: Arc<Discovery>, runtime: Handle) -> Self {
        Self {
            client,
            discovery,
            runtime,
        }
    }

    async fn look(
        &self,
        api_version: &str,
        kind: &str,
        namespace: &str,
        name: &str,
    ) -> Result<Value, String> {
        let served = self
            .discovery
            .resolve(api_version, kind)
            .await
            .map_err(|error| words(&error))?
            .ok_or_else(|| {
                format!(
                    "unable to get apiresource from unstructured: unable to get apiresource from unstructured: no matches for kind \"{kind}\" in version \"{api_version}\""
                )
            })?;
        let everywhere = crate::discovery::Served {
            namespaced: served.namespaced && !namespace.is_empty(),
            ..served
        };
        let api = api(&self.client, &everywhere, namespace);
        if name.is_empty() {
            let list = api
                .list(&ListParams::default())
                .await
                .map_err(|error| words(&error))?;
            return serde_json::to_value(list).map_err(|error| error.to_string());
        }
        match api.get(name).await {
            Ok(object) => serde_json::to_value(object).map_err(|error| error.to_string()),
            Err(error) if is_not_found(&error) => Ok(Value::Object(Map::new())),
            Err(error) => Err(words(&error)),
        }
    }
}

impl helm::facts::Facts for Lookup {
    fn now(&self) -> ZonedDateTime {
        // The zone is UTC whatever the machine says, so that two operators render the same.
        ZonedDateTime::now().with_time_zone(TimeZone::UTC)
    }

    fn random_bytes(&self, buffer: &mut [u8]) {
        // It fails only before the system has gathered entropy; a key made of anything else would be none.
        while getrandom::fill(buffer).is_err() {
            std::thread::sleep(ENTROPY_PAUSE);
        }
    }

    fn lookup(&self, api_version: &str, kind: &str, namespace: &str, name: &str) -> Result<Value, String> {
        self.runtime
            .block_on(self.look(api_version, kind, namespace, name))
    }

    fn resolve_host(&self, name: &str) -> Vec<String> {
        use std::net::ToSocketAddrs;
        let found = (name, 0)
            .to_socket_addrs()
            .map(|all| all.map(|one| one.ip().to_string()).collect());
        found.unwrap_or_default()
    }
}
