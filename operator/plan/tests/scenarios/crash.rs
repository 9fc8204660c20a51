//! The operator dies. Every scenario here is run once undisturbed, and then once for every write it makes, dying right
//! after that write; each time the world must end the same and no hook may run twice.

use helm::hooks::{HookDeletePolicy, HookEvent};
use plan::Category;
use plan::policy::{InstallFailure, TestWhen, UpgradeFailure};

use crate::cluster::Script;
use crate::world::World;

/// What must not depend on crashes.
fn end(world: &World) -> String {
    let entries: Vec<String> = world
        .status
        .history
        .iter()
        .map(|entry| {
            format!(
                "{} {} {} {}",
                entry.revision,
                entry.status,
                entry.made_by.as_str(),
                entry.proven
            )
        })
        .collect();
    format!(
        "{}\nobjects: {}\nhooks: {:?}\nconditions: {}\nhistory: {entries:?}\nattempts: {:?}\noperation: {:?}",
        world.history().join("\n"),
        world.objects(),
        world.cluster.ran,
        world.conditions(),
        world
            .status
            .attempts
            .as_ref()
            .map(|attempts| (attempts.failures, attempts.retreats)),
        world.status.operation,
    )
}

/// The operator may die at any write of the settling of `world`; and, `twice`, again soon after it came back.
#[track_caller]
fn check(world: &World, twice: bool) {
    let mut calm = world.clone();
    calm.settle();
    let expected = end(&calm);
    let writes = calm.writes - world.writes;
    assert!(writes > 3, "nothing to disturb");
    for at in 1..=writes {
        let first = world.writes + at;
        let mut hurt = world.clone();
        hurt.crash_at = Some(first);
        while hurt.writes < first {
            assert_eq!(hurt.pass(), None, "at rest before write {at} of {writes}");
        }
        let again = if twice { 0..=4 } else { 0..=0 };
        for again in again {
            let mut world = hurt.clone();
            world.crash_at = Some(first + again);
            world.settle();
            assert_eq!(
                end(&world),
                expected,
                "after a crash at write {at} of {writes}, and {again} later"
            );
        }
    }
}

/// Hooks of every event, with every policy.
fn with_hooks() -> World {
    use HookEvent::{
        PostDelete, PostInstall, PostRollback, PostUpgrade, PreDelete, PreInstall, PreRollback, PreUpgrade,
    };
    let mut world = World::new();
    let before = [PreInstall, PreUpgrade, PreRollback, PreDelete];
    let after = [PostInstall, PostUpgrade, PostRollback, PostDelete];
    world.hook("first", &before, 0, &[HookDeletePolicy::Succeeded]);
    world.hook("second", &before, 1, &[]);
    world.hook(
        "third",
        &after,
        0,
        &[HookDeletePolicy::BeforeHookCreation, HookDeletePolicy::Succeeded],
    );
    world.hook(
        "both",
        &[PreInstall, PostInstall, PreUpgrade, PostUpgrade],
        2,
        &[],
    );
    world
}

fn installed_with_hooks() -> World {
    let mut world = with_hooks();
    world.settle();
    world.cluster.ran.clear();
    world
}

#[test]
fn an_install_survives_any_crash() {
    check(&with_hooks(), true);
}

#[test]
fn an_upgrade_survives_any_crash() {
    let mut world = installed_with_hooks();
    world.change("b", "extra=1\nweb=2");
    check(&world, true);
}

#[test]
fn a_failed_upgrade_with_its_rollback_survives_any_crash() {
    let mut world = installed_with_hooks();
    world.policy.upgrade.cleanup_on_fail = true;
    world.change("b", "extra=1\nweb=2");
    world.script("web=2", Script::Fails(Category::CrashLoop));
    check(&world, false);
}

#[test]
fn a_failed_hook_survives_any_crash() {
    let mut world = installed_with_hooks();
    world.policy.upgrade.on_failure = UpgradeFailure::Retain;
    world.hook("bad", &[HookEvent::PreUpgrade], 9, &[HookDeletePolicy::Failed]);
    world.script("bad", Script::Fails(Category::JobFailed));
    world.change("b", "web=2");
    check(&world, false);
}

#[test]
fn an_install_with_retries_survives_any_crash() {
    let mut world = with_hooks();
    world.policy.install.retries = 1;
    world.script("web=1", Script::Fails(Category::CrashLoop));
    check(&world, false);
}

#[test]
fn an_install_that_is_uninstalled_survives_any_crash() {
    let mut world = with_hooks();
    world.policy.install.retries = 0;
    world.policy.install.on_failure = InstallFailure::Uninstall;
    world.script("web=1", Script::Fails(Category::CrashLoop));
    check(&world, false);
}

#[test]
fn an_uninstall_survives_any_crash() {
    for keep_history in [false, true] {
        let mut world = installed_with_hooks();
        world.change("b", "web=2");
        world.settle();
        world.cluster.ran.clear();
        world.policy.uninstall.keep_history = keep_history;
        world.deleting = true;
        check(&world, true);
    }
}

#[test]
fn an_install_over_kept_history_survives_any_crash() {
    let mut world = installed_with_hooks();
    world.policy.uninstall.keep_history = true;
    world.deleting = true;
    world.settle();
    world.deleting = false;
    world.cluster.ran.clear();
    check(&world, false);
}

#[test]
fn a_superseded_wait_survives_any_crash() {
    let mut world = installed_with_hooks();
    world.change("b", "extra=1\nweb=2");
    world.script("web=2", Script::Stuck);
    world.run();
    world.change("c", "web=3");
    check(&world, false);
}

#[test]
fn tests_survive_any_crash() {
    let mut world = World::new();
    world.policy.test.when = TestWhen::AfterRelease;
    world.hook("smoke", &[HookEvent::Test], 0, &[HookDeletePolicy::Succeeded]);
    world.settle();
    world.cluster.ran.clear();
    world.change("b", "web=2");
    check(&world, false);
}

#[test]
fn a_pruned_history_survives_any_crash() {
    let mut world = World::new();
    world.policy.history_max = 2;
    world.settle();
    world.change("b", "web=2");
    world.settle();
    world.change("c", "web=3");
    check(&world, false);
}
