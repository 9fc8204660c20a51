//! The states of flow collections: `[a, b: c]` and `{a: b}`.

use super::{Event, EventKind, Parser, Place, State};
use crate::yaml::cursor::Scan;
use crate::yaml::scanner::TokenKind;

impl<'a> Parser<'a> {
    pub(super) fn flow_sequence_entry(&mut self, first: bool) -> Scan<Event<'a>> {
        if !first {
            let token = self.peek()?;
            let line = token.line;
            match token.kind {
                TokenKind::FlowSequenceEnd => {}
                TokenKind::FlowEntry => {
                    self.take();
                }
                _ => return self.collection_problem(line, "did not find expected ',' or ']'"),
            }
        }
        let token = self.peek()?;
        let line = token.line;
        match token.kind {
            TokenKind::FlowSequenceEnd => Ok(self.close_collection(EventKind::SequenceEnd)),
            TokenKind::Key => {
                self.take();
                self.state = State::FlowSequencePairKey;
                Ok(Event {
                    kind: EventKind::MappingStart { anchor: None },
                    line,
                })
            }
            _ => {
                self.states.push(State::FlowSequenceEntry);
                self.node(Place::Flow)
            }
        }
    }

    pub(super) fn flow_sequence_pair_key(&mut self) -> Scan<Event<'a>> {
        let token = self.peek()?;
        let line = token.line;
        match token.kind {
            TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowSequenceEnd => {
                // Go takes the token here, also where it ends the pair.
                self.take();
                Ok(self.empty_scalar(State::FlowSequencePairValue, line))
            }
            _ => {
                self.states.push(State::FlowSequencePairValue);
                self.node(Place::Flow)
            }
        }
    }

    pub(super) fn flow_sequence_pair_value(&mut self) -> Scan<Event<'a>> {
        let token = self.peek()?;
        let line = token.line;
        if matches!(token.kind, TokenKind::Value) {
            self.take();
            if !matches!(
                self.peek()?.kind,
                TokenKind::FlowEntry | TokenKind::FlowSequenceEnd
            ) {
                self.states.push(State::FlowSequencePairEnd);
                return self.node(Place::Flow);
            }
        }
        Ok(self.empty_scalar(State::FlowSequencePairEnd, line))
    }

    pub(super) fn flow_mapping_key(&mut self, first: bool) -> Scan<Event<'a>> {
        if !first {
            let token = self.peek()?;
            let line = token.line;
            match token.kind {
                TokenKind::FlowMappingEnd => {}
                TokenKind::FlowEntry => {
                    self.take();
                }
                _ => return self.collection_problem(line, "did not find expected ',' or '}'"),
            }
        }
        let token = self.peek()?;
        match token.kind {
            TokenKind::FlowMappingEnd => Ok(self.close_collection(EventKind::MappingEnd)),
            TokenKind::Key => {
                self.take();
                let token = self.peek()?;
                let line = token.line;
                match token.kind {
                    TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowMappingEnd => {
                        Ok(self.empty_scalar(State::FlowMappingValue, line))
                    }
                    _ => {
                        self.states.push(State::FlowMappingValue);
                        self.node(Place::Flow)
                    }
                }
            }
            _ => {
                self.states.push(State::FlowMappingEmptyValue);
                self.node(Place::Flow)
            }
        }
    }

    pub(super) fn flow_mapping_value(&mut self) -> Scan<Event<'a>> {
        let mut line = self.peek()?.line;
        if matches!(self.peek()?.kind, TokenKind::Value) {
            self.take();
            let token = self.peek()?;
            line = token.line;
            match token.kind {
                TokenKind::FlowEntry | TokenKind::FlowMappingEnd => {}
                _ => {
                    self.states.push(State::FlowMappingKey);
                    return self.node(Place::Flow);
                }
            }
        }
        Ok(self.empty_scalar(State::FlowMappingKey, line))
    }
}
