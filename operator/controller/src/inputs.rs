//! What a release is made from: chart and values, gathered and digested.

use api::spec::apply::ApplySpec;
use helm::record::json_digest;
use plan::{Digest, EffectError, ErrorClass, Inputs};
use serde_json::{Map, Value, json};
use source::Freshness;

use crate::chart::Loaded;
use crate::context::Context;
use crate::draft::Draft;
use crate::validate::Wanted;
use crate::values;

/// Chart, values and what identifies them.
pub(crate) struct Gathered {
    /// What identifies them.
    pub inputs: Inputs,
    /// The chart; `None` while a release is deleted or suspended, or goes on with an operation without it.
    pub chart: Option<Loaded>,
    /// The user's values, merged.
    pub values: Map<String, Value>,
}

/// Gathers the inputs of a release.
///
/// # Errors
/// Chart or values can't be had.
pub(crate) async fn gather(ctx: &Context, draft: &Draft, wanted: &Wanted) -> Result<Gathered, EffectError> {
    let release = &draft.release;
    if release.metadata.deletion_timestamp.is_some() {
        return Ok(nothing(draft));
    }
    let namespace = release.metadata.namespace.as_deref().unwrap_or_default();
    let asked = wanted.requests.reconcile.is_some() || wanted.requests.retry.is_some();
    let freshness = if asked || fresh_enough(draft) {
        Freshness::Revalidate
    } else {
        Freshness::Recent
    };
    let chart = ctx
        .charts
        .load(&ctx.source, &ctx.client, namespace, &release.spec, freshness)
        .await;
    let chart = match (chart, &draft.snapshot.operation) {
        (Ok(chart), _) => chart,
        // An operation under way needs the chart no more: its revision is stored.
        (Err(error), Some(_)) if error.class == ErrorClass::Transient => {
            return known_inputs(draft).ok_or(error);
        }
        (Err(error), _) => return Err(error),
    };
    let values = values::merged(&ctx.client, namespace, &release.spec).await?;
    ctx.pauses.forget(release);
    let inputs = Inputs {
        chart: chart.chart.name().to_owned(),
        version: chart.chart.metadata.version.clone(),
        chart_digest: Some(Digest(chart.archive_digest.to_string())),
        values: Digest(json_digest(&Value::Object(values.clone()))),
        shape: shape(&release.spec),
    };
    Ok(Gathered {
        inputs,
        chart: Some(chart),
        values,
    })
}

/// Whether the interval of the release asks for answers younger than the source would give by itself.
fn fresh_enough(draft: &Draft) -> bool {
    draft.release.spec.chart_interval().get() < std::time::Duration::from_mins(1)
}

/// Digest of everything else in the specification that changes what is written.
fn shape(spec: &api::HelmReleaseSpec) -> Digest {
    let ApplySpec {
        method,
        conflicts: _,
        replace,
        ownership: _,
    } = &spec.apply;
    Digest(json_digest(&json!({
        "postRender": spec.post_render,
        "method": method,
        "replace": replace,
        "hooks": spec.hooks,
        "labels": spec.labels,
        "subNotes": spec.sub_notes,
        "enableDNS": spec.enable_dns,
    })))
}

/// Inputs for a release that is only taken away.
fn nothing(draft: &Draft) -> Gathered {
    let status = draft.status.release.as_ref();
    Gathered {
        inputs: Inputs {
            chart: status.map(|release| release.chart.clone()).unwrap_or_default(),
            version: String::new(),
            chart_digest: None,
            values: Digest(String::new()),
            shape: Digest(String::new()),
        },
        chart: None,
        values: Map::new(),
    }
}

/// The inputs of the operation under way, when the specification is still the one it was started for.
fn known_inputs(draft: &Draft) -> Option<Gathered> {
    if draft.new_generation {
        return None;
    }
    let inputs = crate::status::stored_inputs(&draft.status)?;
    Some(Gathered {
        inputs,
        chart: None,
        values: Map::new(),
    })
}
