//! Looks in a row, and what they prove.

use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

fn cause(kind: &str, name: &str, category: Category, restarts: u32) -> Cause {
    Cause {
        object: ObjectRef {
            api_version: "v1".to_owned(),
            kind: kind.to_owned(),
            namespace: "apps".to_owned(),
            name: name.to_owned(),
        },
        category,
        reason: String::new(),
        message: String::new(),
        restarts,
    }
}

fn pod(category: Category, restarts: u32) -> Cause {
    cause("Pod", "web-a", category, restarts)
}

/// Looks at a time each and what the last one comes to.
#[track_caller]
fn check(looks: &[(i64, &[Cause])], expected: &Proof) {
    let mut data = OperationData::default();
    let mut proof = Proof::Open(None);
    for (second, causes) in looks {
        proof = weigh(&mut data, causes, at(*second));
    }
    assert_eq!(proof, *expected);
}

#[test]
fn an_image_that_does_not_come_is_proven_after_two_minutes() {
    let missing = [pod(Category::ImagePullFailed, 0)];
    check(&[(0, &missing)], &Proof::Open(Some(at(120))));
    check(&[(0, &missing), (119, &missing)], &Proof::Open(Some(at(120))));
    check(
        &[(0, &missing), (119, &missing), (120, &missing)],
        &Proof::Proven(0),
    );
}

#[test]
fn a_look_without_the_cause_starts_the_time_anew() {
    let missing = [pod(Category::ImagePullFailed, 0)];
    check(
        &[(0, &missing), (60, &[]), (119, &missing), (130, &missing)],
        &Proof::Open(Some(at(239))),
    );
    let other = [cause("Pod", "web-b", Category::ImagePullFailed, 0)];
    check(&[(0, &missing), (120, &other)], &Proof::Open(Some(at(240))));
}

#[test]
fn a_pod_without_a_node_is_proven_after_three_minutes() {
    let homeless = [pod(Category::Unschedulable, 0)];
    check(&[(0, &homeless), (179, &homeless)], &Proof::Open(Some(at(180))));
    check(&[(0, &homeless), (180, &homeless)], &Proof::Proven(0));
}

#[test]
fn a_crash_loop_needs_time_and_restarts() {
    let loops = |restarts| [pod(Category::CrashLoop, restarts)];
    check(&[(0, &loops(40)), (59, &loops(40))], &Proof::Open(Some(at(60))));
    check(&[(0, &loops(1)), (60, &loops(4))], &Proof::Open(Some(at(90))));
    check(&[(0, &loops(1)), (60, &loops(5))], &Proof::Proven(0));
    let memory = |restarts| [pod(Category::OutOfMemory, restarts)];
    check(&[(0, &memory(1)), (200, &memory(5))], &Proof::Proven(0));
}

#[test]
fn a_failed_job_is_proven_at_once_and_a_failed_pod_of_a_job_never() {
    check(
        &[(0, &[cause("Job", "migrate", Category::JobFailed, 0)])],
        &Proof::Proven(0),
    );
    let pod = [pod(Category::JobFailed, 0)];
    check(&[(0, &pod), (9999, &pod)], &Proof::Open(None));
}

#[test]
fn causes_that_may_go_away_at_any_time_prove_nothing() {
    for category in [
        Category::ProbeFailed,
        Category::ContainerConfigError,
        Category::VolumeNotBound,
        Category::QuotaExceeded,
    ] {
        let causes = [pod(category, 99)];
        check(&[(0, &causes), (9999, &causes)], &Proof::Open(None));
    }
}

#[test]
fn the_first_proven_cause_is_named_among_others() {
    let causes = [
        pod(Category::ProbeFailed, 0),
        cause("Job", "migrate", Category::JobFailed, 0),
    ];
    check(&[(0, &causes)], &Proof::Proven(1));
}

#[test]
fn no_more_suspects_are_kept_than_the_limit() {
    let causes: Vec<Cause> = (0..50)
        .map(|number| cause("Pod", &format!("web-{number}"), Category::ImagePullFailed, 0))
        .collect();
    let mut data = OperationData::default();
    weigh(&mut data, &causes, at(0));
    assert_eq!(data.suspects.len(), MAX_SUSPECTS);
}
