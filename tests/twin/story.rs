//! A story as data: who tells it, with which helm, and its steps.

use integration_tests::Release;
use serde_json::{Value, json};
use testkit::ChartBuilder;

use crate::flags::Flag;

/// Makes a chart from its version and a text that only this twin uses, for names of things that
/// exist once per cluster.
pub(crate) type ChartOf = fn(version: &str, mark: &str) -> ChartBuilder;

/// Which helm is the referee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Referee {
    Helm4,
    Helm3,
}

/// Who holds the release on the side of the `HelmRelease`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Driver {
    Operator,
    Helm,
}

/// A story and how it is told.
#[derive(Clone, Debug)]
pub(crate) struct Story {
    pub(crate) name: &'static str,
    pub(crate) referee: Referee,
    pub(crate) begins: Driver,
    pub(crate) steps: Vec<Step>,
    /// Why this story waits: a difference that is known and not yet repaired.
    pub(crate) waits: Option<&'static str>,
}

impl Story {
    /// A story that Helm 4 referees and the operator tells from the beginning.
    pub(crate) fn new(name: &'static str, steps: impl Into<Vec<Step>>) -> Self {
        Self {
            name,
            referee: Referee::Helm4,
            begins: Driver::Operator,
            steps: steps.into(),
            waits: None,
        }
    }

    /// Helm 3 is the referee.
    pub(crate) fn helm3(mut self) -> Self {
        self.referee = Referee::Helm3;
        self
    }

    /// On both sides helm begins; a [`Step::TakeOver`] gives the release to the operator.
    pub(crate) fn begun_by_helm(mut self) -> Self {
        self.begins = Driver::Helm;
        self
    }

    /// See the field.
    #[allow(dead_code, reason = "no story waits when every difference is repaired")]
    pub(crate) fn waits(mut self, why: &'static str) -> Self {
        self.waits = Some(why);
        self
    }
}

/// One step of a story.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// `helm install`; the `HelmRelease` is created.
    Install(Deed),
    /// `helm upgrade`; the `HelmRelease` is changed.
    Upgrade(Deed),
    /// `helm upgrade --install`; the `HelmRelease` is applied.
    Apply(Deed),
    /// `helm rollback`; the annotation asks for it.
    Rollback(Rollback),
    /// `helm uninstall`; the `HelmRelease` is deleted.
    Uninstall(Farewell),
    /// `helm test`; the annotation asks for it.
    Test(Trial),
    /// The operator takes the release that helm made, and changes nothing.
    TakeOver,
    /// The `HelmRelease` goes, the release stays, and helm goes on.
    HandBack,
    /// `kubectl` by hand, on both sides.
    ByHand(&'static [&'static str]),
}

/// What an install or an upgrade asks for.
#[derive(Clone, Debug)]
pub(crate) struct Deed {
    pub(crate) chart: ChartOf,
    pub(crate) version: &'static str,
    pub(crate) values: Value,
    pub(crate) sources: Vec<Source>,
    pub(crate) flags: Vec<Flag>,
    pub(crate) fails: bool,
}

/// Values that come before those of the step itself, in this order.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// A file; a ConfigMap or, by turns, a Secret.
    File(&'static str),
    /// `--set path=value`, after all others; a reference with a target path.
    Set(&'static str, &'static str),
}

/// What a rollback asks for.
#[derive(Clone, Debug)]
pub(crate) struct Rollback {
    pub(crate) to: u32,
    pub(crate) flags: Vec<Flag>,
    pub(crate) fails: bool,
}

/// What an uninstall asks for.
#[derive(Clone, Debug)]
pub(crate) struct Farewell {
    pub(crate) flags: Vec<Flag>,
    pub(crate) fails: bool,
}

/// What a test run asks for.
#[derive(Clone, Debug)]
pub(crate) struct Trial {
    pub(crate) flags: Vec<Flag>,
    pub(crate) fails: bool,
}

/// A first release of a chart.
pub(crate) fn install(chart: ChartOf, version: &'static str) -> Step {
    Step::Install(deed(chart, version))
}

/// A next release of a chart.
pub(crate) fn upgrade(chart: ChartOf, version: &'static str) -> Step {
    Step::Upgrade(deed(chart, version))
}

/// A release of a chart, whether there is one or not.
pub(crate) fn apply(chart: ChartOf, version: &'static str) -> Step {
    Step::Apply(deed(chart, version))
}

/// A rollback to a revision.
pub(crate) fn rollback(to: u32) -> Step {
    Step::Rollback(Rollback {
        to,
        flags: vec![],
        fails: false,
    })
}

/// The end of a release.
pub(crate) fn uninstall() -> Step {
    Step::Uninstall(Farewell {
        flags: vec![],
        fails: false,
    })
}

/// A run of the tests of a release.
pub(crate) fn test() -> Step {
    Step::Test(Trial {
        flags: vec![],
        fails: false,
    })
}

/// `kubectl` with these arguments in the namespace of each twin. `NAMESPACE` and `MARK` stand for
/// what differs between them.
pub(crate) fn by_hand(arguments: &'static [&'static str]) -> Step {
    Step::ByHand(arguments)
}

fn deed(chart: ChartOf, version: &'static str) -> Deed {
    Deed {
        chart,
        version,
        values: json!({}),
        sources: vec![],
        flags: vec![],
        fails: false,
    }
}

impl Step {
    /// With these values.
    pub(crate) fn values(mut self, values: Value) -> Self {
        match &mut self {
            Self::Install(deed) | Self::Upgrade(deed) | Self::Apply(deed) => deed.values = values,
            other => panic!("{other:?} has no values"),
        }
        self
    }

    /// With values from elsewhere.
    pub(crate) fn from(mut self, source: Source) -> Self {
        match &mut self {
            Self::Install(deed) | Self::Upgrade(deed) | Self::Apply(deed) => deed.sources.push(source),
            other => panic!("{other:?} has no values"),
        }
        self
    }

    /// With this flag.
    pub(crate) fn with(mut self, flag: Flag) -> Self {
        match &mut self {
            Self::Install(deed) | Self::Upgrade(deed) | Self::Apply(deed) => deed.flags.push(flag),
            Self::Rollback(rollback) => rollback.flags.push(flag),
            Self::Uninstall(farewell) => farewell.flags.push(flag),
            Self::Test(trial) => trial.flags.push(flag),
            other => panic!("{other:?} has no flags"),
        }
        self
    }

    /// Both twins must fail.
    pub(crate) fn fails(mut self) -> Self {
        match &mut self {
            Self::Install(deed) | Self::Upgrade(deed) | Self::Apply(deed) => deed.fails = true,
            Self::Rollback(rollback) => rollback.fails = true,
            Self::Uninstall(farewell) => farewell.fails = true,
            Self::Test(trial) => trial.fails = true,
            other => panic!("{other:?} cannot be told to fail"),
        }
        self
    }

    /// The chart and version that this step needs.
    pub(crate) fn chart(&self) -> Option<(ChartOf, &'static str)> {
        match self {
            Self::Install(deed) | Self::Upgrade(deed) | Self::Apply(deed) => Some((deed.chart, deed.version)),
            Self::Rollback(_)
            | Self::Uninstall(_)
            | Self::Test(_)
            | Self::TakeOver
            | Self::HandBack
            | Self::ByHand(_) => None,
        }
    }
}

/// The timeout of a step that sets none: long, because it costs nothing where all goes well.
pub(crate) const PATIENT: &str = "60s";

/// A `HelmRelease` that behaves as `helm` without flags: nothing is waited for but hooks, nothing
/// is tried again, nothing is rolled back, and foreign fields are not taken.
pub(crate) fn as_helm_does(name: &str, repository: &str, chart: &str, version: &str) -> Release {
    Release::new(name, repository, chart, version)
        .set("/timeout", PATIENT)
        .set("/uninstall/timeout", PATIENT)
        .set("/interval", "1h")
        .set("/wait", json!({"for": "HooksOnly", "jobs": false}))
        .set("/apply", json!({"conflicts": "Fail"}))
        .set("/install", json!({"retries": 0}))
        .set("/upgrade", json!({"retries": 0, "onFailure": "Retain"}))
}
