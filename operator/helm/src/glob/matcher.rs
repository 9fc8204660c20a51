//! Matching a name (`match/*.go` of gobwas/glob), byte for byte as upstream does it, with a budget.

use crate::text::{decode_rune, rune_len, runes};

/// A compiled pattern. Lengths count characters, places count bytes, as upstream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Matcher {
    Nothing,
    Super,
    Any(Vec<char>),
    Single(Vec<char>),
    List {
        characters: Vec<char>,
        negated: bool,
    },
    Range {
        low: char,
        high: char,
        negated: bool,
    },
    Text(String),
    Prefix(String),
    Suffix(String),
    PrefixSuffix(String, String),
    PrefixAny(String, Vec<char>),
    SuffixAny(String, Vec<char>),
    Contains {
        needle: String,
        negated: bool,
    },
    Min(usize),
    Max(usize),
    EveryOf(Vec<Matcher>),
    AnyOf(Vec<Matcher>),
    Row {
        matchers: Vec<Matcher>,
        length: usize,
    },
    Tree {
        value: Box<Matcher>,
        left: Option<Box<Matcher>>,
        right: Option<Box<Matcher>>,
    },
}

impl Matcher {
    /// The number of characters it takes, if that is fixed.
    pub(super) fn length(&self) -> Option<usize> {
        match self {
            Self::Nothing => Some(0),
            Self::Single(_) | Self::List { .. } | Self::Range { .. } => Some(1),
            Self::Text(text) => Some(text.chars().count()),
            Self::Row { length, .. } => Some(*length),
            Self::AnyOf(matchers) => {
                let mut length = None;
                for matcher in matchers {
                    let own = matcher.length();
                    match (length, own) {
                        // Upstream forgets here that an earlier alternative had no fixed length.
                        (None, own) => length = own,
                        (Some(length), Some(own)) if length == own => {}
                        (Some(_), _) => return None,
                    }
                }
                length
            }
            Self::Tree { value, left, right } => {
                let side = |side: &Option<Box<Self>>| side.as_ref().map_or(Some(0), |side| side.length());
                Some(value.length()? + side(left)? + side(right)?)
            }
            Self::Super
            | Self::Any(_)
            | Self::Prefix(_)
            | Self::Suffix(_)
            | Self::PrefixSuffix(..)
            | Self::PrefixAny(..)
            | Self::SuffixAny(..)
            | Self::Contains { .. }
            | Self::Min(_)
            | Self::Max(_)
            | Self::EveryOf(_) => None,
        }
    }
}

/// One search, with what is left of its budget.
pub(super) struct Search {
    left: u64,
}

impl Search {
    pub(super) fn new(budget: u64) -> Self {
        Self { left: budget }
    }

    pub(super) fn is_exhausted(&self) -> bool {
        self.left == 0
    }

    fn spend(&mut self, text: &[u8]) -> bool {
        self.left = self.left.saturating_sub(text.len() as u64 + 1);
        self.left > 0
    }

    /// Whether the whole text matches.
    pub(super) fn matches(&mut self, matcher: &Matcher, text: &[u8]) -> bool {
        if !self.spend(text) {
            return false;
        }
        match matcher {
            Matcher::Nothing => text.is_empty(),
            Matcher::Super => true,
            Matcher::Any(separators) => find_any(text, separators).is_none(),
            Matcher::Single(_) | Matcher::List { .. } | Matcher::Range { .. } => {
                let (rune, width) = decode_rune(text);
                text.len() <= width && takes(matcher, rune)
            }
            Matcher::Text(own) => own.as_bytes() == text,
            Matcher::Prefix(prefix) => text.starts_with(prefix.as_bytes()),
            Matcher::Suffix(suffix) => text.ends_with(suffix.as_bytes()),
            Matcher::PrefixSuffix(prefix, suffix) => {
                text.starts_with(prefix.as_bytes()) && text.ends_with(suffix.as_bytes())
            }
            Matcher::PrefixAny(prefix, separators) => text
                .strip_prefix(prefix.as_bytes())
                .is_some_and(|rest| find_any(rest, separators).is_none()),
            Matcher::SuffixAny(suffix, separators) => text
                .strip_suffix(suffix.as_bytes())
                .is_some_and(|rest| find_any(rest, separators).is_none()),
            Matcher::Contains { needle, negated } => find(text, needle.as_bytes()).is_some() != *negated,
            Matcher::Min(least) => runes(text).nth(least.saturating_sub(1)).is_some(),
            Matcher::Max(most) => runes(text).nth(*most).is_none(),
            Matcher::EveryOf(matchers) => matchers.iter().all(|matcher| self.matches(matcher, text)),
            Matcher::AnyOf(matchers) => matchers.iter().any(|matcher| self.matches(matcher, text)),
            Matcher::Row { matchers, length } => runes(text).count() == *length && self.row(matchers, text),
            Matcher::Tree { value, left, right } => self.tree(value, left.as_deref(), right.as_deref(), text),
        }
    }

    fn row(&mut self, matchers: &[Matcher], text: &[u8]) -> bool {
        let mut at = 0;
        for matcher in matchers {
            let length = matcher.length().unwrap_or_default();
            let mut last = 0;
            let mut count = 0;
            for (offset, _) in runes(&text[at..]) {
                last = offset;
                count += 1;
                if count == length {
                    break;
                }
            }
            // Upstream takes one byte of the last character.
            let end = (at + last + 1).min(text.len());
            if count < length || !self.matches(matcher, &text[at..end]) {
                return false;
            }
            at = end;
        }
        true
    }

    fn tree(
        &mut self,
        value: &Matcher,
        left: Option<&Matcher>,
        right: Option<&Matcher>,
        text: &[u8],
    ) -> bool {
        let length = |side: Option<&Matcher>| side.map_or(Some(0), Matcher::length);
        let (left_length, right_length) = (length(left), length(right));
        if let (Some(left), Some(own), Some(right)) = (left_length, value.length(), right_length)
            && left + own + right > text.len()
        {
            return false;
        }
        let mut offset = left_length.unwrap_or_default();
        let limit = match right_length {
            Some(right) => text.len().saturating_sub(right),
            None => text.len(),
        };
        while offset < limit && !self.is_exhausted() {
            let Some((index, segments)) = self.index(value, &text[offset..limit]) else {
                return false;
            };
            let start = offset + index;
            let before = &text[..start];
            let left_fits = match left {
                Some(left) => self.matches(left, before),
                None => before.is_empty(),
            };
            if left_fits {
                for length in segments.iter().rev() {
                    let after = text.get(start + length..).unwrap_or_default();
                    let right_fits = match right {
                        Some(right) => self.matches(right, after),
                        None => after.is_empty(),
                    };
                    if right_fits {
                        return true;
                    }
                }
            }
            let (_, step) = decode_rune(&text[start..]);
            offset += index + step.max(1);
        }
        false
    }

    /// The first place where the matcher fits, and all lengths with which it fits there, ascending.
    fn index(&mut self, matcher: &Matcher, text: &[u8]) -> Option<(usize, Vec<usize>)> {
        if !self.spend(text) {
            return None;
        }
        let starts = |text: &[u8], base: usize| -> Vec<usize> {
            runes(text)
                .map(|(at, _)| base + at)
                .chain([base + text.len()])
                .collect()
        };
        match matcher {
            Matcher::Nothing => Some((0, vec![0])),
            Matcher::Super => Some((0, starts(text, 0))),
            Matcher::Any(separators) => match find_any(text, separators) {
                Some(0) => Some((0, vec![0])),
                Some(end) => Some((0, starts(&text[..end], 0))),
                None => Some((0, starts(text, 0))),
            },
            Matcher::Single(_) | Matcher::List { .. } | Matcher::Range { .. } => runes(text)
                .find(|(_, rune)| takes(matcher, *rune))
                .map(|(at, rune)| (at, vec![rune_len(rune)])),
            Matcher::Text(own) => find(text, own.as_bytes()).map(|at| (at, vec![own.len()])),
            Matcher::Prefix(prefix) => {
                let at = find(text, prefix.as_bytes())?;
                Some((
                    at,
                    ends(prefix.len(), text.get(at + prefix.len()..).unwrap_or_default()),
                ))
            }
            Matcher::Suffix(suffix) => find(text, suffix.as_bytes()).map(|at| (0, vec![at + suffix.len()])),
            Matcher::PrefixSuffix(prefix, suffix) => {
                let at = find(text, prefix.as_bytes())?;
                let mut rest = &text[at..];
                if suffix.is_empty() {
                    return Some((at, vec![rest.len()]));
                }
                let mut segments = Vec::new();
                while let Some(place) = rfind(rest, suffix.as_bytes()) {
                    segments.push(place + suffix.len());
                    rest = &rest[..place];
                }
                segments.reverse();
                (!segments.is_empty()).then_some((at, segments))
            }
            Matcher::PrefixAny(prefix, separators) => {
                let at = find(text, prefix.as_bytes())?;
                let rest = &text[at + prefix.len()..];
                let rest = find_any(rest, separators).map_or(rest, |end| &rest[..end]);
                Some((at, ends(prefix.len(), rest)))
            }
            Matcher::SuffixAny(suffix, separators) => {
                let at = find(text, suffix.as_bytes())?;
                let from = rfind_any(&text[..at], separators).map_or(0, |at| at + 1);
                Some((from, vec![at + suffix.len() - from]))
            }
            Matcher::Contains { needle, negated } => {
                let found = find(text, needle.as_bytes());
                let (base, rest) = match (found, negated) {
                    (None, false) => return None,
                    (Some(at), false) => {
                        let end = at + needle.len();
                        if text.len() <= end {
                            return Some((0, vec![end]));
                        }
                        (end, &text[end..])
                    }
                    (Some(at), true) => (0, &text[..at]),
                    (None, true) => (0, text),
                };
                Some((0, starts(rest, base)))
            }
            Matcher::Min(least) => {
                let segments: Vec<usize> = runes(text)
                    .skip(least.saturating_sub(1))
                    .map(|(at, rune)| at + rune_len(rune))
                    .collect();
                (!segments.is_empty()).then_some((0, segments))
            }
            Matcher::Max(most) => {
                let lengths = runes(text).take(*most).map(|(at, rune)| at + rune_len(rune));
                Some((0, std::iter::once(0).chain(lengths).collect()))
            }
            Matcher::EveryOf(matchers) => self.index_every(matchers, text),
            Matcher::AnyOf(matchers) => {
                let mut best: Option<(usize, Vec<usize>)> = None;
                for matcher in matchers {
                    let Some((at, segments)) = self.index(matcher, text) else {
                        continue;
                    };
                    match &mut best {
                        Some((first, _)) if *first < at => {}
                        Some((first, known)) if *first == at => {
                            known.extend(segments);
                            known.sort_unstable();
                            known.dedup();
                        }
                        _ => best = Some((at, segments)),
                    }
                }
                best
            }
            Matcher::Row { matchers, length } => {
                let places: Vec<usize> = runes(text).map(|(at, _)| at).collect();
                for at in places {
                    if text.len() - at < *length {
                        break;
                    }
                    if self.row(matchers, &text[at..]) {
                        return Some((at, vec![*length]));
                    }
                }
                None
            }
            // Upstream never answers here.
            Matcher::Tree { .. } => None,
        }
    }

    fn index_every(&mut self, matchers: &[Matcher], text: &[u8]) -> Option<(usize, Vec<usize>)> {
        let (mut index, mut offset) = (0, 0);
        let mut current: Vec<usize> = Vec::new();
        let mut rest = text;
        for (nth, matcher) in matchers.iter().enumerate() {
            let (at, segments) = self.index(matcher, rest)?;
            if nth == 0 {
                current.extend(segments);
            } else {
                let found = at + offset;
                let next: Vec<usize> = current
                    .iter()
                    .filter_map(|known| (known + index).checked_sub(found))
                    .filter(|length| segments.contains(length))
                    .collect();
                if next.is_empty() {
                    return None;
                }
                current = next;
            }
            index = at + offset;
            rest = text.get(index..).unwrap_or_default();
            offset += at;
        }
        Some((index, current))
    }
}

/// Whether a matcher for one character takes it.
fn takes(matcher: &Matcher, rune: u32) -> bool {
    let contains = |list: &[char]| list.iter().any(|character| u32::from(*character) == rune);
    match matcher {
        Matcher::Single(separators) => !contains(separators),
        Matcher::List { characters, negated } => contains(characters) != *negated,
        Matcher::Range { low, high, negated } => {
            (u32::from(*low)..=u32::from(*high)).contains(&rune) != *negated
        }
        _ => false,
    }
}

/// The lengths that begin with `base` and grow by one character of `rest` each.
fn ends(base: usize, rest: &[u8]) -> Vec<usize> {
    std::iter::once(base)
        .chain(runes(rest).map(|(at, rune)| base + at + rune_len(rune)))
        .collect()
}

fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    if needle.is_empty() {
        return Some(0);
    }
    text.windows(needle.len()).position(|window| window == needle)
}

fn rfind(text: &[u8], needle: &[u8]) -> Option<usize> {
    text.windows(needle.len()).rposition(|window| window == needle)
}

/// The first place of the first separator that occurs at all.
fn find_any(text: &[u8], separators: &[char]) -> Option<usize> {
    separators
        .iter()
        .find_map(|separator| find(text, separator.encode_utf8(&mut [0; 4]).as_bytes()))
}

fn rfind_any(text: &[u8], separators: &[char]) -> Option<usize> {
    separators
        .iter()
        .find_map(|separator| rfind(text, separator.encode_utf8(&mut [0; 4]).as_bytes()))
}
