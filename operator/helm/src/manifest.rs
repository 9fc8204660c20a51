//! From rendered files to manifests and hooks.
//!
//! Files are cut into documents, the head of each document is read, hooks are taken out, and both lists are put into
//! the order in which Helm applies them. Mirrors `pkg/release/v1/util/manifest.go`, `manifest_sorter.go` and
//! `kind_sorter.go`, with the assembly of the stored text from `renderResources` in `pkg/action/action.go`.

mod head;
mod order;

use crate::hooks::{
    HOOK_ANNOTATION, HOOK_DELETE_ANNOTATION, HOOK_OUTPUT_LOG_ANNOTATION, HOOK_WEIGHT_ANNOTATION, Hook,
    HookEvent,
};
use crate::remark::Remark;
use crate::text::base_name;
use crate::yaml::YamlError;

pub use head::Head;
pub use order::{INSTALL_ORDER, UNINSTALL_ORDER, kind_rank};

/// The annotation that keeps an object when its release goes.
pub const RESOURCE_POLICY_ANNOTATION: &str = "helm.sh/resource-policy";

/// A document that belongs to the release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The file it came from: `chart/templates/deployment.yaml`.
    pub source: String,
    /// The text, as rendered, without leading white space.
    pub content: String,
    /// What Helm reads of it.
    pub head: Head,
}

/// A document that is not YAML, or whose head has wrong types; Helm's text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("YAML parse error on {path}: {error}")]
pub struct ManifestError {
    /// The rendered file.
    pub path: String,
    /// What is wrong.
    pub error: YamlError,
    /// All rendered files that are not blank, for a person who looks for the mistake: `helm --debug` prints them.
    pub rendered: Vec<(String, String)>,
}

/// Documents and hooks in the order of installation.
#[derive(Debug, Clone, Default)]
pub struct Sorted {
    /// What belongs to the release.
    pub documents: Vec<Document>,
    /// What runs around it.
    pub hooks: Vec<Hook>,
}

/// Sorts rendered files into documents and hooks (`SortManifests`). `files` are paths with rendered text, in any order.
pub fn sort_manifests<'f>(
    files: impl IntoIterator<Item = (&'f str, &'f [u8])>,
    remarks: &mut Vec<Remark>,
) -> Result<Sorted, ManifestError> {
    let mut files: Vec<(&str, &[u8])> = files.into_iter().collect();
    files.sort_by_key(|(path, _)| *path);
    let mut sorted = Sorted::default();
    for (path, content) in files {
        if base_name(path).starts_with('_') {
            continue;
        }
        for document in split(content) {
            sort_document(path, document, &mut sorted, remarks)?;
        }
    }
    sorted
        .documents
        .sort_by(|left, right| order::compare(&left.head.kind, &right.head.kind));
    sorted
        .hooks
        .sort_by(|left, right| order::compare(&left.kind, &right.kind));
    Ok(sorted)
}

/// The text that is stored with a release and that `helm get manifest` shows.
pub fn stored_manifest(documents: &[Document]) -> String {
    let length = documents
        .iter()
        .map(|document| document.content.len() + document.source.len() + 16)
        .sum();
    let mut text = String::with_capacity(length);
    for Document {
        source,
        content,
        head: _,
    } in documents
    {
        write_block(&mut text, source, content);
    }
    text
}

/// `---`, the source line, the text.
pub(crate) fn write_block(out: &mut String, source: &str, content: &str) {
    out.push_str("---\n# Source: ");
    out.push_str(source);
    out.push('\n');
    out.push_str(content);
    out.push('\n');
}

/// Cuts a file at every line that begins with `---` (`SplitManifests`). Blank documents are dropped.
pub fn split(content: &[u8]) -> Vec<&[u8]> {
    let content = trim_start(content);
    let mut documents = Vec::new();
    let mut start = 0;
    let mut line = 0;
    loop {
        let rest = &content[line..];
        if rest.starts_with(b"---") {
            documents.push(&content[start..line]);
            let blanks = rest[3..]
                .iter()
                .take_while(|byte| matches!(byte, b' ' | b'\t'))
                .count();
            start = line + 3 + blanks;
        }
        match rest.iter().position(|byte| *byte == b'\n') {
            Some(end) => line += end + 1,
            None => break,
        }
    }
    documents.push(&content[start..]);
    documents
        .into_iter()
        .map(trim_start)
        .filter(|document| !document.is_empty())
        .collect()
}

/// Go's `strings.TrimLeftFunc(text, unicode.IsSpace)`.
fn trim_start(text: &[u8]) -> &[u8] {
    let mut rest = text;
    loop {
        let (rune, width) = crate::text::decode_rune(rest);
        match char::from_u32(rune) {
            Some(character) if width > 0 && character.is_whitespace() => rest = &rest[width..],
            _ => return rest,
        }
    }
}

fn sort_document(
    path: &str,
    document: &[u8],
    sorted: &mut Sorted,
    remarks: &mut Vec<Remark>,
) -> Result<(), ManifestError> {
    let head = Head::read(document).map_err(|error| ManifestError {
        path: path.to_owned(),
        error,
        rendered: Vec::new(),
    })?;
    let content = String::from_utf8_lossy(document).into_owned();
    let Some(hook_types) = head.annotations.get(HOOK_ANNOTATION) else {
        sorted.documents.push(Document {
            source: path.to_owned(),
            content,
            head,
        });
        return Ok(());
    };
    let mut events = Vec::new();
    for word in hook_types.split(',') {
        if let Some(event) = HookEvent::from_annotation(&word.trim().to_lowercase()) {
            events.push(event);
        } else {
            remarks.push(Remark::info("skipping unknown hooks").with("hookTypes", hook_types));
            return Ok(());
        }
    }
    let weight = head
        .annotations
        .get(HOOK_WEIGHT_ANNOTATION)
        .and_then(|text| atoi(text))
        .unwrap_or_default();
    let delete_policies = words(head.annotations.get(HOOK_DELETE_ANNOTATION))
        .map(Into::into)
        .collect();
    let output_log_policies = words(head.annotations.get(HOOK_OUTPUT_LOG_ANNOTATION))
        .map(Into::into)
        .collect();
    sorted.hooks.push(Hook {
        name: head.name,
        kind: head.kind,
        path: path.to_owned(),
        manifest: content,
        events,
        weight,
        delete_policies,
        output_log_policies,
    });
    Ok(())
}

/// Go's `strconv.Atoi`.
fn atoi(text: &str) -> Option<i64> {
    text.parse().ok()
}

/// The trimmed, lower-case words of a comma list.
fn words(list: Option<&String>) -> impl Iterator<Item = String> + '_ {
    list.into_iter()
        .flat_map(|list| list.split(','))
        .map(|word| word.trim().to_lowercase())
}
