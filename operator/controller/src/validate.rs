//! The bridge in: what a `HelmRelease` says, in the words of `plan`. Pure.
//!
//! The only place that knows both `api` and `plan` types of the specification. What can't be followed comes out as a
//! reason and not as an error of the operator: the API server admitted the object, so its owner must be told.

use std::collections::BTreeMap;
use std::sync::Arc;

use api::spec::actions::{CrdPolicy, InstallFailurePolicy, UpgradeFailurePolicy};
use api::spec::apply::{ApplyMethod, Conflicts, HookPolicy, Ownership, Replace, ValidationPolicy};
use api::spec::drift::{DriftMode, ForeignChanges, TargetChangePolicy};
use api::spec::reference::ObjectSelector;
use api::spec::wait::WaitFor;
use api::status::operation::OperationAction;
use api::{HelmRelease, HelmReleaseSpec};
use helm::name::ReleaseName;
use helm::record::{Namespace, check_user_labels};
use plan::drift::{Ignore, Pointer};
use plan::{Category, Policy, Selector, SelectorError, SelectorText, Target, Why, policy};

/// What a valid specification asks for, inputs excepted.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    /// Namespace and name of the custom resource.
    pub owner: String,
    /// The release.
    pub target: Target,
    /// How it is handled.
    pub policy: Arc<Policy>,
    /// Requests that wait to be handled.
    pub requests: plan::Requests,
}

/// Reads a `HelmRelease`.
///
/// # Errors
/// Why this object can't be followed as it is: a field that is not supported yet, or one that the schema could not
/// check.
pub(crate) fn validate(release: &HelmRelease) -> Result<Wanted, Why> {
    let invalid = |message: String| Why {
        category: Category::SpecInvalid,
        message,
    };
    let namespace = release.metadata.namespace.as_deref().unwrap_or_default();
    let name = release.metadata.name.as_deref().unwrap_or_default();
    let target = Target {
        name: ReleaseName::parse(release.release_name()).map_err(|error| {
            invalid(format!(
                "check spec: release name `{}`: {error}\nhint: set spec.releaseName to a shorter name",
                release.release_name()
            ))
        })?,
        namespace: Namespace::new(release.target_namespace())
            .map_err(|error| invalid(format!("check spec: target namespace: {error}")))?,
    };
    let handled = release
        .status
        .as_ref()
        .map(|status| status.handled_requests.clone())
        .unwrap_or_default();
    let annotations = release.metadata.annotations.clone().unwrap_or_default();
    let unsupported: Vec<String> = api::unsupported::unsupported(&release.spec)
        .into_iter()
        .map(|field| format!("spec.{} ({})", field.field, field.message))
        .chain(
            api::unsupported::unsupported_requests(&annotations, &handled)
                .into_iter()
                .map(|request| format!("annotation {} ({})", request.field, request.message)),
        )
        .collect();
    if !unsupported.is_empty() {
        return Err(Why {
            category: Category::NotSupported,
            message: format!("not supported yet: {}", unsupported.join(", ")),
        });
    }
    let labels: BTreeMap<String, String> = release
        .spec
        .labels
        .iter()
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    check_user_labels(&labels).map_err(|error| invalid(format!("check spec.labels: {error}")))?;
    let rules = Rules::read(&release.spec).map_err(invalid)?;
    Ok(Wanted {
        owner: format!("{namespace}/{name}"),
        target,
        policy: Arc::new(policy_of(&release.spec, labels, rules)),
        // What can't be read is told by `draft`; it must not stop the release.
        requests: plan::requests::read(&annotations, &handled).0,
    })
}

/// The parts of a specification that choose objects, read.
struct Rules {
    optional: Arc<[Selector]>,
    ignore: Arc<[Ignore]>,
}

impl Rules {
    fn read(spec: &HelmReleaseSpec) -> Result<Self, String> {
        let optional = spec.wait.optional.iter().enumerate().map(|(place, text)| {
            selector(text).map_err(|error| format!("check spec.wait.optional[{place}]: {error}"))
        });
        let ignore = spec.drift.ignore.iter().enumerate().map(|(place, rule)| {
            let target = rule.target.as_ref().map(selector).transpose();
            let target =
                target.map_err(|error| format!("check spec.drift.ignore[{place}].target: {error}"))?;
            let paths = rule.paths.iter().map(|path| Pointer::parse(path));
            let paths = paths
                .collect::<Result<_, _>>()
                .map_err(|error| format!("check spec.drift.ignore[{place}].paths: {error}"))?;
            Ok::<_, String>(Ignore { target, paths })
        });
        Ok(Self {
            optional: optional.collect::<Result<_, _>>()?,
            ignore: ignore.collect::<Result<_, _>>()?,
        })
    }
}

fn selector(text: &ObjectSelector) -> Result<Selector, SelectorError> {
    let ObjectSelector {
        group,
        version,
        kind,
        name,
        namespace,
        label_selector,
        annotation_selector,
    } = text;
    Selector::parse(&SelectorText {
        group: group.as_deref(),
        version: version.as_deref(),
        kind: kind.as_deref(),
        name: name.as_deref(),
        namespace: namespace.as_deref(),
        labels: label_selector.as_deref(),
        annotations: annotation_selector.as_deref(),
    })
}

fn policy_of(spec: &HelmReleaseSpec, labels: BTreeMap<String, String>, rules: Rules) -> Policy {
    let timeout = |action| spec.timeout_of(action).get();
    let crds = |wanted| match wanted {
        CrdPolicy::Create => policy::CrdPolicy::Create,
        CrdPolicy::CreateReplace => policy::CrdPolicy::CreateReplace,
        CrdPolicy::Skip => policy::CrdPolicy::Skip,
    };
    let wait_for = |wanted| match wanted {
        WaitFor::Ready => policy::WaitFor::Ready,
        WaitFor::HooksOnly => policy::WaitFor::HooksOnly,
        WaitFor::Nothing => policy::WaitFor::Nothing,
    };
    let count = |number: i32| u32::try_from(number).unwrap_or_default();
    let wait = policy::WaitPolicy {
        target: wait_for(spec.wait.wait_for),
        jobs: spec.wait.jobs,
        stable_for: spec.wait.stable_for.map(api::Duration::get),
        no_progress: spec.wait.no_progress.map(api::Duration::get),
        optional: rules.optional,
    };
    Policy {
        install: policy::InstallPolicy {
            timeout: timeout(OperationAction::Install),
            crds: crds(spec.install.crds),
            retries: count(spec.install.retries),
            on_failure: match spec.install.on_failure {
                InstallFailurePolicy::Retain => policy::InstallFailure::Retain,
                InstallFailurePolicy::Uninstall => policy::InstallFailure::Uninstall,
            },
            replace: spec.install.replace,
        },
        upgrade: policy::UpgradePolicy {
            timeout: timeout(OperationAction::Upgrade),
            crds: crds(spec.upgrade.crds),
            cleanup_on_fail: spec.upgrade.cleanup_on_fail,
            retries: count(spec.upgrade.retries),
            on_failure: match spec.upgrade.on_failure {
                UpgradeFailurePolicy::Rollback => policy::UpgradeFailure::Rollback,
                UpgradeFailurePolicy::Uninstall => policy::UpgradeFailure::Uninstall,
                UpgradeFailurePolicy::Retain => policy::UpgradeFailure::Retain,
            },
        },
        rollback: policy::RollbackPolicy {
            timeout: timeout(OperationAction::Rollback),
            cleanup_on_fail: spec.rollback.cleanup_on_fail,
            wait: policy::WaitPolicy {
                target: wait_for(spec.rollback_wait()),
                ..wait.clone()
            },
        },
        uninstall: policy::UninstallPolicy {
            timeout: timeout(OperationAction::Uninstall),
            keep_history: spec.uninstall.keep_history,
            propagation: match spec.uninstall.propagation {
                api::spec::actions::Propagation::Background => policy::Propagation::Background,
                api::spec::actions::Propagation::Foreground => policy::Propagation::Foreground,
                api::spec::actions::Propagation::Orphan => policy::Propagation::Orphan,
            },
            on_delete: match spec.uninstall.on_delete {
                api::spec::actions::DeletePolicy::Uninstall => policy::OnDelete::Uninstall,
                api::spec::actions::DeletePolicy::Orphan => policy::OnDelete::Orphan,
            },
        },
        test: policy::TestPolicy {
            when: match spec.test.when {
                api::spec::test::TestPolicy::Never => policy::TestWhen::Never,
                api::spec::test::TestPolicy::AfterRelease => policy::TestWhen::AfterRelease,
            },
            // `name=check` and `!name=check`, as `helm test --filter` has them.
            filters: spec
                .test
                .filters
                .iter()
                .map(|filter| filter.replacen("name=", "", 1))
                .collect(),
            on_failure: match spec.test.on_failure {
                api::spec::test::TestFailurePolicy::Fail => policy::TestFailure::Fail,
                api::spec::test::TestFailurePolicy::Ignore => policy::TestFailure::Ignore,
            },
            timeout: timeout(OperationAction::Test),
        },
        wait,
        apply: policy::ApplyPolicy {
            method: match spec.apply.method {
                ApplyMethod::Auto => policy::MethodPolicy::Auto,
                ApplyMethod::ServerSide => policy::MethodPolicy::ServerSide,
                ApplyMethod::ClientSide => policy::MethodPolicy::ClientSide,
            },
            conflicts: match spec.apply.conflicts {
                Conflicts::Fail => policy::Conflicts::Fail,
                Conflicts::Force => policy::Conflicts::Force,
            },
            replace: match spec.apply.replace {
                Replace::Never => policy::Replace::Never,
                Replace::Always => policy::Replace::Always,
            },
            ownership: match spec.apply.ownership {
                Ownership::Strict => policy::Ownership::Strict,
                Ownership::Take => policy::Ownership::Take,
            },
        },
        hooks: match spec.hooks {
            HookPolicy::Run => policy::HooksPolicy::Run,
            HookPolicy::Skip => policy::HooksPolicy::Skip,
        },
        validation: match spec.openapi_validation {
            ValidationPolicy::Enforce => policy::Validation::Enforce,
            ValidationPolicy::Skip => policy::Validation::Skip,
        },
        create_namespace: spec.create_namespace,
        history_max: u32::try_from(spec.history.max).unwrap_or_default(),
        drift: match spec.drift.mode {
            DriftMode::Ignore => policy::DriftPolicy::Ignore,
            DriftMode::Warn => policy::DriftPolicy::Warn,
            DriftMode::Correct => policy::DriftPolicy::Correct,
        },
        drift_ignore: rules.ignore,
        foreign: match spec.foreign_changes {
            ForeignChanges::Hold => policy::ForeignPolicy::Hold,
            ForeignChanges::Revert => policy::ForeignPolicy::Revert,
            ForeignChanges::Adopt => policy::ForeignPolicy::Adopt,
        },
        target_change: match spec.on_target_change {
            TargetChangePolicy::Refuse => policy::TargetChangePolicy::Refuse,
            TargetChangePolicy::Replace => policy::TargetChangePolicy::Replace,
        },
        deadline: spec.deadline.map(api::Duration::get),
        description: spec.description.clone(),
        labels,
    }
}
