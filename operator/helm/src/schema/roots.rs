//! Documents of schemas: which parts are resources of their own, and what anchors name.
//!
//! Mirrors `roots.go`, `root.go` and `loader.go` of santhosh-tekuri/jsonschema v6. Nothing is fetched: a reference to
//! another document is refused, except `urn:`, which Helm takes for "anything goes".

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::address::{Address, Fragment, encode, join, scheme, split};
use super::draft::{Draft, Place, meta_document};
use super::error::escape;
use super::json::Json;
use super::{SchemaError, validate};
use crate::remark::Remark;
use crate::text::go_quote;

/// A document with its resources.
#[derive(Debug)]
pub(super) struct Root<'d> {
    url: String,
    pub(super) document: Cow<'d, Json>,
    resources: BTreeMap<String, Resource>,
    /// The pointer of the resource with an address.
    by_id: BTreeMap<String, String>,
    processed: BTreeSet<String>,
    /// URNs that stand in `$schema`.
    urns: Vec<String>,
}

/// A part of a document that has an address and a draft of its own.
#[derive(Debug, Clone)]
pub(super) struct Resource {
    pub(super) pointer: String,
    pub(super) id: String,
    pub(super) draft: Draft,
    pub(super) anchors: BTreeMap<String, String>,
    pub(super) dynamic_anchors: Vec<String>,
}

/// All documents of one compilation.
#[derive(Debug, Default)]
pub(super) struct Roots<'d> {
    fetched: BTreeMap<String, Root<'d>>,
    given: BTreeMap<String, &'d Json>,
    pub(super) remarks: Vec<Remark>,
    /// The URNs that were remarked.
    urns: BTreeSet<String>,
}

/// Why a document that is not part of the chart cannot be had.
fn unloadable(url: &str) -> SchemaError {
    if matches!(scheme(url), Some("file" | "http" | "https")) {
        return SchemaError::refused(url);
    }
    let url = go_quote(url);
    SchemaError::new(format!(
        "failing loading {url}: no URLLoader registered for {url}"
    ))
}

impl<'d> Roots<'d> {
    /// Adds a document that needs no fetching.
    pub(super) fn give(&mut self, url: &str, document: &'d Json) {
        self.given.insert(url.to_owned(), document);
    }

    /// A document that is loaded already.
    pub(super) fn root(&self, url: &str) -> Option<&Root<'d>> {
        self.fetched.get(url)
    }

    /// Where `url#fragment` leads, loading the document if needed.
    pub(super) fn resolve(&mut self, url: &str, fragment: &str) -> Result<Address, SchemaError> {
        let root = self.load(url)?;
        root.resolve_in(fragment, "")
    }

    /// Makes sure that the parts around an address are known.
    pub(super) fn ensure(&mut self, address: &Address) -> Result<(), SchemaError> {
        let root = self.load(&address.url)?;
        if root.processed.contains(&address.pointer) {
            return Ok(());
        }
        let schema = root.lookup(address)?.clone();
        let base = root.resource(&address.pointer).clone();
        root.collect(&schema, &base.id, &address.pointer, base.draft)?;
        if !root.resources.contains_key(&address.pointer) {
            let owner = root.resource(&address.pointer).pointer.clone();
            root.collect_anchors(&schema, &address.pointer, &owner)?;
        }
        root.check(&schema, &address.pointer)
    }

    fn load(&mut self, url: &str) -> Result<&mut Root<'d>, SchemaError> {
        if !self.fetched.contains_key(url) {
            let document = self.document(url)?;
            let mut root = Root {
                url: url.to_owned(),
                document,
                resources: BTreeMap::new(),
                by_id: BTreeMap::new(),
                processed: BTreeSet::new(),
                urns: Vec::new(),
            };
            let whole = root.document.clone().into_owned();
            root.collect(&whole, url, "", Draft::LATEST)?;
            for urn in root.urns.drain(..) {
                self.note_urn(&urn);
            }
            if meta_document(url).is_none() {
                root.check(&whole, "")?;
            }
            self.fetched.insert(url.to_owned(), root);
        }
        self.fetched
            .get_mut(url)
            .ok_or_else(|| SchemaError::new("document is not loaded"))
    }

    fn document(&mut self, url: &str) -> Result<Cow<'d, Json>, SchemaError> {
        if let Some(document) = self.given.get(url) {
            return Ok(Cow::Borrowed(document));
        }
        if let Some(document) = meta_document(url) {
            return Ok(Cow::Borrowed(document));
        }
        match scheme(url) {
            Some("urn") => {
                self.note_urn(url);
                Ok(Cow::Owned(Json::Bool(true)))
            }
            _ => Err(unloadable(url)),
        }
    }

    /// Helm loads each URN once, and says so.
    fn note_urn(&mut self, url: &str) {
        if self.urns.insert(url.to_owned()) {
            let remark = Remark::warn("unresolved URN reference ignored; using permissive schema");
            self.remarks.push(remark.with("urn", url));
        }
    }
}

impl Root<'_> {
    /// The innermost resource around a pointer.
    pub(super) fn resource(&self, pointer: &str) -> &Resource {
        let mut pointer = pointer;
        loop {
            if let Some(resource) = self.resources.get(pointer) {
                return resource;
            }
            match pointer.rfind('/') {
                Some(slash) => pointer = &pointer[..slash],
                // Loading puts a resource at the root of every document.
                None => return self.resources.get("").unwrap_or(&NO_RESOURCE),
            }
        }
    }

    /// Where a reference leads within this document; `None` if it leads out of it.
    pub(super) fn resolve_local(&self, url: &str, fragment: &str) -> Result<Option<Address>, SchemaError> {
        let pointer = if url == self.url {
            ""
        } else {
            match self.by_id.get(url) {
                Some(pointer) => pointer,
                None => return Ok(None),
            }
        };
        self.resolve_in(fragment, pointer).map(Some)
    }

    fn resolve_in(&self, fragment: &str, resource: &str) -> Result<Address, SchemaError> {
        let resource = self.resource(resource);
        match Fragment::of(fragment) {
            Fragment::Pointer(pointer) => {
                Ok(Address::new(&self.url, &format!("{}{pointer}", resource.pointer)))
            }
            Fragment::Anchor(anchor) => {
                if let Some(pointer) = resource.anchors.get(anchor) {
                    Ok(Address::new(&self.url, pointer))
                } else {
                    let reference = go_quote(&format!("{}#{}", resource.id, encode(anchor)));
                    let url = go_quote(&self.url);
                    Err(SchemaError::new(format!(
                        "anchor in {reference} not found in schema {url}"
                    )))
                }
            }
        }
    }

    /// The schema at an address of this document.
    pub(super) fn lookup(&self, address: &Address) -> Result<&Json, SchemaError> {
        let mut value: &Json = &self.document;
        for token in address.pointer.split('/').skip(1) {
            let token = unescape(token).ok_or_else(|| {
                SchemaError::new(format!("invalid json-pointer {}", go_quote(&address.text())))
            })?;
            let next = match value {
                Json::Object(object) => object.get(&token),
                Json::Array(items) => token.parse::<usize>().ok().and_then(|index| items.get(index)),
                Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => None,
            };
            value = next.ok_or_else(|| {
                SchemaError::new(format!("json-pointer in {} not found", go_quote(&address.text())))
            })?;
        }
        Ok(value)
    }

    /// Checks a part against the meta-schema of its draft.
    fn check(&self, schema: &Json, pointer: &str) -> Result<(), SchemaError> {
        let drafts = self
            .resources
            .iter()
            .map(|(pointer, resource)| (pointer.clone(), resource.draft))
            .collect();
        validate::against_draft(self.resource(pointer).draft, schema, drafts).map_err(|why| {
            let address = Address::new(&self.url, pointer).text();
            match why {
                validate::Invalid::Value(failure) => SchemaError::new(format!(
                    "{} is not valid against metaschema: {failure}",
                    go_quote(&address)
                )),
                validate::Invalid::Limit(error) => error,
            }
        })
    }

    fn collect(
        &mut self,
        schema: &Json,
        base: &str,
        pointer: &str,
        fallback: Draft,
    ) -> Result<(), SchemaError> {
        if !self.processed.insert(pointer.to_owned()) {
            return Ok(());
        }
        let Json::Object(_) = schema else {
            if pointer.is_empty() {
                self.add_resource(pointer, base, fallback);
            }
            return Ok(());
        };
        let own = self.url.clone();
        let place = || Address::new(&own, pointer).text();
        let declared = schema.get("$schema").and_then(Json::as_str);
        let mut draft = match declared {
            Some(url) => self.declared_draft(url, pointer)?,
            None => fallback,
        };
        let mut has_schema = declared.is_some();
        let mut id = draft.id(schema);
        if id.is_none() && !pointer.is_empty() {
            draft = fallback;
            has_schema = false;
            id = draft.id(schema);
        }
        let mut base = base.to_owned();
        if let Some(id) = id {
            base = join(&base, id)
                .map_err(|_| SchemaError::new(format!("error in parsing id at {}", go_quote(&place()))))?;
        }
        if id.is_some() || pointer.is_empty() {
            match self.by_id.get(&base) {
                Some(other) if other != pointer => {
                    return Err(SchemaError::new(format!(
                        "duplicate id {} in {} at {} and {}",
                        go_quote(&base),
                        go_quote(&self.url),
                        go_quote(pointer),
                        go_quote(other)
                    )));
                }
                Some(_) => {}
                None => self.add_resource(pointer, &base, if has_schema { draft } else { fallback }),
            }
        }
        let owner = self.by_id.get(&base).cloned().unwrap_or_default();
        let owner_draft = self.resource(&owner).draft;
        self.collect_anchors(schema, pointer, &owner)?;
        for (keyword, place) in draft.subschemas() {
            let Some(value) = schema.get(keyword) else {
                continue;
            };
            let below = format!("{pointer}/{}", escape(keyword));
            match (place, value) {
                (Place::Value, value) => self.collect(value, &base, &below, owner_draft)?,
                (Place::Entries, Json::Object(entries)) => {
                    for (key, value) in entries {
                        self.collect(value, &base, &format!("{below}/{}", escape(key)), owner_draft)?;
                    }
                }
                (Place::Items, Json::Array(items)) => {
                    for (index, value) in items.iter().enumerate() {
                        self.collect(value, &base, &format!("{below}/{index}"), owner_draft)?;
                    }
                }
                (Place::Entries | Place::Items, _) => {}
            }
        }
        Ok(())
    }

    /// The draft that `$schema` names.
    fn declared_draft(&mut self, url: &str, pointer: &str) -> Result<Draft, SchemaError> {
        if let Some(draft) = Draft::from_url(url) {
            return Ok(draft);
        }
        let (url, _) = split(url);
        if pointer.is_empty() && url == self.url {
            return Err(SchemaError::new(format!(
                "draft {} is not supported",
                go_quote(url)
            )));
        }
        if scheme(url) == Some("urn") {
            // It stands for the schema `true`, which names no draft itself.
            self.urns.push(url.to_owned());
            return Ok(Draft::LATEST);
        }
        Err(unloadable(url))
    }

    fn add_resource(&mut self, pointer: &str, id: &str, draft: Draft) {
        self.by_id.insert(id.to_owned(), pointer.to_owned());
        self.resources.insert(
            pointer.to_owned(),
            Resource {
                pointer: pointer.to_owned(),
                id: id.to_owned(),
                draft,
                anchors: BTreeMap::new(),
                dynamic_anchors: Vec::new(),
            },
        );
    }

    fn collect_anchors(&mut self, schema: &Json, pointer: &str, owner: &str) -> Result<(), SchemaError> {
        let url = &self.url;
        let Some(resource) = self.resources.get_mut(owner) else {
            return Ok(());
        };
        let mut add = |anchor: &str| match resource.anchors.get(anchor) {
            Some(other) if other == pointer => Ok(()),
            Some(other) => Err(SchemaError::new(format!(
                "duplicate anchor {} in {} at {} and {}",
                go_quote(anchor),
                go_quote(url),
                go_quote(other),
                go_quote(pointer)
            ))),
            None => {
                resource.anchors.insert(anchor.to_owned(), pointer.to_owned());
                Ok(())
            }
        };
        if resource.draft < Draft::Draft2019 {
            if schema.get("$ref").is_some() {
                return Ok(());
            }
            let keyword = resource.draft.id_keyword();
            if let Some(id) = schema.get(keyword).and_then(Json::as_str) {
                let (_, fragment) = split(id);
                let fragment = super::address::decode(fragment).map_err(|_| {
                    let place = Address::new(url, pointer).text();
                    SchemaError::new(format!("error in parsing anchor at {}", go_quote(&place)))
                })?;
                if let Fragment::Anchor(anchor) = Fragment::of(&fragment) {
                    add(anchor)?;
                }
            }
            return Ok(());
        }
        if let Some(anchor) = schema.get("$anchor").and_then(Json::as_str) {
            add(anchor)?;
        }
        if resource.draft >= Draft::Draft2020
            && let Some(anchor) = schema.get("$dynamicAnchor").and_then(Json::as_str)
        {
            add(anchor)?;
            resource.dynamic_anchors.push(anchor.to_owned());
        }
        Ok(())
    }
}

/// What [`Root::resource`] gives while a document has no resource yet.
static NO_RESOURCE: Resource = Resource {
    pointer: String::new(),
    id: String::new(),
    draft: Draft::LATEST,
    anchors: BTreeMap::new(),
    dynamic_anchors: Vec::new(),
};

/// Undoes the escapes of a pointer's token.
fn unescape(token: &str) -> Option<String> {
    let mut out = String::with_capacity(token.len());
    let mut characters = token.chars();
    while let Some(character) = characters.next() {
        match character {
            '~' => match characters.next()? {
                '0' => out.push('~'),
                '1' => out.push('/'),
                _ => return None,
            },
            _ => out.push(character),
        }
    }
    Some(out)
}
