//! The wire form of the status, and its bounds.

use serde_json::json;

use super::*;
use crate::status::{
    failure::{FailureClass, FailureStage, ObjectRef, ObjectReport},
    history::TestResult,
    operation::OperationAction,
};

fn entry(revision: i64, status: HelmStatus) -> HistoryEntry {
    HistoryEntry {
        revision,
        status,
        action: None,
        chart: "web".into(),
        version: "1.0.0".into(),
        app_version: None,
        inputs_digest: None,
        values_digest: None,
        manifest_digest: None,
        started_at: None,
        finished_at: None,
        description: None,
        cause: None,
        tests: None,
        proven: status == HelmStatus::Superseded,
    }
}

fn report(name: &str) -> ObjectReport {
    ObjectReport {
        object: ObjectRef {
            api_version: "apps/v1".into(),
            kind: "Deployment".into(),
            namespace: Some("apps".into()),
            name: name.into(),
        },
        category: None,
        reason: "InProgress".into(),
        message: None,
    }
}

fn time() -> Time {
    jiff::Timestamp::UNIX_EPOCH.into()
}

#[test]
fn an_empty_status_is_only_its_generation() {
    let status = HelmReleaseStatus::default();
    assert_eq!(
        serde_json::to_value(&status).unwrap(),
        json!({"observedGeneration": -1})
    );
    assert_eq!(
        serde_json::from_value::<HelmReleaseStatus>(json!({})).unwrap(),
        status
    );
}

#[test]
fn an_operation_round_trips_with_all_it_needs_to_resume() {
    let operation = Operation {
        id: "f3a1".into(),
        action: OperationAction::CorrectDrift,
        revision: Some(4),
        step: "post-upgrade-hooks".into(),
        started_at: time(),
        deadline: Some(time()),
        waiting_for: vec![report("web")],
        data: [(
            "hook/migrate/started".to_owned(),
            "2026-03-01T08:00:00Z".to_owned(),
        )]
        .into(),
    };
    let written = serde_json::to_value(&operation).unwrap();
    assert_eq!(
        written,
        json!({
            "id": "f3a1", "action": "CorrectDrift", "revision": 4, "step": "post-upgrade-hooks",
            "startedAt": "1970-01-01T00:00:00Z", "deadline": "1970-01-01T00:00:00Z",
            "waitingFor": [{
                "ref": {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "apps", "name": "web"},
                "reason": "InProgress",
            }],
            "data": {"hook/migrate/started": "2026-03-01T08:00:00Z"},
        }),
    );
    assert_eq!(serde_json::from_value::<Operation>(written).unwrap(), operation);
}

#[test]
fn statuses_of_revisions_are_helms_words() {
    for status in [
        HelmStatus::Deployed,
        HelmStatus::Superseded,
        HelmStatus::Failed,
        HelmStatus::Uninstalled,
        HelmStatus::Uninstalling,
        HelmStatus::PendingInstall,
        HelmStatus::PendingUpgrade,
        HelmStatus::PendingRollback,
        HelmStatus::Unknown,
    ] {
        assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
    }
    assert_eq!(HelmStatus::PendingRollback.as_str(), "pending-rollback");
}

#[test]
fn actions_are_written_as_they_display() {
    for action in [
        OperationAction::Install,
        OperationAction::Upgrade,
        OperationAction::Heal,
        OperationAction::Rollback,
        OperationAction::Uninstall,
        OperationAction::Test,
        OperationAction::Unlock,
        OperationAction::Adopt,
        OperationAction::CorrectDrift,
    ] {
        assert_eq!(serde_json::to_value(action).unwrap(), action.to_string());
    }
}

#[test]
fn objects_are_named_as_helm_names_them() {
    let mut object = report("web").object;
    assert_eq!(object.to_string(), "Deployment/apps/web");
    object.namespace = None;
    assert_eq!(object.to_string(), "Deployment/web");
}

fn failure(objects: usize) -> Failure {
    Failure {
        category: "Timeout".into(),
        class: FailureClass::Unhealthy,
        stage: FailureStage::Wait,
        message: "not ready".into(),
        objects: vec![report("web"); objects],
        revision: None,
        at: time(),
    }
}

#[test]
fn long_lists_are_cut_to_their_bounds() {
    let cause = Some(failure(CAUSE_OBJECTS_MAX + 1));
    let tests = Some(TestResult::Passed);
    let mut status = HelmReleaseStatus {
        history: vec![HistoryEntry {
            cause,
            tests,
            ..entry(1, HelmStatus::Deployed)
        }],
        operation: Some(Operation {
            id: "a".into(),
            action: OperationAction::Install,
            revision: None,
            step: "wait".into(),
            started_at: time(),
            deadline: None,
            waiting_for: vec![report("web"); WAITING_FOR_MAX + 3],
            data: BTreeMap::new(),
        }),
        failure: Some(failure(FAILURE_OBJECTS_MAX + 3)),
        held: Some(Held {
            inputs_digest: "sha256:0".into(),
            revision: 1,
            since: time(),
            by: HeldBy::Request,
            incomplete: vec!["Deployment/apps/web".into(); INCOMPLETE_MAX + 1],
        }),
        ..HelmReleaseStatus::default()
    };
    status.bound();
    assert_eq!(
        status.history[0].cause.as_ref().unwrap().objects.len(),
        CAUSE_OBJECTS_MAX
    );
    assert_eq!(status.operation.unwrap().waiting_for.len(), WAITING_FOR_MAX);
    assert_eq!(status.failure.unwrap().objects.len(), FAILURE_OBJECTS_MAX);
    assert_eq!(status.held.unwrap().incomplete.len(), INCOMPLETE_MAX);
}

#[test]
fn a_long_history_keeps_the_newest_and_the_last_good_one() {
    let newest = 100;
    let oldest = newest - i64::try_from(HISTORY_MAX).unwrap() - 9;
    let mut history: Vec<_> = (oldest..=newest)
        .rev()
        .map(|revision| entry(revision, HelmStatus::Failed))
        .collect();
    let last = history.len() - 1;
    history[last].proven = true;
    history[last - 1].proven = true;
    let good = history[last - 1].revision;
    let mut status = HelmReleaseStatus {
        history,
        ..HelmReleaseStatus::default()
    };
    status.bound();
    let revisions: Vec<_> = status.history.iter().map(|entry| entry.revision).collect();
    let mut expected: Vec<_> = (newest - i64::try_from(HISTORY_MAX).unwrap() + 2..=newest)
        .rev()
        .collect();
    expected.push(good);
    assert_eq!(revisions, expected);

    let history: Vec<_> = (oldest..=newest)
        .rev()
        .map(|revision| entry(revision, HelmStatus::Superseded))
        .collect();
    let mut status = HelmReleaseStatus {
        history,
        ..HelmReleaseStatus::default()
    };
    status.bound();
    assert_eq!(status.history.len(), HISTORY_MAX);
    assert_eq!(
        status.history[HISTORY_MAX - 1].revision,
        newest - i64::try_from(HISTORY_MAX).unwrap() + 1
    );
}

#[test]
fn handled_requests_are_left_out_while_there_are_none() {
    let mut status = HelmReleaseStatus::default();
    assert_eq!(
        serde_json::to_value(&status).unwrap().get("handledRequests"),
        None
    );
    status.handled_requests.insert("retry".into(), "a".into());
    assert_eq!(
        serde_json::to_value(&status).unwrap()["handledRequests"],
        json!({"retry": "a"})
    );
}
