//! Live objects that differ from the manifest.

use plan::drift::{Ignore, Pointer};
use plan::policy::{DriftPolicy, UpgradeFailure};
use plan::{Category, Decision, Rest, Selector, SelectorText};

use crate::cluster::Script;
use crate::world::{Turn, World, check_in_sync, check_stalled};

fn drifted(policy: DriftPolicy) -> World {
    let mut world = World::installed();
    world.policy.drift = policy;
    "changed".clone_into(&mut world.cluster.objects.get_mut("web").unwrap().spec);
    world
}

#[test]
fn drift_is_told_by_default() {
    let mut world = drifted(DriftPolicy::Warn);
    assert!(matches!(
        world.settle(),
        Decision::Done(Rest::InSync { drifted: true, .. })
    ));
    assert_eq!(
        world.conditions(),
        "Ready=True/InstallSucceeded Released=True/InstallSucceeded Drifted=True/Drifted"
    );
    assert_eq!(world.objects(), "web=changed");
}

#[test]
fn drift_is_ignored_when_asked() {
    let mut world = drifted(DriftPolicy::Ignore);
    check_in_sync(&world.settle());
}

#[test]
fn drift_is_corrected_when_asked_without_a_revision() {
    let mut world = drifted(DriftPolicy::Correct);
    check_in_sync(&world.settle());
    assert_eq!(
        (world.states().as_str(), world.objects().as_str()),
        ("1 deployed", "web=1")
    );
}

#[test]
fn drift_that_comes_back_is_corrected_once_a_minute() {
    let mut world = drifted(DriftPolicy::Correct);
    world.cluster.meddled.insert("web".to_owned());
    for _ in 0..3 {
        let Turn::Rest(Decision::Wait {
            until: Some(until),
            why,
        }) = world.run()
        else {
            panic!("{}", world.tell())
        };
        assert_eq!(why.category, Category::Drifted);
        assert!(world.is_ready());
        assert_eq!(until.duration_since(world.cluster.now).as_secs(), 60);
        world.cluster.now = until;
    }
}

/// The specification of objects of this name is ignored.
fn ignore(world: &mut World, name: &str) {
    let text = SelectorText {
        name: Some(name),
        ..SelectorText::default()
    };
    let rule = Ignore {
        target: Some(Selector::parse(&text).unwrap()),
        paths: vec![Pointer::parse("/spec").unwrap()],
    };
    world.policy.drift_ignore = [rule].into();
}

#[test]
fn differences_that_a_rule_names_are_none() {
    for policy in [DriftPolicy::Warn, DriftPolicy::Correct] {
        let mut world = drifted(policy);
        ignore(&mut world, "web");
        check_in_sync(&world.settle());
        assert_eq!(world.objects(), "web=changed");
        assert!(!world.conditions().contains("Drifted"), "{}", world.conditions());
    }
}

#[test]
fn a_rule_about_other_objects_hides_nothing() {
    let mut world = drifted(DriftPolicy::Correct);
    ignore(&mut world, "other");
    check_in_sync(&world.settle());
    assert_eq!(world.objects(), "web=1");
}

#[test]
fn a_rollback_is_complete_although_ignored_fields_differ() {
    for (rules, category) in [
        (false, Category::RollbackIncomplete),
        (true, Category::RolledBack),
    ] {
        let mut world = World::installed();
        world.policy.upgrade.on_failure = UpgradeFailure::Rollback;
        world.cluster.meddled.insert("web".to_owned());
        if rules {
            ignore(&mut world, "web");
        }
        world.change("b", "web=2");
        world.script("web=2", Script::Fails(Category::CrashLoop));
        check_stalled(&world.settle(), category);
    }
}
