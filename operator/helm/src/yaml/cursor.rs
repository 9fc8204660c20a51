//! A place in the text, and how to move it: the lowest layer of the scanner.
//!
//! Columns and indexes count characters, as in Go. Beyond the end every byte reads as 0, which cannot occur in the text.

use super::chars::{
    break_len, char_len, count_chars, is_blank, is_blank_or_end, is_break_or_end, is_dull_in_line,
};
use super::input::Pieces;

/// A syntax error before the line is printed.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) line: Option<u32>,
    pub(super) text: &'static str,
}

pub(super) type Scan<T> = Result<T, Problem>;

/// A remembered place.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Mark {
    pub(super) index: usize,
    pub(super) line: u32,
    pub(super) column: usize,
}

pub(super) struct Cursor<'a> {
    pub(super) text: &'a str,
    bytes: &'a [u8],
    pub(super) pos: usize,
    pub(super) mark: Mark,
    /// `None` for ordinary input, which is there as a whole.
    window: Option<Window<'a>>,
}

/// How much of the text Go's reader would have delivered so far.
struct Window<'a> {
    pieces: &'a Pieces,
    /// The number of pieces delivered.
    delivered: usize,
    end: usize,
    /// Where Go's buffer begins: the place at the last refill.
    start: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str, pieces: Option<&'a Pieces>) -> Self {
        let window = pieces.map(|pieces| Window {
            pieces,
            delivered: 0,
            end: 0,
            start: 0,
        });
        Self {
            text,
            bytes: text.as_bytes(),
            pos: 0,
            mark: Mark::default(),
            window,
        }
    }

    /// Makes sure that `chars` characters are there, as Go does before it looks at them.
    #[inline]
    pub(super) fn need(&mut self, chars: usize) -> Scan<()> {
        if self.window.is_some() {
            self.refill(chars)
        } else {
            Ok(())
        }
    }

    #[cold]
    fn refill(&mut self, chars: usize) -> Scan<()> {
        let Some(window) = &mut self.window else {
            return Ok(());
        };
        let mut available = count_chars(self.bytes.get(self.pos..window.end).unwrap_or_default());
        if available >= chars {
            return Ok(());
        }
        window.start = self.pos;
        while available < chars {
            let Some(&end) = window.pieces.ends.get(window.delivered) else {
                return match window.pieces.problem {
                    Some(text) => Err(Problem { line: None, text }),
                    None => Ok(()),
                };
            };
            available += count_chars(self.bytes.get(window.end.max(self.pos)..end).unwrap_or_default());
            window.end = end;
            window.delivered += 1;
        }
        Ok(())
    }

    /// True where Go believes to see a byte order mark. It looks at the start of its buffer instead of the current place.
    pub(super) fn sees_byte_order_mark(&self) -> bool {
        let Some(window) = &self.window else { return false };
        self.bytes
            .get(window.start..)
            .is_some_and(|rest| rest.starts_with(b"\xEF\xBB\xBF"))
    }

    /// The byte `ahead` bytes after the current place.
    #[inline]
    pub(super) fn at(&self, ahead: usize) -> u8 {
        self.bytes.get(self.pos + ahead).copied().unwrap_or(0)
    }

    /// All bytes from `ahead` bytes after the current place.
    #[inline]
    pub(super) fn rest(&self, ahead: usize) -> &'a [u8] {
        self.bytes.get(self.pos + ahead..).unwrap_or_default()
    }

    /// The text between two places; both must lie between characters.
    #[inline]
    pub(super) fn slice(&self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to).unwrap_or_default()
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.pos >= self.bytes.len()
    }

    pub(super) fn is_break(&self) -> bool {
        break_len(self.rest(0)) > 0
    }

    pub(super) fn is_blank_or_end(&self, ahead: usize) -> bool {
        is_blank_or_end(self.rest(ahead))
    }

    /// True at `---` or `...` at the start of a line, followed by a blank, a break or the end.
    pub(super) fn is_document_indicator(&self) -> bool {
        self.mark.column == 0
            && matches!(self.rest(0), [b'-', b'-', b'-', ..] | [b'.', b'.', b'.', ..])
            && self.is_blank_or_end(3)
    }

    /// Moves over one character that is not a line break.
    #[inline]
    pub(super) fn skip(&mut self) {
        if let Some(&lead) = self.bytes.get(self.pos) {
            self.pos += char_len(lead);
        }
        self.mark.index += 1;
        self.mark.column += 1;
    }

    /// Moves over the line break at the current place, if there is one.
    pub(super) fn skip_break(&mut self) {
        let len = break_len(self.rest(0));
        if len == 0 {
            return;
        }
        self.mark.index += if self.at(0) == b'\r' && len == 2 { 2 } else { 1 };
        self.mark.line += 1;
        self.mark.column = 0;
        self.pos += len;
    }

    /// Moves over the line break at the current place and appends its normal form to `breaks`.
    pub(super) fn read_break(&mut self, breaks: &mut String) {
        match self.rest(0) {
            [0xE2, 0x80, 0xA8, ..] => breaks.push('\u{2028}'),
            [0xE2, 0x80, 0xA9, ..] => breaks.push('\u{2029}'),
            rest if break_len(rest) > 0 => breaks.push('\n'),
            _ => {}
        }
        self.skip_break();
    }

    /// Moves over the bytes for which `dull` holds (multi-byte characters count as dull by their first byte).
    /// Stops where Go's buffer ends; call again after [`Cursor::need`].
    #[inline]
    pub(super) fn skip_while(&mut self, dull: impl Fn(u8) -> bool) {
        let end = self.window.as_ref().map_or(self.bytes.len(), |window| window.end);
        let run = self.bytes.get(self.pos..end).unwrap_or_default();
        let len = run.iter().position(|&byte| !dull(byte)).unwrap_or(run.len());
        let chars = count_chars(run.get(..len).unwrap_or_default());
        self.pos += len;
        self.mark.index += chars;
        self.mark.column += chars;
    }

    /// Moves to the end of the line.
    pub(super) fn skip_rest_of_line(&mut self) -> Scan<()> {
        loop {
            self.skip_while(is_dull_in_line);
            self.need(1)?;
            if is_break_or_end(self.rest(0)) {
                return Ok(());
            }
            self.skip();
        }
    }

    /// Moves over spaces and tabs.
    pub(super) fn skip_blanks(&mut self) -> Scan<()> {
        self.need(1)?;
        while is_blank(self.at(0)) {
            self.skip();
            self.need(1)?;
        }
        Ok(())
    }

    /// An error of the scanner at the current place. Go prints the following line's number, or, on the first line, none.
    pub(super) fn problem<T>(&self, text: &'static str) -> Scan<T> {
        let line = (self.mark.line != 0).then_some(self.mark.line + 1);
        Err(Problem { line, text })
    }
}
