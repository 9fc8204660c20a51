//! The corpus on disk: cases, charts, recorded output.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use engine_tests::case::Arguments;
use helm::template::TemplateFlags;
use serde::Deserialize;

/// A recorded run of helm.
#[derive(Debug, Deserialize)]
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) chart: String,
    pub(crate) values: Option<String>,
    pub(crate) release: String,
    pub(crate) namespace: String,
    pub(crate) flags: Vec<String>,
    pub(crate) expect: Expect,
    /// Standard error of a failed run.
    pub(crate) stderr: Option<String>,
    /// Standard error of a successful run.
    pub(crate) warnings: Option<String>,
    /// Lines that differ between two runs, from 1.
    #[serde(default)]
    pub(crate) differing_lines: Vec<usize>,
}

/// What a case expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Expect {
    Ok,
    Error,
    Nondeterministic,
}

impl Expect {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Nondeterministic => "nondeterministic",
        }
    }
}

/// Everything.
#[derive(Debug)]
pub(crate) struct Corpus {
    root: PathBuf,
    pub(crate) cases: Vec<Case>,
    /// Recorded standard output by file name.
    golden: BTreeMap<String, String>,
}

impl Corpus {
    /// Reads the corpus; `None` when it is not there.
    pub(crate) fn open() -> anyhow::Result<Option<Self>> {
        let root = match std::env::var_os("PILOTHOUSE_CORPUS") {
            Some(path) => PathBuf::from(path),
            None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus"),
        };
        if !root.join("cases.jsonl").is_file() {
            return Ok(None);
        }
        let text = std::fs::read_to_string(root.join("cases.jsonl"))?;
        let cases = text
            .lines()
            .map(|line| serde_json::from_str(line).with_context(|| format!("case {line}")))
            .collect::<anyhow::Result<Vec<Case>>>()?;
        let golden = read_golden(&root.join("golden.tar.zst"))?;
        Ok(Some(Self { root, cases, golden }))
    }

    /// The recorded output of a case.
    pub(crate) fn golden(&self, case: &Case) -> anyhow::Result<&str> {
        let name = format!("{}.yaml", case.id);
        self.golden
            .get(&name)
            .map(String::as_str)
            .with_context(|| format!("no recorded output {name}"))
    }

    /// The output of a second run, where it differed.
    pub(crate) fn second_golden(&self, case: &Case) -> Option<&str> {
        self.golden
            .get(&format!("{}.run2.yaml", case.id))
            .map(String::as_str)
    }

    /// The arguments of a case.
    pub(crate) fn arguments(&self, case: &Case) -> anyhow::Result<Arguments> {
        let mut flags = TemplateFlags {
            release_name: case.release.clone(),
            namespace: case.namespace.clone(),
            ..TemplateFlags::default()
        };
        let mut words = case.flags.iter();
        while let Some(word) = words.next() {
            let mut value = || {
                words
                    .next()
                    .cloned()
                    .with_context(|| format!("{word} needs a value"))
            };
            match word.as_str() {
                "--include-crds" => flags.include_crds = true,
                "--is-upgrade" => flags.is_upgrade = true,
                "--skip-schema-validation" => flags.skip_schema_validation = true,
                "--kube-version" => flags.kube_version = Some(value()?),
                "--api-versions" => flags.api_versions.extend(value()?.split(',').map(str::to_owned)),
                _ => bail!("unknown flag {word}"),
            }
        }
        Ok(Arguments {
            chart: self.root.join(&case.chart),
            values: case.values.iter().map(|values| self.root.join(values)).collect(),
            flags,
            ..Arguments::default()
        })
    }
}

fn read_golden(path: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let file = BufReader::new(File::open(path).with_context(|| format!("open {}", path.display()))?);
    let stream = ruzstd::decoding::StreamingDecoder::new(file).map_err(|error| anyhow::anyhow!("{error}"))?;
    let mut golden = BTreeMap::new();
    for entry in tar::Archive::new(stream).entries()? {
        let mut entry = entry?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let name = entry
            .path()?
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes)?;
        golden.insert(name, String::from_utf8_lossy(&bytes).into_owned());
    }
    Ok(golden)
}
