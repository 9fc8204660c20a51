//! Live objects that differ from the manifest.

use plan::policy::DriftPolicy;
use plan::{Category, Decision, Rest};

use crate::world::{Turn, World, check_in_sync};

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
