//! Writing YAML the way go-yaml's emitter does, byte for byte.
//!
//! Values come as a sequence of calls (a scalar, the beginning and end of a collection), and the text grows with them. Only
//! what Helm produces exists: block collections, `[]` and `{}` for empty ones, no comments, anchors or documents markers.
//! Order of keys is the caller's, see [`super::order`].

mod analysis;
mod scalar;

use self::analysis::Analysis;
use super::resolve::{Dialect, PlainKind, is_base_60, plain_kind};

/// Indentation of one level.
const INDENT: isize = 2;
/// Where v2 begins to look for a blank to break a line at.
const WIDTH: usize = 80;
/// A longer key is written with `?`.
const MAX_SIMPLE_KEY_BYTES: usize = 128;

/// Where the next node of a collection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Position {
    Item,
    Key,
    /// After a key that stands before its `:`.
    SimpleValue,
    /// After a key that began with `?`.
    ComplexValue,
}

#[derive(Debug)]
struct Frame {
    indent: isize,
    next: Position,
}

/// The state between two calls.
pub(super) struct Emitter {
    out: String,
    dialect: Dialect,
    frames: Vec<Frame>,
    /// In characters.
    column: usize,
    /// The last character written was a blank, or there is none.
    whitespace: bool,
    /// Nothing but indentation and indicators stands on this line.
    indention: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Plain,
    SingleQuoted,
    DoubleQuoted,
    Literal,
}

impl Emitter {
    pub(super) fn new(dialect: Dialect) -> Self {
        Self {
            out: String::new(),
            dialect,
            frames: Vec::new(),
            column: 0,
            whitespace: true,
            indention: true,
        }
    }

    /// Bytes so far.
    pub(super) fn len(&self) -> usize {
        self.out.len()
    }

    /// The text, ending with a line break.
    pub(super) fn finish(mut self) -> String {
        self.write_indent(0);
        self.out
    }

    pub(super) fn begin_sequence(&mut self, len: usize) {
        let in_mapping = self.begin_node(false);
        if len == 0 {
            self.write_indicator("[]", true, false);
        }
        // v2 does not indent the items of a sequence that is the value of a key.
        let indentless = self.dialect == Dialect::V2 && in_mapping && !self.indention;
        let step = if indentless { 0 } else { INDENT };
        let indent = if self.indent() < 0 {
            0
        } else {
            self.indent() + step
        };
        self.frames.push(Frame {
            indent,
            next: Position::Item,
        });
    }

    pub(super) fn begin_mapping(&mut self, len: usize) {
        self.begin_node(false);
        if len == 0 {
            self.write_indicator("{}", true, false);
        }
        let indent = if self.indent() < 0 {
            0
        } else {
            self.indent() + INDENT
        };
        self.frames.push(Frame {
            indent,
            next: Position::Key,
        });
    }

    /// Ends the innermost sequence or mapping.
    pub(super) fn end_collection(&mut self) {
        self.frames.pop();
    }

    /// A scalar that needs no quotes: null, a boolean, a number.
    pub(super) fn plain(&mut self, text: &str) {
        self.begin_node(true);
        self.write_scalar(text, Style::Plain, false);
    }

    /// A string, quoted where it has to be.
    pub(super) fn string(&mut self, text: &str) {
        let is_key = self
            .frames
            .last()
            .is_some_and(|frame| frame.next == Position::Key);
        let wanted = if text.contains('\n') {
            Style::Literal
        } else if self.is_string_when_plain(text) {
            Style::Plain
        } else {
            Style::DoubleQuoted
        };
        let analysis = Analysis::new(text, self.dialect);
        let simple_key = is_key && !analysis.multiline && text.len() <= MAX_SIMPLE_KEY_BYTES;
        let style = analysis.allowed_style(wanted, simple_key);
        self.begin_node(simple_key);
        self.write_scalar(text, style, !simple_key);
    }

    /// Bytes that are not UTF-8, in base64 with a `!!binary` tag; `text` is the base64, broken into lines when it is long.
    pub(super) fn binary(&mut self, text: &str) {
        const TAG: &str = "!!binary";
        let style = if text.contains('\n') {
            Style::Literal
        } else {
            Style::Plain
        };
        self.begin_node(style == Style::Plain && TAG.len() + text.len() <= MAX_SIMPLE_KEY_BYTES);
        self.write_indicator(TAG, true, false);
        self.write_scalar(text, style, false);
    }

    fn is_string_when_plain(&self, text: &str) -> bool {
        let old_bool = self.dialect == Dialect::V3 && plain_kind(text, Dialect::V2) == PlainKind::Bool;
        plain_kind(text, self.dialect) == PlainKind::Str && !is_base_60(text) && !old_bool
    }

    // --- structure ---------------------------------------------------------------------------------------------

    fn indent(&self) -> isize {
        self.frames.last().map_or(-1, |frame| frame.indent)
    }

    /// The indentation of a scalar's further lines.
    fn scalar_indent(&self) -> isize {
        self.indent().max(0) + INDENT
    }

    /// Writes what stands before a node, and notes what comes after it. `simple_key`: as a key, the node may stand before
    /// its `:`. True inside of a mapping.
    fn begin_node(&mut self, simple_key: bool) -> bool {
        let Some(frame) = self.frames.last_mut() else {
            return false;
        };
        let (indent, position) = (frame.indent, frame.next);
        frame.next = match position {
            Position::Item => Position::Item,
            Position::Key if simple_key => Position::SimpleValue,
            Position::Key => Position::ComplexValue,
            Position::SimpleValue | Position::ComplexValue => Position::Key,
        };
        match position {
            Position::Item => {
                self.write_indent(indent);
                self.write_indicator("-", true, true);
            }
            Position::Key => {
                self.write_indent(indent);
                if !simple_key {
                    self.write_indicator("?", true, true);
                }
            }
            Position::SimpleValue => self.write_indicator(":", false, false),
            Position::ComplexValue => {
                self.write_indent(indent);
                self.write_indicator(":", true, true);
            }
        }
        position != Position::Item
    }

    // --- characters --------------------------------------------------------------------------------------------

    /// Writes text without line breaks.
    fn put(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += text.chars().count();
    }

    fn put_break(&mut self) {
        self.out.push('\n');
        self.column = 0;
    }

    /// Goes to column `indent`, on a new line unless only indentation stands before it.
    fn write_indent(&mut self, indent: isize) {
        let indent = usize::try_from(indent).unwrap_or(0);
        if !self.indention || self.column > indent || (self.column == indent && !self.whitespace) {
            self.put_break();
        }
        while self.column < indent {
            self.out.push(' ');
            self.column += 1;
        }
        self.whitespace = true;
        self.indention = true;
    }

    /// Writes an indicator or quote. `keeps_indention`: what follows may still count as the beginning of the line.
    fn write_indicator(&mut self, indicator: &str, needs_blank: bool, keeps_indention: bool) {
        if needs_blank && !self.whitespace {
            self.put(" ");
        }
        self.put(indicator);
        self.whitespace = false;
        self.indention = self.indention && keeps_indention;
    }
}
