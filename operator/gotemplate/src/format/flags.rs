//! The flags of a verb, and padding (`fmt/format.go`).

use super::Printer;
use crate::unicode;

#[derive(Clone, Copy, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are the flags of a verb, set one by one"
)]
pub(super) struct Flags {
    pub(super) width: Option<usize>,
    pub(super) precision: Option<usize>,
    pub(super) minus: bool,
    pub(super) plus: bool,
    pub(super) sharp: bool,
    pub(super) space: bool,
    pub(super) zero: bool,
    /// `%+v`
    pub(super) plus_v: bool,
    /// `%#v`
    pub(super) sharp_v: bool,
}

impl Printer {
    pub(super) fn write_padding(&mut self, n: usize) {
        let zero = self.flags.zero && !self.flags.minus;
        self.write_repeated(if zero { b'0' } else { b' ' }, n);
    }

    /// Writes bytes padded to the width, which counts characters.
    pub(super) fn pad(&mut self, bytes: &[u8]) {
        let padding = self
            .flags
            .width
            .map_or(0, |width| width.saturating_sub(unicode::count(bytes)));
        if self.flags.minus {
            self.write(bytes);
            self.write_padding(padding);
        } else {
            self.write_padding(padding);
            self.write(bytes);
        }
    }

    /// [`Printer::pad`] where zeros are not for padding.
    pub(super) fn pad_with_blanks(&mut self, bytes: &[u8]) {
        let zero = std::mem::replace(&mut self.flags.zero, false);
        self.pad(bytes);
        self.flags.zero = zero;
    }
}
