//! Somebody else's helm works on the same release.

use helm::record::{Revision, Status};
use plan::policy::{ForeignPolicy, UpgradeFailure};
use plan::status::ConditionKind;
use plan::{Category, Decision, Difference, ReleaseState};
use serde_json::json;

use crate::cluster::Script;
use crate::world::{Turn, World, check_in_sync, check_stalled};

/// What `helm upgrade` by hand leaves: our newest revision superseded and without a mark, and one of its own.
fn upgraded_by_hand(world: &mut World, values: &str, manifest: &str, status: Status) {
    let newest = *world.cluster.secrets.keys().last().unwrap();
    let mut old = world.cluster.release(newest);
    let mut new = old.clone();
    if status == Status::Deployed {
        old.info.status = Status::Superseded;
        world.cluster.store(&old, None);
    }
    new.version = newest.next();
    new.info.status = status;
    "by hand".clone_into(&mut new.info.description);
    new.info.last_deployed = Some(world.cluster.now.into());
    new.config.insert("v".to_owned(), json!(values));
    manifest.clone_into(&mut new.manifest);
    world.cluster.store(&new, None);
    let line = manifest.split_once('=').unwrap();
    line.1
        .clone_into(&mut world.cluster.objects.get_mut(line.0).unwrap().spec);
}

#[test]
fn a_change_by_hand_is_held_by_default() {
    let mut world = World::installed();
    upgraded_by_hand(&mut world, "z", "web=9", Status::Deployed);
    check_stalled(&world.settle(), Category::ForeignRelease);
    assert_eq!(
        world.message(ConditionKind::Ready),
        "revision 2 of apps/web was made by somebody else and differs in values"
    );
    assert_eq!(world.objects(), "web=9");
    assert_eq!(world.states(), "1 superseded, 2 deployed");
    let made: Vec<_> = world
        .status
        .history
        .iter()
        .map(|entry| entry.made_by.as_str())
        .collect();
    assert_eq!(made, ["External", "Install"]);
}

#[test]
fn a_hold_ends_with_new_inputs() {
    let mut world = World::installed();
    upgraded_by_hand(&mut world, "z", "web=9", Status::Deployed);
    check_stalled(&world.settle(), Category::ForeignRelease);
    world.change("b", "web=2");
    check_in_sync(&world.settle());
    assert_eq!(world.states(), "1 superseded, 2 superseded, 3 deployed");
    assert_eq!(world.objects(), "web=2");
}

#[test]
fn a_hold_ends_with_a_retry_request() {
    let mut world = World::installed();
    upgraded_by_hand(&mut world, "z", "web=9", Status::Deployed);
    check_stalled(&world.settle(), Category::ForeignRelease);
    world.requests.retry = Some("now".to_owned());
    check_in_sync(&world.settle());
    assert_eq!(world.states(), "1 superseded, 2 superseded, 3 deployed");
    assert_eq!(world.objects(), "web=1");
}

#[test]
fn inputs_that_were_rolled_back_from_do_not_end_a_hold() {
    let mut world = World::installed();
    world.change("b", "web=2");
    world.script("web=2", Script::Fails(Category::CrashLoop));
    check_stalled(&world.settle(), Category::RolledBack);
    upgraded_by_hand(&mut world, "z", "web=9", Status::Deployed);
    check_stalled(&world.settle(), Category::ForeignRelease);
    assert_eq!(world.objects(), "web=9");
}

#[test]
fn a_change_by_hand_is_reverted_when_asked() {
    let mut world = World::installed();
    world.policy.foreign = ForeignPolicy::Revert;
    upgraded_by_hand(&mut world, "z", "web=9", Status::Deployed);
    check_in_sync(&world.settle());
    assert_eq!(world.states(), "1 superseded, 2 superseded, 3 deployed");
    assert_eq!(world.objects(), "web=1");
}

#[test]
fn a_change_by_hand_is_accepted_until_the_inputs_change_when_asked() {
    let mut world = World::installed();
    world.policy.foreign = ForeignPolicy::Adopt;
    upgraded_by_hand(&mut world, "z", "web=9", Status::Deployed);
    check_in_sync(&world.settle());
    assert_eq!(world.states(), "1 superseded, 2 deployed");
    assert_eq!(world.objects(), "web=9");
    world.change("b", "web=2");
    check_in_sync(&world.settle());
    assert_eq!(world.objects(), "web=2");
}

#[test]
fn a_release_with_equal_inputs_is_adopted_without_a_change() {
    let mut world = World::installed();
    world.cluster.secrets.get_mut(&Revision(1)).unwrap().mark = None;
    world.status = plan::status::Snapshot::default();
    world.reconcile().unwrap();
    assert_eq!(
        *world.state(),
        ReleaseState::Foreign {
            revision: Revision(1),
            differs: vec![],
            ours_before: false,
            failed: false
        }
    );
    check_in_sync(&world.settle());
    assert_eq!(world.history(), ["1 deployed: Install complete"]);
    assert!(world.cluster.secrets[&Revision(1)].mark.as_ref().unwrap().proven);
}

#[test]
fn a_release_of_somebody_else_is_not_touched_and_not_uninstalled() {
    let mut world = World::installed();
    world.cluster.secrets.get_mut(&Revision(1)).unwrap().mark = None;
    world.status = plan::status::Snapshot::default();
    world.change("other", "web=2");
    check_stalled(&world.settle(), Category::ForeignRelease);
    world.deleting = true;
    assert_eq!(world.settle(), Decision::Done(plan::Rest::Released));
    assert_eq!(
        (world.states().as_str(), world.objects().as_str()),
        ("1 deployed", "web=1")
    );
}

#[test]
fn a_revision_of_ours_whose_mark_was_wiped_off_is_still_ours() {
    let mut world = World::installed();
    // `helm test` rewrites the Secret without our annotations.
    world.cluster.secrets.get_mut(&Revision(1)).unwrap().mark = None;
    check_in_sync(&world.settle());
    world.change("b", "web=2");
    check_in_sync(&world.settle());
    assert_eq!(world.states(), "1 superseded, 2 deployed");
}

#[test]
fn a_pending_revision_of_somebody_else_is_left_alone_until_its_timeout() {
    let mut world = World::installed();
    upgraded_by_hand(&mut world, "z", "web=9", Status::PendingUpgrade);
    world.change("b", "web=2");
    let Turn::Rest(Decision::Wait {
        until: Some(until),
        why,
    }) = world.run()
    else {
        panic!("{}", world.tell())
    };
    assert_eq!(why.category, Category::PendingElsewhere);
    assert_eq!(until.duration_since(world.cluster.now).as_secs(), 300);
    assert_eq!(world.states(), "1 deployed, 2 pending-upgrade");
    assert_eq!(
        world.conditions(),
        "Ready=False/PendingElsewhere Reconciling=True/PendingElsewhere Released=Unknown/Progressing"
    );
}

#[test]
fn an_abandoned_upgrade_of_somebody_else_is_closed_and_rolled_back() {
    let mut world = World::installed();
    upgraded_by_hand(&mut world, "z", "web=9", Status::PendingUpgrade);
    check_in_sync(&world.settle());
    assert_eq!(
        world.history(),
        [
            "1 superseded: Install complete",
            "2 failed: Upgrade \"web\" failed: abandoned: still pending after its timeout",
            "3 deployed: Rollback to 1",
        ]
    );
    assert_eq!(world.objects(), "web=1");
}

#[test]
fn an_abandoned_upgrade_is_followed_by_ours_when_nothing_is_rolled_back() {
    let mut world = World::installed();
    world.policy.upgrade.on_failure = UpgradeFailure::Retain;
    upgraded_by_hand(&mut world, "z", "web=9", Status::PendingUpgrade);
    check_in_sync(&world.settle());
    assert_eq!(world.states(), "1 superseded, 2 failed, 3 deployed");
    assert_eq!(world.history().last().unwrap(), "3 deployed: Upgrade complete");
}

#[test]
fn an_abandoned_install_of_somebody_else_is_upgraded_in_place() {
    let mut world = World::installed();
    let mut release = world.cluster.release(Revision(1));
    release.info.status = Status::PendingInstall;
    world.cluster.store(&release, None);
    world.status = plan::status::Snapshot::default();
    check_in_sync(&world.settle());
    assert_eq!(
        world.history(),
        [
            "1 superseded: Release \"web\" failed: abandoned: still pending after its timeout",
            "2 deployed: Upgrade complete",
        ]
    );
}

#[test]
fn a_failed_upgrade_by_hand_is_held_or_reverted() {
    let mut world = World::installed();
    upgraded_by_hand(&mut world, "z", "web=9", Status::Failed);
    check_stalled(&world.settle(), Category::ForeignRelease);
    world.policy.foreign = ForeignPolicy::Revert;
    check_in_sync(&world.settle());
    assert_eq!(world.states(), "1 superseded, 2 failed, 3 deployed");
}

#[test]
fn a_release_uninstalled_by_hand_with_history_is_held_and_one_without_is_installed_again() {
    let mut world = World::installed();
    let mut release = world.cluster.release(Revision(1));
    release.info.status = Status::Uninstalled;
    world.cluster.store(&release, None);
    world.cluster.objects.clear();
    check_stalled(&world.settle(), Category::ForeignRelease);

    world.cluster.secrets.clear();
    check_in_sync(&world.settle());
    assert_eq!(world.history(), ["1 deployed: Install complete"]);
}

#[test]
fn an_operation_that_was_lost_from_status_is_closed_and_done_again() {
    let mut world = World::installed();
    world.change("b", "web=2");
    world.script("web=2", Script::Stuck);
    let Turn::Parked(..) = world.run() else {
        panic!("{}", world.tell())
    };
    world.status = plan::status::Snapshot::default();
    world.cluster.scripts.clear();
    check_in_sync(&world.settle());
    assert_eq!(
        world.history(),
        [
            "1 superseded: Install complete",
            "2 failed: Upgrade \"web\" failed: interrupted: its operation is no longer known",
            "3 deployed: Upgrade complete",
        ]
    );
}

#[test]
fn a_pending_revision_that_somebody_overtook_does_not_stay_pending() {
    let mut world = World::installed();
    world.change("b", "web=2");
    world.script("web=2", Script::Stuck);
    let Turn::Parked(..) = world.run() else {
        panic!("{}", world.tell())
    };
    // `helm rollback` has no check for pending revisions.
    let mut copy = world.cluster.release(Revision(1));
    copy.version = Revision(3);
    world.cluster.store(&copy, None);
    check_stalled(&world.settle(), Category::ForeignRelease);
    assert_eq!(world.states(), "1 superseded, 2 failed, 3 deployed");
}

#[test]
fn what_differs_from_a_foreign_release_is_named() {
    let mut world = World::installed();
    upgraded_by_hand(&mut world, "z", "web=9", Status::Deployed);
    world.version = "2.0.0".to_owned();
    world.reconcile().unwrap();
    let ReleaseState::Foreign {
        differs, ours_before, ..
    } = world.state()
    else {
        panic!("{}", world.tell())
    };
    assert_eq!(*differs, [Difference::Version, Difference::Values]);
    assert!(ours_before);
}

#[test]
fn a_deployed_revision_that_somebody_overtook_is_superseded() {
    let mut world = World::installed();
    // `helm rollback` came while we were at work, and both came to their end.
    let mut copy = world.cluster.release(Revision(1));
    copy.version = Revision(2);
    copy.config.insert("v".to_owned(), json!("z"));
    world.cluster.store(&copy, None);
    check_stalled(&world.settle(), Category::ForeignRelease);
    assert_eq!(world.states(), "1 superseded, 2 deployed");
    assert_eq!(world.history()[0], "1 superseded: Install complete");
}
