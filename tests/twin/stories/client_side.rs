//! Client-side apply: Helm 3 always, Helm 4 on demand or after Helm 3; and the change to server-side.

use anyhow::Result;
use integration_tests::charts::NEVER_READY_IMAGE;
use serde_json::json;

use crate::charts;
use crate::flags::Flag;
use crate::play::tell;
use crate::story::{Step, Story, by_hand, install, rollback, uninstall, upgrade};

#[tokio::test]
async fn client_side_apply() -> Result<()> {
    tell(stories()).await
}

/// Why all of them wait.
const WHY: &str = "client-side apply";

pub(super) fn stories() -> Vec<Story> {
    let lifetime = || {
        [
            install(charts::web, "1.0.0").with(Flag::ClientSide),
            by_hand(&["annotate", "service/web", "note=by-hand"]),
            by_hand(&["set", "image", "deployment/web", "web=registry.test/by-hand:1"]),
            upgrade(charts::web, "1.1.0")
                .values(json!({"message": "two"}))
                .with(Flag::ClientSide),
            rollback(1).with(Flag::ClientSide),
            uninstall().with(Flag::KeepHistory),
        ]
    };
    let objects = || {
        [
            install(charts::many, "1.0.0")
                .values(json!({"keep": ["two"]}))
                .with(Flag::ClientSide),
            by_hand(&[
                "patch",
                "configmap/web-one",
                "--patch",
                r#"{"data": {"extra": "1"}}"#,
            ]),
            upgrade(charts::many, "1.0.0")
                .values(json!({"names": ["one", "three"], "data": {"b": "3"}}))
                .with(Flag::ClientSide),
            by_hand(&["delete", "configmap/web-one"]),
            upgrade(charts::many, "1.0.0")
                .values(json!({"names": ["one", "two"], "data": {"b": "4"}}))
                .with(Flag::ClientSide),
        ]
    };
    let failing = || {
        [
            install(charts::web, "1.0.0").with(Flag::ClientSide),
            upgrade(charts::web, "1.1.0")
                .values(json!({"image": NEVER_READY_IMAGE}))
                .with(Flag::ClientSide)
                .with(Flag::RollbackOnFailure)
                .with(Flag::Timeout("15s"))
                .fails(),
            upgrade(charts::web, "1.2.0").with(Flag::ClientSide),
        ]
    };
    let hooks = || {
        [
            install(charts::hooks, "1.0.0").with(Flag::ClientSide),
            upgrade(charts::hooks, "1.0.0")
                .values(json!({"message": "two"}))
                .with(Flag::ClientSide),
            rollback(1).with(Flag::ClientSide),
            uninstall(),
        ]
    };
    let replaced = || {
        [
            install(charts::web, "1.0.0").with(Flag::ClientSide),
            by_hand(&["annotate", "service/web", "note=by-hand"]),
            upgrade(charts::web, "1.0.0")
                .values(json!({"message": "two"}))
                .with(Flag::ClientSide)
                .with(Flag::ForceReplace),
        ]
    };
    vec![
        Story::new("client-side", lifetime()).waits(WHY),
        Story::new("client-side-objects", objects()).waits(WHY),
        Story::new("client-side-failing", failing()).waits(WHY),
        Story::new("client-side-hooks", hooks()).waits(WHY),
        Story::new("client-side-replaced", replaced()).waits(WHY),
        Story::new(
            "client-side-custom-objects",
            [
                install(charts::crds, "1.0.0").with(Flag::ClientSide),
                upgrade(charts::crds, "1.0.1")
                    .values(json!({"color": "blue"}))
                    .with(Flag::ClientSide),
            ],
        )
        .waits(WHY),
        Story::new(
            "client-side-to-server-side",
            [
                install(charts::many, "1.0.0").with(Flag::ClientSide),
                upgrade(charts::many, "1.0.0")
                    .values(json!({"data": {"b": "3"}}))
                    .with(Flag::ServerSide),
                rollback(1),
            ],
        )
        .waits(WHY),
        Story::new("helm3", lifetime()).helm3().waits(WHY),
        Story::new("helm3-objects", objects()).helm3().waits(WHY),
        Story::new("helm3-failing", failing()).helm3().waits(WHY),
        Story::new("helm3-hooks", hooks()).helm3().waits(WHY),
        Story::new("helm3-replaced", replaced()).helm3().waits(WHY),
        Story::new(
            "helm3-chart-of-many-kinds",
            [
                install(charts::every_kind, "1.0.0").with(Flag::ClientSide),
                Step::TakeOver,
                upgrade(charts::every_kind, "1.1.0").values(json!({"image": "registry.test/web:2"})),
                uninstall(),
            ],
        )
        .begun_by_helm()
        .helm3()
        .waits(WHY),
    ]
}
