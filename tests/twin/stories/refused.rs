//! What helm or the API server refuses: templates, schemas, kinds, fields, other people's objects.

use anyhow::Result;
use serde_json::json;

use crate::charts;
use crate::flags::Flag;
use crate::play::tell;
use crate::story::{Story, by_hand, install, uninstall, upgrade};

#[tokio::test]
async fn refusals() -> Result<()> {
    tell(stories()).await
}

pub(super) fn stories() -> Vec<Story> {
    let broken = |name: &'static str, how: &str| {
        let story = [
            install(charts::broken, "1.0.0")
                .values(json!({"how": how}))
                .fails(),
            install(charts::broken, "1.0.0"),
            upgrade(charts::broken, "1.1.0")
                .values(json!({"how": how}))
                .fails(),
            upgrade(charts::broken, "1.1.0"),
        ];
        Story::new(name, story)
    };
    // What fails while objects are applied leaves a failed revision, over which helm does not install again.
    let refused = |name: &'static str, how: &str| {
        let story = [
            install(charts::broken, "1.0.0")
                .values(json!({"how": how}))
                .fails(),
            upgrade(charts::broken, "1.0.0"),
            upgrade(charts::broken, "1.1.0")
                .values(json!({"how": how}))
                .fails(),
            upgrade(charts::broken, "1.1.0"),
        ];
        Story::new(name, story)
    };
    vec![
        broken("template-fails", "fail"),
        broken("yaml-is-broken", "yaml"),
        broken("kind-is-unknown", "kind"),
        refused("field-is-unknown", "field"),
        refused("object-is-invalid", "invalid"),
        Story::new(
            "immutable-field-changes",
            [
                install(charts::broken, "1.0.0"),
                upgrade(charts::broken, "1.1.0")
                    .values(json!({"how": "selector"}))
                    .fails(),
                upgrade(charts::broken, "1.2.0"),
            ],
        ),
        Story::new(
            "immutable-field-rolled-back",
            [
                install(charts::broken, "1.0.0"),
                upgrade(charts::broken, "1.1.0")
                    .values(json!({"how": "selector"}))
                    .with(Flag::RollbackOnFailure)
                    .fails(),
            ],
        ),
        Story::new(
            "schema-is-violated",
            [
                install(charts::web, "1.0.0")
                    .values(json!({"replicas": "two"}))
                    .fails(),
                install(charts::web, "1.0.0"),
                upgrade(charts::web, "1.0.0")
                    .values(json!({"replicas": -1}))
                    .fails(),
                upgrade(charts::web, "1.0.0")
                    .values(json!({"replicas": 1.0, "image": 5}))
                    .with(Flag::SkipSchemaValidation),
            ],
        ),
        Story::new(
            "object-of-somebody-else",
            [
                by_hand(&["create", "configmap", "web", "--from-literal=message=mine"]),
                install(charts::tiny, "1.0.0").fails(),
                install(charts::tiny, "1.0.0")
                    .with(Flag::TakeOwnership)
                    .with(Flag::ForceConflicts),
                uninstall(),
            ],
        ),
        Story::new(
            "new-object-of-somebody-else",
            [
                install(charts::many, "1.0.0"),
                by_hand(&["create", "configmap", "web-three"]),
                upgrade(charts::many, "1.0.0")
                    .values(json!({"names": ["one", "three"]}))
                    .fails(),
                by_hand(&[
                    "label",
                    "configmap/web-three",
                    "app.kubernetes.io/managed-by=Helm",
                ]),
                by_hand(&[
                    "annotate",
                    "configmap/web-three",
                    "meta.helm.sh/release-name=web",
                    "meta.helm.sh/release-namespace=NAMESPACE",
                ]),
                upgrade(charts::many, "1.0.0")
                    .values(json!({"names": ["one", "three"]}))
                    .with(Flag::ForceConflicts),
            ],
        ),
        Story::new(
            "field-of-somebody-else",
            [
                install(charts::web, "1.0.0"),
                by_hand(&["set", "image", "deployment/web", "web=registry.test/by-hand:1"]),
                upgrade(charts::web, "1.0.0")
                    .values(json!({"image": "registry.test/web:2"}))
                    .fails(),
                upgrade(charts::web, "1.0.0")
                    .values(json!({"image": "registry.test/web:3"}))
                    .with(Flag::ForceConflicts),
            ],
        ),
    ]
}
