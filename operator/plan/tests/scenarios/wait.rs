//! Waiting: how long, and what for.

use std::time::Duration;

use helm::hooks::HookEvent;
use plan::policy::{HooksPolicy, WaitFor};
use plan::{Category, ErrorClass, Selector, SelectorText};

use crate::cluster::Script;
use crate::world::{Turn, World, check_in_sync, check_stalled, minutes};

#[test]
fn everything_must_stay_ready_for_a_while_when_asked() {
    let mut world = World::new();
    world.policy.wait.stable_for = Some(minutes(1));
    let Turn::Parked(until, _) = world.run() else {
        panic!("{}", world.tell())
    };
    assert_eq!(until.duration_since(world.cluster.now).as_secs(), 60);
    world.later(Duration::from_secs(30));
    world.script("web=1", Script::Stuck);
    world.run();
    world.cluster.scripts.clear();
    let Turn::Parked(until, _) = world.run() else {
        panic!("{}", world.tell())
    };
    assert_eq!(until.duration_since(world.cluster.now).as_secs(), 60);
    check_in_sync(&world.settle());
}

#[test]
fn a_wait_without_progress_fails_early_when_asked() {
    let mut world = World::new();
    world.policy.install.retries = 0;
    world.policy.wait.no_progress = Some(minutes(1));
    world.script("web=1", Script::Stuck);
    check_stalled(&world.settle(), Category::NoProgress);
    assert_eq!(world.cluster.now.to_string(), "2026-01-01T00:01:00Z");
}

#[test]
fn a_failed_object_does_not_stop_the_wait_for_the_others() {
    let mut world = World::new();
    world.policy.install.retries = 0;
    world.manifest = "bad=1\nslow=1".to_owned();
    world.script("bad=1", Script::Fails(Category::CrashLoop));
    world.script("slow=1", Script::Stuck);
    let Turn::Parked(..) = world.run() else {
        panic!("{}", world.tell())
    };
    world.cluster.scripts.remove("slow=1");
    check_stalled(&world.settle(), Category::CrashLoop);
    assert_eq!(world.cluster.now.to_string(), "2026-01-01T00:00:00Z");
    assert_eq!(
        world.history(),
        [
            "1 failed: Release \"web\" failed: resource Thing/apps/bad not ready. status: Failed, message: broken"
        ]
    );
}

#[test]
fn the_deadline_bounds_hooks_and_waits_together() {
    let mut world = World::new();
    world.policy.install.retries = 0;
    world.policy.deadline = Some(minutes(2));
    world.hook("before", &[HookEvent::PreInstall], 0, &[]);
    world.script("before", Script::Stuck);
    check_stalled(&world.settle(), Category::HookFailed);
    assert_eq!(world.cluster.now.to_string(), "2026-01-01T00:02:00Z");
}

#[test]
fn a_hook_has_the_whole_timeout() {
    let mut world = World::new();
    world.policy.install.retries = 0;
    world.hook("before", &[HookEvent::PreInstall], 0, &[]);
    world.script("before", Script::Stuck);
    check_stalled(&world.settle(), Category::HookFailed);
    assert_eq!(world.cluster.now.to_string(), "2026-01-01T00:05:00Z");
    assert_eq!(
        world.history(),
        [
            "1 failed: Release \"web\" failed: failed pre-install: resource Job/apps/before not ready. \
          status: InProgress, message: Job in progress\ncontext deadline exceeded"
        ]
    );
}

#[test]
fn a_transient_error_ends_with_the_deadline() {
    let mut world = World::new();
    world.policy.install.retries = 0;
    world.policy.deadline = Some(minutes(2));
    world.fault(
        "Apply",
        ErrorClass::Transient,
        Category::WebhookUnavailable,
        u32::MAX,
    );
    check_stalled(&world.settle(), Category::Timeout);
    assert_eq!(world.cluster.now.to_string(), "2026-01-01T00:02:00Z");
}

#[test]
fn only_hooks_are_waited_for_when_asked_and_the_revision_is_not_called_proven() {
    let mut world = World::new();
    world.policy.wait.target = WaitFor::HooksOnly;
    world.script("web=1", Script::Stuck);
    check_in_sync(&world.settle());
    assert!(!world.status.history[0].proven);
}

#[test]
fn nothing_is_waited_for_when_asked() {
    let mut world = World::new();
    world.policy.wait.target = WaitFor::Nothing;
    world.hook("before", &[HookEvent::PreInstall], 0, &[]);
    world.script("before", Script::Stuck);
    world.script("web=1", Script::Stuck);
    check_in_sync(&world.settle());
    assert_eq!(world.cluster.ran, ["pre-install before"]);
}

#[test]
fn hooks_are_skipped_when_asked() {
    let mut world = World::new();
    world.policy.hooks = HooksPolicy::Skip;
    world.hook("before", &[HookEvent::PreInstall], 0, &[]);
    check_in_sync(&world.settle());
    assert_eq!(world.cluster.ran, [""; 0]);
}

/// Objects of this name are optional.
fn optional(world: &mut World, name: &str) {
    let text = SelectorText {
        name: Some(name),
        ..SelectorText::default()
    };
    world.policy.wait.optional = [Selector::parse(&text).unwrap()].into();
}

#[test]
fn an_optional_object_does_not_hold_the_wait() {
    for script in [Script::Stuck, Script::Fails(Category::CrashLoop)] {
        let mut world = World::new();
        world.manifest = "extra=1\nweb=1".to_owned();
        world.script("extra=1", script);
        optional(&mut world, "extra");
        check_in_sync(&world.settle());
        assert_eq!(world.cluster.now.to_string(), "2026-01-01T00:00:00Z");
        assert!(world.status.history[0].proven);
    }
}

#[test]
fn an_optional_object_is_no_excuse_for_the_others() {
    let mut world = World::new();
    world.policy.install.retries = 0;
    world.manifest = "extra=1\nweb=1".to_owned();
    world.script("extra=1", Script::Fails(Category::ImagePullFailed));
    world.script("web=1", Script::Stuck);
    optional(&mut world, "extra");
    check_stalled(&world.settle(), Category::Timeout);
    let failure = world.status.failure.unwrap();
    assert_eq!(
        failure.message,
        "resource Thing/apps/web not ready. status: InProgress, message: Ready: 0/1\ncontext deadline exceeded"
    );
    assert_eq!(failure.objects, []);
}

#[test]
fn an_optional_object_does_not_keep_a_failed_revision_from_healing() {
    let mut world = World::new();
    world.policy.install.retries = 0;
    world.manifest = "extra=1\nweb=1".to_owned();
    world.script("extra=1", Script::Stuck);
    world.script("web=1", Script::Stuck);
    optional(&mut world, "extra");
    check_stalled(&world.settle(), Category::Timeout);
    world.cluster.scripts.remove("web=1");
    check_in_sync(&world.settle());
    assert_eq!(world.states(), "1 deployed");
}

#[test]
fn an_image_that_does_not_come_fails_the_wait_before_its_timeout() {
    let mut world = World::new();
    world.policy.install.retries = 0;
    world.manifest = "slow=1\nweb=1".to_owned();
    world.script("slow=1", Script::Stuck);
    world.script("web=1", Script::Pending(Category::ImagePullFailed));
    check_stalled(&world.settle(), Category::ImagePullFailed);
    assert_eq!(world.cluster.now.to_string(), "2026-01-01T00:02:00Z");
    let failure = world.status.failure.unwrap();
    assert_eq!(
        failure.message,
        "resource Thing/apps/slow not ready. status: InProgress, message: Ready: 0/1\n\
         resource Thing/apps/web not ready. status: InProgress, message: Ready: 0/1\n\
         waiting does not cure ImagePullFailed of Pod/apps/web-0"
    );
    assert_eq!(failure.objects.len(), 1);
}

#[test]
fn an_image_that_comes_late_is_no_failure() {
    let mut world = World::new();
    world.script("web=1", Script::Pending(Category::ImagePullFailed));
    for _ in 0..3 {
        world.run();
        world.later(Duration::from_secs(39));
    }
    world.cluster.scripts.clear();
    check_in_sync(&world.settle());
    assert_eq!(world.states(), "1 deployed");
}

#[test]
fn the_time_of_grace_survives_a_restart() {
    let mut world = World::new();
    world.policy.install.retries = 0;
    world.script("web=1", Script::Pending(Category::Unschedulable));
    world.run();
    world.later(minutes(2));
    world.crash_at = Some(world.writes + 1);
    world.reconcile().unwrap_err();
    check_stalled(&world.settle(), Category::Unschedulable);
    assert_eq!(world.cluster.now.to_string(), "2026-01-01T00:03:00Z");
}

#[test]
fn a_hook_whose_image_does_not_come_fails_before_its_timeout() {
    let mut world = World::new();
    world.policy.install.retries = 0;
    world.hook("before", &[HookEvent::PreInstall], 0, &[]);
    world.script("before", Script::Pending(Category::ImagePullFailed));
    check_stalled(&world.settle(), Category::HookFailed);
    assert_eq!(world.cluster.now.to_string(), "2026-01-01T00:02:00Z");
    assert_eq!(
        world.history(),
        [
            "1 failed: Release \"web\" failed: failed pre-install: resource Job/apps/before not ready. \
          status: InProgress, message: Job in progress\nwaiting does not cure ImagePullFailed of Pod/apps/before-0"
        ]
    );
}

#[test]
fn nothing_is_proven_where_nothing_is_waited_for() {
    let mut world = World::new();
    world.policy.wait.target = WaitFor::Nothing;
    world.hook("before", &[HookEvent::PreInstall], 0, &[]);
    world.script("before", Script::Pending(Category::ImagePullFailed));
    world.script("web=1", Script::Pending(Category::ImagePullFailed));
    check_in_sync(&world.settle());
}
