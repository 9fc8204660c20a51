//! The chart sources and the real `helm` work together: what `helm` fetches is what was built here.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "helpers of tests may fail loudly"
)]

use std::fs;
use std::path::Path;
use std::time::Duration;

use testkit::registry::{self, Demands};
use testkit::tls::Authority;
use testkit::{ChartBuilder, ChartRepository, ControlPlane, Fault, Helm, Kubectl, PackagedChart, Registry};

fn demo_chart(version: &str) -> ChartBuilder {
    ChartBuilder::new("demo", version)
        .app_version("1.0")
        .deployment("web", 2, "registry.test/web:1.0")
}

fn path(path: &Path) -> String {
    path.display().to_string()
}

#[tokio::test]
async fn both_helms_install_with_wait_and_see_each_others_releases() {
    let control_plane = ControlPlane::shared().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let hook = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}-check\n  annotations:\n    helm.sh/hook: test\n\
                spec:\n  restartPolicy: Never\n  containers:\n    - name: check\n      image: registry.test/check:1.0\n";
    let chart = demo_chart("1.0.0")
        .template("check.yaml", hook)
        .package(folder.path())
        .unwrap();
    let chart = path(&chart.path);
    let helms = [
        ("v4", Helm::v4(control_plane).unwrap()),
        ("v3", Helm::v3(control_plane).unwrap()),
    ];
    for (name, helm) in &helms {
        let namespace = control_plane.namespace(name).await.unwrap();
        let namespace = ["-n", namespace.name()];
        let install = [
            &["install", "demo", &chart, "--wait", "--timeout", "60s"],
            namespace.as_slice(),
        ]
        .concat();
        helm.run(install).await.unwrap().success().unwrap();
        helm.run([&["test", "demo", "--timeout", "60s"], namespace.as_slice()].concat())
            .await
            .unwrap()
            .success()
            .unwrap();
        for (_, other) in &helms {
            let listed = other
                .run([&["ls", "-q"], namespace.as_slice()].concat())
                .await
                .unwrap()
                .success()
                .unwrap();
            assert_eq!(listed, "demo\n");
        }
        let broken = [
            &[
                "upgrade",
                "demo",
                &chart,
                "--set",
                "image=registry.test/fail-pull:2.0",
                "--wait",
                "--timeout",
                "3s",
            ],
            namespace.as_slice(),
        ]
        .concat();
        helm.run(broken).await.unwrap().failure().unwrap();
        let kubectl = Kubectl::new(control_plane).unwrap();
        let pods = kubectl
            .run([&["get", "pods"], namespace.as_slice()].concat())
            .await
            .unwrap()
            .success()
            .unwrap();
        assert!(pods.contains("ImagePullBackOff"), "{pods}");
    }
}

#[tokio::test]
async fn helm_packages_what_we_package() {
    let folder = tempfile::tempdir().unwrap();
    let chart = demo_chart("1.0.0")
        .values("replicas: 3\n")
        .file("README.md", "hello\n");
    let ours = chart.package(&folder.path().join("ours")).unwrap();
    let source = chart.write(folder.path()).unwrap();
    let theirs = folder.path().join("theirs");
    let helm = Helm::without_cluster().unwrap();
    helm.run(["package", &path(&source), "-d", &path(&theirs)])
        .await
        .unwrap()
        .success()
        .unwrap();
    let list = |archive: &Path| {
        let file = fs::File::open(archive).unwrap();
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(file));
        let entries = archive.entries().unwrap();
        entries
            .map(|entry| path(&entry.unwrap().path().unwrap()))
            .collect::<Vec<_>>()
    };
    assert_eq!(list(&ours.path), list(&theirs.join("demo-1.0.0.tgz")));
    let ours = helm
        .run(["template", "demo", &path(&ours.path)])
        .await
        .unwrap()
        .success()
        .unwrap();
    let theirs = helm
        .run(["template", "demo", &path(&theirs.join("demo-1.0.0.tgz"))])
        .await
        .unwrap()
        .success()
        .unwrap();
    assert_eq!(ours, theirs);
    assert!(ours.contains("replicas: 3"), "{ours}");
}

/// `helm pull` from a repository into a new folder, without its cache.
async fn pull(repository: &ChartRepository, args: &[&str]) -> testkit::Output {
    let folder = tempfile::tempdir().unwrap();
    let url = repository.url();
    let folder = path(folder.path());
    let all = [&["pull", "demo", "--repo", &url, "-d", &folder], args].concat();
    Helm::without_cluster().unwrap().run(all).await.unwrap()
}

fn repository_folder() -> (tempfile::TempDir, Vec<PackagedChart>) {
    let folder = tempfile::tempdir().unwrap();
    let charts = ["1.1.0", "1.0.0"].map(|version| demo_chart(version).package(folder.path()).unwrap());
    (folder, charts.to_vec())
}

#[tokio::test]
async fn a_repository_serves_fails_heals_and_counts() {
    let (folder, charts) = repository_folder();
    let repository = ChartRepository::start(folder.path()).await.unwrap();
    repository.publish(&charts).unwrap();

    pull(&repository, &["--version", "1.0.0"])
        .await
        .success()
        .unwrap();
    let paths: Vec<_> = repository
        .requests()
        .into_iter()
        .map(|request| (request.path, request.status))
        .collect();
    assert_eq!(
        paths,
        [
            ("/index.yaml".to_owned(), 200),
            ("/demo-1.0.0.tgz".to_owned(), 200)
        ]
    );
    assert_eq!(repository.count(".tgz"), 1);

    for (fault, words) in [
        (Fault::Status(500), "500 Internal Server Error"),
        (Fault::Status(404), "404 Not Found"),
        (Fault::Truncated, "unexpected EOF"),
    ] {
        repository.fail(".tgz", fault);
        let said = pull(&repository, &[]).await.failure().unwrap();
        assert!(said.contains(words), "{said}");
    }
    repository.heal();
    repository.fail("index.yaml", Fault::Body(b"<html>".to_vec()));
    pull(&repository, &[]).await.failure().unwrap();
    repository.fail("index.yaml", Fault::Slow(Duration::from_millis(300)));
    pull(&repository, &[]).await.success().unwrap();

    let elsewhere = ChartRepository::start(folder.path()).await.unwrap();
    repository.heal();
    repository.fail(".tgz", Fault::Redirect(elsewhere.url()));
    pull(&repository, &["--version", "1.0.0"])
        .await
        .success()
        .unwrap();
    assert_eq!(elsewhere.count("/demo-1.0.0.tgz"), 1);
    repository.heal();

    repository.go_down().await;
    let said = pull(&repository, &[]).await.failure().unwrap();
    assert!(said.contains("connection refused"), "{said}");
    repository.come_up().await.unwrap();
    pull(&repository, &[]).await.success().unwrap();
}

#[tokio::test]
async fn a_repository_can_ask_for_a_password() {
    let (folder, charts) = repository_folder();
    let repository = ChartRepository::start(folder.path()).await.unwrap();
    repository.publish(&charts).unwrap();
    repository.require_basic_auth("pilot", "secret");
    let said = pull(&repository, &[]).await.failure().unwrap();
    assert!(said.contains("401 Unauthorized"), "{said}");
    pull(&repository, &["--username", "pilot", "--password", "wrong"])
        .await
        .failure()
        .unwrap();
    pull(&repository, &["--username", "pilot", "--password", "secret"])
        .await
        .success()
        .unwrap();
}

#[tokio::test]
async fn a_repository_can_speak_https() {
    let (folder, charts) = repository_folder();
    let authority = Authority::generate("chart authority").unwrap();
    let repository = ChartRepository::start_tls(folder.path(), authority.server(&["127.0.0.1"]).unwrap())
        .await
        .unwrap();
    repository.publish(&charts).unwrap();
    let ca = folder.path().join("ca.crt");
    fs::write(&ca, authority.certificate()).unwrap();
    let said = pull(&repository, &[]).await.failure().unwrap();
    assert!(said.contains("certificate signed by unknown authority"), "{said}");
    pull(&repository, &["--ca-file", &path(&ca)])
        .await
        .success()
        .unwrap();
}

#[tokio::test]
async fn nobody_leaves_the_folder_of_a_repository() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("secret"), "secret").unwrap();
    let inner = folder.path().join("charts");
    fs::create_dir(&inner).unwrap();
    let repository = ChartRepository::start(&inner).await.unwrap();
    let mut stream = tokio::net::TcpStream::connect(repository.url().trim_start_matches("http://"))
        .await
        .unwrap();
    let request = "GET /../secret HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes())
        .await
        .unwrap();
    let mut answer = String::new();
    tokio::io::AsyncReadExt::read_to_string(&mut stream, &mut answer)
        .await
        .unwrap();
    assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
}

#[tokio::test]
async fn a_registry_keeps_charts() {
    let (folder, charts) = repository_folder();
    let authority = Authority::generate("registry authority").unwrap();
    let open = Registry::start().await.unwrap();
    let tls = Some(authority.server(&["127.0.0.1"]).unwrap());
    let closed = Registry::start_with(Demands {
        authentication: true,
        tls,
    })
    .await
    .unwrap();
    let helm = Helm::without_cluster().unwrap();
    let target = path(folder.path());

    let digest = open.push(&charts[1].path, "charts").await.unwrap();
    assert!(digest.starts_with("sha256:") && digest.len() == 71, "{digest}");
    let name = open.repository("charts/demo");
    let args = ["pull", &name, "--version", "1.0.0", "--plain-http", "-d", &target];
    helm.run(args).await.unwrap().success().unwrap();

    closed.push(&charts[0].path, "charts").await.unwrap();
    let ca = folder.path().join("ca.crt");
    fs::write(&ca, authority.certificate()).unwrap();
    let name = closed.repository("charts/demo");
    let args = [
        "pull",
        &name,
        "--version",
        "1.1.0",
        "--ca-file",
        &path(&ca),
        "-d",
        &target,
    ];
    let said = helm.run(args).await.unwrap().failure().unwrap();
    assert!(said.contains("basic credential not found"), "{said}");
    let credentials = [
        &args[..],
        &["--username", registry::USER, "--password", registry::PASSWORD],
    ]
    .concat();
    helm.run(credentials).await.unwrap().success().unwrap();
}
