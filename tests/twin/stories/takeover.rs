//! Releases that go from helm to the operator in mid-story, and back.

use anyhow::Result;
use serde_json::json;

use crate::charts;
use crate::play::tell;
use crate::story::{Step, Story, install, rollback, uninstall, upgrade};

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
    vec![
        Story::new("helm4-to-us-and-back", there_and_back()).begun_by_helm(),
        Story::new("helm3-to-us-and-back", there_and_back())
            .begun_by_helm()
            .helm3(),
    ]
}
