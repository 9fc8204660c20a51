//! Charts of every shape: kinds, subcharts, files, CRDs, objects of the cluster.

use anyhow::Result;
use serde_json::json;

use crate::charts;
use crate::flags::Flag;
use crate::play::tell;
use crate::story::{Story, by_hand, install, uninstall, upgrade};

#[tokio::test]
async fn charts_of_every_shape() -> Result<()> {
    tell(stories()).await
}

pub(super) fn stories() -> Vec<Story> {
    vec![
        Story::new(
            "every-kind",
            [
                install(charts::every_kind, "1.0.0").with(Flag::Wait).with(Flag::WaitForJobs),
                upgrade(charts::every_kind, "1.1.0")
                    .values(json!({"image": "registry.test/web:2", "service": "LoadBalancer", "password": "changed"}))
                    .with(Flag::Wait)
                    .with(Flag::WaitForJobs),
                uninstall().with(Flag::Wait),
            ],
        ),
        Story::new(
            "objects-of-the-cluster",
            [
                install(charts::cluster, "1.0.0"),
                upgrade(charts::cluster, "1.0.1").values(json!({"verbs": ["get", "list"]})),
                uninstall().with(Flag::Wait),
            ],
        ),
        Story::new(
            "subcharts",
            [
                install(charts::family, "1.0.0"),
                upgrade(charts::family, "1.0.0")
                    .values(json!({"memory": {"enabled": true, "port": 1}, "global": {"color": "blue"}, "db": {"empty": 1}})),
                upgrade(charts::family, "1.1.0").values(json!({"db": null})),
                uninstall(),
            ],
        ),
        Story::new(
            "notes-of-subcharts",
            [install(charts::quiet_family, "1.0.0").with(Flag::SubNotes)],
        ),
        Story::new(
            "files-lookup-and-facts",
            [
                by_hand(&["create", "configmap", "by-hand"]),
                install(charts::facts, "1.0.0"),
                by_hand(&["patch", "configmap/web", "--patch", r#"{"data": {"extra": "1"}}"#]),
                upgrade(charts::facts, "1.0.0").values(json!({"number": 4})),
            ],
        ),
        Story::new(
            "lists-and-many-documents",
            [
                install(charts::shapes, "1.0.0"),
                upgrade(charts::shapes, "1.0.0").values(json!({"message": "two"})),
                upgrade(charts::shapes, "1.0.1"),
                uninstall(),
            ],
        ),
        Story::new(
            "no-objects-at-all",
            [
                install(charts::empty, "1.0.0").with(Flag::Wait),
                upgrade(charts::empty, "1.0.1").with(Flag::Wait),
                uninstall().with(Flag::KeepHistory),
            ],
        ),
        Story::new(
            "crds",
            [
                install(charts::crds, "1.0.0"),
                upgrade(charts::crds, "2.0.0").values(json!({"color": "blue"})),
                uninstall(),
            ],
        ),
        Story::new(
            "crds-without-objects",
            [
                install(charts::only_crds, "1.0.0").with(Flag::Wait),
                upgrade(charts::only_crds, "2.0.0"),
                uninstall(),
                install(charts::only_crds, "1.0.0"),
            ],
        ),
        Story::new(
            "crds-replaced",
            [
                install(charts::only_crds, "1.0.0").with(Flag::ReplaceCrds),
                uninstall(),
                install(charts::only_crds, "2.0.0").with(Flag::ReplaceCrds),
            ],
        ),
        Story::new(
            "crds-skipped",
            [
                install(charts::only_crds, "1.0.0").with(Flag::SkipCrds),
                upgrade(charts::only_crds, "1.0.1"),
            ],
        ),
        Story::new(
            "crds-skipped-but-needed",
            [install(charts::crds, "1.0.0").with(Flag::SkipCrds).fails()],
        ),
    ]
}
