//! `spec.test`: `helm test` as a gate.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{duration::Duration, schema::TEST_FILTER};

/// When the test hooks of the chart run, and what their failure means.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct TestSpec {
    /// When tests run by themselves.
    pub when: TestPolicy,
    /// Tests to run: `name=NAME` includes a test, `!name=NAME` excludes one. Default: all.
    /// (`helm test --filter`)
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64), inner(regex(pattern = TEST_FILTER), length(max = 260)))]
    pub filters: Vec<String>,
    /// What a failed test does to the release.
    pub on_failure: TestFailurePolicy,
    /// Timeout of each test. Default: `spec.timeout`. (`helm test --timeout`)
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Duration>,
}

/// When tests run by themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum TestPolicy {
    /// Only on request (annotation `pilothouse.dev/test`).
    #[default]
    Never,
    /// After each install and upgrade, before the revision counts as good.
    AfterRelease,
}

/// What a failed test does to the release.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum TestFailurePolicy {
    /// It fails, like an unhealthy object.
    #[default]
    Fail,
    /// It is reported in the condition TestSuccess only.
    Ignore,
}
