//! What a tag stands for: an image manifest with a chart in it, perhaps behind an image index.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::OciError;
use crate::digest::Digest;

pub(super) const CONFIG: &str = "application/vnd.cncf.helm.config.v1+json";
pub(super) const CHART: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
pub(super) const LEGACY_CHART: &str = "application/tar+gzip";
pub(super) const PROVENANCE: &str = "application/vnd.cncf.helm.chart.provenance.v1.prov";

const IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";
const DOCKER_IMAGE: &str = "application/vnd.docker.distribution.manifest.v2+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const DOCKER_INDEX: &str = "application/vnd.docker.distribution.manifest.list.v2+json";

/// What we ask a registry for.
pub(super) const ACCEPT: [&str; 4] = [IMAGE, INDEX, DOCKER_IMAGE, DOCKER_INDEX];

/// A chart in a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChartManifest {
    /// Digest of the manifest that the tag stands for; of the index when there is one.
    pub(crate) digest: Digest,
    /// The archive.
    pub(crate) chart: Descriptor,
    /// The provenance file.
    pub(crate) provenance: Option<Descriptor>,
    /// `org.opencontainers.image.created`
    pub(crate) created: Option<String>,
    /// `org.opencontainers.image.version`
    pub(crate) version: Option<String>,
}

/// Something in a registry that is named by its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Descriptor {
    pub(crate) digest: Digest,
    pub(crate) size: u64,
}

/// A document that a registry keeps under `manifests`.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Document {
    /// A single thing.
    Image(Image),
    /// The manifests that an index names.
    Index(Vec<Digest>),
}

/// An image manifest.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Image {
    config: RawDescriptor,
    layers: Vec<RawDescriptor>,
    annotations: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawDocument {
    schema_version: Option<u32>,
    media_type: Option<String>,
    config: Option<RawDescriptor>,
    layers: Option<Vec<RawDescriptor>>,
    manifests: Option<Vec<RawDescriptor>>,
    annotations: Option<BTreeMap<String, String>>,
}

#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
struct RawDescriptor {
    #[serde(default)]
    media_type: String,
    digest: String,
    #[serde(default)]
    size: u64,
}

impl Document {
    /// Reads a document. `content_type` decides when the document does not say what it is.
    pub(super) fn parse(body: &[u8], content_type: Option<&str>) -> Result<Self, OciError> {
        let RawDocument {
            schema_version,
            media_type,
            config,
            layers,
            manifests,
            annotations,
        } = serde_json::from_slice(body).map_err(|error| refuse(format!("decode the manifest: {error}")))?;
        if schema_version != Some(2) {
            return Err(refuse("decode the manifest: schemaVersion is not 2".to_owned()));
        }
        let content_type = content_type
            .and_then(|text| text.split(';').next())
            .map(str::trim);
        let media_type = media_type.as_deref().or(content_type).unwrap_or_default();
        let is_index = match media_type {
            INDEX | DOCKER_INDEX => true,
            IMAGE | DOCKER_IMAGE => false,
            _ => manifests.is_some(),
        };
        if is_index {
            let images = manifests.unwrap_or_default().into_iter();
            let images =
                images.filter(|entry| matches!(entry.media_type.as_str(), IMAGE | DOCKER_IMAGE | ""));
            return Ok(Self::Index(
                images
                    .map(|entry| digest(&entry.digest))
                    .collect::<Result<_, _>>()?,
            ));
        }
        let config = config.ok_or_else(|| refuse("decode the manifest: it has no config".to_owned()))?;
        let (layers, annotations) = (layers.unwrap_or_default(), annotations.unwrap_or_default());
        Ok(Self::Image(Image {
            config,
            layers,
            annotations,
        }))
    }
}

impl Image {
    /// Whether the image says that it is a chart.
    pub(super) fn is_chart(&self) -> bool {
        self.config.media_type == CONFIG
    }

    /// The chart in the image, with the errors of Helm's `processChartPull`.
    pub(super) fn into_chart(self, manifest: Digest) -> Result<ChartManifest, OciError> {
        let last = |media_type: &str| {
            self.layers
                .iter()
                .rev()
                .find(|layer| layer.media_type == media_type)
        };
        let chart = last(CHART).or_else(|| last(LEGACY_CHART));
        let found = 1 + usize::from(self.is_chart()) + usize::from(chart.is_some());
        if found < 2 {
            return Err(refuse(format!(
                "manifest does not contain minimum number of descriptors (2), descriptors found: {found}"
            )));
        }
        if !self.is_chart() {
            return Err(refuse(format!("could not load config with mediatype {CONFIG}")));
        }
        let chart = chart.ok_or_else(|| {
            refuse(format!(
                "manifest does not contain a layer with mediatype {CHART}"
            ))
        })?;
        let annotation = |key: &str| self.annotations.get(key).filter(|text| !text.is_empty()).cloned();
        Ok(ChartManifest {
            digest: manifest,
            chart: chart.descriptor()?,
            provenance: last(PROVENANCE).map(RawDescriptor::descriptor).transpose()?,
            created: annotation("org.opencontainers.image.created"),
            version: annotation("org.opencontainers.image.version"),
        })
    }
}

impl RawDescriptor {
    fn descriptor(&self) -> Result<Descriptor, OciError> {
        Ok(Descriptor {
            digest: digest(&self.digest)?,
            size: self.size,
        })
    }
}

fn digest(text: &str) -> Result<Digest, OciError> {
    let sha256 = text
        .starts_with("sha256:")
        .then(|| Digest::parse(text).ok())
        .flatten();
    sha256.ok_or_else(|| refuse(format!("decode the manifest: {text:?} is not a sha256 digest")))
}

fn refuse(cause: String) -> OciError {
    OciError::Manifest(cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(media_type: &str, content: &str) -> String {
        let digest = Digest::of(content.as_bytes());
        format!(
            r#"{{"mediaType": "{media_type}", "digest": "{digest}", "size": {}}}"#,
            content.len()
        )
    }

    fn image(config: &str, layers: &[String]) -> String {
        let config = layer(config, "{}");
        format!(
            r#"{{"schemaVersion": 2, "config": {config}, "layers": [{}],
                "annotations": {{"org.opencontainers.image.created": "2024-01-01T00:00:00Z"}}}}"#,
            layers.join(",")
        )
    }

    fn chart(document: &str) -> Result<ChartManifest, String> {
        let digest = Digest::of(document.as_bytes());
        match Document::parse(document.as_bytes(), None).map_err(|error| error.to_string())? {
            Document::Image(image) => image.into_chart(digest).map_err(|error| error.to_string()),
            Document::Index(_) => Err("an index".to_owned()),
        }
    }

    #[test]
    fn a_chart_has_an_archive_and_perhaps_provenance() {
        let manifest = chart(&image(CONFIG, &[layer(PROVENANCE, "prov"), layer(CHART, "tgz")])).unwrap();
        assert_eq!(
            manifest.chart,
            Descriptor {
                digest: Digest::of(b"tgz"),
                size: 3
            }
        );
        assert_eq!(
            manifest.provenance,
            Some(Descriptor {
                digest: Digest::of(b"prov"),
                size: 4
            })
        );
        assert_eq!(manifest.created.as_deref(), Some("2024-01-01T00:00:00Z"));
        let legacy = chart(&image(CONFIG, &[layer(LEGACY_CHART, "old")])).unwrap();
        assert_eq!(
            (legacy.chart.digest, legacy.provenance),
            (Digest::of(b"old"), None)
        );
    }

    #[test]
    fn helm_words_for_what_is_no_chart() {
        let docker = "application/vnd.docker.container.image.v1+json";
        let docker_layer = layer("application/vnd.docker.image.rootfs.diff.tar.gzip", "x");
        assert_eq!(
            chart(&image(docker, std::slice::from_ref(&docker_layer))).unwrap_err(),
            "manifest does not contain minimum number of descriptors (2), descriptors found: 1"
        );
        assert_eq!(
            chart(&image(CONFIG, &[docker_layer])).unwrap_err(),
            format!("manifest does not contain a layer with mediatype {CHART}")
        );
        assert_eq!(
            chart(&image(docker, &[layer(CHART, "tgz")])).unwrap_err(),
            format!("could not load config with mediatype {CONFIG}")
        );
    }

    #[test]
    fn an_index_names_its_images() {
        let index = format!(
            r#"{{"schemaVersion": 2, "manifests": [{}, {}, {}]}}"#,
            layer(IMAGE, "a"),
            layer("application/vnd.example", "b"),
            layer(DOCKER_IMAGE, "c"),
        );
        let expected = Document::Index(vec![Digest::of(b"a"), Digest::of(b"c")]);
        assert_eq!(Document::parse(index.as_bytes(), None).unwrap(), expected);
        assert_eq!(
            Document::parse(
                index.as_bytes(),
                Some("application/vnd.oci.image.index.v1+json; x=y")
            )
            .unwrap(),
            expected
        );
    }

    #[test]
    fn broken_documents_are_refused() {
        for document in [
            "",
            "[]",
            "{}",
            r#"{"schemaVersion": 1}"#,
            r#"{"schemaVersion": 2}"#,
        ] {
            assert!(
                matches!(
                    Document::parse(document.as_bytes(), None),
                    Err(OciError::Manifest(_))
                ),
                "{document}"
            );
        }
        let bad = image(
            CONFIG,
            &[format!(r#"{{"mediaType": "{CHART}", "digest": "sha512:00"}}"#)],
        );
        assert!(chart(&bad).unwrap_err().contains("is not a sha256 digest"));
    }
}
