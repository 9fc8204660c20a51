//! From the text of a pattern to its tree (`syntax/lexer`, `syntax/ast` of gobwas/glob).

use super::BadGlob;

/// A part of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    Nothing,
    Pattern(Vec<Node>),
    List { characters: String, negated: bool },
    Range { low: char, high: char, negated: bool },
    Text(String),
    Any,
    Super,
    Single,
    AnyOf(Vec<Node>),
}

/// Deepest nesting of alternatives.
const MAX_DEPTH: usize = 100;

/// How a pattern ended.
enum End {
    Input,
    Separator,
    Close,
}

pub(super) fn parse(pattern: &str) -> Result<Node, BadGlob> {
    // Upstream's reader stumbles over this character, wherever it stands.
    if pattern.contains('\u{FFFD}') {
        return Err(BadGlob);
    }
    let mut parser = Parser {
        rest: pattern.chars().collect(),
        at: 0,
    };
    let (nodes, _) = parser.pattern(0)?;
    Ok(Node::Pattern(nodes))
}

struct Parser {
    rest: Vec<char>,
    at: usize,
}

impl Parser {
    /// The next character; NUL ends the pattern as the end of the text does.
    fn peek(&self) -> Option<char> {
        self.rest
            .get(self.at)
            .copied()
            .filter(|character| *character != '\0')
    }

    fn next(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.at += 1;
        Some(character)
    }

    fn pattern(&mut self, depth: usize) -> Result<(Vec<Node>, End), BadGlob> {
        if depth > MAX_DEPTH {
            return Err(BadGlob);
        }
        let in_terms = depth > 0;
        let mut nodes = Vec::new();
        loop {
            let Some(character) = self.peek() else {
                return Ok((nodes, End::Input));
            };
            match character {
                '{' => {
                    self.at += 1;
                    let mut alternatives = Vec::new();
                    let ended = loop {
                        let (alternative, end) = self.pattern(depth + 1)?;
                        alternatives.push(Node::Pattern(alternative));
                        if !matches!(end, End::Separator) {
                            break end;
                        }
                    };
                    nodes.push(Node::AnyOf(alternatives));
                    // An unclosed brace is closed by the end.
                    if matches!(ended, End::Input) {
                        return Ok((nodes, End::Input));
                    }
                }
                ',' if in_terms => {
                    self.at += 1;
                    return Ok((nodes, End::Separator));
                }
                '}' if in_terms => {
                    self.at += 1;
                    return Ok((nodes, End::Close));
                }
                '[' => {
                    self.at += 1;
                    nodes.push(self.class()?);
                }
                '?' => {
                    self.at += 1;
                    nodes.push(Node::Single);
                }
                '*' => {
                    self.at += 1;
                    if self.peek() == Some('*') {
                        self.at += 1;
                        nodes.push(Node::Super);
                    } else {
                        nodes.push(Node::Any);
                    }
                }
                _ => {
                    let breakers: &[char] = if in_terms {
                        &['?', '*', '[', '{', '}', ',']
                    } else {
                        &['?', '*', '[', '{']
                    };
                    let text = self.text(breakers);
                    if !text.is_empty() {
                        nodes.push(Node::Text(text));
                    }
                }
            }
        }
    }

    fn text(&mut self, breakers: &[char]) -> String {
        let mut text = String::new();
        while let Some(character) = self.peek() {
            if character == '\\' {
                self.at += 1;
                text.extend(self.next());
            } else if breakers.contains(&character) {
                break;
            } else {
                self.at += 1;
                text.push(character);
            }
        }
        text
    }

    /// A class whose `[` is read: a range, or a list of characters.
    fn class(&mut self) -> Result<Node, BadGlob> {
        let mut negated = false;
        loop {
            let first = self.next().ok_or(BadGlob)?;
            if !negated && first == '!' {
                negated = true;
                continue;
            }
            if self.peek() == Some('-') {
                self.at += 1;
                let high = self.next().ok_or(BadGlob)?;
                let close = self.next().ok_or(BadGlob)?;
                if close != ']' || high < first {
                    return Err(BadGlob);
                }
                return Ok(Node::Range {
                    low: first,
                    high,
                    negated,
                });
            }
            self.at -= 1;
            let characters = self.text(&[']']);
            if self.next() != Some(']') || characters.is_empty() {
                return Err(BadGlob);
            }
            return Ok(Node::List { characters, negated });
        }
    }
}
