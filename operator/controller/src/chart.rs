//! The chart of a release: request built from the spec, fetched by `source`, parsed once for all releases that use it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use api::HelmReleaseSpec;
use api::spec::chart::{Credentials as Scope, TlsVerify};
use helm::chart::Chart;
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::{Api, Client};
use plan::{Category, EffectError, ErrorClass};
use source::{
    ChartLocation, ChartRequest, ClientCertificate, CredentialScope, Credentials, Digest, DockerConfig,
    Freshness, RegistryTransport, Source, SourceError, TlsOptions,
};

use cluster::error::effect_error;

/// A chart that is ready to be rendered.
#[derive(Clone)]
pub(crate) struct Loaded {
    /// The parsed chart, shared by every release of the same archive.
    pub chart: Arc<Chart>,
    /// Digest of the archive itself.
    pub archive_digest: Digest,
    /// What the request resolved to.
    pub resolved: source::Resolved,
}

/// Parsed charts by digest of their archive, as long as any release uses them.
#[derive(Default)]
pub(crate) struct Charts {
    parsed: Mutex<HashMap<Digest, Weak<Chart>>>,
}

impl Charts {
    /// Fetches and parses the chart that a spec names.
    ///
    /// # Errors
    /// The chart can't be had or is none; the message names chart, version and place.
    pub(crate) async fn load(
        &self,
        source: &Source,
        client: &Client,
        namespace: &str,
        spec: &HelmReleaseSpec,
        freshness: Freshness,
    ) -> Result<Loaded, EffectError> {
        let mut request = request(client, namespace, spec).await?;
        request.freshness = freshness;
        let fetched = source
            .fetch(&request)
            .await
            .map_err(|error| source_error(&error))?;
        let chart = match self.known(&fetched.archive_digest) {
            Some(chart) => chart,
            None => self.parse(&fetched).await?,
        };
        Ok(Loaded {
            chart,
            archive_digest: fetched.archive_digest,
            resolved: fetched.resolved,
        })
    }

    fn known(&self, digest: &Digest) -> Option<Arc<Chart>> {
        self.parsed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(digest)
            .and_then(Weak::upgrade)
    }

    async fn parse(&self, fetched: &source::FetchedChart) -> Result<Arc<Chart>, EffectError> {
        let archive = Arc::clone(&fetched.archive);
        let describe = format!(
            "chart \"{}\" version \"{}\"",
            fetched.resolved.name, fetched.resolved.version
        );
        let parsed = tokio::task::spawn_blocking(move || helm::chart::archive::load_archive(&archive))
            .await
            .map_err(|error| chart_invalid(format!("{describe}: load the archive: {error}")))?
            .map_err(|error| chart_invalid(format!("{describe} from {}: {error}", fetched.resolved.url)))?;
        let chart = Arc::new(parsed);
        let mut all = self.parsed.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, chart| chart.strong_count() > 0);
        all.insert(fetched.archive_digest, Arc::downgrade(&chart));
        Ok(chart)
    }
}

fn chart_invalid(message: String) -> EffectError {
    EffectError {
        category: Category::ChartInvalid,
        class: ErrorClass::Permanent,
        message,
        objects: Vec::new(),
    }
}

fn spec_invalid(message: String) -> EffectError {
    EffectError {
        category: Category::SpecInvalid,
        class: ErrorClass::Permanent,
        message,
        objects: Vec::new(),
    }
}

/// The words of `source` in those of `plan`.
pub(crate) fn source_error(error: &SourceError) -> EffectError {
    let category = match error {
        SourceError::InvalidRequest { .. } => Category::SpecInvalid,
        SourceError::ChartNotFound { .. } => Category::ChartNotFound,
        SourceError::RepositoryUnreachable { .. } | SourceError::DownloadFailed { .. } => {
            Category::RepositoryUnreachable
        }
        SourceError::IndexInvalid { .. } => Category::IndexInvalid,
        SourceError::Unauthorized { .. } => Category::CredentialsRejected,
        SourceError::ManifestInvalid { .. }
        | SourceError::ArchiveCorrupt { .. }
        | SourceError::TooLarge { .. } => Category::ChartInvalid,
        SourceError::DigestMismatch { .. } => Category::DigestMismatch,
    };
    let class = match error.class() {
        source::ErrorClass::Permanent => ErrorClass::Permanent,
        source::ErrorClass::Transient => ErrorClass::Transient,
    };
    EffectError {
        category,
        class,
        message: error.to_string(),
        objects: Vec::new(),
    }
}

async fn request(
    client: &Client,
    namespace: &str,
    spec: &HelmReleaseSpec,
) -> Result<ChartRequest, EffectError> {
    let chart = &spec.chart;
    let location = match (&chart.repository, &chart.config_map_ref) {
        (Some(url), _) => ChartLocation::in_repository(url, chart.name.as_deref().unwrap_or_default()),
        (None, Some(reference)) => {
            packaged(
                client,
                namespace,
                &reference.name,
                &reference.key,
                chart.name.as_ref(),
            )
            .await?
        }
        (None, None) => {
            return Err(spec_invalid(
                "check spec.chart: neither repository nor configMapRef is set".to_owned(),
            ));
        }
    };
    let mut request = ChartRequest::new(location);
    request.version.clone_from(&chart.version);
    request.digest = match &chart.digest {
        Some(text) => Some(
            Digest::parse(text).map_err(|error| spec_invalid(format!("check spec.chart.digest: {error}")))?,
        ),
        None => None,
    };
    request.credential_scope = match chart.credentials {
        Scope::SameHost => CredentialScope::SameHost,
        Scope::AllHosts => CredentialScope::AllHosts,
    };
    request.transport = if chart.plain_http {
        RegistryTransport::PlainText
    } else {
        RegistryTransport::Tls
    };
    request.tls.verify = match chart.tls_verify {
        TlsVerify::Full => source::TlsVerify::Full,
        TlsVerify::Skip => source::TlsVerify::Skip,
    };
    if let Some(reference) = &chart.secret_ref {
        request.credentials = Some(credentials(
            &secret(client, namespace, &reference.name).await?,
            &reference.name,
        )?);
    }
    if let Some(reference) = &chart.tls_secret_ref {
        let secret = secret(client, namespace, &reference.name).await?;
        let verify = request.tls.verify;
        request.tls = TlsOptions {
            verify,
            ..certificates(&secret)
        };
    }
    Ok(request)
}

async fn packaged(
    client: &Client,
    namespace: &str,
    name: &str,
    key: &str,
    chart: Option<&String>,
) -> Result<ChartLocation, EffectError> {
    let place = format!("ConfigMap {namespace}/{name}, key {key}");
    let missing = |what: &str| EffectError {
        category: Category::ChartNotFound,
        class: ErrorClass::Transient,
        message: format!("read the chart from {place}: {what}"),
        objects: Vec::new(),
    };
    let found = Api::<ConfigMap>::namespaced(client.clone(), namespace)
        .get_opt(name)
        .await
        .map_err(|error| effect_error(&format!("read the chart from {place}"), None, &error))?
        .ok_or_else(|| missing("the object does not exist"))?;
    let archive = found
        .binary_data
        .unwrap_or_default()
        .remove(key)
        .ok_or_else(|| missing("there is no such key in binaryData"))?;
    Ok(ChartLocation::Packaged {
        place,
        archive: archive.0.into(),
        name: chart.cloned(),
    })
}

async fn secret(client: &Client, namespace: &str, name: &str) -> Result<Secret, EffectError> {
    Api::<Secret>::namespaced(client.clone(), namespace)
        .get_opt(name)
        .await
        .map_err(|error| effect_error(&format!("read the Secret `{name}` of the chart"), None, &error))?
        .ok_or_else(|| EffectError {
            category: Category::CredentialsRejected,
            class: ErrorClass::Transient,
            message: format!("read the Secret `{name}` of the chart: the object does not exist"),
            objects: Vec::new(),
        })
}

/// `username` and `password`, or `token`, or `.dockerconfigjson`.
fn credentials(secret: &Secret, name: &str) -> Result<Credentials, EffectError> {
    let text = |key: &str| {
        let bytes = secret.data.as_ref()?.get(key)?;
        Some(
            String::from_utf8_lossy(&bytes.0)
                .trim_end_matches('\n')
                .to_owned(),
        )
    };
    if let Some(config) = text(".dockerconfigjson") {
        let parsed = DockerConfig::parse(config.as_bytes()).map_err(|error| {
            spec_invalid(format!(
                "read the Secret `{name}`, key `.dockerconfigjson`: {error}"
            ))
        })?;
        return Ok(Credentials::DockerConfig(parsed));
    }
    if let Some(token) = text("token") {
        return Ok(Credentials::Bearer(token.into()));
    }
    match (text("username"), text("password")) {
        (Some(username), Some(password)) => Ok(Credentials::Basic {
            username,
            password: password.into(),
        }),
        (_, _) => Err(spec_invalid(format!(
            "read the Secret `{name}`: it has neither `username` and `password`, nor `token`, nor `.dockerconfigjson`"
        ))),
    }
}

fn certificates(secret: &Secret) -> TlsOptions {
    let bytes = |key: &str| {
        secret
            .data
            .as_ref()
            .and_then(|data| data.get(key))
            .map(|bytes| bytes.0.clone())
    };
    let client = match (bytes("tls.crt"), bytes("tls.key")) {
        (Some(certificate), Some(key)) => Some(ClientCertificate { certificate, key }),
        (_, _) => None,
    };
    TlsOptions {
        ca: bytes("ca.crt"),
        client,
        ..TlsOptions::default()
    }
}
