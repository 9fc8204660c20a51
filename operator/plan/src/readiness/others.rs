//! Services, volume claims and custom resource definitions.

use super::Readiness;
use super::fields::Fields;

/// A load balancer counts as ready with its cluster address: kstatus does not wait for the outer one.
pub(super) fn service(fields: Fields<'_>) -> Readiness {
    let balanced = fields.text(&["spec", "type"]) == "LoadBalancer";
    if balanced && fields.text(&["spec", "clusterIP"]).is_empty() {
        return Readiness::in_progress("ClusterIP not set. Service type: LoadBalancer");
    }
    Readiness::current("Service is ready")
}

pub(super) fn volume_claim(fields: Fields<'_>) -> Readiness {
    match fields.text(&["status", "phase"]) {
        "Bound" => Readiness::current("PVC is Bound"),
        "" => Readiness::in_progress("PVC is not Bound. phase: unknown"),
        phase => Readiness::in_progress(format!("PVC is not Bound. phase: {phase}")),
    }
}

pub(super) fn definition(fields: Fields<'_>) -> Readiness {
    let answer = fields
        .conditions()
        .find_map(|condition| match (condition.kind, condition.status) {
            ("NamesAccepted", "False") => Some(Readiness::failed(condition.message)),
            ("Established", "False") if condition.reason != "Installing" => {
                Some(Readiness::failed(condition.message))
            }
            ("Established", "True") => Some(Readiness::current("CRD is established")),
            _ => None,
        });
    answer.unwrap_or_else(|| Readiness::in_progress("Install in progress"))
}
