//! Requests by annotation, weighed against the state.

use helm::record::Status;

use super::{Action, Decision, Fresh, RollbackBy, UnlockWhy, Why};
use crate::requests::RequestKind;
use crate::{
    Category, Desired, Holder, Observed, ReleaseState, Requests, RollbackRequest, RollbackTo, history,
};

/// What requests make of a state.
pub(super) struct Requested {
    /// The decision, when a request takes it.
    pub(super) decision: Option<Decision>,
    /// Whether failed attempts and holds are forgotten.
    pub(super) fresh: Fresh,
    /// Requests that are answered by the decision.
    pub(super) handled: Vec<(RequestKind, String)>,
    /// Requests that cannot be granted.
    pub(super) refused: Vec<Why>,
}

/// Weighs the requests. A resource that is being deleted or suspended grants none; they stay open.
pub(super) fn weigh(desired: &Desired, observed: &Observed, state: &ReleaseState) -> Requested {
    let mut answer = Requested {
        decision: None,
        fresh: Fresh::No,
        handled: Vec::new(),
        refused: Vec::new(),
    };
    if desired.deleting || desired.suspended {
        return answer;
    }
    let Requests {
        reconcile,
        retry,
        rollback,
        test,
    } = &observed.requests;
    if let Some(token) = reconcile {
        answer.handled.push((RequestKind::Reconcile, token.clone()));
    }
    if let Some(request) = rollback {
        self::rollback(desired, observed, state, request, &mut answer);
        return answer;
    }
    if is_busy(state) {
        // A retry of what is being tried, or a test of what is not deployed yet, waits for the end.
        return answer;
    }
    if let Some(token) = retry {
        answer.fresh = Fresh::Yes;
        answer.handled.push((RequestKind::Retry, token.clone()));
    } else if let Some(token) = test {
        answer.handled.push((RequestKind::Test, token.clone()));
        // A test leaves our mark, and a mark would make somebody else's revision ours.
        let foreign = matches!(state, ReleaseState::Foreign { .. });
        let newest = history::newest(&observed.revisions);
        let deployed = newest.filter(|facts| facts.status == Status::Deployed && !foreign);
        if let Some(facts) = deployed {
            answer.decision = Some(Decision::Run(Action::Test {
                revision: facts.revision,
            }));
        } else {
            answer.refused.push(refusal(
                Category::NotSupported,
                "test: no deployed revision of this resource",
            ));
        }
    }
    answer
}

fn rollback(
    desired: &Desired,
    observed: &Observed,
    state: &ReleaseState,
    request: &RollbackRequest,
    answer: &mut Requested,
) {
    if let ReleaseState::Pending { revision, holder } = state {
        // The request supersedes a wait of ours: that revision is closed first, and the request stays open.
        if let Holder::Ours(operation) = holder
            && let Action::Install { .. } | Action::Upgrade = operation.action
        {
            let unlock = Action::Unlock {
                revision: *revision,
                why: UnlockWhy::Superseded,
            };
            answer.decision = Some(Decision::Run(unlock));
        }
        return;
    }
    let Some(newest) = history::newest(&observed.revisions) else {
        answer
            .handled
            .push((RequestKind::Rollback, request.token.clone()));
        answer.refused.push(refusal(
            Category::RevisionNotFound,
            "rollback: the release has no revision",
        ));
        return;
    };
    let target = match request.to {
        RollbackTo::Revision(wanted) => observed.revisions.iter().find(|facts| facts.revision == wanted),
        RollbackTo::Previous => history::good_before(observed, newest.revision),
    };
    answer
        .handled
        .push((RequestKind::Rollback, request.token.clone()));
    let Some(target) = target else {
        let message = match request.to {
            RollbackTo::Revision(wanted) => format!("release has no {wanted} version"),
            RollbackTo::Previous => "rollback: no good revision before the newest one".to_owned(),
        };
        answer.refused.push(refusal(Category::RevisionNotFound, message));
        return;
    };
    if matches!(newest.status, Status::Uninstalled | Status::Uninstalling) {
        answer.refused.push(refusal(
            Category::NotSupported,
            "rollback: the release is uninstalled",
        ));
        return;
    }
    let wanted = desired.inputs.digest();
    let goes_elsewhere = observed.inputs_of(target) != Some(&wanted);
    answer.decision = Some(Decision::Run(Action::Rollback {
        to: target.revision,
        by: RollbackBy::Request,
        held: goes_elsewhere.then_some(wanted),
    }));
}

fn is_busy(state: &ReleaseState) -> bool {
    matches!(
        state,
        ReleaseState::Pending { .. } | ReleaseState::Uninstalling { .. }
    )
}

fn refusal(category: Category, message: impl Into<String>) -> Why {
    Why {
        category,
        message: message.into(),
    }
}
