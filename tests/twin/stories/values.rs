//! Values: from several places, reused from the last revision; and the defaults of a `HelmRelease`.

use anyhow::Result;
use integration_tests::charts::CRASHING_IMAGE;
use serde_json::json;

use crate::charts;
use crate::flags::Flag;
use crate::play::tell;
use crate::story::{Source, Story, install, upgrade};

#[tokio::test]
async fn values_from_everywhere() -> Result<()> {
    tell(stories()).await
}

pub(super) fn stories() -> Vec<Story> {
    let reused = |name: &'static str, flag: Flag| {
        Story::new(
            name,
            [
                install(charts::facts, "1.0.0").values(json!({"number": 4, "a": {"b": 1, "c": [1, 2]}})),
                upgrade(charts::facts, "1.0.1")
                    .values(json!({"a": {"c": [3]}, "text": null}))
                    .with(flag.clone()),
                upgrade(charts::facts, "1.0.2").with(flag),
            ],
        )
        .waits("valuesPolicy")
    };
    vec![
        Story::new(
            "values-from-files-and-set",
            [
                install(charts::facts, "1.0.0")
                    .from(Source::File(
                        "number: 5\na:\n  b: yes\n  c: [1, 2]\n  d: 1e3\nz: ~\n",
                    ))
                    .from(Source::File("a:\n  b: null\n  octal: 0755\n  text: \"0755\"\n"))
                    .values(json!({"a": {"e": 1}})),
                upgrade(charts::facts, "1.0.1")
                    .from(Source::File("number: 6\n"))
                    .from(Source::Set("a.list[1].x", "7"))
                    .from(Source::Set("b\\.c", "true"))
                    .from(Source::Set("d", "null")),
            ],
        ),
        reused("values-reused", Flag::ReuseValues),
        reused("values-reset-then-reused", Flag::ResetThenReuseValues),
        Story::new(
            "defaults-of-a-release",
            [
                install(charts::web, "1.0.0").with(Flag::OurDefaults),
                upgrade(charts::web, "1.1.0")
                    .values(json!({"replicas": 2}))
                    .with(Flag::OurDefaults),
                upgrade(charts::web, "1.1.0")
                    .values(json!({"image": CRASHING_IMAGE}))
                    .with(Flag::OurDefaults)
                    .with(Flag::Timeout("15s"))
                    .fails(),
            ],
        ),
    ]
}
