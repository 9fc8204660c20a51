//! What is asked for once: rollbacks and tests.

use anyhow::Result;
use integration_tests::charts::{BAD_IMAGE, CRASHING_IMAGE};
use serde_json::json;

use crate::charts;
use crate::flags::Flag;
use crate::play::tell;
use crate::story::{Story, by_hand, install, rollback, test, uninstall, upgrade};

#[tokio::test]
async fn rollbacks_and_tests_on_request() -> Result<()> {
    tell(stories()).await
}

pub(super) fn stories() -> Vec<Story> {
    let tested = |name: &'static str, policy: &str| {
        Story::new(
            name,
            [
                install(charts::tested, "1.0.0").values(json!({"policy": policy})),
                test(),
                upgrade(charts::tested, "1.0.0").values(json!({"policy": policy, "fail": "one"})),
                test().fails(),
                uninstall().with(Flag::KeepHistory),
            ],
        )
    };
    vec![
        Story::new(
            "rollback",
            [
                install(charts::web, "1.0.0"),
                upgrade(charts::web, "1.1.0").values(json!({"message": "two", "replicas": 2})),
                rollback(1),
                upgrade(charts::web, "1.2.0"),
                rollback(2).with(Flag::Wait),
                uninstall(),
            ],
        ),
        Story::new(
            "rollback-brings-objects-back",
            [
                install(charts::many, "1.0.0").values(json!({"keep": ["two"]})),
                upgrade(charts::many, "1.1.0").values(json!({"names": ["one", "three"]})),
                by_hand(&["delete", "configmap/web-one"]),
                rollback(1),
                upgrade(charts::many, "1.2.0").values(json!({"names": []})),
            ],
        ),
        Story::new(
            "rollback-of-a-failure",
            [
                install(charts::growing, "1.0.0"),
                upgrade(charts::growing, "1.1.0")
                    .values(json!({"image": BAD_IMAGE, "names": ["one", "two"]}))
                    .with(Flag::Wait)
                    .with(Flag::Timeout("15s"))
                    .fails(),
                rollback(1).with(Flag::Wait),
                upgrade(charts::growing, "1.2.0"),
            ],
        ),
        Story::new(
            "rollback-runs-hooks",
            [
                install(charts::hooks, "1.0.0"),
                upgrade(charts::hooks, "1.1.0").values(json!({"message": "two"})),
                rollback(1),
                rollback(2).with(Flag::NoHooks),
            ],
        ),
        Story::new(
            "rollback-to-a-bad-revision",
            [
                install(charts::growing, "1.0.0").values(json!({"image": CRASHING_IMAGE})),
                upgrade(charts::growing, "1.1.0"),
                rollback(1).with(Flag::Wait).with(Flag::Timeout("15s")).fails(),
                upgrade(charts::growing, "1.2.0"),
            ],
        )
        .waits("17: we go on to the last good revision, helm does not"),
        Story::new(
            "rollback-pruned-by-the-cap",
            [
                install(charts::tiny, "1.0.0"),
                upgrade(charts::tiny, "1.0.1"),
                upgrade(charts::tiny, "1.0.2"),
                rollback(2).with(Flag::HistoryMax(3)),
                upgrade(charts::tiny, "1.0.3").with(Flag::HistoryMax(3)),
            ],
        ),
        Story::new(
            "rollback-of-labels-and-words",
            [
                install(charts::tiny, "1.0.0")
                    .with(Flag::Label("team", "one"))
                    .with(Flag::Description("the first")),
                upgrade(charts::tiny, "1.0.1")
                    .with(Flag::Label("team", "two"))
                    .with(Flag::Label("tier", "web")),
                rollback(1),
                upgrade(charts::tiny, "1.0.2").with(Flag::Label("stage", "x")),
            ],
        ),
        Story::new(
            "rollback-after-an-edit",
            [
                install(charts::web, "1.0.0"),
                upgrade(charts::web, "1.1.0").values(json!({"image": "registry.test/web:2"})),
                by_hand(&["set", "image", "deployment/web", "web=registry.test/by-hand:1"]),
                rollback(1).with(Flag::ForceConflicts),
            ],
        ),
        tested("tests", "before-hook-creation"),
        tested(
            "tests-go-when-they-succeed",
            "hook-succeeded,before-hook-creation",
        ),
        tested("tests-go-when-they-fail", "hook-failed,before-hook-creation"),
        Story::new(
            "tests-by-name",
            [
                install(charts::tested, "1.0.0").values(json!({"fail": "two"})),
                test().with(Flag::Filter("name=web-one")),
                test().with(Flag::Filter("!name=web-one")).fails(),
            ],
        )
        .waits("helm stores the tests that a filter leaves out before the others"),
    ]
}
