//! What an execution may use, and the error of using more.
//!
//! A template can be written by anybody. Every way in which one can use up time or memory is bounded here;
//! Go bounds only the depth of `{{template}}` and the width of `printf`.

/// Bounds of parsing and execution. Each has a constant as its default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Executed nodes and turns of loops in functions, over one execution with everything it includes.
    pub steps: u64,
    /// Bytes produced over one execution: output, results of functions, and what functions charge.
    pub bytes: u64,
    /// Templates within templates (`{{template}}` and [`Frame::execute`](crate::Frame::execute)).
    pub template_depth: usize,
    /// Nodes of one parsed text.
    pub parse_nodes: usize,
    /// Parentheses and control structures within each other in one parsed text.
    pub parse_depth: usize,
}

impl Limits {
    /// The largest of 700 public template sets executes a million steps, and functions charge up to thirty million for the keys
    /// they generate. This is some ten seconds of work.
    pub const STEPS: u64 = 100_000_000;
    /// The largest of 700 public template sets produces 25 megabytes in all. It also bounds the memory of an execution, since
    /// everything that lives was produced.
    pub const BYTES: u64 = 256 << 20;
    /// Go's own limit for `{{template}}`.
    pub const TEMPLATE_DEPTH: usize = 100_000;
    /// A megabyte of template text has some hundred thousand nodes.
    pub const PARSE_NODES: usize = 4_000_000;
    /// Go allows 10000 nested parentheses; nobody writes a hundred.
    pub const PARSE_DEPTH: usize = 1_000;
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            steps: Self::STEPS,
            bytes: Self::BYTES,
            template_depth: Self::TEMPLATE_DEPTH,
            parse_nodes: Self::PARSE_NODES,
            parse_depth: Self::PARSE_DEPTH,
        }
    }
}

/// Which limit was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitKind {
    /// [`Limits::steps`]
    Steps,
    /// [`Limits::bytes`]
    Bytes,
    /// [`Limits::template_depth`]
    TemplateDepth,
    /// The native stack of the thread, by templates, expressions or values nested in each other.
    Stack,
    /// [`Limits::parse_nodes`]
    ParseNodes,
    /// [`Limits::parse_depth`]
    ParseDepth,
}

/// A limit was reached.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message())]
pub struct LimitError {
    /// Which one.
    pub kind: LimitKind,
    /// Its value.
    pub limit: u64,
}

impl LimitError {
    fn message(&self) -> String {
        let limit = self.limit;
        match self.kind {
            LimitKind::Steps => format!("exceeded maximum number of execution steps ({limit})"),
            LimitKind::Bytes => format!("exceeded maximum size of produced text ({limit} bytes)"),
            LimitKind::TemplateDepth => format!("exceeded maximum template depth ({limit})"),
            LimitKind::Stack => format!("exceeded maximum nesting depth ({limit} bytes of stack)"),
            LimitKind::ParseNodes => format!("exceeded maximum number of template nodes ({limit})"),
            LimitKind::ParseDepth => format!("exceeded maximum nesting depth of template text ({limit})"),
        }
    }
}
