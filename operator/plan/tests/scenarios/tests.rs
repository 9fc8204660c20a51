//! Tests as a gate.

use helm::hooks::HookEvent;
use helm::record::Revision;
use plan::policy::{TestFailure, TestWhen};
use plan::{Category, TestResult};

use crate::cluster::Script;
use crate::world::{World, check_in_sync, check_stalled};

fn gated() -> World {
    let mut world = World::new();
    world.policy.test.when = TestWhen::AfterRelease;
    world.hook("smoke", &[HookEvent::Test], 0, &[]);
    world.hook("load", &[HookEvent::Test], 1, &[]);
    world
}

#[test]
fn a_release_is_proven_once_its_tests_passed() {
    let mut world = gated();
    check_in_sync(&world.settle());
    assert_eq!(world.cluster.ran, ["test smoke", "test load"]);
    let mark = world.cluster.secrets[&Revision(1)].mark.clone().unwrap();
    assert_eq!((mark.proven, mark.tests), (true, Some(TestResult::Passed)));
    assert_eq!(
        world.conditions(),
        "Ready=True/InstallSucceeded Released=True/InstallSucceeded TestSuccess=True/TestsPassed"
    );
}

#[test]
fn a_failed_test_rolls_an_upgrade_back() {
    let mut world = gated();
    world.settle();
    world.script("smoke", Script::Fails(Category::JobFailed));
    world.change("b", "web=2");
    check_stalled(&world.settle(), Category::RolledBack);
    assert_eq!(world.states(), "1 superseded, 2 superseded, 3 deployed");
    assert_eq!(world.history().last().unwrap(), "3 deployed: Rollback to 1");
    assert_eq!(world.objects(), "load smoke web=1");
    assert_eq!(
        world.status.failure.as_ref().unwrap().category,
        Category::TestFailed
    );
}

#[test]
fn a_failed_test_is_only_told_when_asked() {
    let mut world = gated();
    world.policy.test.on_failure = TestFailure::Ignore;
    world.script("smoke", Script::Fails(Category::JobFailed));
    check_in_sync(&world.settle());
    assert_eq!(
        world.conditions(),
        "Ready=True/InstallSucceeded Released=True/InstallSucceeded TestSuccess=False/TestFailed"
    );
}

#[test]
fn filters_choose_the_tests() {
    let mut world = gated();
    world.policy.test.filters = vec!["!load".to_owned()];
    world.settle();
    assert_eq!(world.cluster.ran, ["test smoke"]);
}

#[test]
fn tests_run_on_request() {
    let mut world = World::new();
    world.hook("smoke", &[HookEvent::Test], 0, &[]);
    world.settle();
    assert_eq!(world.cluster.ran, [""; 0]);
    world.requests.test = Some("now".to_owned());
    check_in_sync(&world.settle());
    assert_eq!(world.cluster.ran, ["test smoke"]);

    world.script("smoke", Script::Fails(Category::JobFailed));
    world.requests.test = Some("again".to_owned());
    check_in_sync(&world.settle());
    assert_eq!(
        world.conditions(),
        "Ready=True/InstallSucceeded Released=True/InstallSucceeded TestSuccess=False/TestFailed"
    );
    assert_eq!(world.states(), "1 deployed");
}
