//! Upgrading.

use helm::hooks::HookEvent;
use helm::record::{ApplyMethod, Revision};
use plan::policy::{MethodPolicy, UpgradeFailure};
use plan::{Category, Decision, Difference, ErrorClass, ReleaseState};

use crate::cluster::Script;
use crate::world::{Turn, World, check_in_sync, check_stalled};

#[test]
fn changed_values_make_the_next_revision() {
    let mut world = World::installed();
    world.change("b", "config=1\nweb=2");
    check_in_sync(&world.settle());
    assert_eq!(
        world.history(),
        ["1 superseded: Install complete", "2 deployed: Upgrade complete"]
    );
    assert_eq!(world.objects(), "config=1 web=2");
    world.change("c", "web=3");
    check_in_sync(&world.settle());
    assert_eq!(world.objects(), "web=3");
    assert_eq!(
        world.conditions(),
        "Ready=True/UpgradeSucceeded Released=True/UpgradeSucceeded"
    );
    let statuses: Vec<_> = world
        .status
        .history
        .iter()
        .map(|entry| (entry.revision.0, entry.status.as_str()))
        .collect();
    assert_eq!(statuses, [(3, "deployed"), (2, "superseded"), (1, "superseded")]);
}

#[test]
fn what_differs_is_named() {
    let mut world = World::installed();
    world.version = "1.1.0".to_owned();
    world.values = "b".to_owned();
    world.reconcile().unwrap();
    assert_eq!(
        *world.state(),
        ReleaseState::OutOfSync {
            revision: Revision(1),
            why: vec![Difference::Version, Difference::Values],
            held: false
        }
    );
}

#[test]
fn a_random_manifest_with_equal_inputs_is_no_change() {
    let mut world = World::installed();
    world.manifest = "web=random".to_owned();
    check_in_sync(&world.settle());
    assert_eq!(world.states(), "1 deployed");
}

#[test]
fn a_failed_upgrade_is_rolled_back_and_held() {
    let mut world = World::installed();
    world.change("b", "extra=1\nweb=2");
    world.script("web=2", Script::Fails(Category::CrashLoop));
    check_stalled(&world.settle(), Category::RolledBack);
    let error = "resource Thing/apps/web not ready. status: Failed, message: broken";
    assert_eq!(
        world.history(),
        [
            "1 superseded: Install complete".to_owned(),
            format!("2 failed: Upgrade \"web\" failed: {error}"),
            "3 deployed: Rollback to 1".to_owned(),
        ]
    );
    assert_eq!(world.objects(), "web=1");
    assert_eq!(
        world.conditions(),
        "Ready=False/RolledBack Stalled=True/RolledBack Released=True/RollbackSucceeded Remediated=True/RolledBack"
    );
    assert_eq!(
        world.status.failure.as_ref().unwrap().category,
        Category::CrashLoop
    );

    // The same inputs are not tried again, however often it is looked at.
    check_stalled(&world.settle(), Category::RolledBack);
    assert_eq!(world.states(), "1 superseded, 2 failed, 3 deployed");

    // Nor when status is lost: the mark on the revision tells.
    world.status = plan::status::Snapshot::default();
    check_stalled(&world.settle(), Category::RolledBack);

    world.change("c", "web=3");
    check_in_sync(&world.settle());
    assert_eq!(world.states(), "1 superseded, 2 failed, 3 superseded, 4 deployed");
}

#[test]
fn going_back_to_the_old_inputs_in_git_ends_the_hold_without_a_revision() {
    let mut world = World::installed();
    world.change("b", "web=2");
    world.script("web=2", Script::Fails(Category::CrashLoop));
    world.settle();
    world.change("a", "web=1");
    check_in_sync(&world.settle());
    assert_eq!(world.states(), "1 superseded, 2 failed, 3 deployed");
    assert_eq!(
        world.conditions(),
        "Ready=True/RollbackSucceeded Released=True/RollbackSucceeded"
    );
}

#[test]
fn an_upgrade_is_tried_again_before_it_is_rolled_back() {
    let mut world = World::installed();
    world.policy.upgrade.retries = 2;
    world.change("b", "web=2");
    world.script("web=2", Script::Stuck);
    check_stalled(&world.settle(), Category::RolledBack);
    assert_eq!(
        world.states(),
        "1 superseded, 2 failed, 3 failed, 4 failed, 5 deployed"
    );
}

#[test]
fn a_failed_upgrade_is_retained_or_uninstalled_when_asked() {
    let mut world = World::installed();
    world.policy.upgrade.on_failure = UpgradeFailure::Retain;
    world.change("b", "web=2");
    world.script("web=2", Script::Fails(Category::OutOfMemory));
    check_stalled(&world.settle(), Category::OutOfMemory);
    assert_eq!(world.states(), "1 deployed, 2 failed");
    assert_eq!(world.objects(), "web=2");

    world.policy.upgrade.on_failure = UpgradeFailure::Uninstall;
    check_stalled(&world.settle(), Category::UninstalledAfterFailure);
    assert_eq!((world.states().as_str(), world.objects().as_str()), ("", ""));
}

#[test]
fn an_immutable_field_is_rolled_back_without_a_retry() {
    let mut world = World::installed();
    world.policy.upgrade.retries = 5;
    world.change("b", "web=2");
    world.fault("Apply", ErrorClass::Permanent, Category::ApplyRefused, 1);
    check_stalled(&world.settle(), Category::RolledBack);
    assert_eq!(world.states(), "1 superseded, 2 failed, 3 deployed");
    assert_eq!(world.objects(), "web=1");
}

#[test]
fn objects_made_by_a_failed_upgrade_are_deleted_when_asked() {
    let mut world = World::installed();
    world.policy.upgrade.on_failure = UpgradeFailure::Retain;
    world.policy.upgrade.cleanup_on_fail = true;
    world.change("b", "extra=1\nweb=2");
    world.script("web=2", Script::Fails(Category::CrashLoop));
    check_stalled(&world.settle(), Category::CrashLoop);
    assert_eq!(world.objects(), "web=2");
}

#[test]
fn new_inputs_supersede_a_wait_at_once() {
    let mut world = World::installed();
    world.change("b", "extra=1\nweb=2");
    world.script("web=2", Script::Stuck);
    let Turn::Parked(..) = world.run() else {
        panic!("{}", world.tell())
    };
    let parked_at = world.cluster.now;
    world.change("c", "web=3");
    check_in_sync(&world.settle());
    assert_eq!(world.cluster.now, parked_at);
    assert_eq!(
        world.history(),
        [
            "1 superseded: Install complete",
            "2 failed: Upgrade \"web\" failed: superseded by new inputs before it was done",
            "3 deployed: Upgrade complete",
        ]
    );
    // What the superseded revision made and nobody wants is gone as well.
    assert_eq!(world.objects(), "web=3");
}

#[test]
fn new_inputs_supersede_an_install_that_waits() {
    let mut world = World::new();
    world.script("web=1", Script::Stuck);
    let Turn::Parked(..) = world.run() else {
        panic!("{}", world.tell())
    };
    world.change("b", "web=2");
    check_in_sync(&world.settle());
    assert_eq!(
        world.history(),
        [
            "1 superseded: Release \"web\" failed: superseded by new inputs before it was done",
            "2 deployed: Upgrade complete",
        ]
    );
}

#[test]
fn a_superseded_attempt_does_not_use_up_a_retry() {
    let mut world = World::new();
    world.policy.install.retries = 0;
    world.script("web=1", Script::Stuck);
    world.run();
    world.change("b", "web=2");
    world.script("web=2", Script::Stuck);
    world.run();
    world.change("a", "web=1");
    world.cluster.scripts.clear();
    check_in_sync(&world.settle());
}

#[test]
fn with_no_good_revision_left_there_is_nothing_to_roll_back_to() {
    let mut world = World::installed();
    world.change("b", "web=2");
    world.script("web=2", Script::Fails(Category::CrashLoop));
    world.reconcile().unwrap();
    assert_eq!(world.states(), "1 deployed, 2 failed");
    // Before anybody looks again the only good revision is deleted by hand.
    world.cluster.secrets.remove(&Revision(1));
    check_stalled(&world.settle(), Category::NothingToRollBackTo);
    assert_eq!(world.states(), "2 failed");
    assert_eq!(
        world.conditions(),
        "Ready=False/NothingToRollBackTo Stalled=True/NothingToRollBackTo Released=False/CrashLoop \
         Remediated=False/NothingToRollBackTo"
    );
}

#[test]
fn the_method_follows_the_last_revision_unless_told_otherwise() {
    let mut world = World::new();
    world.policy.apply.method = MethodPolicy::ClientSide;
    world.settle();
    world.policy.apply.method = MethodPolicy::Auto;
    world.change("b", "web=2");
    world.settle();
    world.policy.apply.method = MethodPolicy::ServerSide;
    world.change("c", "web=3");
    world.settle();
    let method = |revision| world.cluster.release(Revision(revision)).apply_method;
    assert_eq!(
        [1, 2, 3].map(method),
        [
            Some(ApplyMethod::ClientSide),
            Some(ApplyMethod::ClientSide),
            Some(ApplyMethod::ServerSide)
        ]
    );
}

#[test]
fn hooks_run_by_weight_then_by_name_and_their_runs_are_recorded() {
    let mut world = World::installed();
    world.hook("b", &[HookEvent::PreUpgrade], 0, &[]);
    world.hook("a", &[HookEvent::PreUpgrade], 0, &[]);
    world.hook("z", &[HookEvent::PreUpgrade, HookEvent::PostUpgrade], -5, &[]);
    world.change("b", "web=2");
    check_in_sync(&world.settle());
    assert_eq!(
        world.cluster.ran,
        [
            "pre-upgrade z",
            "pre-upgrade a",
            "pre-upgrade b",
            "post-upgrade z"
        ]
    );
    let release = world.cluster.release(Revision(2));
    assert!(
        release
            .hooks
            .iter()
            .all(|hook| hook.last_run.phase == helm::record::HookPhase::Succeeded)
    );
    assert!(
        release
            .hooks
            .iter()
            .all(|hook| hook.last_run.completed_at.is_some())
    );
}

#[test]
fn hook_objects_are_deleted_by_their_policies() {
    use helm::hooks::HookDeletePolicy::{BeforeHookCreation, Failed, Succeeded};
    let mut world = World::installed();
    world.policy.upgrade.on_failure = UpgradeFailure::Retain;
    world.hook("clean", &[HookEvent::PreUpgrade], 1, &[Succeeded]);
    world.hook("kept", &[HookEvent::PreUpgrade], 2, &[BeforeHookCreation]);
    world.change("b", "web=2");
    check_in_sync(&world.settle());
    assert_eq!(world.objects(), "kept web=2");

    world.hook("failing", &[HookEvent::PreUpgrade], 3, &[Failed]);
    world.script("failing", Script::Fails(Category::JobFailed));
    world.change("c", "web=3");
    check_stalled(&world.settle(), Category::HookFailed);
    assert_eq!(world.objects(), "kept web=2");
}

#[test]
fn a_lost_race_for_the_next_revision_decides_anew() {
    let mut world = World::installed();
    world.change("b", "web=2");
    world.policy.foreign = plan::policy::ForeignPolicy::Revert;
    // Somebody's helm stores revision 2 between our look and our write.
    let desired = std::sync::Arc::new(world.desired());
    let mut foreign = world.cluster.release(Revision(1));
    foreign.version = Revision(2);
    foreign.info.status = helm::record::Status::PendingUpgrade;
    world.cluster.store(&foreign, None);
    let effect = plan::Effect::CreateRelease {
        release: std::sync::Arc::new(foreign),
        mark: plan::Mark {
            owner: desired.owner.clone(),
            operation: plan::OperationId("other".to_owned()),
            made_by: plan::MadeBy::Upgrade,
            inputs: None,
            held: None,
            copied: None,
            proven: false,
            tests: None,
            failed: None,
        },
    };
    assert_eq!(world.cluster.perform(&effect), plan::Outcome::AlreadyExists);
    let Turn::Rest(Decision::Wait { why, .. }) = world.run() else {
        panic!("{}", world.tell())
    };
    assert_eq!(why.category, Category::PendingElsewhere);
}

#[test]
fn what_a_failed_revision_left_goes_with_the_next_one() {
    let mut world = World::installed();
    world.policy.upgrade.on_failure = UpgradeFailure::Retain;
    world.change("b", "extra=1\nweb=2");
    world.script("web=2", Script::Fails(Category::CrashLoop));
    check_stalled(&world.settle(), Category::CrashLoop);
    assert_eq!(world.objects(), "extra=1 web=2");
    world.change("c", "web=3");
    check_in_sync(&world.settle());
    assert_eq!(world.objects(), "web=3");
}
