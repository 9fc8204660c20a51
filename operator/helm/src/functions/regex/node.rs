//! The parse tree of a Go regular expression, with the measures that bound it, and its translation for the matcher.

use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, Look, Repetition};

/// A part of an expression.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) kind: NodeKind,
    /// How many instructions Go would compile it to (`parser.calcSize`).
    pub(super) size: u64,
    /// Height of the tree (`parser.calcHeight`).
    pub(super) height: u32,
    /// The largest product of nested counted repetitions (`repeatIsValid`).
    pub(super) copies: u64,
}

#[derive(Debug, Clone)]
pub(super) enum NodeKind {
    Empty,
    /// A rune; `None` for one that no text can contain (a surrogate half).
    Literal(Option<char>),
    Class(ClassUnicode),
    Look(Look),
    Capture(u32, Box<Node>),
    Repeat {
        min: u32,
        max: Option<u32>,
        greedy: bool,
        sub: Box<Node>,
    },
    Concat(Vec<Node>),
    Alternate(Vec<Node>),
}

/// Which operator a repetition was written with; Go measures them differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Star,
    Plus,
    Quest,
    Counted,
}

impl Node {
    fn leaf(kind: NodeKind) -> Node {
        Node {
            kind,
            size: 1,
            height: 1,
            copies: 1,
        }
    }

    pub(super) fn empty() -> Node {
        Node::leaf(NodeKind::Empty)
    }

    pub(super) fn literal(code: u32) -> Node {
        Node::leaf(NodeKind::Literal(char::from_u32(code)))
    }

    pub(super) fn class(class: ClassUnicode) -> Node {
        Node::leaf(NodeKind::Class(class))
    }

    pub(super) fn look(look: Look) -> Node {
        Node::leaf(NodeKind::Look(look))
    }

    pub(super) fn capture(index: u32, sub: Node) -> Node {
        let (size, height, copies) = (sub.size + 2, sub.height + 1, sub.copies);
        Node {
            kind: NodeKind::Capture(index, Box::new(sub)),
            size,
            height,
            copies,
        }
    }

    pub(super) fn repeat(operator: Operator, min: u32, max: Option<u32>, greedy: bool, sub: Node) -> Node {
        let inner = sub.size;
        let (least, most) = (u64::from(min), max.map(u64::from));
        let size = match (operator, most) {
            (Operator::Star, _) => inner + 2,
            (Operator::Plus | Operator::Quest, _) => inner + 1,
            (Operator::Counted, None) if min == 0 => inner + 2,
            (Operator::Counted, None) => least.saturating_mul(inner).saturating_add(1),
            (Operator::Counted, Some(most)) => most
                .saturating_mul(inner)
                .saturating_add(most.saturating_sub(least)),
        };
        let copies = match (operator, most.unwrap_or(least)) {
            (Operator::Counted, 0) if max.is_some() => 1,
            (Operator::Counted, times) => sub.copies.saturating_mul(times.max(1)),
            (Operator::Star | Operator::Plus | Operator::Quest, _) => sub.copies,
        };
        let height = sub.height + 1;
        Node {
            kind: NodeKind::Repeat {
                min,
                max,
                greedy,
                sub: Box::new(sub),
            },
            size: size.max(1),
            height,
            copies,
        }
    }

    pub(super) fn concat(mut parts: Vec<Node>) -> Node {
        match parts.len() {
            0 => Node::empty(),
            1 => parts.pop().unwrap_or_else(Node::empty),
            _ => Node::many(parts, NodeKind::Concat, 0),
        }
    }

    pub(super) fn alternate(mut parts: Vec<Node>) -> Node {
        match parts.len() {
            0 => Node::empty(),
            1 => parts.pop().unwrap_or_else(Node::empty),
            count => Node::many(parts, NodeKind::Alternate, count as u64 - 1),
        }
    }

    fn many(parts: Vec<Node>, kind: fn(Vec<Node>) -> NodeKind, extra: u64) -> Node {
        let size = parts
            .iter()
            .fold(extra, |sum, part| sum.saturating_add(part.size));
        // Go keeps a run of literals as one string, which is a leaf.
        let all_literal = parts.iter().all(|part| matches!(part.kind, NodeKind::Literal(_)));
        let below = parts.iter().map(|part| part.height).max().unwrap_or(0);
        let height = if all_literal { 1 } else { below + 1 };
        let copies = parts.iter().map(|part| part.copies).max().unwrap_or(1);
        Node {
            kind: kind(parts),
            size: size.max(1),
            height,
            copies,
        }
    }

    /// The same expression for the matching engine.
    pub(super) fn into_hir(self) -> Hir {
        match self.kind {
            NodeKind::Empty => Hir::empty(),
            NodeKind::Literal(None) => Hir::fail(),
            NodeKind::Literal(Some(rune)) => Hir::literal(rune.to_string().into_bytes()),
            NodeKind::Class(class) => Hir::class(Class::Unicode(class)),
            NodeKind::Look(look) => Hir::look(look),
            NodeKind::Capture(index, sub) => Hir::capture(regex_syntax::hir::Capture {
                index,
                name: None,
                sub: Box::new(sub.into_hir()),
            }),
            NodeKind::Repeat {
                min,
                max,
                greedy,
                sub,
            } => Hir::repetition(Repetition {
                min,
                max,
                greedy,
                sub: Box::new(sub.into_hir()),
            }),
            NodeKind::Concat(parts) => Hir::concat(parts.into_iter().map(Node::into_hir).collect()),
            NodeKind::Alternate(parts) => Hir::alternation(parts.into_iter().map(Node::into_hir).collect()),
        }
    }
}

/// The class of the code points from `low` to `high`; surrogates, which no text contains, are left out.
pub(super) fn range(low: u32, high: u32) -> ClassUnicode {
    let part = |low: u32, high: u32| match (char::from_u32(low), char::from_u32(high)) {
        (Some(low), Some(high)) if low <= high => Some(ClassUnicodeRange::new(low, high)),
        _ => None,
    };
    let below = part(low, high.min(0xD7FF));
    let above = part(low.max(0xE000), high);
    ClassUnicode::new(below.into_iter().chain(above))
}

/// A class with every rune that differs from one of its runes by case only.
pub(super) fn folded(mut class: ClassUnicode) -> ClassUnicode {
    // The tables for it are compiled in, so this cannot fail; if it did, the class would stay as it is.
    let _ = class.try_case_fold_simple();
    class
}
