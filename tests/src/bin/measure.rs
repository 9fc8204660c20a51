//! Measures what releases cost: `measure [RELEASES] [IDLE SECONDS]`, on a control plane of its own.
//!
//! Prints the time from apply to Ready for one release and for many at once, the operator's resident memory, and the
//! writes and requests of an idle while. Not a test: it asserts nothing about time. The chart is podinfo where the
//! corpus is, else the web chart of the end-to-end tests. `PILOTHOUSE_BIN` chooses the binary (`make measure`: release).

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use futures::{StreamExt, TryStreamExt, stream};
use integration_tests::{Release, Stage, charts, release};
use kube::api::ListParams;

/// How many releases are applied side by side, as a Git sync would.
const APPLIED_AT_ONCE: usize = 20;

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let count: usize = arguments.next().map_or(Ok(200), |text| text.parse())?;
    let idle: u64 = arguments.next().map_or(Ok(60), |text| text.parse())?;
    let stage = Stage::new("measure", &[charts::web("1.0.0")]).await?;
    let (chart, version) = match charts::podinfo() {
        Some((archive, version)) => {
            stage
                .publish_archive(&archive, &format!("podinfo-{version}.tgz"))
                .await?;
            ("podinfo", version)
        }
        None => ("web", "1.0.0".to_owned()),
    };
    let wanted = |name: String| -> Release { stage.release(&name, chart, &version).set("/timeout", "10m") };
    say(&format!(
        "chart {chart} {version}; operator at rest: {}",
        memory(&stage)?
    ));

    let began = Instant::now();
    stage.apply(&wanted("first".to_owned())).await?;
    stage.until_ready("first").await?;
    say(&format!(
        "one release: Ready after {:.2} s",
        began.elapsed().as_secs_f64()
    ));

    let began = Instant::now();
    stream::iter((0..count).map(|i| Ok::<_, anyhow::Error>(wanted(format!("many-{i}")))))
        .try_for_each_concurrent(APPLIED_AT_ONCE, |release| {
            let stage = &stage;
            async move { stage.apply(&release).await }
        })
        .await?;
    let applied = began.elapsed();
    while ready(&stage).await? <= count {
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    say(&format!(
        "{count} releases: applied after {:.1} s, all Ready after {:.1} s, operator: {}",
        applied.as_secs_f64(),
        began.elapsed().as_secs_f64(),
        memory(&stage)?
    ));

    tokio::time::sleep(Duration::from_secs(10)).await;
    let before = versions(&stage).await?;
    tokio::time::sleep(Duration::from_secs(idle)).await;
    let after = versions(&stage).await?;
    let written = after.iter().filter(|version| !before.contains(*version)).count();
    say(&format!(
        "{idle} s idle: {written} custom resources written, operator: {}",
        memory(&stage)?
    ));
    Ok(())
}

fn memory(stage: &Stage) -> Result<String> {
    let bytes = stage
        .operator
        .as_ref()
        .context("the operator runs")?
        .resident_bytes()?;
    Ok(format!("{} MiB resident", bytes >> 20))
}

async fn ready(stage: &Stage) -> Result<usize> {
    let list = stage.releases().list(&ListParams::default()).await?;
    let values = stream::iter(list.items).filter_map(|item| async move { serde_json::to_value(item).ok() });
    Ok(values
        .filter(|value| std::future::ready(release::is_ready(value)))
        .count()
        .await)
}

/// The version of every custom resource.
async fn versions(stage: &Stage) -> Result<std::collections::BTreeSet<String>> {
    let list = stage.releases().list(&ListParams::default()).await?;
    Ok(list
        .items
        .into_iter()
        .filter_map(|item| item.metadata.resource_version)
        .collect())
}

#[expect(
    clippy::print_stdout,
    reason = "this binary talks to the person who runs make"
)]
fn say(text: &str) {
    println!("{text}");
}
