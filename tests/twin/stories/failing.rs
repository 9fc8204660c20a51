//! What happens when something goes wrong, and the way back.

use anyhow::Result;
use integration_tests::charts::{BAD_IMAGE, CRASHING_IMAGE, NEVER_READY_IMAGE};
use serde_json::json;

use crate::charts;
use crate::flags::Flag;
use crate::play::tell;
use crate::story::{Story, install, upgrade};

#[tokio::test]
async fn failures_and_the_way_back() -> Result<()> {
    tell(stories()).await
}

pub(super) fn stories() -> Vec<Story> {
    vec![
        Story::new(
            "upgrade-fails-and-stays",
            [
                install(charts::web, "1.0.0").with(Flag::Wait),
                upgrade(charts::web, "1.0.0")
                    .values(json!({"image": NEVER_READY_IMAGE}))
                    .with(Flag::Wait)
                    .with(Flag::Timeout("4s"))
                    .fails(),
                upgrade(charts::web, "1.1.0").with(Flag::Wait),
            ],
        ),
        Story::new(
            "upgrade-fails-rolled-back",
            [
                install(charts::web, "1.0.0").with(Flag::Wait),
                upgrade(charts::web, "1.1.0")
                    .values(json!({"image": BAD_IMAGE}))
                    .with(Flag::RollbackOnFailure)
                    .with(Flag::Timeout("4s"))
                    .fails(),
                upgrade(charts::web, "1.1.0").with(Flag::RollbackOnFailure),
            ],
        ),
        Story::new(
            "install-fails-and-stays",
            [
                install(charts::web, "1.0.0")
                    .values(json!({"image": CRASHING_IMAGE}))
                    .with(Flag::Wait)
                    .with(Flag::Timeout("4s"))
                    .fails(),
                upgrade(charts::web, "1.0.0").with(Flag::Wait),
            ],
        ),
    ]
}
