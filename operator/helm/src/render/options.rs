//! What a render is told besides chart and values.

use gotemplate::Limits;

use crate::capabilities::Capabilities;

/// Whether a release is made or changed: `.Release.IsInstall`, `.Release.IsUpgrade`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Action {
    /// A new release.
    #[default]
    Install,
    /// A new revision.
    Upgrade,
}

/// The release that templates see (`ReleaseOptions` in `pkg/chart/common/values.go`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseOptions {
    /// `.Release.Name`
    pub name: String,
    /// `.Release.Namespace`
    pub namespace: String,
    /// `.Release.Revision`, from 1.
    pub revision: i64,
    /// Install or upgrade.
    pub action: Action,
}

impl Default for ReleaseOptions {
    /// What `helm template` assumes.
    fn default() -> Self {
        Self {
            name: "release-name".to_owned(),
            namespace: "default".to_owned(),
            revision: 1,
            action: Action::Install,
        }
    }
}

/// Whether values are checked against values.schema.json (`--skip-schema-validation`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SchemaValidation {
    /// A mismatch fails the render.
    #[default]
    Enforce,
    /// Schemas are not looked at.
    Skip,
}

/// Whose NOTES.txt is rendered (`--render-subchart-notes`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SubchartNotes {
    /// Only the root chart's.
    #[default]
    Leave,
    /// Those of subcharts too, joined by newlines in the order of execution. (Helm's own order is random.)
    Include,
}

/// Whether `getHostByName` asks the facts (`--enable-dns`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dns {
    /// It answers with nothing.
    #[default]
    Off,
    /// It asks.
    On,
}

/// What happens where a template uses a value that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MissingValues {
    /// It is empty, as for `helm install`.
    #[default]
    Empty,
    /// It is an error, as for `helm lint --strict`.
    Refuse,
    /// `required` and `fail` become remarks, as for `helm lint`.
    Lint,
}

/// Everything a render is told besides chart and values.
#[derive(Debug, Clone, Default)]
pub struct RenderOptions {
    /// `.Release`
    pub release: ReleaseOptions,
    /// `.Capabilities`
    pub capabilities: Capabilities,
    /// `--skip-schema-validation`
    pub schema_validation: SchemaValidation,
    /// `--render-subchart-notes`
    pub subchart_notes: SubchartNotes,
    /// `--enable-dns`
    pub dns: Dns,
    /// How strict templates are.
    pub missing_values: MissingValues,
    /// What the templates may use.
    pub limits: Limits,
}
