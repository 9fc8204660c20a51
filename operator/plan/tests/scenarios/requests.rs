//! Requests, suspension and deletion in each other's way.

use plan::requests::RequestKind;
use plan::{Category, Decision};

use crate::cluster::Script;
use crate::world::{Turn, World, check_in_sync, check_stalled, minutes, under_way};

#[test]
fn a_reconcile_request_is_answered_by_a_look() {
    let mut world = World::installed();
    world.requests.reconcile = Some("t1".to_owned());
    check_in_sync(&world.settle());
    assert_eq!(world.handled[&RequestKind::Reconcile], "t1");
}

#[test]
fn a_retry_request_forgets_the_failures_of_a_retained_install() {
    let mut world = World::new();
    world.policy.install.retries = 1;
    world.script("web=1", Script::Stuck);
    check_stalled(&world.settle(), Category::Timeout);
    assert_eq!(world.states(), "1 failed, 2 failed");
    world.requests.retry = Some("t1".to_owned());
    check_stalled(&world.settle(), Category::Timeout);
    assert_eq!(world.states(), "1 failed, 2 failed, 3 failed, 4 failed");
}

#[test]
fn a_suspended_resource_starts_nothing_and_keeps_its_conditions() {
    let mut world = World::installed();
    world.suspended = true;
    world.change("b", "web=2");
    let decision = world.settle();
    assert!(
        matches!(decision, Decision::Wait { until: None, .. }),
        "{decision:?}"
    );
    assert_eq!(world.states(), "1 deployed");
    assert_eq!(world.conditions(), "kept");
}

#[test]
fn a_suspended_operation_is_parked_and_its_clock_stands_still() {
    let mut world = World::installed();
    world.change("b", "web=2");
    world.script("web=2", Script::Stuck);
    let Turn::Parked(until, _) = world.run() else {
        panic!("{}", world.tell())
    };
    world.suspended = true;
    world.run();
    world.later(minutes(60));
    world.run();
    world.suspended = false;
    let Turn::Parked(later, _) = world.run() else {
        panic!("{}", world.tell())
    };
    assert_eq!(later.duration_since(until).as_secs(), 3600);
    world.cluster.scripts.clear();
    check_in_sync(&world.settle());
    assert_eq!(world.states(), "1 superseded, 2 deployed");
}

#[test]
fn requests_wait_while_a_resource_is_suspended() {
    let mut world = World::installed();
    world.suspended = true;
    world.requests.reconcile = Some("t1".to_owned());
    world.settle();
    assert_eq!(world.handled.len(), 0);
}

#[test]
fn a_retry_request_waits_for_the_operation_under_way() {
    let mut world = World::installed();
    world.change("b", "web=2");
    world.script("web=2", Script::Stuck);
    world.run();
    world.requests.retry = Some("t1".to_owned());
    world.run();
    assert!(under_way(&world).is_some());
    assert!(!world.handled.contains_key(&RequestKind::Retry));
}

#[test]
fn somebody_elses_release_is_not_tested() {
    let mut world = World::installed();
    world
        .cluster
        .secrets
        .get_mut(&helm::record::Revision(1))
        .unwrap()
        .mark = None;
    world.status = plan::status::Snapshot::default();
    world.change("other", "web=1");
    world.requests.test = Some("t1".to_owned());
    check_stalled(&world.settle(), Category::ForeignRelease);
    assert_eq!(
        world.refused[0].message,
        "test: no deployed revision of this resource"
    );
    assert!(world.cluster.secrets[&helm::record::Revision(1)].mark.is_none());
}

#[test]
fn a_request_with_a_long_token_is_granted_once_and_status_stays_small() {
    let mut world = World::new();
    world.policy.install.retries = 0;
    world.script("web=1", Script::Stuck);
    check_stalled(&world.settle(), Category::Timeout);
    let annotations = [("pilothouse.dev/retry".to_owned(), "x".repeat(100_000))].into();
    for _ in 0..3 {
        let handled = world
            .handled
            .iter()
            .map(|(kind, token)| (kind.key().to_owned(), token.clone()));
        (world.requests, _) = plan::requests::read(&annotations, &handled.collect());
        check_stalled(&world.settle(), Category::Timeout);
    }
    assert_eq!(world.states(), "1 failed, 2 failed");
    assert!(world.handled[&RequestKind::Retry].len() < 100);
}
