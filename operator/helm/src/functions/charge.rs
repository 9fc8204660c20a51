//! Charging the budget of a render before a function builds a large result.

use gotemplate::{Frame, FuncError, Value};

/// Charges a list or map of `count` entries.
pub(crate) fn items(frame: &mut Frame<'_>, count: usize) -> Result<(), FuncError> {
    frame.charge_bytes(count.saturating_mul(size_of::<Value>()))?;
    frame.charge_steps(count as u64)
}

/// Charges work that grows with the length of a text, such as a search or a digest.
pub(crate) fn scan(frame: &mut Frame<'_>, bytes: usize) -> Result<(), FuncError> {
    frame.charge_steps(bytes as u64 / 16 + 1)
}

/// Charges a text of `bytes` bytes and the work of writing it.
pub(crate) fn text(frame: &mut Frame<'_>, bytes: usize) -> Result<(), FuncError> {
    frame.charge_bytes(bytes)?;
    scan(frame, bytes)
}
