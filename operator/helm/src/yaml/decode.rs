//! From nodes to values: aliases, merge keys, duplicate keys and the rule against documents that are mostly aliases.
//!
//! What is built is up to a [`Build`]er, so that one set of rules serves plain data, template values and mere checking.

use super::compose::{Document, MAX_DEPTH, Node, NodeKind, too_deep};
use super::error::YamlError;
use super::go_tree::{self, GoTree};
use super::resolve::{Scalar, resolve};

/// Receives the content of a document, inner values first.
pub(super) trait Build {
    type Value;
    type Map;

    fn scalar(&mut self, scalar: Scalar<'_>) -> Self::Value;
    fn list(&mut self, items: Vec<Self::Value>) -> Self::Value;
    fn new_map(&mut self) -> Self::Map;
    /// A later value for the same key replaces the earlier.
    fn insert(&mut self, map: &mut Self::Map, key: Scalar<'_>, value: Self::Value);
    fn map(&mut self, map: Self::Map) -> Self::Value;
}

/// Whether a key may occur twice in a mapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duplicates {
    /// The last one wins, as in `yaml.Unmarshal`.
    LastWins,
    /// An error, as in `yaml.UnmarshalStrict`.
    Refuse,
}

/// go-yaml lets 99 % of a document come from aliases up to this many nodes,
const ALIAS_RATIO_LOW: u64 = 400_000;
/// and 10 % from this many on; in between the share falls evenly.
const ALIAS_RATIO_HIGH: u64 = 4_000_000;

/// Text that aliases may repeat. Go shares it; here every alias costs a copy.
const MAX_ALIAS_BYTES: usize = 64 << 20;

/// Builds the root of the document; `None` for a stream without a document.
pub(super) fn decode<B: Build>(
    document: &Document<'_>,
    duplicates: Duplicates,
    build: &mut B,
) -> Result<Option<B::Value>, YamlError> {
    if document.nodes.is_empty() {
        return Ok(None);
    }
    let mut decoder = Decoder::new(document, duplicates);
    // The document itself counts as a node.
    decoder.decoded = 1;
    let value = decoder.node(0, 0, build)?;
    if decoder.refused.is_empty() {
        Ok(Some(value))
    } else {
        Err(YamlError::Duplicates(decoder.refused))
    }
}

/// Builds the entries of the root mapping whose keys are to be kept. `None` where that is not simple: the root is no mapping,
/// or merges others.
pub(super) fn decode_root_entries<B: Build>(
    document: &Document<'_>,
    keep: impl Fn(&str) -> bool,
    build: &mut B,
) -> Result<Option<B::Map>, YamlError> {
    let Some(Node {
        kind: NodeKind::Mapping,
        next: end,
        ..
    }) = document.nodes.first()
    else {
        return Ok(None);
    };
    let mut decoder = Decoder::new(document, Duplicates::LastWins);
    let mut map = build.new_map();
    let mut key_place = 1;
    while key_place < *end {
        let key_node = decoder.node_at(key_place)?;
        let NodeKind::Scalar { value, tag, implicit } = &key_node.kind else {
            return Ok(None);
        };
        if is_merge_key(&key_node.kind) {
            return Ok(None);
        }
        let value_place = key_node.next;
        if let Scalar::Str(key) = resolve(value, tag.as_deref(), *implicit)?
            && keep(&key)
        {
            let value = decoder.node(value_place, 1, build)?;
            build.insert(&mut map, Scalar::Str(key), value);
        }
        key_place = decoder.node_at(value_place)?.next;
    }
    Ok(Some(map))
}

struct Decoder<'d, 'a> {
    document: &'d Document<'a>,
    duplicates: Duplicates,
    /// Texts about keys that were refused.
    refused: Vec<String>,
    /// Places of the aliases that are being followed.
    following: Vec<usize>,
    decoded: u64,
    decoded_through_alias: u64,
    alias_bytes: usize,
}

impl<'d, 'a> Decoder<'d, 'a> {
    fn new(document: &'d Document<'a>, duplicates: Duplicates) -> Self {
        Self {
            document,
            duplicates,
            refused: Vec::new(),
            following: Vec::new(),
            decoded: 0,
            decoded_through_alias: 0,
            alias_bytes: 0,
        }
    }

    fn node_at(&self, place: usize) -> Result<&'d Node<'a>, YamlError> {
        // Places come from the composer, so they exist.
        self.document
            .nodes
            .get(place)
            .ok_or_else(|| YamlError::Content("node out of place".to_owned()))
    }

    fn count(&mut self) -> Result<(), YamlError> {
        self.decoded += 1;
        if !self.following.is_empty() {
            self.decoded_through_alias += 1;
        }
        if self.decoded_through_alias > 100 && self.decoded > 1000 {
            let share = self.decoded_through_alias as f64 / self.decoded as f64;
            if share > allowed_alias_share(self.decoded) {
                return Err(YamlError::Content(
                    "document contains excessive aliasing".to_owned(),
                ));
            }
        }
        Ok(())
    }

    fn count_text(&mut self, len: usize) -> Result<(), YamlError> {
        if !self.following.is_empty() {
            self.alias_bytes += len;
            if self.alias_bytes > MAX_ALIAS_BYTES {
                return Err(YamlError::Content(
                    "document contains excessive aliasing".to_owned(),
                ));
            }
        }
        Ok(())
    }

    fn node<B: Build>(&mut self, place: usize, depth: usize, build: &mut B) -> Result<B::Value, YamlError> {
        self.count()?;
        let node = self.node_at(place)?;
        match &node.kind {
            NodeKind::Scalar { value, tag, implicit } => {
                self.count_text(value.len())?;
                Ok(build.scalar(resolve(value, tag.as_deref(), *implicit)?))
            }
            NodeKind::Alias { name, target } => {
                self.enter_alias(place, name)?;
                let value = self.node(*target, depth, build);
                self.following.pop();
                value
            }
            NodeKind::Sequence => {
                let depth = deeper(depth, node)?;
                let mut items = Vec::new();
                let mut child = place + 1;
                while child < node.next {
                    items.push(self.node(child, depth, build)?);
                    child = self.node_at(child)?.next;
                }
                Ok(build.list(items))
            }
            NodeKind::Mapping => {
                let depth = deeper(depth, node)?;
                let mut map = build.new_map();
                let mut seen = Vec::new();
                self.mapping(place, depth, &mut map, &mut seen, build)?;
                Ok(build.map(map))
            }
        }
    }

    fn enter_alias(&mut self, place: usize, name: &str) -> Result<(), YamlError> {
        if self.following.contains(&place) {
            return Err(YamlError::Content(format!(
                "anchor '{name}' value contains itself"
            )));
        }
        self.following.push(place);
        Ok(())
    }

    /// Fills `map` from the mapping at `place`. `seen` holds the keys so far where duplicates are refused.
    fn mapping<B: Build>(
        &mut self,
        place: usize,
        depth: usize,
        map: &mut B::Map,
        seen: &mut Vec<GoTree>,
        build: &mut B,
    ) -> Result<(), YamlError> {
        let end = self.node_at(place)?.next;
        let mut key_place = place + 1;
        while key_place < end {
            let key_node = self.node_at(key_place)?;
            let value_place = key_node.next;
            let value_node = self.node_at(value_place)?;
            if is_merge_key(&key_node.kind) {
                self.merge(value_place, depth, map, seen, build)?;
            } else {
                let key = self.key(key_place, depth)?;
                let value = self.node(value_place, depth, build)?;
                if self.duplicates == Duplicates::LastWins || self.is_new(&key, seen, value_node.line) {
                    build.insert(map, key, value);
                }
            }
            key_place = value_node.next;
        }
        Ok(())
    }

    fn is_new(&mut self, key: &Scalar<'_>, seen: &mut Vec<GoTree>, line: u32) -> bool {
        let key = GoTree::from(key);
        match seen.binary_search_by(|known| known.order(&key)) {
            Ok(_) => {
                let text = go_tree::top_go_syntax(&key);
                self.refused
                    .push(format!("line {}: key {text} already set in map", line + 1));
                false
            }
            Err(at) => {
                seen.insert(at, key);
                true
            }
        }
    }

    /// The key at `place`; collections cannot be keys.
    fn key(&mut self, place: usize, depth: usize) -> Result<Scalar<'a>, YamlError> {
        let mut at = place;
        let mut aliases = 0;
        let key = loop {
            let node = self.node_at(at)?;
            match &node.kind {
                NodeKind::Scalar { value, tag, implicit } => {
                    self.count()?;
                    self.count_text(value.len())?;
                    break resolve(value, tag.as_deref(), *implicit);
                }
                NodeKind::Alias { name, target } => {
                    self.count()?;
                    self.enter_alias(at, name)?;
                    aliases += 1;
                    at = *target;
                }
                NodeKind::Sequence | NodeKind::Mapping => {
                    let tree = self.node(at, depth, &mut go_tree::Builder)?;
                    break Err(YamlError::Content(format!(
                        "invalid map key: {}",
                        go_tree::go_syntax(&tree)
                    )));
                }
            }
        };
        for _ in 0..aliases {
            self.following.pop();
        }
        key
    }

    /// Puts the content of the mapping at `place`, or of the mappings in the sequence there, into `map`.
    fn merge<B: Build>(
        &mut self,
        place: usize,
        depth: usize,
        map: &mut B::Map,
        seen: &mut Vec<GoTree>,
        build: &mut B,
    ) -> Result<(), YamlError> {
        let node = self.node_at(place)?;
        if !matches!(node.kind, NodeKind::Sequence) {
            return self.merge_one(place, depth, map, seen, build);
        }
        let mut children = Vec::new();
        let mut child = place + 1;
        while child < node.next {
            children.push(child);
            child = self.node_at(child)?.next;
        }
        // The first mapping has the last word.
        for child in children.into_iter().rev() {
            self.merge_one(child, depth, map, seen, build)?;
        }
        Ok(())
    }

    fn merge_one<B: Build>(
        &mut self,
        place: usize,
        depth: usize,
        map: &mut B::Map,
        seen: &mut Vec<GoTree>,
        build: &mut B,
    ) -> Result<(), YamlError> {
        let node = self.node_at(place)?;
        let depth = deeper(depth, node)?;
        match &node.kind {
            NodeKind::Mapping => {
                self.count()?;
                self.mapping(place, depth, map, seen, build)
            }
            NodeKind::Alias { name, target } if matches!(self.node_at(*target)?.kind, NodeKind::Mapping) => {
                self.count()?;
                self.enter_alias(place, name)?;
                self.count()?;
                self.mapping(*target, depth, map, seen, build)?;
                self.following.pop();
                Ok(())
            }
            NodeKind::Alias { .. } | NodeKind::Scalar { .. } | NodeKind::Sequence => Err(YamlError::Content(
                "map merge requires map or sequence of maps as the value".to_owned(),
            )),
        }
    }
}

fn deeper(depth: usize, node: &Node<'_>) -> Result<usize, YamlError> {
    if depth >= MAX_DEPTH {
        Err(too_deep(node.line))
    } else {
        Ok(depth + 1)
    }
}

fn is_merge_key(kind: &NodeKind<'_>) -> bool {
    match kind {
        NodeKind::Scalar { value, tag, implicit } => {
            value == "<<" && (*implicit || tag.as_deref() == Some("tag:yaml.org,2002:merge"))
        }
        NodeKind::Alias { .. } | NodeKind::Sequence | NodeKind::Mapping => false,
    }
}

fn allowed_alias_share(decoded: u64) -> f64 {
    if decoded <= ALIAS_RATIO_LOW {
        0.99
    } else if decoded >= ALIAS_RATIO_HIGH {
        0.10
    } else {
        let progress = (decoded - ALIAS_RATIO_LOW) as f64 / (ALIAS_RATIO_HIGH - ALIAS_RATIO_LOW) as f64;
        0.99 - 0.89 * progress
    }
}
