//! Command lines, certificates and first objects of the control plane.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use k8s_openapi::api::core::v1::Node;
use k8s_openapi::api::storage::v1::StorageClass;
use kube::Client;
use kube::api::{Api, PostParams};
use serde_json::{Value, json};

use crate::programs;
use crate::simulation;
use crate::supervisor::{Supervised, free_ports, log_end};
use crate::tls::{Authority, token_keys};

/// Name of the administrator's kubeconfig in the folder of the control plane.
pub(super) const KUBECONFIG: &str = "kubeconfig.yaml";

/// Nodes are cheap, and three let spreading and disruption rules mean something.
const NODES: usize = 3;
/// Cluster addresses of services; its first one is in the server certificate.
const SERVICE_RANGE: &str = "10.0.0.0/16";
const FIRST_SERVICE_IP: &str = "10.0.0.1";

/// The programs of a control plane, in the order in which they are stopped.
#[derive(Debug)]
pub(super) struct Programs {
    others: Mutex<Vec<Supervised>>,
    api_server: Mutex<Option<Supervised>>,
    etcd: Mutex<Supervised>,
    folder: PathBuf,
    ports: Ports,
}

#[derive(Debug, Clone, Copy)]
struct Ports {
    etcd: u16,
    etcd_peer: u16,
    api_server: u16,
    kubelet: u16,
}

impl Programs {
    /// Writes certificates and kubeconfig, and starts etcd and the API server.
    pub(super) fn start_api(folder: &Path) -> Result<Self> {
        let ports = free_ports(4)?;
        let ports = Ports {
            etcd: ports[0],
            etcd_peer: ports[1],
            api_server: ports[2],
            kubelet: ports[3],
        };
        write_certificates(folder, ports.api_server)?;
        let etcd = start_etcd(folder, ports)?;
        let programs = Self {
            others: Mutex::new(Vec::new()),
            api_server: Mutex::new(None),
            etcd: Mutex::new(etcd),
            folder: folder.to_owned(),
            ports,
        };
        programs.start_api_server()?;
        Ok(programs)
    }

    pub(super) fn start_api_server(&self) -> Result<()> {
        *lock(&self.api_server) = Some(start_api_server(&self.folder, self.ports)?);
        Ok(())
    }

    pub(super) fn stop_api_server(&self) {
        lock(&self.api_server).take();
    }

    /// Starts what needs a ready API server.
    pub(super) fn start_others(&self) -> Result<()> {
        let folder = &self.folder;
        let started = vec![
            start_kwok(folder, self.ports)?,
            start_controller_manager(folder)?,
            start_scheduler(folder)?,
        ];
        *lock(&self.others) = started;
        Ok(())
    }

    /// Fails when a program has ended by itself.
    pub(super) fn check(&self) -> Result<()> {
        lock(&self.etcd).check()?;
        if let Some(api_server) = lock(&self.api_server).as_mut() {
            api_server.check()?;
        }
        lock(&self.others).iter_mut().try_for_each(Supervised::check)
    }

    /// The end of every log, for an error message.
    pub(super) fn last_words(&self) -> String {
        let mut logs = vec![lock(&self.etcd).log().to_owned()];
        logs.extend(
            lock(&self.api_server)
                .iter()
                .map(|program| program.log().to_owned()),
        );
        logs.extend(lock(&self.others).iter().map(|program| program.log().to_owned()));
        let ends = logs
            .iter()
            .map(|log| format!("--- {}\n{}\n", log.display(), log_end(log)));
        ends.collect::<Vec<_>>().concat()
    }
}

/// What the cluster holds before anything runs in it: nodes and a default storage class.
pub(super) async fn create_objects(client: &Client) -> Result<()> {
    let nodes: Api<Node> = Api::all(client.clone());
    for number in 1..=NODES {
        let node = serde_json::from_value(node(number)).context("write a node")?;
        nodes
            .create(&PostParams::default(), &node)
            .await
            .context("create a node")?;
    }
    let classes: Api<StorageClass> = Api::all(client.clone());
    let class = serde_json::from_value(json!({
        "metadata": {
            "name": simulation::STORAGE_CLASS,
            "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
        },
        "provisioner": "pilothouse.dev/simulated",
        "reclaimPolicy": "Delete",
        "volumeBindingMode": "Immediate",
    }))
    .context("write the storage class")?;
    classes
        .create(&PostParams::default(), &class)
        .await
        .context("create the storage class")?;
    Ok(())
}

/// A kubeconfig with everything inside. `authority` is base64 of PEM, `user` the fields of the user.
pub(super) fn kubeconfig_text(server: &str, authority: &str, user: &Value) -> Result<String> {
    serde_yaml::to_string(&json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "test", "cluster": {"server": server, "certificate-authority-data": authority}}],
        "users": [{"name": "test", "user": user}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
        "current-context": "test",
    }))
    .context("write a kubeconfig")
}

fn node(number: usize) -> Value {
    let name = format!("node-{number}");
    let size = json!({"cpu": "64", "memory": "256Gi", "ephemeral-storage": "1Ti", "pods": "1000"});
    json!({
        "metadata": {
            "name": name,
            "annotations": {"kwok.x-k8s.io/node": "fake", "node.alpha.kubernetes.io/ttl": "0"},
            "labels": {
                "kubernetes.io/arch": "amd64",
                "kubernetes.io/os": "linux",
                "kubernetes.io/hostname": name,
                "kubernetes.io/role": "agent",
                "node-role.kubernetes.io/agent": "",
                "topology.kubernetes.io/zone": format!("zone-{number}"),
            },
        },
        "status": {"allocatable": size, "capacity": size},
    })
}

fn write_certificates(folder: &Path, port: u16) -> Result<()> {
    let authority = Authority::generate("test control plane")?;
    let server = authority.server(&[
        "127.0.0.1",
        "localhost",
        "kubernetes",
        "kubernetes.default",
        "kubernetes.default.svc",
        "kubernetes.default.svc.cluster.local",
        FIRST_SERVICE_IP,
    ])?;
    let kubelet = authority.server(&["127.0.0.1", "localhost"])?;
    let administrator = authority.client("test-administrator", Some("system:masters"))?;
    let (token_key, token_public_key) = token_keys()?;
    let user = json!({
        "client-certificate-data": STANDARD.encode(&administrator.certificate),
        "client-key-data": STANDARD.encode(&administrator.key),
    });
    let kubeconfig = kubeconfig_text(
        &format!("https://127.0.0.1:{port}"),
        &STANDARD.encode(authority.certificate()),
        &user,
    )?;
    let files = [
        ("ca.crt", authority.certificate()),
        ("server.crt", server.certificate),
        ("server.key", server.key),
        ("kubelet.crt", kubelet.certificate),
        ("kubelet.key", kubelet.key),
        ("admin.crt", administrator.certificate),
        ("admin.key", administrator.key),
        ("tokens.key", token_key),
        ("tokens.pub", token_public_key),
        (KUBECONFIG, kubeconfig),
    ];
    for (name, content) in files {
        fs::write(folder.join(name), content).with_context(|| format!("write {name}"))?;
    }
    Ok(())
}

fn start_etcd(folder: &Path, ports: Ports) -> Result<Supervised> {
    let Ports { etcd, etcd_peer, .. } = ports;
    let args = [
        // Test data may be lost with the machine.
        "--unsafe-no-fsync".to_owned(),
        "--data-dir=etcd".to_owned(),
        format!("--listen-client-urls=http://127.0.0.1:{etcd}"),
        format!("--advertise-client-urls=http://127.0.0.1:{etcd}"),
        format!("--listen-peer-urls=http://127.0.0.1:{etcd_peer}"),
        format!("--initial-advertise-peer-urls=http://127.0.0.1:{etcd_peer}"),
        format!("--initial-cluster=default=http://127.0.0.1:{etcd_peer}"),
        "--log-level=warn".to_owned(),
    ];
    Supervised::start("etcd", &programs::program("etcd")?, args, folder)
}

fn start_api_server(folder: &Path, ports: Ports) -> Result<Supervised> {
    let Ports { etcd, api_server, .. } = ports;
    let args = [
        format!("--etcd-servers=http://127.0.0.1:{etcd}"),
        format!("--secure-port={api_server}"),
        "--bind-address=127.0.0.1".to_owned(),
        "--advertise-address=127.0.0.1".to_owned(),
        "--endpoint-reconciler-type=none".to_owned(),
        "--cert-dir=apiserver".to_owned(),
        "--tls-cert-file=server.crt".to_owned(),
        "--tls-private-key-file=server.key".to_owned(),
        "--client-ca-file=ca.crt".to_owned(),
        "--service-account-key-file=tokens.pub".to_owned(),
        "--service-account-signing-key-file=tokens.key".to_owned(),
        "--service-account-issuer=https://kubernetes.default.svc".to_owned(),
        format!("--service-cluster-ip-range={SERVICE_RANGE}"),
        "--authorization-mode=RBAC".to_owned(),
        "--allow-privileged=true".to_owned(),
        // How it reaches the logs of pods, which KWOK serves.
        "--kubelet-preferred-address-types=InternalIP".to_owned(),
        "--kubelet-client-certificate=admin.crt".to_owned(),
        "--kubelet-client-key=admin.key".to_owned(),
    ];
    Supervised::start(
        "kube-apiserver",
        &programs::program("kube-apiserver")?,
        args,
        folder,
    )
}

fn start_controller_manager(folder: &Path) -> Result<Supervised> {
    let args = [
        format!("--kubeconfig={KUBECONFIG}"),
        "--service-account-private-key-file=tokens.key".to_owned(),
        "--root-ca-file=ca.crt".to_owned(),
        "--use-service-account-credentials".to_owned(),
        "--leader-elect=false".to_owned(),
        "--secure-port=0".to_owned(),
        // The defaults throttle the garbage collector when many test namespaces go at once.
        "--kube-api-qps=500".to_owned(),
        "--kube-api-burst=1000".to_owned(),
    ];
    Supervised::start(
        "kube-controller-manager",
        &programs::program("kube-controller-manager")?,
        args,
        folder,
    )
}

fn start_scheduler(folder: &Path) -> Result<Supervised> {
    let args = [
        format!("--kubeconfig={KUBECONFIG}"),
        "--leader-elect=false".to_owned(),
        "--secure-port=0".to_owned(),
        "--kube-api-qps=500".to_owned(),
        "--kube-api-burst=1000".to_owned(),
    ];
    Supervised::start(
        "kube-scheduler",
        &programs::program("kube-scheduler")?,
        args,
        folder,
    )
}

fn start_kwok(folder: &Path, ports: Ports) -> Result<Supervised> {
    let log_file = folder.join("containers.log");
    fs::write(&log_file, simulation::log_lines()).context("write the log of the containers")?;
    fs::write(folder.join("stages.yaml"), stages(&log_file)?).context("write the stages of KWOK")?;
    let args = [
        format!("--kubeconfig={KUBECONFIG}"),
        "--manage-all-nodes=true".to_owned(),
        "--config=stages.yaml".to_owned(),
        "--node-ip=127.0.0.1".to_owned(),
        format!("--node-port={}", ports.kubelet),
        format!("--server-address=127.0.0.1:{}", ports.kubelet),
        "--tls-cert-file=kubelet.crt".to_owned(),
        "--tls-private-key-file=kubelet.key".to_owned(),
    ];
    Supervised::start("kwok", &programs::program("kwok")?, args, folder)
}

/// KWOK's own stages of nodes, and ours.
fn stages(log_file: &Path) -> Result<String> {
    let shipped = programs::bin_dir()?.join("stages");
    let mut documents = Vec::new();
    for group in ["node/fast", "node/heartbeat"] {
        let folder = shipped.join(group);
        let entries = fs::read_dir(&folder).with_context(|| format!("list `{}`", folder.display()))?;
        for entry in entries {
            let path = entry
                .with_context(|| format!("list `{}`", folder.display()))?
                .path();
            documents.push(fs::read_to_string(&path).with_context(|| format!("read `{}`", path.display()))?);
        }
    }
    documents.sort();
    let ours = simulation::stages()
        .into_iter()
        .chain([simulation::cluster_logs(&log_file.display().to_string())]);
    for document in ours {
        documents.push(serde_yaml::to_string(&document).context("write a stage")?);
    }
    Ok(documents.join("\n---\n"))
}

/// A panic in one test says nothing about the programs, so a poisoned lock is as good as any.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
