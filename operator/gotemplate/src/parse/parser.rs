//! The parser's core: tokens with three of lookahead, definitions, and what errors say
//! (`parse/parse.go`). Control structures are in `control`, pipelines in `action`.

use std::collections::HashMap;
use std::sync::Arc;

use super::error::ParseError;
use super::lexer::Lexer;
use super::node::{ListNode, Node, Tree};
use super::token::{Kind, Token, quoted};
use crate::func::FunctionTable;
use crate::limits::{LimitError, LimitKind, Limits};
use crate::stack;
use crate::strconv;
use crate::value::Str;

pub(super) type Parsed<T> = Result<T, Box<ParseError>>;

/// Parses a text. The first tree is that of the text itself, then come its definitions.
pub(crate) fn parse(
    name: &Str,
    text: &Str,
    functions: &FunctionTable,
    limits: &Limits,
) -> Result<Vec<Tree>, ParseError> {
    let _entered = stack::Entered::here();
    let mut parser = Parser::new(name, text, functions, limits);
    parser.parse().map_err(|error| *error)?;
    let Parser { trees, .. } = parser;
    Ok(trees)
}

pub(super) struct Parser<'t> {
    lexer: Lexer<'t>,
    pub(super) functions: &'t FunctionTable,
    limits: &'t Limits,
    parse_name: &'t Str,
    source: &'t Str,
    /// Finished trees; no two have the same name.
    trees: Vec<Tree>,
    /// The tree being parsed.
    pub(super) tree: Current<'t>,
    /// Numbers of variable names.
    names: HashMap<&'t [u8], u32>,
    /// Words that occurred, to share them: a text has few different ones.
    words: HashMap<&'t [u8], Arc<str>>,
    nodes: usize,
    depth: usize,
}

/// The state of one tree. A definition inside a text has its own, over the same lexer.
pub(super) struct Current<'t> {
    name: Str,
    tokens: [Token<'t>; 3],
    peeked: usize,
    /// Names of the variables in scope.
    pub(super) vars: Vec<&'t [u8]>,
    /// The line where the action began that is being parsed; 0 outside.
    pub(super) action_line: usize,
    pub(super) range_depth: usize,
    pub(super) paren_depth: usize,
}

impl Current<'_> {
    fn new(name: Str) -> Self {
        let none = Token {
            kind: Kind::Error,
            pos: 0,
            text: b"",
            line: 0,
        };
        Current {
            name,
            tokens: [none; 3],
            peeked: 0,
            vars: vec![b"$"],
            action_line: 0,
            range_depth: 0,
            paren_depth: 0,
        }
    }
}

/// What ends a list of nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    End,
    /// With the position of what follows the keyword.
    Else(usize),
}

impl Ending {
    /// How Go writes it.
    pub(super) fn describe(self) -> &'static str {
        match self {
            Ending::End => "{{end}}",
            Ending::Else(_) => "{{else}}",
        }
    }
}

/// A piece of a list: a node, or the action that ends the list.
pub(super) enum Item {
    Node(Node),
    Ending(Ending),
}

impl<'t> Parser<'t> {
    fn new(name: &'t Str, source: &'t Str, functions: &'t FunctionTable, limits: &'t Limits) -> Self {
        let mut lexer = Lexer::new(source);
        lexer.break_is_keyword = functions.get("break").is_none();
        lexer.continue_is_keyword = functions.get("continue").is_none();
        Parser {
            lexer,
            functions,
            limits,
            parse_name: name,
            source,
            trees: Vec::new(),
            tree: Current::new(name.clone()),
            names: HashMap::from([(b"$".as_slice(), 0)]),
            words: HashMap::new(),
            nodes: 0,
            depth: 0,
        }
    }

    // Tokens.

    pub(super) fn next(&mut self) -> Token<'t> {
        let tree = &mut self.tree;
        if tree.peeked > 0 {
            tree.peeked -= 1;
        } else {
            tree.tokens[0] = self.lexer.next_token();
        }
        tree.tokens[tree.peeked]
    }

    pub(super) fn backup(&mut self) {
        self.tree.peeked += 1;
    }

    /// Backs up two tokens; the zeroth is in place.
    pub(super) fn backup2(&mut self, first: Token<'t>) {
        self.tree.tokens[1] = first;
        self.tree.peeked = 2;
    }

    /// Backs up three tokens; the zeroth is in place.
    pub(super) fn backup3(&mut self, first: Token<'t>, second: Token<'t>) {
        self.tree.tokens[1] = second;
        self.tree.tokens[2] = first;
        self.tree.peeked = 3;
    }

    pub(super) fn peek(&mut self) -> Token<'t> {
        if self.tree.peeked > 0 {
            return self.tree.tokens[self.tree.peeked - 1];
        }
        self.tree.peeked = 1;
        self.tree.tokens[0] = self.lexer.next_token();
        self.tree.tokens[0]
    }

    pub(super) fn next_non_space(&mut self) -> Token<'t> {
        loop {
            let token = self.next();
            if token.kind != Kind::Space {
                return token;
            }
        }
    }

    pub(super) fn peek_non_space(&mut self) -> Token<'t> {
        let token = self.next_non_space();
        self.backup();
        token
    }

    pub(super) fn expect(&mut self, kind: Kind, context: &str) -> Parsed<Token<'t>> {
        let token = self.next_non_space();
        if token.kind != kind {
            return Err(self.unexpected(token, context));
        }
        Ok(token)
    }

    // Errors.

    #[expect(
        clippy::unnecessary_box_returns,
        reason = "errors travel boxed through the whole parser"
    )]
    pub(super) fn error(&self, message: impl Into<String>) -> Box<ParseError> {
        Box::new(ParseError {
            name: self.parse_name.to_string(),
            line: self.tree.tokens[0].line,
            message: message.into(),
            limit: None,
        })
    }

    #[expect(
        clippy::unnecessary_box_returns,
        reason = "errors travel boxed through the whole parser"
    )]
    fn limit_error(&self, limit: LimitError) -> Box<ParseError> {
        let mut error = self.error(limit.to_string());
        error.limit = Some(limit);
        error
    }

    #[expect(
        clippy::unnecessary_box_returns,
        reason = "errors travel boxed through the whole parser"
    )]
    pub(super) fn unexpected(&self, token: Token<'t>, context: &str) -> Box<ParseError> {
        let what = token.describe(&self.lexer.error);
        if token.kind != Kind::Error {
            return self.error(format!("unexpected {what} in {context}"));
        }
        let action_line = self.tree.action_line;
        let mut extra = String::new();
        if action_line != 0 && action_line != token.line {
            extra = format!(" in action started at {}:{action_line}", self.parse_name);
            if what.ends_with(" action") {
                // Not "action in action".
                extra = extra[" in action".len()..].to_owned();
            }
        }
        self.error(format!("{what}{extra}"))
    }

    // Bounds.

    /// Counts a node.
    pub(super) fn count_node(&mut self) -> Parsed<()> {
        self.nodes += 1;
        if self.nodes > self.limits.parse_nodes {
            let limit = LimitError {
                kind: LimitKind::ParseNodes,
                limit: self.limits.parse_nodes as u64,
            };
            return Err(self.limit_error(limit));
        }
        Ok(())
    }

    /// Parses something nested with `f`.
    pub(super) fn nested<T>(&mut self, f: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.depth += 1;
        if self.depth > self.limits.parse_depth {
            let limit = LimitError {
                kind: LimitKind::ParseDepth,
                limit: self.limits.parse_depth as u64,
            };
            return Err(self.limit_error(limit));
        }
        stack::check().map_err(|limit| self.limit_error(limit))?;
        let parsed = f(self);
        self.depth -= 1;
        parsed
    }

    /// The number of a variable name.
    pub(super) fn variable_id(&mut self, name: &'t [u8]) -> u32 {
        let next = self.names.len() as u32;
        *self.names.entry(name).or_insert(next)
    }

    /// A name or field. They consist of letters, digits and underscores, so they are UTF-8.
    pub(super) fn word(&mut self, bytes: &'t [u8]) -> Arc<str> {
        Arc::clone(
            self.words
                .entry(bytes)
                .or_insert_with(|| String::from_utf8_lossy(bytes).into()),
        )
    }

    // Trees.

    /// The text itself: like a list, but with definitions.
    fn parse(&mut self) -> Parsed<()> {
        let mut root = ListNode {
            pos: self.peek().pos,
            nodes: Vec::new(),
        };
        while self.peek().kind != Kind::Eof {
            if self.peek().kind == Kind::LeftDelim {
                let delim = self.next();
                if self.next_non_space().kind == Kind::Define {
                    self.nested(Self::definition)?;
                    continue;
                }
                self.backup2(delim);
            }
            match self.text_or_action()? {
                Item::Node(node) => root.nodes.push(node),
                Item::Ending(ending) => return Err(self.error(format!("unexpected {}", ending.describe()))),
            }
        }
        self.add(root)
    }

    /// A `define`; the keyword is read.
    fn definition(&mut self) -> Parsed<()> {
        const CONTEXT: &str = "define clause";
        let outer = std::mem::replace(&mut self.tree, Current::new(Str::default()));
        let token = self.next_non_space();
        self.tree.name = self.template_name(token, CONTEXT)?;
        self.expect(Kind::RightDelim, CONTEXT)?;
        self.finish_definition(CONTEXT)?;
        self.tree = outer;
        Ok(())
    }

    /// The body of a `block`, whose pipeline is read.
    pub(super) fn block_body(&mut self, name: Str, context: &str) -> Parsed<()> {
        let outer = std::mem::replace(&mut self.tree, Current::new(name));
        let (root, ending) = self.item_list()?;
        if ending != Ending::End {
            // This error is the outer tree's in Go.
            self.tree = outer;
            return Err(self.error(format!("unexpected {} in {context}", ending.describe())));
        }
        self.add(root)?;
        self.tree = outer;
        Ok(())
    }

    fn finish_definition(&mut self, context: &str) -> Parsed<()> {
        let (root, ending) = self.item_list()?;
        if ending != Ending::End {
            return Err(self.error(format!("unexpected {} in {context}", ending.describe())));
        }
        self.add(root)
    }

    /// The name of a template: a string constant.
    pub(super) fn template_name(&mut self, token: Token<'t>, context: &str) -> Parsed<Str> {
        match token.kind {
            Kind::String | Kind::RawString => self.unquote(token),
            _ => Err(self.unexpected(token, context)),
        }
    }

    pub(super) fn unquote(&self, token: Token<'t>) -> Parsed<Str> {
        strconv::unquote(token.text)
            .map(Str::from)
            .ok_or_else(|| self.error("invalid syntax"))
    }

    /// Adds the current tree. Only an empty tree may have the name of another one.
    fn add(&mut self, root: ListNode) -> Parsed<()> {
        let tree = Tree {
            name: self.tree.name.clone(),
            parse_name: self.parse_name.clone(),
            text: self.source.clone(),
            root,
        };
        match self.trees.iter_mut().find(|other| other.name == tree.name) {
            None => self.trees.push(tree),
            Some(other) if other.is_empty() => *other = tree,
            Some(_) if tree.is_empty() => {}
            Some(_) => {
                let name = quoted(&tree.name);
                return Err(self.error(format!("template: multiple definition of template {name}")));
            }
        }
        Ok(())
    }
}
