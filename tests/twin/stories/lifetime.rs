//! Install, upgrade, uninstall: what happens when nothing goes wrong.

use anyhow::Result;
use serde_json::json;

use crate::charts;
use crate::flags::Flag;
use crate::play::tell;
use crate::story::{Story, apply, by_hand, install, uninstall, upgrade};

#[tokio::test]
async fn a_lifetime_without_trouble() -> Result<()> {
    tell(stories()).await
}

pub(super) fn stories() -> Vec<Story> {
    vec![
        Story::new("install", [install(charts::web, "1.0.0")]),
        Story::new(
            "install-and-wait",
            [install(charts::web, "1.0.0")
                .values(json!({"replicas": 2, "message": "a \"b\"\nc"}))
                .with(Flag::Wait)
                .with(Flag::WaitForJobs)
                .with(Flag::Description("the first"))
                .with(Flag::Label("team", "apps"))],
        ),
        Story::new(
            "upgrade-values-and-chart",
            [
                install(charts::web, "1.0.0"),
                upgrade(charts::web, "1.0.0").values(json!({"message": "two"})),
                upgrade(charts::web, "1.1.0").values(json!({"message": "three", "replicas": 2})),
            ],
        ),
        Story::new(
            "objects-come-and-go",
            [
                install(charts::many, "1.0.0").values(json!({"keep": ["two"]})),
                upgrade(charts::many, "1.0.0")
                    .values(json!({"names": ["one", "three"], "data": {"b": "2", "c": "3"}})),
                upgrade(charts::many, "1.0.0").values(json!({"names": ["two", "three"], "data": {}})),
            ],
        ),
        Story::new(
            "history-has-a-cap",
            [
                install(charts::tiny, "1.0.0"),
                upgrade(charts::tiny, "1.0.0")
                    .values(json!({"message": "2"}))
                    .with(Flag::HistoryMax(2)),
                upgrade(charts::tiny, "1.0.0")
                    .values(json!({"message": "3"}))
                    .with(Flag::HistoryMax(2)),
                upgrade(charts::tiny, "1.0.0")
                    .values(json!({"message": "4"}))
                    .with(Flag::HistoryMax(3)),
            ],
        ),
        Story::new("uninstall", [install(charts::web, "1.0.0"), uninstall()]),
        Story::new(
            "uninstall-keep-history",
            [
                install(charts::many, "1.0.0").values(json!({"keep": ["two"]})),
                upgrade(charts::many, "1.0.0").values(json!({"keep": ["two"], "names": ["two"]})),
                uninstall().with(Flag::KeepHistory).with(Flag::Wait),
            ],
        ),
        Story::new(
            "labels-and-descriptions",
            [
                install(charts::tiny, "1.0.0")
                    .with(Flag::Label("team", "apps"))
                    .with(Flag::Label("tier", "web")),
                upgrade(charts::tiny, "1.1.0")
                    .with(Flag::Label("team", "null"))
                    .with(Flag::Label("stage", "test"))
                    .with(Flag::Description("a \"second\" one, ü")),
                upgrade(charts::tiny, "1.2.0"),
            ],
        ),
        Story::new(
            "again-after-keep-history",
            [
                install(charts::tiny, "1.0.0"),
                uninstall().with(Flag::KeepHistory),
                apply(charts::tiny, "1.1.0"),
                uninstall().with(Flag::KeepHistory),
                apply(charts::tiny, "1.1.0").values(json!({"message": "third"})),
            ],
        ),
        Story::new(
            "uninstall-foreground",
            [
                install(charts::web, "1.0.0").with(Flag::Wait),
                uninstall().with(Flag::Foreground).with(Flag::Wait),
            ],
        ),
        Story::new(
            "uninstall-after-objects-went",
            [
                install(charts::web, "1.0.0"),
                by_hand(&["delete", "service/web", "configmap/web"]),
                uninstall().with(Flag::KeepHistory).with(Flag::Description("bye")),
            ],
        ),
        Story::new(
            "values-of-every-type",
            [
                install(charts::facts, "1.0.0").values(json!({
                    "text": "{{ .Values.number }}!", "number": null, "big": 9_007_199_254_740_993_i64, "float": 1.5,
                    "whole": 2.0, "small": 1e-7, "yes": true, "list": [1, "2", null, {"a": []}], "empty": {}, "ü": "é\u{1F600}",
                })),
                upgrade(charts::facts, "1.0.1").values(json!({"number": 4, "a.b": {"c/d": "<&>"}})),
            ],
        ),
        Story::new(
            "edited-by-hand-then-upgraded",
            [
                install(charts::web, "1.0.0"),
                by_hand(&[
                    "patch",
                    "deployment/web",
                    "--patch",
                    r#"{"spec": {"replicas": 3}}"#,
                ]),
                by_hand(&["annotate", "service/web", "note=by-hand"]),
                by_hand(&["delete", "configmap/web"]),
                upgrade(charts::web, "1.0.0")
                    .values(json!({"message": "two"}))
                    .with(Flag::ForceConflicts),
            ],
        ),
    ]
}
