//! Going back.

use helm::hooks::HookEvent;
use helm::record::Revision;
use plan::status::ConditionKind;
use plan::{Category, Decision, ErrorClass, RollbackRequest, RollbackTo};

use crate::cluster::Script;
use crate::world::{Turn, World, check_in_sync, check_stalled, minutes};

fn request(world: &mut World, token: &str, to: RollbackTo) {
    world.requests.rollback = Some(RollbackRequest {
        token: token.to_owned(),
        to,
    });
}

/// Three revisions: web=1, web=2, web=3.
fn three() -> World {
    let mut world = World::installed();
    for (values, manifest) in [("b", "web=2"), ("c", "web=3")] {
        world.change(values, manifest);
        world.settle();
    }
    world
}

#[test]
fn a_requested_rollback_copies_the_revision_and_holds_the_inputs() {
    let mut world = three();
    request(&mut world, "1@x", RollbackTo::Revision(Revision(1)));
    check_stalled(&world.settle(), Category::RolledBack);
    assert_eq!(
        world.states(),
        "1 superseded, 2 superseded, 3 superseded, 4 deployed"
    );
    assert_eq!(world.objects(), "web=1");
    assert_eq!(
        world.message(ConditionKind::Ready),
        "rolled back as revision 4: as requested; waiting for new inputs"
    );
    assert_eq!(world.handled[&plan::requests::RequestKind::Rollback], "1@x");
    assert_eq!(
        world.conditions(),
        "Ready=False/RolledBack Stalled=True/RolledBack Released=True/RollbackSucceeded"
    );
}

#[test]
fn previous_is_the_last_good_revision_before_the_newest() {
    let mut world = three();
    request(&mut world, "previous@x", RollbackTo::Previous);
    world.settle();
    assert_eq!(world.history().last().unwrap(), "4 deployed: Rollback to 2");
    request(&mut world, "previous@y", RollbackTo::Previous);
    world.settle();
    assert_eq!(world.history().last().unwrap(), "5 deployed: Rollback to 3");
}

#[test]
fn a_rollback_to_the_wanted_inputs_holds_nothing() {
    let mut world = World::installed();
    world.change("b", "web=2");
    world.settle();
    world.change("a", "web=1");
    request(&mut world, "1@x", RollbackTo::Revision(Revision(1)));
    check_in_sync(&world.settle());
    assert_eq!(world.history().last().unwrap(), "3 deployed: Rollback to 1");
}

#[test]
fn a_revision_that_does_not_exist_is_refused_in_helms_words_and_nothing_else_changes() {
    let mut world = three();
    request(&mut world, "9@x", RollbackTo::Revision(Revision(9)));
    check_in_sync(&world.settle());
    assert_eq!(world.refused[0].message, "release has no 9 version");
    assert_eq!(world.handled[&plan::requests::RequestKind::Rollback], "9@x");
}

#[test]
fn a_request_to_go_back_supersedes_an_upgrade_that_waits() {
    let mut world = three();
    world.change("d", "web=4");
    world.script("web=4", Script::Stuck);
    let Turn::Parked(..) = world.run() else {
        panic!("{}", world.tell())
    };
    request(&mut world, "2@x", RollbackTo::Revision(Revision(2)));
    check_stalled(&world.settle(), Category::RolledBack);
    assert_eq!(
        world.states(),
        "1 superseded, 2 superseded, 3 superseded, 4 failed, 5 deployed"
    );
    assert_eq!(world.objects(), "web=2");
}

#[test]
fn a_failed_upgrade_after_a_rollback_goes_back_to_the_rollback() {
    let mut world = World::installed();
    world.change("b", "web=2");
    world.script("web=2", Script::Fails(Category::CrashLoop));
    world.settle();
    world.change("c", "web=3");
    world.script("web=3", Script::Fails(Category::CrashLoop));
    check_stalled(&world.settle(), Category::RolledBack);
    assert_eq!(
        world.states(),
        "1 superseded, 2 failed, 3 superseded, 4 failed, 5 deployed"
    );
    assert_eq!(world.history().last().unwrap(), "5 deployed: Rollback to 3");
    assert_eq!(world.objects(), "web=1");
}

#[test]
fn a_retry_request_tries_held_inputs_again() {
    let mut world = World::installed();
    world.change("b", "web=2");
    world.script("web=2", Script::Fails(Category::CrashLoop));
    world.settle();
    world.cluster.scripts.clear();
    world.requests.retry = Some("again".to_owned());
    check_in_sync(&world.settle());
    assert_eq!(world.states(), "1 superseded, 2 failed, 3 superseded, 4 deployed");
    assert_eq!(world.objects(), "web=2");
}

#[test]
fn a_rollback_that_fails_is_tried_three_times_and_then_stalls() {
    let mut world = World::installed();
    world.change("b", "web=2");
    world.script("web=2", Script::Fails(Category::CrashLoop));
    world.script("web=1", Script::Stuck);
    check_stalled(&world.settle(), Category::RollbackFailed);
    assert_eq!(
        world.states(),
        "1 deployed, 2 failed, 3 failed, 4 failed, 5 failed"
    );
    assert!(
        world.history()[2]
            .starts_with("3 failed: Release \"web\" failed: resource Thing/apps/web not ready.")
    );
    assert_eq!(
        world.conditions(),
        "Ready=False/RollbackFailed Stalled=True/RollbackFailed Released=False/Timeout Remediated=False/RollbackFailed"
    );

    // The old revision recovers: the rollback is finished, and no other is made.
    world.cluster.scripts.remove("web=1");
    check_stalled(&world.settle(), Category::RolledBack);
    assert_eq!(
        world.states(),
        "1 superseded, 2 failed, 3 failed, 4 failed, 5 deployed"
    );
}

#[test]
fn a_rollback_whose_write_fails_says_so_in_helms_words() {
    let mut world = World::installed();
    world.change("b", "web=2");
    world.script("web=2", Script::Fails(Category::CrashLoop));
    world.reconcile().unwrap();
    world.fault("Apply", ErrorClass::Permanent, Category::Forbidden, 1);
    world.reconcile().unwrap();
    assert_eq!(
        world.history().last().unwrap(),
        "3 failed: Rollback \"web\" failed: Apply met Forbidden"
    );
    assert_eq!(world.states(), "1 deployed, 2 failed, 3 failed");
}

#[test]
fn a_rollback_is_compared_with_what_is_there() {
    let mut world = World::installed();
    world.cluster.meddled.insert("web".to_owned());
    world.policy.drift = plan::policy::DriftPolicy::Ignore;
    world.change("b", "web=2");
    world.script("web=2", Script::Fails(Category::CrashLoop));
    check_stalled(&world.settle(), Category::RollbackIncomplete);
    assert!(
        world.message(ConditionKind::Ready).starts_with(
            "rolled back to revision 3, but these objects differ: Thing/apps/web: Pod/apps/web-0: CrashLoop: scripted\nresource Thing/apps/web not ready."
        ),
        "{}",
        world.message(ConditionKind::Ready)
    );
}

#[test]
fn new_inputs_supersede_a_rollback_that_waits() {
    let mut world = World::installed();
    world.change("b", "web=2");
    world.script("web=2", Script::Fails(Category::CrashLoop));
    world.script("web=1", Script::Stuck);
    let Turn::Parked(..) = world.run() else {
        panic!("{}", world.tell())
    };
    assert_eq!(world.states(), "1 deployed, 2 failed, 3 pending-rollback");
    world.change("c", "web=3");
    check_in_sync(&world.settle());
    assert_eq!(world.states(), "1 superseded, 2 failed, 3 failed, 4 deployed");
}

#[test]
fn the_target_is_chosen_from_storage_when_status_is_lost() {
    let mut world = three();
    world.change("d", "web=4");
    world.script("web=4", Script::Fails(Category::CrashLoop));
    world.reconcile().unwrap();
    assert_eq!(world.status_of(4), helm::record::Status::Failed);
    world.status = plan::status::Snapshot::default();
    check_stalled(&world.settle(), Category::RolledBack);
    assert_eq!(world.history().last().unwrap(), "5 deployed: Rollback to 3");
}

#[test]
fn a_proven_revision_is_preferred_to_a_newer_one_that_was_never_proven() {
    let mut world = World::installed();
    world.policy.wait.target = plan::policy::WaitFor::HooksOnly;
    world.change("b", "web=2");
    world.settle();
    world.policy.wait.target = plan::policy::WaitFor::Ready;
    world.change("c", "web=3");
    world.script("web=3", Script::Stuck);
    world.settle();
    assert_eq!(world.history().last().unwrap(), "4 deployed: Rollback to 1");
}

#[test]
fn a_hold_survives_time() {
    let mut world = World::installed();
    world.change("b", "web=2");
    world.script("web=2", Script::Fails(Category::CrashLoop));
    world.settle();
    world.cluster.scripts.clear();
    world.later(minutes(600));
    let decision = world.settle();
    assert!(matches!(decision, Decision::Stall { .. }), "{decision:?}");
}

#[test]
fn a_rollback_whose_hook_fails_does_not_stay_pending() {
    let mut world = World::new();
    world.hook("before", &[HookEvent::PreRollback], 0, &[]);
    world.settle();
    world.change("b", "web=2");
    world.script("web=2", Script::Fails(Category::CrashLoop));
    world.script("before", Script::Fails(Category::JobFailed));
    check_stalled(&world.settle(), Category::RollbackFailed);
    assert_eq!(
        world.states(),
        "1 deployed, 2 failed, 3 failed, 4 failed, 5 failed"
    );
    let told = &world.history()[2];
    assert!(told.starts_with("3 failed: Rollback \"web\" failed: "), "{told}");
}
