//! Uninstalling, and moving away.

use helm::hooks::HookEvent;
use helm::name::ReleaseName;
use helm::record::{Namespace, Revision, Status};
use plan::policy::{OnDelete, TargetChangePolicy, UpgradeFailure};
use plan::status::ConditionKind;
use plan::{Category, Decision, ErrorClass, PreviousTarget, Rest, Target};

use crate::cluster::Script;
use crate::world::{Turn, World, check_in_sync, check_stalled, minutes};

const RELEASED: Decision = Decision::Done(Rest::Released);

#[test]
fn deleting_the_resource_uninstalls_the_release() {
    let mut world = World::new();
    world.hook("farewell", &[HookEvent::PreDelete], 0, &[]);
    world.hook("silence", &[HookEvent::PostDelete], 0, &[]);
    world.manifest = "data=keep\nweb=1".to_owned();
    world.settle();
    world.change("b", "data=keep\nweb=2");
    world.settle();
    world.deleting = true;
    assert_eq!(world.settle(), RELEASED);
    assert_eq!(world.states(), "");
    assert_eq!(world.objects(), "data=keep farewell silence");
    assert_eq!(world.cluster.ran, ["pre-delete farewell", "post-delete silence"]);
}

#[test]
fn history_is_kept_when_asked() {
    let mut world = World::installed();
    world.policy.uninstall.keep_history = true;
    world.change("b", "web=2");
    world.settle();
    world.deleting = true;
    assert_eq!(world.settle(), RELEASED);
    assert_eq!(
        world.history(),
        [
            "1 superseded: Install complete",
            "2 uninstalled: Uninstallation complete"
        ]
    );
    assert!(world.cluster.release(Revision(2)).info.deleted.is_some());
    assert_eq!(world.objects(), "");
}

#[test]
fn kept_history_is_gone_on_from_by_the_next_install() {
    let mut world = World::installed();
    world.policy.uninstall.keep_history = true;
    world.deleting = true;
    world.settle();
    world.deleting = false;
    world.status = plan::status::Snapshot::default();
    check_in_sync(&world.settle());
    assert_eq!(
        world.history(),
        [
            "1 superseded: superseded by new release",
            "2 deployed: Install complete"
        ]
    );

    // An older life is no place to go back to.
    world.change("b", "web=2");
    world.script("web=2", Script::Fails(Category::CrashLoop));
    world.settle();
    assert_eq!(world.history().last().unwrap(), "4 deployed: Rollback to 2");
}

#[test]
fn the_release_is_left_alone_when_asked() {
    let mut world = World::installed();
    world.policy.uninstall.on_delete = OnDelete::Orphan;
    world.deleting = true;
    assert_eq!(world.settle(), RELEASED);
    assert_eq!(
        (world.states().as_str(), world.objects().as_str()),
        ("1 deployed", "web=1")
    );
}

#[test]
fn an_orphaned_release_is_not_left_pending() {
    let mut world = World::installed();
    world.policy.uninstall.on_delete = OnDelete::Orphan;
    world.change("b", "web=2");
    world.script("web=2", Script::Stuck);
    world.run();
    world.deleting = true;
    assert_eq!(world.settle(), RELEASED);
    assert_eq!(world.states(), "1 deployed, 2 failed");
}

#[test]
fn an_operation_under_way_is_dropped_for_the_uninstall() {
    let mut world = World::installed();
    world.change("b", "extra=1\nweb=2");
    world.script("web=2", Script::Stuck);
    world.run();
    world.deleting = true;
    assert_eq!(world.settle(), RELEASED);
    assert_eq!((world.states().as_str(), world.objects().as_str()), ("", ""));
}

#[test]
fn an_object_that_does_not_go_keeps_the_record_and_the_resource() {
    let mut world = World::installed();
    world.cluster.clinging.insert("web".to_owned());
    world.deleting = true;
    let Turn::Parked(..) = world.run() else {
        panic!("{}", world.tell())
    };
    assert_eq!(world.states(), "1 uninstalling");
    assert_eq!(
        world.history(),
        ["1 uninstalling: Deletion in progress (or silently failed)"]
    );
    for _ in 0..5 {
        match world.run() {
            Turn::Parked(until, _)
            | Turn::Rest(Decision::Wait {
                until: Some(until), ..
            }) => {
                world.cluster.now = until;
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(world.states(), "1 uninstalling");
    world.cluster.clinging.clear();
    assert_eq!(world.settle(), RELEASED);
    assert_eq!((world.states().as_str(), world.objects().as_str()), ("", ""));
}

#[test]
fn a_failed_uninstall_is_tried_again_with_pauses() {
    let mut world = World::installed();
    world.deleting = true;
    world.fault("DeleteManifest", ErrorClass::Permanent, Category::Forbidden, 3);
    let Turn::Rest(Decision::Wait { why, .. }) = world.run() else {
        panic!("{}", world.tell())
    };
    assert_eq!(why.category, Category::UninstallFailed);
    assert_eq!(
        world.conditions(),
        "Ready=False/UninstallFailed Reconciling=True/UninstallFailed Released=Unknown/Progressing"
    );
    assert_eq!(
        world.message(ConditionKind::Ready),
        "DeleteManifest met Forbidden"
    );
    assert_eq!(world.settle(), RELEASED);
}

#[test]
fn a_failed_hook_after_deletion_is_told_but_the_release_is_gone() {
    let mut world = World::new();
    world.hook("silence", &[HookEvent::PostDelete], 0, &[]);
    world.script("silence", Script::Fails(Category::JobFailed));
    world.settle();
    world.deleting = true;
    assert_eq!(world.settle(), RELEASED);
    assert_eq!(world.states(), "");
    assert_eq!(world.cluster.ran, ["post-delete silence"]);
}

#[test]
fn an_uninstall_that_somebody_else_began_is_finished_after_its_timeout() {
    let mut world = World::installed();
    let mut release = world.cluster.release(Revision(1));
    release.info.status = Status::Uninstalling;
    world.cluster.store(&release, None);
    world.status = plan::status::Snapshot::default();
    let Turn::Rest(Decision::Wait { why, .. }) = world.run() else {
        panic!("{}", world.tell())
    };
    assert_eq!(why.category, Category::PendingElsewhere);
    check_in_sync(&world.settle());
    assert_eq!(world.history(), ["1 deployed: Install complete"]);
}

#[test]
fn another_chart_is_refused_unless_replacing_is_asked_for() {
    let mut world = World::installed();
    world.chart = "db".to_owned();
    world.change("b", "db=1");
    check_stalled(&world.settle(), Category::TargetChanged);
    assert_eq!(world.objects(), "web=1");
    world.policy.target_change = TargetChangePolicy::Replace;
    check_in_sync(&world.settle());
    assert_eq!(
        (world.states().as_str(), world.objects().as_str()),
        ("1 deployed", "db=1")
    );
}

#[test]
fn another_name_uninstalls_the_old_release_first_when_asked() {
    let mut world = World::installed();
    // The resource now wants `site`; status still speaks of `web`, and so do the revisions that are looked at.
    let old = Target {
        name: ReleaseName::parse("web").unwrap(),
        namespace: Namespace::new("apps").unwrap(),
    };
    world.name = "site".to_owned();
    world.previous = Some(PreviousTarget {
        target: old,
        chart: "web".to_owned(),
        newest: Revision(1),
    });
    check_stalled(&world.settle(), Category::TargetChanged);
    assert_eq!(
        world.message(ConditionKind::Ready),
        "release apps/web of chart web exists, but apps/site of chart web is wanted; set `onTargetChange: Replace` \
         to uninstall the old one first"
    );
    world.policy.target_change = TargetChangePolicy::Replace;
    world.reconcile().unwrap();
    assert_eq!((world.states().as_str(), world.objects().as_str()), ("", ""));
    world.previous = None;
    check_in_sync(&world.settle());
    assert_eq!(world.cluster.release(Revision(1)).name, "site");
}

#[test]
fn what_a_failed_revision_left_goes_with_the_release() {
    let mut world = World::installed();
    world.policy.upgrade.on_failure = UpgradeFailure::Retain;
    world.change("b", "extra=1\nweb=2");
    world.script("web=2", Script::Fails(Category::CrashLoop));
    check_stalled(&world.settle(), Category::CrashLoop);
    // The next revision gets no further than its hook, so that nothing was removed when the resource is deleted.
    world.hook("before", &[HookEvent::PreUpgrade], 0, &[]);
    world.script("before", Script::Stuck);
    world.change("c", "web=3");
    let Turn::Parked(..) = world.run() else {
        panic!("{}", world.tell())
    };
    assert_eq!(world.objects(), "before extra=1 web=2");
    world.deleting = true;
    assert_eq!(world.settle(), RELEASED);
    assert_eq!(world.objects(), "before");
}

#[test]
fn a_replaced_release_is_superseded_after_the_new_one_is_stored() {
    let mut world = World::installed();
    world.policy.uninstall.keep_history = true;
    world.deleting = true;
    world.settle();
    world.deleting = false;
    world.status = plan::status::Snapshot::default();
    world.fault("CreateRelease", ErrorClass::Permanent, Category::Forbidden, 1);
    check_stalled(&world.settle(), Category::Forbidden);
    assert_eq!(world.states(), "1 uninstalled");
    world.later(minutes(10));
    check_in_sync(&world.settle());
    assert_eq!(world.states(), "1 superseded, 2 deployed");
}
