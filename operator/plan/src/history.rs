//! Questions to the list of stored revisions: which one runs, which one was good, which ones may go.
//!
//! All functions take the revisions in ascending order.

use helm::record::{Revision, Status};

use crate::{Digest, ErrorClass, MadeBy, Observed, RevisionFacts};

/// The newest revision.
pub fn newest(revisions: &[RevisionFacts]) -> Option<&RevisionFacts> {
    revisions.last()
}

/// The revision an upgrade starts from, as Helm chooses it (`pkg/action/upgrade.go`): the newest if it is deployed,
/// else the newest deployed one, else the newest if it failed or was superseded.
pub fn current(revisions: &[RevisionFacts]) -> Option<&RevisionFacts> {
    let newest = newest(revisions)?;
    let deployed = revisions
        .iter()
        .rev()
        .find(|facts| facts.status == Status::Deployed);
    deployed.or_else(|| matches!(newest.status, Status::Failed | Status::Superseded).then_some(newest))
}

/// A deployed revision of ours although a newer one is deployed too. `helm rollback` does not mind that we are at work,
/// so both may come to their end; the newer one is what runs.
pub fn overtaken(observed: &Observed, owner: &str) -> Option<Revision> {
    let mut deployed = observed
        .revisions
        .iter()
        .rev()
        .filter(|facts| facts.status == Status::Deployed);
    deployed.next()?;
    deployed
        .find(|facts| observed.is_ours(facts, owner))
        .map(|facts| facts.revision)
}

/// The revisions of the release's present life: those since its last install over an uninstalled one.
pub fn life(revisions: &[RevisionFacts]) -> &[RevisionFacts] {
    let begins = |facts: &RevisionFacts| {
        facts
            .mark
            .as_ref()
            .is_some_and(|mark| mark.made_by == MadeBy::Install)
    };
    let start = revisions.iter().rposition(begins).unwrap_or(0);
    &revisions[start..]
}

/// The revision to go back to from `from`: the last deployed or superseded one that was proven good, else, as Helm
/// does, the last deployed or superseded one.
pub fn good_before(observed: &Observed, from: Revision) -> Option<&RevisionFacts> {
    let settled = |facts: &&RevisionFacts| {
        facts.revision < from && matches!(facts.status, Status::Deployed | Status::Superseded)
    };
    let candidates = || life(&observed.revisions).iter().rev().filter(settled);
    candidates()
        .find(|facts| observed.is_proven(facts))
        .or_else(|| candidates().next())
}

/// The failed revisions since the one that runs: what they created and nobody wanted after may still lie around.
/// Only revisions of ours count; a mark tells.
pub fn unfinished(revisions: &[RevisionFacts]) -> Vec<Revision> {
    let runs = revisions
        .iter()
        .rev()
        .find(|facts| facts.status == Status::Deployed)
        .map(|facts| facts.revision);
    let failed = |facts: &&RevisionFacts| {
        facts.status == Status::Failed
            && facts.mark.is_some()
            && runs.is_none_or(|runs| facts.revision > runs)
    };
    life(revisions)
        .iter()
        .filter(failed)
        .map(|facts| facts.revision)
        .collect()
}

/// How many attempts with these inputs ended unhealthy, counted from the newest revision down.
pub fn failures(revisions: &[RevisionFacts], inputs: &Digest) -> u32 {
    let of_these_inputs = |facts: &&RevisionFacts| {
        let failed = matches!(facts.status, Status::Failed | Status::Superseded);
        failed
            && facts
                .mark
                .as_ref()
                .is_some_and(|mark| mark.inputs.as_ref() == Some(inputs) && mark.failed.is_some())
    };
    let counted = |facts: &&RevisionFacts| {
        facts
            .mark
            .as_ref()
            .and_then(|mark| mark.failed)
            .is_some_and(|(_, class)| class == ErrorClass::Unhealthy)
    };
    let run = revisions
        .iter()
        .rev()
        .take_while(of_these_inputs)
        .filter(counted)
        .count();
    u32::try_from(run).unwrap_or(u32::MAX)
}

/// The revisions that go before a new one is stored: the oldest, until one less than `max` remain. The newest
/// deployed one stays, as in Helm (`pkg/storage/storage.go`), and so do three more: the one a rollback would go to;
/// `base`, which the operation that prunes starts from and may have to read again after a crash; and the newest,
/// because its number keeps everybody else from storing the next one while we do. `max` 0 keeps everything.
pub fn prunable(observed: &Observed, base: Option<Revision>, max: u32) -> Vec<Revision> {
    if max == 0 {
        return Vec::new();
    }
    let revisions = &observed.revisions;
    let deployed = revisions
        .iter()
        .rev()
        .find(|facts| facts.status == Status::Deployed);
    let good = good_before(observed, Revision(u32::MAX));
    let [deployed, good, newest] =
        [deployed, good, newest(revisions)].map(|facts| facts.map(|facts| facts.revision));
    let pinned = [deployed, good, newest, base];
    let surplus = revisions.len().saturating_sub(max as usize - 1);
    revisions
        .iter()
        .map(|facts| facts.revision)
        .filter(|revision| !pinned.contains(&Some(*revision)))
        .take(surplus)
        .collect()
}
