//! Hooks of every event, their policies and their failures.

use anyhow::Result;
use serde_json::json;

use crate::charts;
use crate::flags::Flag;
use crate::play::tell;
use crate::story::{Story, install, uninstall, upgrade};

#[tokio::test]
async fn hooks_of_every_event() -> Result<()> {
    tell(stories()).await
}

pub(super) fn stories() -> Vec<Story> {
    let policy = |name: &'static str, policy: &str| {
        Story::new(
            name,
            [
                install(charts::hooks, "1.0.0").values(json!({"policy": policy})),
                upgrade(charts::hooks, "1.0.0").values(json!({"policy": policy, "message": "two"})),
                upgrade(charts::hooks, "1.0.0")
                    .values(json!({"policy": policy, "fail": "post-upgrade"}))
                    .fails(),
                uninstall().with(Flag::KeepHistory),
            ],
        )
    };
    let fails_at_install = |name: &'static str, event: &str| {
        Story::new(
            name,
            [
                install(charts::hooks, "1.0.0")
                    .values(json!({"fail": event}))
                    .fails(),
                upgrade(charts::hooks, "1.0.0"),
            ],
        )
    };
    vec![
        policy("hooks-before-creation", "before-hook-creation"),
        policy(
            "hooks-go-when-they-succeed",
            "hook-succeeded,before-hook-creation",
        ),
        policy("hooks-go-when-they-fail", "hook-failed,before-hook-creation"),
        policy(
            "hooks-always-go",
            "hook-failed,hook-succeeded,before-hook-creation",
        ),
        fails_at_install("hook-pre-install-fails", "pre-install"),
        fails_at_install("hook-post-install-fails", "post-install"),
        Story::new(
            "hook-pre-upgrade-fails",
            [
                install(charts::hooks, "1.0.0"),
                upgrade(charts::hooks, "1.0.0")
                    .values(json!({"fail": "pre-upgrade", "message": "two"}))
                    .fails(),
                upgrade(charts::hooks, "1.1.0"),
            ],
        ),
        Story::new(
            "hook-fails-and-rolled-back",
            [
                install(charts::hooks, "1.0.0"),
                upgrade(charts::hooks, "1.1.0")
                    .values(json!({"fail": "post-upgrade", "message": "two"}))
                    .with(Flag::RollbackOnFailure)
                    .fails(),
            ],
        ),
        Story::new(
            "hook-fails-and-uninstalled",
            [install(charts::hooks, "1.0.0")
                .values(json!({"fail": "post-install"}))
                .with(Flag::RollbackOnFailure)
                .fails()],
        ),
        Story::new(
            "hooks-skipped",
            [
                install(charts::hooks, "1.0.0").with(Flag::NoHooks),
                upgrade(charts::hooks, "1.0.0")
                    .values(json!({"fail": "pre-upgrade"}))
                    .with(Flag::NoHooks),
                uninstall().with(Flag::NoHooks).with(Flag::KeepHistory),
            ],
        ),
        Story::new(
            "hook-pre-delete-fails",
            [
                install(charts::hooks, "1.0.0").values(json!({"fail": "pre-delete"})),
                uninstall().fails(),
                uninstall().with(Flag::NoHooks).with(Flag::KeepHistory),
            ],
        ),
        Story::new(
            "hook-left-behind",
            [
                install(charts::hooks, "1.0.0").values(json!({"policy": "hook-failed"})),
                upgrade(charts::hooks, "1.0.0").values(json!({"policy": "hook-failed", "message": "two"})),
                upgrade(charts::hooks, "1.0.0")
                    .values(json!({"policy": "hook-failed", "fail": "pre-upgrade"}))
                    .fails(),
            ],
        ),
    ]
}
