//! `spec.chart`: where the chart comes from, which version, and how it is trusted.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::reference::{KeyRef, LocalRef};
use crate::{
    duration::Duration,
    schema::{CHART_NAME, CHART_URL, SHA256_DIGEST},
};

/// The chart to run: from a repository (HTTP or OCI) or from a ConfigMap.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(extend("x-kubernetes-validations" = [
    {
        "rule": "has(self.repository) != has(self.configMapRef)",
        "message": "exactly one of repository and configMapRef must be set",
    },
    {
        "rule": "!has(self.repository) || has(self.name)",
        "message": "name is required with repository",
    },
    {
        "rule": "!has(self.configMapRef) || !(has(self.secretRef) || has(self.tlsSecretRef) || has(self.verify))",
        "message": "secretRef, tlsSecretRef and verify need repository, not configMapRef",
    },
    {
        "rule": "!self.plainHTTP || (has(self.repository) && self.repository.startsWith('oci://'))",
        "message": "plainHTTP needs an oci:// repository; write http:// in the URL of other repositories",
    },
]))]
pub struct ChartSpec {
    /// URL of the chart repository: `https://` or `http://` of a repository with an `index.yaml`,
    /// or `oci://` of the registry path that holds the chart. Credentials go to `secretRef`, never
    /// into the URL. (`--repo`)
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = CHART_URL), length(max = 2048))]
    pub repository: Option<String>,
    /// Name of the chart in the repository; with `oci://` the last part of the reference. With
    /// `configMapRef` it may be left out, else it must be the name in the archive.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = CHART_NAME), length(min = 1, max = 253))]
    pub name: Option<String>,
    /// Exact version, or a range such as `>=6.5.0 <7` or `~1.2`. Default: the newest version that
    /// is not a pre-release. (`--version`)
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 256))]
    pub version: Option<String>,
    /// A packaged chart (`.tgz`) in `binaryData` of a ConfigMap in the namespace of the
    /// HelmRelease. Excludes `repository`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_map_ref: Option<KeyRef>,
    /// Digest that must match, else the release fails for good: of the archive (HTTP, ConfigMap)
    /// or of the manifest (OCI).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = SHA256_DIGEST), length(max = 71))]
    pub digest: Option<String>,
    /// Secret with credentials: `username` and `password`, or `token`, or `.dockerconfigjson`.
    /// (`--username`, `--password`)
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<LocalRef>,
    /// Secret with TLS material: `ca.crt`, and `tls.crt` with `tls.key` for a client certificate.
    /// (`--ca-file`, `--cert-file`, `--key-file`)
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_secret_ref: Option<LocalRef>,
    /// Speak HTTP instead of HTTPS to an OCI registry. (`--plain-http`)
    #[serde(rename = "plainHTTP")]
    pub plain_http: bool,
    /// Whether the certificate of the server is checked. (`--insecure-skip-tls-verify`)
    pub tls_verify: TlsVerify,
    /// Which hosts get the credentials of `secretRef`. (`--pass-credentials`)
    pub credentials: Credentials,
    /// Signature that must be good before anything of the chart is rendered. (`--verify`)
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verify: Option<Verify>,
    /// How often a version range is resolved again. Default: `spec.interval`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<Duration>,
}

/// Whether a server certificate is checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum TlsVerify {
    /// Chain, host name and validity are checked.
    #[default]
    Full,
    /// Any certificate is accepted.
    Skip,
}

/// Which hosts may see the credentials of a repository.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Credentials {
    /// Only the scheme and host of the repository URL.
    #[default]
    SameHost,
    /// Also other hosts that the index points to.
    AllHosts,
}

/// How the signature of the chart is verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    {
        "rule": "self.provider != 'PGP' || has(self.secretRef)",
        "message": "secretRef with the keyring is required by provider PGP",
    },
    {
        "rule": "self.provider != 'PGP' || !has(self.identities)",
        "message": "identities belong to provider Cosign",
    },
    {
        "rule": "self.provider != 'Cosign' || has(self.secretRef) != has(self.identities)",
        "message": "exactly one of secretRef and identities must be set with provider Cosign",
    },
]))]
pub struct Verify {
    /// Kind of signature.
    pub provider: VerifyProvider,
    /// Secret with the public keys: every key `*.pub` is a Cosign key; `keyring.gpg` is the keyring
    /// of PGP. (`--keyring`)
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<LocalRef>,
    /// Signers that are trusted without a key (Cosign keyless); one must match.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1, max = 16))]
    pub identities: Vec<SignerIdentity>,
}

/// Kind of chart signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum VerifyProvider {
    /// Sigstore signature beside the chart in the registry.
    Cosign,
    /// Helm provenance file (`.prov`).
    #[serde(rename = "PGP")]
    Pgp,
}

/// A keyless signer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignerIdentity {
    /// Regular expression that must match the OIDC issuer of the certificate.
    #[schemars(length(min = 1, max = 1024))]
    pub issuer: String,
    /// Regular expression that must match the subject of the certificate.
    #[schemars(length(min = 1, max = 1024))]
    pub subject: String,
}
