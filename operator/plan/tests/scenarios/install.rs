//! Installing.

use helm::hooks::HookEvent;
use plan::policy::{CrdPolicy, InstallFailure};
use plan::status::ConditionKind;
use plan::{Category, CrdFile, Decision, Digest, ErrorClass, Failure, ReleaseState, Stage};

use crate::cluster::{Object, Script};
use crate::world::{Turn, World, check_in_sync, check_stalled, minutes};

#[test]
fn a_new_release_is_installed_and_proven() {
    let mut world = World::new();
    world.policy.create_namespace = true;
    world.crds = vec![CrdFile {
        name: "crds/a.yaml".to_owned(),
        text: "a=1".to_owned(),
    }];
    world.cluster.objects.insert(
        "a".to_owned(),
        Object {
            spec: "1".to_owned(),
            owned: false,
            run: None,
        },
    );
    world.hook("before", &[HookEvent::PreInstall], 0, &[]);
    world.hook("after", &[HookEvent::PostInstall], 0, &[]);
    check_in_sync(&world.settle());
    assert_eq!(world.history(), ["1 deployed: Install complete"]);
    assert_eq!(world.objects(), "a=1 after before web=1");
    assert_eq!(world.cluster.ran, ["pre-install before", "post-install after"]);
    assert!(world.cluster.namespaces.contains("apps"));
    assert!(world.cluster.definitions.contains("crds/a.yaml"));
    assert_eq!(
        world.conditions(),
        "Ready=True/InstallSucceeded Released=True/InstallSucceeded"
    );
    assert_eq!(
        world.message(ConditionKind::Ready),
        "web 1.0.0 is deployed as revision 1"
    );
    assert!(world.status.history[0].proven);
    assert_eq!(world.status.operation, None);
}

#[test]
fn nothing_is_written_when_nothing_changed() {
    let mut world = World::installed();
    let writes = world.writes;
    world.later(minutes(10));
    check_in_sync(&world.settle());
    assert_eq!(world.writes, writes);
    assert_eq!(
        *world.state(),
        ReleaseState::InSync {
            revision: helm::record::Revision(1)
        }
    );
}

#[test]
fn definitions_are_left_alone_when_asked() {
    let mut world = World::new();
    world.policy.install.crds = CrdPolicy::Skip;
    world.crds = vec![CrdFile {
        name: "crds/a.yaml".to_owned(),
        text: "a=1".to_owned(),
    }];
    check_in_sync(&world.settle());
    assert!(world.cluster.definitions.is_empty());
}

#[test]
fn while_it_installs_the_resource_is_unknown_and_reconciling() {
    let mut world = World::new();
    world.script("web=1", Script::Stuck);
    let Turn::Parked(until, why) = world.run() else {
        panic!("{}", world.tell())
    };
    assert_eq!(until.to_string(), "2026-01-01T00:05:00Z");
    assert_eq!(
        why.message,
        "1 of 1 objects are not ready: Thing/apps/web: Ready: 0/1"
    );
    assert_eq!(world.states(), "1 pending-install");
    world.reconcile().unwrap();
    assert_eq!(
        world.conditions(),
        "Ready=Unknown/Progressing Reconciling=True/Progressing Released=Unknown/Progressing"
    );
}

#[test]
fn a_failed_install_is_tried_again_in_place_and_then_retained() {
    let mut world = World::new();
    world.script("web=1", Script::Stuck);
    check_stalled(&world.settle(), Category::Timeout);
    let error = "resource Thing/apps/web not ready. status: InProgress, message: Ready: 0/1\ncontext deadline exceeded";
    assert_eq!(
        world.history(),
        [
            format!("1 failed: Release \"web\" failed: {error}"),
            format!("2 failed: Upgrade \"web\" failed: {error}"),
            format!("3 failed: Upgrade \"web\" failed: {error}"),
            format!("4 failed: Upgrade \"web\" failed: {error}"),
        ]
    );
    assert_eq!(world.objects(), "web=1");
    assert_eq!(
        world.conditions(),
        "Ready=False/Timeout Stalled=True/Timeout Released=False/Timeout"
    );
}

#[test]
fn between_two_attempts_the_failure_is_told_and_nothing_is_stalled() {
    let mut world = World::new();
    world.script("web=1", Script::Fails(Category::ImagePullFailed));
    let Turn::Rest(Decision::Wait {
        until: Some(until),
        why,
    }) = world.run()
    else {
        panic!("{}", world.tell())
    };
    assert_eq!(why.category, Category::Retrying);
    assert_eq!(until.duration_since(world.cluster.now).as_secs(), 10);
    assert_eq!(
        world.conditions(),
        "Ready=False/ImagePullFailed Reconciling=True/Retrying Released=False/ImagePullFailed"
    );
    let failure = world.status.failure.as_ref().unwrap();
    assert_eq!(failure.objects[0].object.to_string(), "Pod/apps/web-0");
}

#[test]
fn a_failed_install_is_uninstalled_when_asked_and_not_installed_again() {
    let mut world = World::new();
    world.policy.install.retries = 0;
    world.policy.install.on_failure = InstallFailure::Uninstall;
    world.script("web=1", Script::Fails(Category::CrashLoop));
    check_stalled(&world.settle(), Category::UninstalledAfterFailure);
    assert_eq!(world.history(), [""; 0]);
    assert_eq!(world.objects(), "");
    assert_eq!(
        world.conditions(),
        "Ready=False/UninstalledAfterFailure Stalled=True/UninstalledAfterFailure Remediated=True/UninstalledAfterFailure"
    );

    world.change("b", "web=2");
    check_in_sync(&world.settle());
    assert_eq!(world.history(), ["1 deployed: Install complete"]);
}

#[test]
fn a_refused_object_stalls_at_once() {
    let mut world = World::new();
    world.fault("Apply", ErrorClass::Permanent, Category::ApplyRefused, 1);
    check_stalled(&world.settle(), Category::ApplyRefused);
    assert_eq!(
        world.history(),
        ["1 failed: Release \"web\" failed: Apply met ApplyRefused"]
    );
}

#[test]
fn an_object_of_somebody_else_is_refused_before_anything_is_stored_and_looked_at_again_later() {
    let mut world = World::new();
    world.cluster.objects.insert(
        "web".to_owned(),
        Object {
            spec: "0".to_owned(),
            owned: false,
            run: None,
        },
    );
    check_stalled(&world.settle(), Category::OwnershipConflict);
    assert_eq!(world.history(), [""; 0]);
    assert_eq!(
        world.message(ConditionKind::Ready),
        "unable to continue with install: Thing \"web\" exists and cannot be imported into the current release"
    );

    world.cluster.objects.clear();
    check_stalled(&world.settle(), Category::OwnershipConflict);
    world.later(minutes(11));
    check_in_sync(&world.settle());
}

#[test]
fn a_chart_that_cannot_be_rendered_stalls_until_its_inputs_change() {
    let mut world = World::new();
    let failure = Failure {
        category: Category::TemplateError,
        class: ErrorClass::Permanent,
        stage: Stage::Prepare,
        message: "execution error at (web/templates/x.yaml:1:3): no".to_owned(),
        objects: Vec::new(),
        revision: None,
        at: world.cluster.now,
    };
    let inputs: Digest = world.desired().inputs.digest();
    world.status = plan::status::refused(world.status.clone(), &inputs, failure);
    check_stalled(&world.settle(), Category::TemplateError);
    world.change("b", "web=1");
    check_in_sync(&world.settle());
}

#[test]
fn a_release_that_becomes_healthy_late_is_finished_and_not_made_again() {
    let mut world = World::new();
    world.policy.install.retries = 0;
    world.hook("after", &[HookEvent::PostInstall], 0, &[]);
    world.script("web=1", Script::Stuck);
    check_stalled(&world.settle(), Category::Timeout);
    assert_eq!(world.cluster.ran, [""; 0]);

    world.cluster.scripts.clear();
    check_in_sync(&world.settle());
    assert_eq!(world.history(), ["1 deployed: Install complete"]);
    assert_eq!(world.cluster.ran, ["post-install after"]);
    assert_eq!(world.status.failure, None);
}

#[test]
fn a_failed_hook_fails_the_install_in_helms_words() {
    let mut world = World::new();
    world.policy.install.retries = 0;
    world.hook("before", &[HookEvent::PreInstall], 0, &[]);
    world.script("before", Script::Fails(Category::JobFailed));
    check_stalled(&world.settle(), Category::HookFailed);
    assert_eq!(
        world.history(),
        [
            "1 failed: Release \"web\" failed: failed pre-install: resource Job/apps/before not ready. \
          status: Failed, message: Job Failed. failed: 1/1"
        ]
    );
    assert_eq!(world.objects(), "before");
}

#[test]
fn transient_errors_are_not_counted() {
    let mut world = World::new();
    world.policy.install.retries = 0;
    world.fault("Apply", ErrorClass::Transient, Category::WebhookUnavailable, 7);
    world.fault(
        "CreateRelease",
        ErrorClass::Transient,
        Category::ClusterUnreachable,
        2,
    );
    check_in_sync(&world.settle());
    assert_eq!(world.history(), ["1 deployed: Install complete"]);
}

#[test]
fn the_words_of_the_owner_replace_helms() {
    let mut world = World::new();
    world.policy.description = Some("for the fair".to_owned());
    world.settle();
    assert_eq!(world.history(), ["1 deployed: for the fair"]);
}

#[test]
fn labels_of_the_owner_are_stored_and_helms_are_refused() {
    let mut world = World::new();
    world.policy.labels.insert("owner".to_owned(), "me".to_owned());
    check_stalled(&world.settle(), Category::SpecInvalid);
    assert_eq!(
        world.message(ConditionKind::Ready),
        "user supplied labels contains system reserved label name. System labels: [name owner status version createdAt modifiedAt]"
    );
}
