//! The order of keys in emitted YAML: go-yaml's `keyList.Less` (`sorter.go`), under which `k9` comes before `k10`.

use gotemplate::unicode::{is_digit, is_letter};

pub(crate) use super::resolve::Dialect;
use crate::json::go_lossy;

/// True when `a` comes before `b`. This is not a strict weak order for every set of keys, as it is not in Go.
pub(super) fn is_less(a: &str, b: &str, dialect: Dialect) -> bool {
    let mut left = a.chars();
    let mut right = b.chars();
    let mut common_len = 0;
    loop {
        let (left_rest, right_rest) = (left.as_str(), right.as_str());
        match (left.next(), right.next()) {
            (Some(x), Some(y)) if x == y => common_len += x.len_utf8(),
            (Some(x), Some(y)) => {
                let common = a.get(..common_len).unwrap_or_default();
                return is_less_at((x, left_rest), (y, right_rest), common, dialect);
            }
            (None, Some(_)) => return true,
            (_, None) => return false,
        }
    }
}

/// Decides at the first difference: two different characters, each with the text from there on.
fn is_less_at((x, left): (char, &str), (y, right): (char, &str), common: &str, dialect: Dialect) -> bool {
    match (is_letter(x), is_letter(y)) {
        (true, true) => return x < y,
        (false, false) => {}
        (x_is_letter, y_is_letter) => {
            // After a digit v3 puts the letter first.
            let after_digit = dialect == Dialect::V3 && common.chars().next_back().is_some_and(is_digit);
            return if after_digit { x_is_letter } else { y_is_letter };
        }
    }
    // A zero after other digits counts as a digit place: `a10` and `a1b` differ in length, not only in value.
    let in_number = (x == '0' || y == '0')
        && common
            .chars()
            .rev()
            .take_while(|&c| is_digit(c))
            .any(|c| c != '0');
    let start = i64::from(in_number);
    let (left_value, left_len) = leading_number(left, start);
    let (right_value, right_len) = leading_number(right, start);
    if left_value != right_value {
        return left_value < right_value;
    }
    if left_len != right_len {
        return left_len < right_len;
    }
    x < y
}

/// The value of the digits at the start and their count. Like Go's, it overflows silently.
fn leading_number(text: &str, start: i64) -> (i64, usize) {
    text.chars()
        .take_while(|&c| is_digit(c))
        .fold((start, 0), |(value, len), digit| {
            let digit = i64::from(u32::from(digit)) - i64::from(u32::from('0'));
            (value.wrapping_mul(10).wrapping_add(digit), len + 1)
        })
}

/// True when keys are in the emitter's order already, as bytewise sorted keys nearly always are.
pub(crate) fn is_sorted<K: AsRef<[u8]>>(keys: impl Iterator<Item = K>, dialect: Dialect) -> bool {
    let mut before: Option<K> = None;
    for key in keys {
        if let Some(before) = &before
            && is_less(&go_lossy(key.as_ref()), &go_lossy(before.as_ref()), dialect)
        {
            return false;
        }
        before = Some(key);
    }
    true
}

/// Sorts by key. A merge sort of our own, because the library's may panic where the order is inconsistent.
pub(crate) fn sort<T>(entries: Vec<T>, key: impl Fn(&T) -> &[u8], dialect: Dialect) -> Vec<T> {
    let mut runs: Vec<Vec<T>> = entries.into_iter().map(|entry| vec![entry]).collect();
    while runs.len() > 1 {
        let mut merged = Vec::with_capacity(runs.len().div_ceil(2));
        let mut pending = runs.into_iter();
        while let Some(left) = pending.next() {
            merged.push(match pending.next() {
                Some(right) => merge(left, right, |a, b| {
                    is_less(&go_lossy(key(a)), &go_lossy(key(b)), dialect)
                }),
                None => left,
            });
        }
        runs = merged;
    }
    runs.pop().unwrap_or_default()
}

fn merge<T>(left: Vec<T>, right: Vec<T>, is_less: impl Fn(&T, &T) -> bool) -> Vec<T> {
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let mut left = left.into_iter().peekable();
    let mut right = right.into_iter().peekable();
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        let next = if is_less(b, a) { right.next() } else { left.next() };
        merged.extend(next);
    }
    merged.extend(left);
    merged.extend(right);
    merged
}
