//! Tells stories: sets up both twins, plays every step on both, and compares after each.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use futures::StreamExt;
use integration_tests::stage::{install_crds, release_resource};
use integration_tests::{Operator, Release};
use kube::api::{Api, DynamicObject};
use testkit::{ChartRepository, ControlPlane, Helm, Kubectl, Output, PackagedChart, TestNamespace};

use crate::look::{self, Sight};
use crate::story::{Deed, Driver, Referee, Step, Story};
use crate::{cli, cr};

/// The name of every release.
const RELEASE: &str = "web";
/// How many stories are told at a time: each of them mostly waits.
const AT_A_TIME: usize = 4;
/// How long both twins may take to look the same after a step: controllers of the cluster work on.
const SETTLE: Duration = Duration::from_secs(8);
const PAUSE: Duration = Duration::from_millis(250);

/// One of the two tellings of a story.
pub(crate) struct Twin {
    pub(crate) control_plane: &'static ControlPlane,
    pub(crate) namespace: TestNamespace,
    pub(crate) release: &'static str,
    pub(crate) referee: Referee,
    /// A text that only this twin uses; as long as that of the other.
    pub(crate) mark: String,
    /// Charts, values and logs.
    pub(crate) folder: tempfile::TempDir,
    repository: ChartRepository,
    charts: BTreeMap<(String, String), PackagedChart>,
    helm: Helm,
    tokens: AtomicU32,
}

impl Twin {
    async fn new(control_plane: &'static ControlPlane, story: &Story, side: &str) -> Result<Self> {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let mark = format!("t{:08x}{number:04}", std::process::id());
        let folder = tempfile::Builder::new().prefix("pilothouse-twin-").tempdir()?;
        let mut charts = BTreeMap::new();
        for (chart, version) in story.steps.iter().filter_map(Step::chart) {
            let packaged = chart(version, &mark).package(folder.path())?;
            let key = (packaged.name.clone(), packaged.version.clone());
            let digest = packaged.digest.clone();
            let known = charts.entry(key).or_insert(packaged);
            ensure!(
                known.digest == digest,
                "two charts are called {}-{}",
                known.name,
                known.version
            );
        }
        let repository = ChartRepository::start(folder.path()).await?;
        repository.publish(&charts.values().cloned().collect::<Vec<_>>())?;
        Ok(Self {
            control_plane,
            namespace: control_plane.namespace(&format!("{side}-{}", story.name)).await?,
            release: RELEASE,
            referee: story.referee,
            mark,
            folder,
            repository,
            charts,
            helm: match story.referee {
                Referee::Helm4 => Helm::v4(control_plane)?,
                Referee::Helm3 => Helm::v3(control_plane)?,
            },
            tokens: AtomicU32::new(1),
        })
    }

    /// The chart of a step.
    pub(crate) fn chart_name(&self, deed: &Deed) -> Result<String> {
        Ok(self.packaged(deed)?.name.clone())
    }

    /// The archive of the chart of a step.
    pub(crate) fn archive(&self, deed: &Deed) -> Result<PathBuf> {
        Ok(self.packaged(deed)?.path.clone())
    }

    fn packaged(&self, deed: &Deed) -> Result<&PackagedChart> {
        let digest = testkit::chart_builder::sha256(&(deed.chart)(deed.version, &self.mark).archive()?);
        self.charts
            .values()
            .find(|chart| chart.digest == digest)
            .context("find the chart of a step")
    }

    /// The URL of the repository that holds the charts of this story.
    pub(crate) fn repository_url(&self) -> String {
        self.repository.url()
    }

    /// A token that no request of this story had.
    pub(crate) fn token(&self) -> String {
        format!("t{}", self.tokens.fetch_add(1, Ordering::Relaxed))
    }

    /// The `HelmRelease` of this twin's namespace.
    pub(crate) fn releases(&self) -> Api<DynamicObject> {
        Api::namespaced_with(
            self.namespace.client(),
            self.namespace.name(),
            &release_resource(),
        )
    }

    /// Runs the referee in this twin's namespace.
    pub(crate) async fn helm(&self, arguments: &[String]) -> Result<Output> {
        let namespace = ["--namespace".to_owned(), self.namespace.name().to_owned()];
        self.helm.run(arguments.iter().chain(&namespace)).await
    }

    /// Runs `kubectl` in this twin's namespace.
    pub(crate) async fn by_hand(&self, arguments: &[&str]) -> Result<()> {
        let arguments = arguments.iter().map(|argument| {
            argument
                .replace("NAMESPACE", self.namespace.name())
                .replace("MARK", &self.mark)
        });
        let namespace = ["--namespace".to_owned(), self.namespace.name().to_owned()];
        Kubectl::new(self.control_plane)?
            .run(arguments.chain(namespace))
            .await?
            .success()?;
        Ok(())
    }
}

/// Tells these stories, those that wait aside, and fails when the twins of one of them differ.
///
/// # Errors
/// Something could not be set up, or twins differ; the message tells every difference.
pub(crate) async fn tell(stories: Vec<Story>) -> Result<()> {
    let stories: Vec<Story> = stories
        .into_iter()
        .filter(|story| story.waits.is_none() && is_asked_for(story))
        .collect();
    let told = tell_all(stories).await?;
    let count = told.len();
    let wrong: Vec<String> = told
        .into_iter()
        .filter_map(|(story, end)| {
            end.err()
                .map(|error| format!("=== {} ===\n{error:#}", story.name))
        })
        .collect();
    ensure!(
        wrong.is_empty(),
        "{} of {count} stories differ\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
    Ok(())
}

/// Tells the stories that wait, and fails when the twins of one of them no longer differ.
///
/// # Errors
/// Something could not be set up, or a story waits for nothing.
pub(crate) async fn tell_waiting(stories: Vec<Story>) -> Result<()> {
    let stories: Vec<Story> = stories
        .into_iter()
        .filter(|story| story.waits.is_some() && is_asked_for(story))
        .collect();
    let told = tell_all(stories).await?;
    let mut repaired = vec![];
    for (story, end) in told {
        match end {
            Ok(()) => repaired.push(story.name),
            Err(error) => println!(
                "=== {} waits: {} ===\n{error:#}\n",
                story.name,
                story.waits.unwrap_or_default()
            ),
        }
    }
    ensure!(repaired.is_empty(), "these stories wait no longer: {repaired:?}");
    Ok(())
}

fn is_asked_for(story: &Story) -> bool {
    std::env::var("TWIN_STORIES").map_or(true, |part| story.name.contains(&part))
}

async fn tell_all(stories: Vec<Story>) -> Result<Vec<(Story, Result<()>)>> {
    if stories.is_empty() {
        return Ok(vec![]);
    }
    let control_plane = ControlPlane::shared().await?;
    install_crds(control_plane).await?;
    let folder = tempfile::Builder::new().prefix("pilothouse-twin-").tempdir()?;
    let mut twins = vec![];
    for story in stories {
        let helm = Twin::new(control_plane, &story, "h").await?;
        let ours = Twin::new(control_plane, &story, "o").await?;
        twins.push((story, helm, ours));
    }
    let namespaces: Vec<&str> = twins.iter().map(|(_, _, ours)| ours.namespace.name()).collect();
    let operator = Operator::start(control_plane.kubeconfig(), &namespaces, folder.path()).await?;
    let told = futures::stream::iter(&twins)
        .map(|(story, helm, ours)| async move {
            let started = Instant::now();
            let end = tell_one(story, helm, ours).await;
            println!(
                "{:6.1} s {} {}",
                started.elapsed().as_secs_f32(),
                if end.is_ok() { "same" } else { "DIFFERS" },
                story.name
            );
            (story.clone(), end)
        })
        .buffer_unordered(AT_A_TIME)
        .collect()
        .await;
    if let Ok(kept) = std::env::var("TWIN_LOG") {
        std::fs::copy(&operator.log, kept)?;
    }
    drop(operator);
    Ok(told)
}

async fn tell_one(story: &Story, helm: &Twin, ours: &Twin) -> Result<()> {
    let end = tell_steps(story, helm, ours).await;
    cr::let_go(ours).await?;
    clean_up(helm).await?;
    clean_up(ours).await?;
    end
}

async fn tell_steps(story: &Story, helm: &Twin, ours: &Twin) -> Result<()> {
    let mut narrator = Narrator::new(story);
    for (number, step) in story.steps.iter().enumerate() {
        let place = || format!("step {}: {step:?}", number + 1);
        let (by_helm, by_us) = futures::join!(cli::play(helm, step), narrator.play(ours, step));
        by_helm.context("helm's twin").with_context(place)?;
        by_us.context("our twin").with_context(place)?;
        compare(helm, ours).await.with_context(place)?;
    }
    let (theirs, own) = futures::try_join!(look::questions(helm), look::questions(ours))?;
    difference(&theirs, &own).context("what helm says at the end")
}

/// What a twin leaves in the cluster outside its namespace.
async fn clean_up(twin: &Twin) -> Result<()> {
    for (api, name) in look::cluster_objects(twin).await? {
        api.delete(&name, &kube::api::DeleteParams::background()).await?;
        testkit::eventually("a cluster object to go", Duration::from_secs(20), || async {
            Ok(api.get_opt(&name).await?.is_none().then_some(()))
        })
        .await?;
    }
    Ok(())
}

/// Looks at both until they are the same, or for long enough to say that they differ.
async fn compare(helm: &Twin, ours: &Twin) -> Result<()> {
    let deadline = Instant::now() + SETTLE;
    loop {
        let (theirs, own) = futures::try_join!(look::around(helm), look::around(ours))?;
        match difference(&theirs, &own) {
            Ok(()) => return Ok(()),
            Err(error) if Instant::now() > deadline => return Err(error),
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

/// What differs, thing by thing.
fn difference(theirs: &Sight, own: &Sight) -> Result<()> {
    let mut found = vec![];
    let names: std::collections::BTreeSet<&String> = theirs.keys().chain(own.keys()).collect();
    for name in names {
        match (theirs.get(name), own.get(name)) {
            (Some(theirs), Some(own)) if theirs == own => {}
            (Some(theirs), Some(own)) => {
                found.push(format!("{name}:\n{}", testkit::golden::difference(theirs, own)));
            }
            (Some(theirs), None) => found.push(format!("{name}: helm's twin only\n{theirs}")),
            (None, Some(own)) => found.push(format!("{name}: our twin only\n{own}")),
            (None, None) => {}
        }
    }
    if found.is_empty() {
        Ok(())
    } else {
        Err(anyhow!("helm (-) and we (+) differ\n{}", found.join("\n")))
    }
}

/// Plays the side of the operator, and knows who holds the release.
struct Narrator {
    driver: Driver,
    current: Option<Release>,
    last: Option<Deed>,
}

impl Narrator {
    fn new(story: &Story) -> Self {
        Self {
            driver: story.begins,
            current: None,
            last: None,
        }
    }

    async fn play(&mut self, twin: &Twin, step: &Step) -> Result<()> {
        if let Step::Install(deed) | Step::Upgrade(deed) | Step::Apply(deed) = step {
            self.last = Some(deed.clone());
        }
        if let Step::Uninstall(_) = step {
            self.last = None;
        }
        match (step, self.driver) {
            (Step::TakeOver, Driver::Helm) => {
                self.driver = Driver::Operator;
                match &self.last {
                    Some(deed) => cr::take_over(twin, deed, &mut self.current).await,
                    // There is nothing to take; what comes next creates the object.
                    None => Ok(()),
                }
            }
            (Step::HandBack, Driver::Operator) => {
                self.driver = Driver::Helm;
                cr::play(twin, step, &mut self.current).await
            }
            (_, Driver::Operator) => cr::play(twin, step, &mut self.current).await,
            (_, Driver::Helm) => cli::play(twin, step).await,
        }
    }
}
