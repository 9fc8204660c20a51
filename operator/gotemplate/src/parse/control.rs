//! Lists and control structures: `if`, `with`, `range`, `template`, `block`, `break`, `continue`.

use super::node::{Branch, ListNode, Node, Pipe};
use super::parser::{Ending, Item, Parsed, Parser};
use super::token::{Kind, Token};

/// Which of the three branching actions.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Control {
    If,
    With,
    Range,
}

impl Control {
    fn context(self) -> &'static str {
        match self {
            Control::If => "if",
            Control::With => "with",
            Control::Range => "range",
        }
    }
}

impl<'t> Parser<'t> {
    /// Nodes up to an `end` or `else`.
    pub(super) fn item_list(&mut self) -> Parsed<(ListNode, Ending)> {
        self.count_node()?;
        let mut list = ListNode {
            pos: self.peek_non_space().pos,
            nodes: Vec::new(),
        };
        while self.peek_non_space().kind != Kind::Eof {
            match self.text_or_action()? {
                Item::Node(node) => list.nodes.push(node),
                Item::Ending(ending) => return Ok((list, ending)),
            }
        }
        Err(self.error("unexpected EOF"))
    }

    pub(super) fn text_or_action(&mut self) -> Parsed<Item> {
        self.count_node()?;
        let token = self.next_non_space();
        match token.kind {
            Kind::Text => Ok(Item::Node(Node::Text {
                pos: token.pos,
                end: token.pos + token.text.len(),
            })),
            Kind::LeftDelim => {
                self.tree.action_line = token.line;
                let item = self.action()?;
                self.tree.action_line = 0;
                Ok(item)
            }
            _ => Err(self.unexpected(token, "input")),
        }
    }

    /// An action; the left delimiter is read.
    fn action(&mut self) -> Parsed<Item> {
        let token = self.next_non_space();
        let node = match token.kind {
            Kind::Block => self.nested(Self::block)?,
            Kind::Break => self.loop_control(token, "break")?,
            Kind::Continue => self.loop_control(token, "continue")?,
            Kind::Else => return self.else_action().map(Item::Ending),
            Kind::End => {
                self.expect(Kind::RightDelim, "end")?;
                return Ok(Item::Ending(Ending::End));
            }
            Kind::If => self.nested(|parser| parser.control(Control::If))?,
            Kind::Range => self.nested(|parser| parser.control(Control::Range))?,
            Kind::With => self.nested(|parser| parser.control(Control::With))?,
            Kind::Template => self.template()?,
            _ => {
                self.backup();
                let pos = self.peek().pos;
                // Variables live until the end of the list.
                let pipe = self.pipeline("command", Kind::RightDelim)?;
                Node::Action { pos, pipe }
            }
        };
        Ok(Item::Node(node))
    }

    fn loop_control(&mut self, token: Token<'t>, keyword: &str) -> Parsed<Node> {
        let next = self.next_non_space();
        if next.kind != Kind::RightDelim {
            return Err(self.unexpected(next, &format!("{{{{{keyword}}}}}")));
        }
        if self.tree.range_depth == 0 {
            return Err(self.error(format!("{{{{{keyword}}}}} outside {{{{range}}}}")));
        }
        let pos = token.pos;
        Ok(if keyword == "break" {
            Node::Break { pos }
        } else {
            Node::Continue { pos }
        })
    }

    /// An `else`; `if` or `with` behind it are left for the control structure to see.
    fn else_action(&mut self) -> Parsed<Ending> {
        let next = self.peek_non_space();
        if matches!(next.kind, Kind::If | Kind::With) {
            return Ok(Ending::Else(next.pos));
        }
        Ok(Ending::Else(self.expect(Kind::RightDelim, "else")?.pos))
    }

    fn control(&mut self, control: Control) -> Parsed<Node> {
        let vars = self.tree.vars.len();
        let pipe = self.pipeline(control.context(), Kind::RightDelim)?;
        if control == Control::Range {
            self.tree.range_depth += 1;
        }
        let (list, ending) = self.item_list()?;
        if control == Control::Range {
            self.tree.range_depth -= 1;
        }
        let else_list = match ending {
            Ending::End => None,
            Ending::Else(pos) => Some(self.else_list(control, pos)?),
        };
        self.tree.vars.truncate(vars);
        let branch = Box::new(Branch {
            pos: pipe.pos,
            pipe,
            list,
            else_list,
        });
        Ok(match control {
            Control::If => Node::If(branch),
            Control::With => Node::With(branch),
            Control::Range => Node::Range(branch),
        })
    }

    /// What follows an `else`. An `else if` is an `if` in a list of its own that shares the `end`.
    fn else_list(&mut self, control: Control, pos: usize) -> Parsed<ListNode> {
        let continues = match control {
            Control::If => self.peek().kind == Kind::If,
            Control::With => self.peek().kind == Kind::With,
            Control::Range => false,
        };
        if continues {
            self.next();
            self.count_node()?;
            let node = self.nested(|parser| parser.control(control))?;
            return Ok(ListNode {
                pos,
                nodes: vec![node],
            });
        }
        let (list, ending) = self.item_list()?;
        if ending != Ending::End {
            return Err(self.error(format!("expected end; found {}", ending.describe())));
        }
        Ok(list)
    }

    fn block(&mut self) -> Parsed<Node> {
        const CONTEXT: &str = "block clause";
        let token = self.next_non_space();
        let name = self.template_name(token, CONTEXT)?;
        let pipe = self.pipeline(CONTEXT, Kind::RightDelim)?;
        self.block_body(name.clone(), CONTEXT)?;
        Ok(Node::Template {
            pos: token.pos,
            name,
            pipe: Some(pipe),
        })
    }

    fn template(&mut self) -> Parsed<Node> {
        const CONTEXT: &str = "template clause";
        let token = self.next_non_space();
        let name = self.template_name(token, CONTEXT)?;
        let mut pipe: Option<Pipe> = None;
        if self.next_non_space().kind != Kind::RightDelim {
            self.backup();
            pipe = Some(self.pipeline(CONTEXT, Kind::RightDelim)?);
        }
        Ok(Node::Template {
            pos: token.pos,
            name,
            pipe,
        })
    }
}
