//! CEL expressions over custom resources: `readyExpr` of a dependency.
//!
//! Expressions come from whoever may write a `HelmRelease`. Their length is bounded by the schema, and the language has
//! no loops beyond its macros over the lists of the two objects.

use api::HelmRelease;
use cel::{Context, Program, Value};

/// Why an expression has no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExpressionError {
    /// It is not an expression.
    #[error("`{0}`")]
    Malformed(String),
    /// It could not be evaluated.
    #[error("evaluate the expression: {0}")]
    Failed(String),
    /// It gave something else than true or false.
    #[error("evaluate the expression: it gives {0}, not a boolean")]
    NotBoolean(String),
}

/// Whether an expression holds for a dependency `dep` of the release `self`.
///
/// # Errors
/// The expression can't be read, fails, or gives no boolean.
pub(crate) fn holds(
    expression: &str,
    own: &HelmRelease,
    dependency: &HelmRelease,
) -> Result<bool, ExpressionError> {
    let program =
        Program::compile(expression).map_err(|error| ExpressionError::Malformed(error.to_string()))?;
    let failed = |error: String| ExpressionError::Failed(error);
    let mut context = Context::default();
    for (name, object) in [("self", own), ("dep", dependency)] {
        context
            .add_variable(name, object)
            .map_err(|error| failed(error.to_string()))?;
    }
    match program
        .execute(&context)
        .map_err(|error| failed(error.to_string()))?
    {
        Value::Bool(answer) => Ok(answer),
        other => Err(ExpressionError::NotBoolean(format!("a {}", other.type_of()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(ready: &str) -> HelmRelease {
        serde_json::from_value(serde_json::json!({
            "apiVersion": "pilothouse.dev/v1alpha1", "kind": "HelmRelease",
            "metadata": {"name": "web", "namespace": "apps", "labels": {"tier": "one"}},
            "spec": {"chart": {"repository": "https://example.com", "name": "web"}},
            "status": {"observedGeneration": 1, "conditions": [
                {"type": "Ready", "status": ready, "reason": "InSync", "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z", "observedGeneration": 1}
            ]},
        }))
        .unwrap()
    }

    #[test]
    fn an_expression_sees_both_objects() {
        let check = |expression: &str| holds(expression, &release("True"), &release("False")).unwrap();
        assert!(check(
            "dep.metadata.labels.tier == 'one' && self.metadata.name == dep.metadata.name"
        ));
        assert!(check(
            "dep.status.conditions.exists(c, c.type == 'Ready' && c.status == 'False')"
        ));
        assert!(!check("dep.status.conditions.all(c, c.status == 'True')"));
    }

    #[test]
    fn errors_say_what_is_wrong() {
        let check = |expression: &str| holds(expression, &release("True"), &release("True")).unwrap_err();
        assert!(matches!(check("dep.status."), ExpressionError::Malformed(_)));
        assert!(matches!(check("dep.nothing.here"), ExpressionError::Failed(_)));
        assert!(matches!(check("1 + 1"), ExpressionError::NotBoolean(_)));
    }
}
