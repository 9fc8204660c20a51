//! Tags are versions: which of them count, and how many of them are read.

use anyhow::Result;
use source::MAX_TAGS;

use super::fake_registry::FakeRegistry;
use super::{describe, eager, request};

#[tokio::test]
async fn tags_are_read_page_by_page_and_only_strict_versions_count() -> Result<()> {
    let registry = FakeRegistry::start().await?;
    for version in ["0.1.0", "0.2.0_b.1", "0.10.0"] {
        registry.chart(version);
    }
    for tag in ["v9.0.0", "latest", "1.2", "sha256-abc.sig", "10.0.0-rc.1"] {
        registry.tag_like(tag, "0.1.0");
    }
    registry.page_size(2);
    let source = eager();
    assert_eq!(
        source
            .resolve(&request(&registry.repository(), None))
            .await?
            .version,
        "0.10.0"
    );
    assert_eq!(registry.count("/v2/team/charts/web/tags/list"), 4);
    assert_eq!(
        source
            .resolve(&request(&registry.repository(), Some("~0.2")))
            .await?
            .version,
        "0.2.0+b.1"
    );
    // An exact version is a tag, whatever the list says; and no list is asked for.
    let lists = registry.count("/v2/team/charts/web/tags/list");
    assert_eq!(
        source
            .resolve(&request(&registry.repository(), Some("v9.0.0")))
            .await?
            .version,
        "v9.0.0"
    );
    assert_eq!(
        source
            .resolve(&request(&registry.repository(), Some("1.2")))
            .await?
            .version,
        "1.2"
    );
    assert_eq!(registry.count("/v2/team/charts/web/tags/list"), lists);
    Ok(())
}

#[tokio::test]
async fn a_page_on_another_server_is_not_followed() -> Result<()> {
    let stranger = FakeRegistry::start().await?;
    let registry = FakeRegistry::start().await?;
    registry.chart("1.0.0");
    registry.next_page_at(&format!(
        "http://{}/v2/team/charts/web/tags/list",
        stranger.host()
    ));
    assert_eq!(
        eager()
            .resolve(&request(&registry.repository(), None))
            .await?
            .version,
        "1.0.0"
    );
    assert_eq!(stranger.count(""), 0);
    Ok(())
}

#[tokio::test]
async fn a_repository_without_versions_is_told_in_helms_words() -> Result<()> {
    let registry = FakeRegistry::start().await?;
    registry.chart("1.0.0");
    registry.forget("1.0.0");
    registry.tag_like("latest", "1.0.0");
    let error = eager()
        .resolve(&request(&registry.repository(), Some("^1")))
        .await
        .unwrap_err();
    let place = registry.repository();
    assert_eq!(
        describe(&error),
        format!(
            "Permanent ChartNotFound: chart \"web\" version \"^1\" not found in {place} repository: unable to locate any tags \
             in provided repository: {place}/web"
        )
    );
    Ok(())
}

#[tokio::test]
async fn no_more_tags_are_read_than_the_limit() -> Result<()> {
    let registry = FakeRegistry::start().await?;
    registry.chart("1.0.0");
    let mut tags = vec!["latest"; MAX_TAGS];
    tags.push("1.0.0");
    registry.answer_with(
        "/tags/",
        serde_json::json!({ "tags": tags }).to_string().into_bytes(),
    );
    assert_eq!(
        eager()
            .resolve(&request(&registry.repository(), None))
            .await?
            .version,
        "1.0.0"
    );
    assert_eq!(registry.count("/v2/team/charts/web/tags"), 1);
    Ok(())
}

#[tokio::test]
async fn pages_of_tags_that_never_end_are_left() -> Result<()> {
    let registry = FakeRegistry::start().await?;
    registry.chart("1.0.0");
    registry.never_end_the_tags();
    assert_eq!(
        eager()
            .resolve(&request(&registry.repository(), None))
            .await?
            .version,
        "1.0.0"
    );
    assert_eq!(registry.count("/v2/team/charts/web/tags"), 1000);
    Ok(())
}
