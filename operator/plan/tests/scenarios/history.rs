//! The length of history.

use helm::record::Revision;
use plan::Category;
use plan::policy::UpgradeFailure;

use crate::cluster::Script;
use crate::world::{World, check_in_sync, check_stalled};

#[test]
fn the_oldest_revisions_go_before_a_new_one_is_stored() {
    let mut world = World::installed();
    world.policy.history_max = 3;
    for number in 2..=6 {
        world.change(&format!("v{number}"), &format!("web={number}"));
        check_in_sync(&world.settle());
    }
    assert_eq!(world.states(), "4 superseded, 5 superseded, 6 deployed");
}

#[test]
fn zero_keeps_everything() {
    let mut world = World::installed();
    world.policy.history_max = 0;
    for number in 2..=15 {
        world.change(&format!("v{number}"), &format!("web={number}"));
        check_in_sync(&world.settle());
    }
    assert_eq!(world.cluster.secrets.len(), 15);
    assert_eq!(world.status.history.len(), 10);
}

#[test]
fn the_last_good_revision_is_never_pruned() {
    let mut world = World::installed();
    world.policy.history_max = 3;
    world.policy.upgrade.on_failure = UpgradeFailure::Retain;
    for number in 2..=9 {
        world.change(&format!("v{number}"), &format!("web={number}"));
        world.script(&format!("web={number}"), Script::Fails(Category::CrashLoop));
        check_stalled(&world.settle(), Category::CrashLoop);
    }
    assert_eq!(world.states(), "1 deployed, 8 failed, 9 failed");
    world.policy.upgrade.on_failure = UpgradeFailure::Rollback;
    check_stalled(&world.settle(), Category::RolledBack);
    assert_eq!(world.objects(), "web=1");
    assert_eq!(world.status.history.last().unwrap().revision, Revision(1));
}

#[test]
fn a_good_revision_older_than_a_deployed_one_that_was_never_proven_is_kept_too() {
    let mut world = World::installed();
    world.policy.history_max = 3;
    world.policy.wait.target = plan::policy::WaitFor::HooksOnly;
    for number in 2..=6 {
        world.change(&format!("v{number}"), &format!("web={number}"));
        world.settle();
    }
    assert_eq!(world.states(), "1 superseded, 5 superseded, 6 deployed");
}

#[test]
fn what_a_failed_revision_left_may_be_pruned_while_the_next_one_waits() {
    let mut world = World::installed();
    world.policy.history_max = 2;
    world.policy.upgrade.on_failure = UpgradeFailure::Retain;
    for number in 2..=4 {
        world.change(&format!("v{number}"), &format!("web={number}"));
        world.script(&format!("web={number}"), Script::Stuck);
        check_stalled(&world.settle(), Category::Timeout);
    }
    assert_eq!(world.states(), "1 deployed, 3 failed, 4 failed");
}

#[test]
fn the_newest_revision_stays_because_its_number_is_the_lock() {
    let mut world = World::installed();
    world.policy.history_max = 1;
    world.policy.upgrade.on_failure = UpgradeFailure::Retain;
    world.change("b", "web=2");
    world.script("web=2", Script::Fails(Category::CrashLoop));
    check_stalled(&world.settle(), Category::CrashLoop);
    world.change("c", "web=3");
    check_in_sync(&world.settle());
    assert_eq!(world.states(), "1 superseded, 2 failed, 3 deployed");
    world.change("d", "web=4");
    check_in_sync(&world.settle());
    assert_eq!(world.states(), "3 superseded, 4 deployed");
}
