//! From events to the nodes of one document, with aliases bound to their anchors.
//!
//! Nodes lie in one vector in document order, each knowing where the next one beside it begins. That keeps deep documents
//! off the stack, and needs one allocation instead of one a node.

use std::borrow::Cow;
use std::collections::HashMap;

use super::cursor::Problem;
use super::error::YamlError;
use super::input::{Input, Pieces};
use super::parser::{EventKind, Parser};

/// Collections may be nested this deep. Go allows 10000; everything that walks data afterwards is recursive here, and has
/// the stack of a worker thread. Real charts stay below 50.
pub const MAX_DEPTH: usize = 512;

/// One node. `next` is the place after the node and all its children.
#[derive(Debug)]
pub(super) struct Node<'a> {
    pub(super) kind: NodeKind<'a>,
    pub(super) line: u32,
    pub(super) next: usize,
}

#[derive(Debug)]
pub(super) enum NodeKind<'a> {
    Scalar {
        value: Cow<'a, str>,
        tag: Option<Box<str>>,
        implicit: bool,
    },
    /// `target` is the place of the anchored node.
    Alias {
        name: &'a str,
        target: usize,
    },
    Sequence,
    Mapping,
}

/// The nodes of one document; the first is the root. Empty when the stream holds no document.
#[derive(Debug)]
pub(super) struct Document<'a> {
    pub(super) nodes: Vec<Node<'a>>,
}

/// Reads documents one after the other.
pub(super) struct Composer<'a> {
    parser: Parser<'a>,
}

impl<'a> Composer<'a> {
    pub(super) fn new(input: &'a Input<'_>) -> Self {
        Self::from_parts(&input.text, input.pieces.as_ref())
    }

    fn from_parts(text: &'a str, pieces: Option<&'a Pieces>) -> Self {
        Self {
            parser: Parser::new(text, pieces),
        }
    }

    /// The next document; `None` at the end of the stream.
    pub(super) fn next_document(&mut self) -> Result<Option<Document<'a>>, YamlError> {
        let first = self.parser.next_event().map_err(syntax)?;
        if !matches!(first.kind, EventKind::DocumentStart) {
            return Ok(None);
        }
        let mut nodes: Vec<Node<'a>> = Vec::new();
        let mut open: Vec<usize> = Vec::new();
        let mut anchors: HashMap<&'a str, usize> = HashMap::new();
        loop {
            let event = self.parser.next_event().map_err(syntax)?;
            let place = nodes.len();
            let (kind, anchor, opens) = match event.kind {
                EventKind::DocumentStart | EventKind::DocumentEnd | EventKind::StreamEnd => break,
                EventKind::SequenceEnd | EventKind::MappingEnd => {
                    if let Some(node) = open.pop().and_then(|opened| nodes.get_mut(opened)) {
                        node.next = place;
                    }
                    continue;
                }
                EventKind::Alias(name) => {
                    let Some(&target) = anchors.get(name) else {
                        return Err(YamlError::Content(format!("unknown anchor '{name}' referenced")));
                    };
                    (NodeKind::Alias { name, target }, None, false)
                }
                EventKind::Scalar(scalar) => {
                    let kind = NodeKind::Scalar {
                        value: scalar.value,
                        tag: scalar.tag,
                        implicit: scalar.implicit,
                    };
                    (kind, scalar.anchor, false)
                }
                EventKind::SequenceStart { anchor } => (NodeKind::Sequence, anchor, true),
                EventKind::MappingStart { anchor } => (NodeKind::Mapping, anchor, true),
            };
            if let Some(anchor) = anchor {
                anchors.insert(anchor, place);
            }
            nodes.push(Node {
                kind,
                line: event.line,
                next: place + 1,
            });
            if opens {
                open.push(place);
                if open.len() > MAX_DEPTH {
                    return Err(too_deep(event.line));
                }
            }
        }
        Ok(Some(Document { nodes }))
    }
}

/// The error for [`MAX_DEPTH`], with Go's words for its own limit.
pub(super) fn too_deep(line: u32) -> YamlError {
    YamlError::Syntax {
        line: (line != 0).then_some(line + 1),
        problem: format!("exceeded max depth of {MAX_DEPTH}"),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is passed to `map_err`")]
fn syntax(problem: Problem) -> YamlError {
    YamlError::Syntax {
        line: problem.line,
        problem: problem.text.to_owned(),
    }
}
