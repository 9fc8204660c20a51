//! Go's `strconv`: numbers and quoted strings as text, in both directions.

mod float;
mod parse;
mod quote;

#[cfg(test)]
mod tests;

pub use float::{FloatFormat, append_float, format_float};
pub use parse::{NumberError, parse_float, parse_int, parse_uint};
pub use quote::{
    Unquoted, can_backquote, quote, quote_char, quote_char_to_ascii, quote_to_ascii, unquote, unquote_char,
};
