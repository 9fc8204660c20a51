//! A control plane is gone with whoever started it: when it is dropped, and when that process is killed.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "helpers of tests may fail loudly"
)]

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use testkit::{ControlPlane, eventually};

const LONG: Duration = Duration::from_mins(1);

/// Processes whose command line or working folder names `folder`.
fn processes_of(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Ok(line) = fs::read(entry.path().join("cmdline")) else {
            continue;
        };
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        // As text: the kernel appends " (deleted)" once the folder is gone.
        let works_there = fs::read_link(entry.path().join("cwd"))
            .is_ok_and(|cwd| cwd.to_string_lossy().starts_with(&*folder.to_string_lossy()));
        if works_there || line.contains(&*folder.to_string_lossy()) {
            found.push(line);
        }
    }
    found
}

#[tokio::test]
async fn nothing_is_left_after_a_drop_and_the_api_server_can_fail_and_return() {
    let control_plane = ControlPlane::start().await.unwrap();
    eprintln!(
        "control plane started in {:.2} s",
        control_plane.start_duration().as_secs_f64()
    );
    let folder = control_plane.kubeconfig().parent().unwrap().to_owned();
    let client = control_plane.client().await.unwrap();
    for program in [
        "etcd",
        "kube-apiserver",
        "kube-controller-manager",
        "kube-scheduler",
        "kwok",
    ] {
        let running = processes_of(&folder);
        assert!(
            running.iter().any(|line| line.contains(&format!("/{program} "))),
            "{program} not in {running:#?}"
        );
    }

    control_plane.stop_api_server().unwrap();
    client.apiserver_version().await.unwrap_err();
    control_plane.start_api_server().await.unwrap();
    client.apiserver_version().await.unwrap();

    drop(control_plane);
    assert_eq!(processes_of(&folder), Vec::<String>::new());
    assert!(!folder.exists());
}

#[tokio::test]
async fn nothing_is_left_after_the_starter_was_killed() {
    let mut starter = Command::new(env!("CARGO_BIN_EXE_control-plane"))
        .arg("up")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .process_group(0)
        .spawn()
        .unwrap();
    let folder = kubeconfig_of(&mut starter).parent().unwrap().to_owned();
    assert!(processes_of(&folder).len() >= 5, "{:#?}", processes_of(&folder));
    // SIGKILL: no destructor runs.
    starter.kill().unwrap();
    starter.wait().unwrap();
    assert_all_gone(&folder).await;
}

#[tokio::test]
async fn the_program_ends_when_its_standard_input_closes() {
    let mut starter = Command::new(env!("CARGO_BIN_EXE_control-plane"))
        .arg("up")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let folder = kubeconfig_of(&mut starter).parent().unwrap().to_owned();
    drop(starter.stdin.take());
    assert!(starter.wait().unwrap().success());
    assert_all_gone(&folder).await;
}

#[test]
fn a_command_gets_the_kubeconfig_and_its_exit_code_is_passed_on() {
    let script = r#"test -s "$KUBECONFIG" && test "$KUBECONFIG" = "$PILOTHOUSE_TEST_KUBECONFIG" && exit 7"#;
    let status = Command::new(env!("CARGO_BIN_EXE_control-plane"))
        .args(["run", "--", "sh", "-c", script])
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(7));
}

fn kubeconfig_of(starter: &mut std::process::Child) -> PathBuf {
    let mut line = String::new();
    BufReader::new(starter.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    PathBuf::from(
        line.trim_end()
            .strip_prefix("KUBECONFIG=")
            .unwrap_or_else(|| panic!("no kubeconfig: {line}")),
    )
}

async fn assert_all_gone(folder: &Path) {
    eventually("every process to end", LONG, || async {
        let left = processes_of(folder);
        if left.is_empty() && !folder.exists() {
            Ok(Some(()))
        } else {
            Err(anyhow::anyhow!("{left:#?}"))
        }
    })
    .await
    .unwrap();
}
