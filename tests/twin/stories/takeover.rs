//! Releases that go from helm to the operator in mid-story, and back.

use anyhow::Result;
use integration_tests::charts::BAD_IMAGE;
use serde_json::json;

use crate::charts;
use crate::flags::Flag;
use crate::play::tell;
use crate::story::{Step, Story, apply, by_hand, install, rollback, uninstall, upgrade};

#[tokio::test]
async fn releases_change_hands() -> Result<()> {
    tell(stories()).await
}

pub(super) fn stories() -> Vec<Story> {
    let there_and_back = || {
        [
            install(charts::web, "1.0.0"),
            upgrade(charts::web, "1.0.0").values(json!({"message": "two"})),
            Step::TakeOver,
            upgrade(charts::web, "1.1.0").values(json!({"message": "three"})),
            Step::HandBack,
            upgrade(charts::web, "1.2.0").values(json!({"replicas": 2})),
            rollback(2),
            uninstall(),
        ]
    };
    let failing = || {
        [
            install(charts::web, "1.0.0"),
            Step::TakeOver,
            upgrade(charts::web, "1.1.0")
                .values(json!({"image": BAD_IMAGE}))
                .with(Flag::RollbackOnFailure)
                .with(Flag::Timeout("15s"))
                .fails(),
            Step::HandBack,
            rollback(1),
            upgrade(charts::web, "1.2.0").values(json!({"message": "after"})),
            Step::TakeOver,
            upgrade(charts::web, "1.3.0").values(json!({"message": "again ours"})),
        ]
    };
    vec![
        Story::new("helm4-to-us-and-back", there_and_back()).begun_by_helm(),
        Story::new("helm4-to-us-failing", failing()).begun_by_helm(),
        Story::new(
            "us-to-helm4-and-back",
            [
                install(charts::many, "1.0.0").values(json!({"keep": ["two"]})),
                upgrade(charts::many, "1.0.0").values(json!({"names": ["one", "three"]})),
                Step::HandBack,
                rollback(1),
                by_hand(&["delete", "configmap/web-one"]),
                upgrade(charts::many, "1.1.0").values(json!({"names": ["one", "four"]})),
                Step::TakeOver,
                upgrade(charts::many, "1.2.0").values(json!({"names": ["five"]})),
                uninstall().with(Flag::KeepHistory),
            ],
        ),
        Story::new(
            "uninstalled-by-helm4-then-us",
            [
                install(charts::web, "1.0.0"),
                uninstall().with(Flag::KeepHistory),
                Step::TakeOver,
                apply(charts::web, "1.1.0"),
                Step::HandBack,
                uninstall().with(Flag::KeepHistory),
            ],
        )
        .begun_by_helm(),
        Story::new(
            "hooks-change-hands",
            [
                install(charts::hooks, "1.0.0"),
                Step::TakeOver,
                upgrade(charts::hooks, "1.1.0").values(json!({"message": "two"})),
                Step::HandBack,
                rollback(1),
                uninstall(),
            ],
        )
        .begun_by_helm(),
        Story::new(
            "history-changes-hands",
            [
                install(charts::tiny, "1.0.0"),
                upgrade(charts::tiny, "1.0.1").with(Flag::HistoryMax(3)),
                upgrade(charts::tiny, "1.0.2").with(Flag::HistoryMax(3)),
                Step::TakeOver,
                upgrade(charts::tiny, "1.0.3").with(Flag::HistoryMax(3)),
                upgrade(charts::tiny, "1.0.4").with(Flag::HistoryMax(3)),
                Step::HandBack,
                upgrade(charts::tiny, "1.0.5").with(Flag::HistoryMax(2)),
            ],
        )
        .begun_by_helm(),
        Story::new("helm3-to-us-and-back", there_and_back())
            .begun_by_helm()
            .helm3()
            .waits("client-side apply"),
        Story::new("helm3-to-us-failing", failing())
            .begun_by_helm()
            .helm3()
            .waits("client-side apply"),
    ]
}
