//! Hooks of every event, their policies and their failures.

use anyhow::Result;
use serde_json::json;

use crate::charts;
use crate::play::tell;
use crate::story::{Story, install, uninstall, upgrade};

#[tokio::test]
async fn hooks_of_every_event() -> Result<()> {
    tell(stories()).await
}

pub(super) fn stories() -> Vec<Story> {
    vec![
        Story::new(
            "hooks-stay",
            [
                install(charts::hooks, "1.0.0"),
                upgrade(charts::hooks, "1.0.0").values(json!({"message": "two"})),
                uninstall(),
            ],
        ),
        Story::new(
            "hooks-go-when-they-succeed",
            [
                install(charts::hooks, "1.0.0").values(json!({"policy": "hook-succeeded"})),
                upgrade(charts::hooks, "1.0.0").values(json!({"policy": "hook-succeeded", "message": "two"})),
                uninstall(),
            ],
        ),
    ]
}
