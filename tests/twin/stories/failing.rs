//! What happens when something goes wrong, and the way back.

use anyhow::Result;
use integration_tests::charts::{BAD_IMAGE, CRASHING_IMAGE, NEVER_READY_IMAGE};
use serde_json::json;

use crate::charts;
use crate::flags::Flag;
use crate::play::tell;
use crate::story::{Story, install, uninstall, upgrade};

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
                    .with(Flag::Timeout("15s"))
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
                    .with(Flag::Timeout("15s"))
                    .fails(),
                upgrade(charts::web, "1.1.0").with(Flag::RollbackOnFailure),
            ],
        ),
        Story::new(
            "rolled-back-twice",
            [
                install(charts::growing, "1.0.0"),
                upgrade(charts::growing, "1.1.0")
                    .values(json!({"image": BAD_IMAGE, "names": ["two"]}))
                    .with(Flag::RollbackOnFailure)
                    .with(Flag::CleanupOnFail)
                    .with(Flag::Timeout("15s"))
                    .fails(),
                upgrade(charts::growing, "1.2.0")
                    .values(json!({"image": CRASHING_IMAGE, "names": ["one", "three"]}))
                    .with(Flag::RollbackOnFailure)
                    .with(Flag::Timeout("15s"))
                    .fails(),
                uninstall().with(Flag::KeepHistory),
            ],
        ),
        Story::new(
            "rollback-fails-too",
            [
                install(charts::growing, "1.0.0").values(json!({"image": CRASHING_IMAGE})),
                upgrade(charts::growing, "1.1.0")
                    .values(json!({"image": BAD_IMAGE}))
                    .with(Flag::RollbackOnFailure)
                    .with(Flag::Timeout("15s"))
                    .fails(),
                upgrade(charts::growing, "1.1.0"),
            ],
        )
        .waits("we try a failed rollback again, helm does not"),
        Story::new(
            "failed-twice-then-fixed",
            [
                install(charts::growing, "1.0.0"),
                upgrade(charts::growing, "1.1.0")
                    .values(json!({"image": BAD_IMAGE, "names": ["two"]}))
                    .with(Flag::Wait)
                    .with(Flag::Timeout("15s"))
                    .fails(),
                upgrade(charts::growing, "1.1.0")
                    .values(json!({"image": CRASHING_IMAGE, "names": ["two", "three"]}))
                    .with(Flag::Wait)
                    .with(Flag::Timeout("15s"))
                    .fails(),
                upgrade(charts::growing, "1.2.0").values(json!({"names": ["two", "three", "four"]})),
            ],
        ),
        Story::new(
            "cleanup-on-fail",
            [
                install(charts::growing, "1.0.0"),
                upgrade(charts::growing, "1.1.0")
                    .values(json!({"image": BAD_IMAGE, "names": ["one", "two"]}))
                    .with(Flag::Wait)
                    .with(Flag::CleanupOnFail)
                    .with(Flag::Timeout("15s"))
                    .fails(),
                upgrade(charts::growing, "1.1.0").values(json!({"names": ["two"]})),
            ],
        ),
        Story::new(
            "install-fails-and-stays",
            [
                install(charts::web, "1.0.0")
                    .values(json!({"image": CRASHING_IMAGE}))
                    .with(Flag::Wait)
                    .with(Flag::Timeout("15s"))
                    .fails(),
                upgrade(charts::web, "1.0.0").with(Flag::Wait),
            ],
        ),
        Story::new(
            "install-fails-and-goes",
            [
                install(charts::web, "1.0.0")
                    .values(json!({"image": NEVER_READY_IMAGE}))
                    .with(Flag::RollbackOnFailure)
                    .with(Flag::Timeout("15s"))
                    .fails(),
                install(charts::web, "1.0.1").with(Flag::RollbackOnFailure),
            ],
        ),
        Story::new(
            "install-failed-then-uninstall",
            [
                install(charts::web, "1.0.0")
                    .values(json!({"image": BAD_IMAGE}))
                    .with(Flag::Wait)
                    .with(Flag::Timeout("15s"))
                    .fails(),
                uninstall().with(Flag::KeepHistory).with(Flag::Wait),
            ],
        ),
        Story::new(
            "install-failed-rolled-back",
            [
                install(charts::growing, "1.0.0")
                    .values(json!({"image": BAD_IMAGE}))
                    .with(Flag::Wait)
                    .with(Flag::Timeout("15s"))
                    .fails(),
                upgrade(charts::growing, "1.1.0")
                    .values(json!({"image": CRASHING_IMAGE}))
                    .with(Flag::RollbackOnFailure)
                    .with(Flag::Timeout("15s"))
                    .fails(),
            ],
        ),
    ]
}
