//! Jobs: ready once started, or ready once complete.

use super::Readiness;
use super::fields::Fields;

/// As an object of a manifest: a started job is ready.
pub(super) fn started(fields: Fields<'_>) -> Readiness {
    if let Some(end) = ended(fields) {
        return end;
    }
    if fields.text(&["status", "startTime"]).is_empty() {
        return Readiness::in_progress("Job not started");
    }
    let [succeeded, active, failed] =
        ["succeeded", "active", "failed"].map(|field| fields.number_or(&["status", field], 0));
    Readiness::current(format!(
        "Job in progress. success:{succeeded}, active: {active}, failed: {failed}"
    ))
}

/// As a hook, or where jobs are waited for.
pub(super) fn completed(fields: Fields<'_>) -> Readiness {
    ended(fields).unwrap_or_else(|| Readiness::in_progress("Job in progress"))
}

fn ended(fields: Fields<'_>) -> Option<Readiness> {
    let parallelism = fields.number_or(&["spec", "parallelism"], 1);
    let completions = fields.number_or(&["spec", "completions"], parallelism);
    let [succeeded, failed] = ["succeeded", "failed"].map(|field| fields.number_or(&["status", field], 0));
    fields
        .conditions()
        .find_map(|condition| match (condition.kind, condition.status) {
            ("Complete", "True") => Some(Readiness::current(format!(
                "Job Completed. succeeded: {succeeded}/{completions}"
            ))),
            ("Failed", "True") => Some(Readiness::failed(format!(
                "Job Failed. failed: {failed}/{completions}"
            ))),
            _ => None,
        })
}
