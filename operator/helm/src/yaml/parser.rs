//! From tokens to events: the grammar of YAML 1.1 as a state machine, after `go.yaml.in/yaml/v2`.
//!
//! A state says what is expected next; collections push the state to return to. There is no recursion, so nesting costs
//! memory but no stack.

mod flow;

use std::borrow::Cow;

use super::cursor::{Problem, Scan};
use super::input::Pieces;
use super::scanner::{Scanner, Tag, TagDirective, Token, TokenKind};

/// An event and the line (counted from 0) on which its text begins.
#[derive(Debug)]
pub(super) struct Event<'a> {
    pub(super) kind: EventKind<'a>,
    pub(super) line: u32,
}

#[derive(Debug)]
pub(super) enum EventKind<'a> {
    StreamEnd,
    DocumentStart,
    DocumentEnd,
    Alias(&'a str),
    Scalar(ScalarEvent<'a>),
    SequenceStart { anchor: Option<&'a str> },
    SequenceEnd,
    MappingStart { anchor: Option<&'a str> },
    MappingEnd,
}

/// A scalar before it has a type.
#[derive(Debug)]
pub(super) struct ScalarEvent<'a> {
    pub(super) value: Cow<'a, str>,
    pub(super) anchor: Option<&'a str>,
    pub(super) tag: Option<Box<str>>,
    /// The type may be found from the text: the scalar is plain and has no tag (or the tag `!`).
    pub(super) implicit: bool,
}

#[derive(Debug, Clone, Copy)]
enum State {
    ImplicitDocumentStart,
    DocumentStart,
    DocumentContent,
    DocumentEnd,
    BlockNode,
    BlockSequenceFirstEntry,
    BlockSequenceEntry,
    IndentlessSequenceEntry,
    BlockMappingFirstKey,
    BlockMappingKey,
    BlockMappingValue,
    FlowSequenceFirstEntry,
    FlowSequenceEntry,
    FlowSequencePairKey,
    FlowSequencePairValue,
    FlowSequencePairEnd,
    FlowMappingFirstKey,
    FlowMappingKey,
    FlowMappingValue,
    FlowMappingEmptyValue,
    End,
}

/// Where a node stands, which decides what it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Block,
    BlockOrIndentlessSequence,
    Flow,
}

pub(super) struct Parser<'a> {
    scanner: Scanner<'a>,
    state: State,
    states: Vec<State>,
    /// Lines on which the open collections began.
    starts: Vec<u32>,
    tag_directives: Vec<TagDirective>,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str, pieces: Option<&'a Pieces>) -> Self {
        Self {
            scanner: Scanner::new(text, pieces),
            state: State::ImplicitDocumentStart,
            states: Vec::new(),
            starts: Vec::new(),
            tag_directives: Vec::new(),
        }
    }

    pub(super) fn next_event(&mut self) -> Scan<Event<'a>> {
        match self.state {
            State::ImplicitDocumentStart => self.document_start(true),
            State::DocumentStart => self.document_start(false),
            State::DocumentContent => self.document_content(),
            State::DocumentEnd => self.document_end(),
            State::BlockNode => self.node(Place::Block),
            State::BlockSequenceFirstEntry => {
                self.open_collection()?;
                self.block_sequence_entry()
            }
            State::BlockSequenceEntry => self.block_sequence_entry(),
            State::IndentlessSequenceEntry => self.indentless_sequence_entry(),
            State::BlockMappingFirstKey => {
                self.open_collection()?;
                self.block_mapping_key()
            }
            State::BlockMappingKey => self.block_mapping_key(),
            State::BlockMappingValue => self.block_mapping_value(),
            State::FlowSequenceFirstEntry => {
                self.open_collection()?;
                self.flow_sequence_entry(true)
            }
            State::FlowSequenceEntry => self.flow_sequence_entry(false),
            State::FlowSequencePairKey => self.flow_sequence_pair_key(),
            State::FlowSequencePairValue => self.flow_sequence_pair_value(),
            State::FlowSequencePairEnd => {
                self.state = State::FlowSequenceEntry;
                let line = self.peek()?.line;
                Ok(Event {
                    kind: EventKind::MappingEnd,
                    line,
                })
            }
            State::FlowMappingFirstKey => {
                self.open_collection()?;
                self.flow_mapping_key(true)
            }
            State::FlowMappingKey => self.flow_mapping_key(false),
            State::FlowMappingValue => self.flow_mapping_value(),
            State::FlowMappingEmptyValue => {
                let line = self.peek()?.line;
                Ok(self.empty_scalar(State::FlowMappingKey, line))
            }
            State::End => Ok(Event {
                kind: EventKind::StreamEnd,
                line: 0,
            }),
        }
    }

    // --- helpers -----------------------------------------------------------------------------------------------

    fn peek(&mut self) -> Scan<&Token<'a>> {
        self.scanner.peek()
    }

    /// Takes the token that was peeked at; its line.
    fn take(&mut self) -> u32 {
        self.scanner.take().map_or(0, |token| token.line)
    }

    fn pop_state(&mut self) {
        self.state = self.states.pop().unwrap_or(State::End);
    }

    /// Takes the token that begins a collection and remembers its line.
    fn open_collection(&mut self) -> Scan<()> {
        self.peek()?;
        let line = self.take();
        self.starts.push(line);
        Ok(())
    }

    /// Takes the token that ends a collection.
    fn close_collection(&mut self, kind: EventKind<'a>) -> Event<'a> {
        self.pop_state();
        self.starts.pop();
        let line = self.take();
        Event { kind, line }
    }

    fn empty_scalar(&mut self, next: State, line: u32) -> Event<'a> {
        self.state = next;
        empty_scalar(line)
    }

    /// An error of the grammar at `line`. Go prints the line counted from 0, and falls back to that of the context.
    fn problem<T>(line: u32, context: u32, text: &'static str) -> Scan<T> {
        let line = [line, context].into_iter().find(|&line| line != 0);
        Err(Problem { line, text })
    }

    /// An error inside of a collection: the context is where the collection began.
    fn collection_problem<T>(&mut self, line: u32, text: &'static str) -> Scan<T> {
        let context = self.starts.pop().unwrap_or(0);
        Self::problem(line, context, text)
    }

    // --- documents ---------------------------------------------------------------------------------------------

    fn document_start(&mut self, implicit: bool) -> Scan<Event<'a>> {
        if matches!(self.peek()?.kind, TokenKind::StreamStart) {
            self.take();
        }
        if !implicit {
            while matches!(self.peek()?.kind, TokenKind::DocumentEnd) {
                self.take();
            }
        }
        let token = self.peek()?;
        let line = token.line;
        match token.kind {
            TokenKind::StreamEnd => {
                self.take();
                self.state = State::End;
                return Ok(Event {
                    kind: EventKind::StreamEnd,
                    line,
                });
            }
            TokenKind::VersionDirective { .. } | TokenKind::TagDirective(_) | TokenKind::DocumentStart => {}
            _ if implicit => {
                self.process_directives()?;
                self.states.push(State::DocumentEnd);
                self.state = State::BlockNode;
                return Ok(Event {
                    kind: EventKind::DocumentStart,
                    line,
                });
            }
            _ => {}
        }
        self.process_directives()?;
        let token = self.peek()?;
        if !matches!(token.kind, TokenKind::DocumentStart) {
            let line = token.line;
            return Self::problem(line, 0, "did not find expected <document start>");
        }
        self.states.push(State::DocumentEnd);
        self.state = State::DocumentContent;
        self.take();
        Ok(Event {
            kind: EventKind::DocumentStart,
            line,
        })
    }

    fn document_content(&mut self) -> Scan<Event<'a>> {
        let token = self.peek()?;
        let line = token.line;
        match token.kind {
            TokenKind::VersionDirective { .. }
            | TokenKind::TagDirective(_)
            | TokenKind::DocumentStart
            | TokenKind::DocumentEnd
            | TokenKind::StreamEnd => {
                self.pop_state();
                Ok(empty_scalar(line))
            }
            _ => self.node(Place::Block),
        }
    }

    fn document_end(&mut self) -> Scan<Event<'a>> {
        let token = self.peek()?;
        let line = token.line;
        if matches!(token.kind, TokenKind::DocumentEnd) {
            self.take();
        }
        self.tag_directives.clear();
        self.state = State::DocumentStart;
        Ok(Event {
            kind: EventKind::DocumentEnd,
            line,
        })
    }

    fn process_directives(&mut self) -> Scan<()> {
        let mut version_seen = false;
        loop {
            let token = self.peek()?;
            let line = token.line;
            match &token.kind {
                TokenKind::VersionDirective { major, minor } => {
                    let known = (*major, *minor) == (1, 1);
                    if version_seen {
                        return Self::problem(line, 0, "found duplicate %YAML directive");
                    }
                    if !known {
                        return Self::problem(line, 0, "found incompatible YAML document");
                    }
                    version_seen = true;
                }
                TokenKind::TagDirective(directive) => {
                    let directive = (**directive).clone();
                    if self
                        .tag_directives
                        .iter()
                        .any(|known| known.handle == directive.handle)
                    {
                        return Self::problem(line, 0, "found duplicate %TAG directive");
                    }
                    self.tag_directives.push(directive);
                }
                _ => break,
            }
            self.take();
        }
        for (handle, prefix) in [("!", "!"), ("!!", "tag:yaml.org,2002:")] {
            if !self.tag_directives.iter().any(|known| known.handle == handle) {
                self.tag_directives.push(TagDirective {
                    handle: handle.to_owned(),
                    prefix: prefix.to_owned(),
                });
            }
        }
        Ok(())
    }

    // --- nodes -------------------------------------------------------------------------------------------------

    fn node(&mut self, place: Place) -> Scan<Event<'a>> {
        let token = self.peek()?;
        let line = token.line;
        if let TokenKind::Alias(name) = token.kind {
            self.pop_state();
            self.take();
            return Ok(Event {
                kind: EventKind::Alias(name),
                line,
            });
        }
        let (anchor, tag) = self.properties()?;
        let tag = match tag {
            None => None,
            Some((tag, tag_line)) => match self.full_tag(*tag) {
                Some(tag) => Some(tag),
                None => return Self::problem(tag_line, line, "found undefined tag handle"),
            },
        };
        let block = place != Place::Flow;
        let token = self.peek()?;
        let content_line = token.line;
        let collection = match token.kind {
            TokenKind::BlockEntry if place == Place::BlockOrIndentlessSequence => (
                State::IndentlessSequenceEntry,
                EventKind::SequenceStart { anchor },
            ),
            TokenKind::FlowSequenceStart => {
                (State::FlowSequenceFirstEntry, EventKind::SequenceStart { anchor })
            }
            TokenKind::FlowMappingStart => (State::FlowMappingFirstKey, EventKind::MappingStart { anchor }),
            TokenKind::BlockSequenceStart if block => (
                State::BlockSequenceFirstEntry,
                EventKind::SequenceStart { anchor },
            ),
            TokenKind::BlockMappingStart if block => {
                (State::BlockMappingFirstKey, EventKind::MappingStart { anchor })
            }
            TokenKind::Scalar { .. } => {
                self.pop_state();
                let Some(Token {
                    kind: TokenKind::Scalar { value, plain },
                    ..
                }) = self.scanner.take()
                else {
                    return Self::problem(content_line, line, "did not find expected node content");
                };
                let implicit = match &tag {
                    None => plain,
                    Some(tag) => &**tag == "!",
                };
                return Ok(Event {
                    kind: EventKind::Scalar(ScalarEvent {
                        value,
                        anchor,
                        tag,
                        implicit,
                    }),
                    line,
                });
            }
            _ if anchor.is_some() || tag.is_some() => {
                self.pop_state();
                let implicit = tag.is_none();
                let scalar = ScalarEvent {
                    value: Cow::Borrowed(""),
                    anchor,
                    tag,
                    implicit,
                };
                return Ok(Event {
                    kind: EventKind::Scalar(scalar),
                    line,
                });
            }
            _ => return Self::problem(content_line, line, "did not find expected node content"),
        };
        self.state = collection.0;
        Ok(Event {
            kind: collection.1,
            line,
        })
    }

    /// Takes an anchor and a tag (with its line), in either order.
    #[expect(
        clippy::type_complexity,
        reason = "two optional properties, used in one place"
    )]
    fn properties(&mut self) -> Scan<(Option<&'a str>, Option<(Box<Tag>, u32)>)> {
        let mut anchor = None;
        let mut tag = None;
        loop {
            let token = self.peek()?;
            match token.kind {
                TokenKind::Anchor(name) if anchor.is_none() => {
                    anchor = Some(name);
                    self.take();
                }
                TokenKind::Tag(_) if tag.is_none() => {
                    if let Some(Token {
                        kind: TokenKind::Tag(found),
                        line,
                    }) = self.scanner.take()
                    {
                        tag = Some((found, line));
                    }
                }
                _ => return Ok((anchor, tag)),
            }
        }
    }

    /// The tag with its handle replaced; `None` when the handle is not declared.
    fn full_tag(&self, tag: Tag) -> Option<Box<str>> {
        if tag.handle.is_empty() {
            return Some(tag.suffix.into_boxed_str());
        }
        let directive = self
            .tag_directives
            .iter()
            .find(|known| known.handle == tag.handle)?;
        let full = format!("{}{}", directive.prefix, tag.suffix);
        (!full.is_empty()).then(|| full.into_boxed_str())
    }

    fn block_sequence_entry(&mut self) -> Scan<Event<'a>> {
        let token = self.peek()?;
        let line = token.line;
        match token.kind {
            TokenKind::BlockEntry => {
                self.take();
                match self.peek()?.kind {
                    TokenKind::BlockEntry | TokenKind::BlockEnd => {
                        Ok(self.empty_scalar(State::BlockSequenceEntry, line))
                    }
                    _ => {
                        self.states.push(State::BlockSequenceEntry);
                        self.node(Place::Block)
                    }
                }
            }
            TokenKind::BlockEnd => Ok(self.close_collection(EventKind::SequenceEnd)),
            _ => self.collection_problem(line, "did not find expected '-' indicator"),
        }
    }

    fn indentless_sequence_entry(&mut self) -> Scan<Event<'a>> {
        let token = self.peek()?;
        let line = token.line;
        if !matches!(token.kind, TokenKind::BlockEntry) {
            self.pop_state();
            return Ok(Event {
                kind: EventKind::SequenceEnd,
                line,
            });
        }
        self.take();
        match self.peek()?.kind {
            TokenKind::BlockEntry | TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd => {
                Ok(self.empty_scalar(State::IndentlessSequenceEntry, line))
            }
            _ => {
                self.states.push(State::IndentlessSequenceEntry);
                self.node(Place::Block)
            }
        }
    }

    fn block_mapping_key(&mut self) -> Scan<Event<'a>> {
        let token = self.peek()?;
        let line = token.line;
        match token.kind {
            TokenKind::Key => {
                self.take();
                match self.peek()?.kind {
                    TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd => {
                        Ok(self.empty_scalar(State::BlockMappingValue, line))
                    }
                    _ => {
                        self.states.push(State::BlockMappingValue);
                        self.node(Place::BlockOrIndentlessSequence)
                    }
                }
            }
            TokenKind::BlockEnd => Ok(self.close_collection(EventKind::MappingEnd)),
            _ => self.collection_problem(line, "did not find expected key"),
        }
    }

    fn block_mapping_value(&mut self) -> Scan<Event<'a>> {
        let token = self.peek()?;
        let line = token.line;
        if !matches!(token.kind, TokenKind::Value) {
            return Ok(self.empty_scalar(State::BlockMappingKey, line));
        }
        self.take();
        match self.peek()?.kind {
            TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd => {
                Ok(self.empty_scalar(State::BlockMappingKey, line))
            }
            _ => {
                self.states.push(State::BlockMappingKey);
                self.node(Place::BlockOrIndentlessSequence)
            }
        }
    }
}

fn empty_scalar(line: u32) -> Event<'static> {
    let scalar = ScalarEvent {
        value: Cow::Borrowed(""),
        anchor: None,
        tag: None,
        implicit: true,
    };
    Event {
        kind: EventKind::Scalar(scalar),
        line,
    }
}
