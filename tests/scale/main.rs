//! Do two hundred releases at once all arrive, and what do they cost?

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use futures::future::try_join_all;
use integration_tests::{Stage, charts, release};
use kube::api::ListParams;

const RELEASES: usize = 200;

#[tokio::test]
async fn two_hundred_releases_applied_at_once_all_become_ready() -> Result<()> {
    let stage = Stage::new("many", &[charts::web("1.0.0")]).await?;
    let started = Instant::now();
    for batch in 0..RELEASES / 20 {
        let applies = (0..20).map(|i| {
            let release = stage
                .release(&format!("web-{}", batch * 20 + i), "web", "1.0.0")
                .set("/timeout", "5m");
            let stage = &stage;
            async move { stage.apply(&release).await }
        });
        try_join_all(applies).await?;
    }
    let deadline = started + Duration::from_mins(5);
    loop {
        let list = stage.releases().list(&ListParams::default()).await?;
        let ready = list
            .items
            .iter()
            .filter_map(|item| serde_json::to_value(item).ok())
            .filter(release::is_ready)
            .count();
        if ready == RELEASES {
            break;
        }
        assert!(
            Instant::now() < deadline,
            "{ready} of {RELEASES} are ready after five minutes"
        );
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let resident = stage
        .operator
        .as_ref()
        .context("the operator runs")?
        .resident_bytes()?;
    println!(
        "{RELEASES} releases ready after {:?}, operator resident {} MiB",
        started.elapsed(),
        resident >> 20
    );
    // One repository, one chart: fetched once, not two hundred times.
    assert_eq!(stage.repository.count(".tgz"), 1);
    assert!(
        stage.repository.count("index.yaml") <= 2,
        "{}",
        stage.repository.count("index.yaml")
    );
    Ok(())
}
