//! [`TemplateSet`]: parsed templates that know each other, and [`Execution`]: running them.

use std::any::Any;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use crate::frame::Frame;
use crate::func::{FuncError, FunctionTable};
use crate::limits::Limits;
use crate::parse::{ParseError, Tree, parse};
use crate::value::{Str, Value};

/// What a missing map key gives (`Option("missingkey=...")`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissingKey {
    /// No value: prints `<no value>`.
    #[default]
    Default,
    /// The zero value of the map's entry type; for `interface {}` that is nil.
    Zero,
    /// An error.
    Error,
}

/// Templates that can call each other, with the functions they call (Go's `*template.Template` and what is
/// associated with it).
///
/// A set is built once by [`TemplateSet::parse`] and then shared, also between threads; values are created
/// for each execution.
#[derive(Clone, Debug)]
pub struct TemplateSet {
    name: Str,
    functions: Arc<FunctionTable>,
    missing_key: MissingKey,
    limits: Limits,
    trees: HashMap<Str, Arc<Tree>>,
}

impl TemplateSet {
    /// An empty set. The name appears in messages about templates that do not exist.
    pub fn new(name: &str) -> Self {
        TemplateSet {
            name: Str::from(name),
            functions: Arc::default(),
            missing_key: MissingKey::default(),
            limits: Limits::default(),
            trees: HashMap::new(),
        }
    }

    /// Sets the functions. Like the other settings it comes before parsing, which looks functions up.
    #[must_use]
    pub fn with_functions(mut self, functions: impl Into<Arc<FunctionTable>>) -> Self {
        self.functions = functions.into();
        self
    }

    /// Sets what a missing map key gives.
    #[must_use]
    pub fn with_missing_key(mut self, missing_key: MissingKey) -> Self {
        self.missing_key = missing_key;
        self
    }

    /// Sets the bounds of parsing and execution.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Parses a text as template `name` and adds it with its definitions.
    ///
    /// A template replaces an earlier one of its name, unless it is empty but for blanks and comments.
    pub fn parse(&mut self, name: &str, text: impl Into<Str>) -> Result<(), ParseError> {
        let trees = parse(&Str::from(name), &text.into(), &self.functions, &self.limits)?;
        for tree in trees {
            if !(tree.is_empty() && self.trees.contains_key(&tree.name)) {
                self.trees.insert(tree.name.clone(), Arc::new(tree));
            }
        }
        Ok(())
    }

    /// Whether a template exists.
    pub fn contains(&self, name: impl AsRef<[u8]>) -> bool {
        self.trees.contains_key(name.as_ref())
    }

    /// The names of all templates, sorted.
    pub fn names(&self) -> Vec<&Str> {
        let mut names: Vec<&Str> = self.trees.keys().collect();
        names.sort();
        names
    }

    /// The name of the set.
    pub fn name(&self) -> &Str {
        &self.name
    }

    /// The functions.
    pub fn functions(&self) -> &FunctionTable {
        &self.functions
    }

    /// The bounds.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Executes one template without host state. See [`TemplateSet::execution`] for more.
    pub fn execute(&self, name: impl AsRef<[u8]>, data: Value) -> Result<Str, FuncError> {
        self.execution(&()).execute(name, data)
    }

    /// Starts an execution: templates executed by it share the budget of the limits and `host`, the state
    /// that functions see through [`Frame::host`].
    pub fn execution<'a>(&'a self, host: &'a dyn Any) -> Execution<'a> {
        Execution {
            frame: Frame::new(self, host),
        }
    }

    pub(crate) fn missing_key(&self) -> MissingKey {
        self.missing_key
    }

    pub(crate) fn lookup(&self, name: &[u8]) -> Option<&Arc<Tree>> {
        self.trees.get(name)
    }
}

/// Executions of templates of one set that share a budget and host state.
#[derive(Debug)]
pub struct Execution<'a> {
    frame: Frame<'a>,
}

impl Execution<'_> {
    /// Executes a template and returns its output. The error is an [`ExecError`](crate::ExecError) in a [`FuncError`], or
    /// the plain error that there is no such template.
    pub fn execute(&mut self, name: impl AsRef<[u8]>, data: Value) -> Result<Str, FuncError> {
        self.frame.execute(name, data)
    }

    /// Steps and bytes used so far.
    pub fn used(&self) -> (u64, u64) {
        (self.frame.steps, self.frame.bytes)
    }
}

/// Templates that were parsed while executing, in front of those of the set (Go's `Clone` of a template).
#[derive(Debug)]
pub(crate) struct Overlay {
    trees: HashMap<Str, Arc<Tree>>,
    parent: Option<Rc<Overlay>>,
}

impl Overlay {
    /// A text parsed into a copy of the current templates: the overlay, and the tree of the text itself.
    pub(crate) fn over(
        set: &TemplateSet,
        parent: Option<&Rc<Overlay>>,
        text: &ParsedText,
    ) -> (Rc<Overlay>, Arc<Tree>) {
        let exists = |name: &Str| Self::find(set, parent, name).is_some();
        let trees = text
            .trees
            .iter()
            .filter(|tree| !(tree.is_empty() && exists(&tree.name)))
            .map(|tree| (tree.name.clone(), Arc::clone(tree)))
            .collect();
        (
            Rc::new(Overlay {
                trees,
                parent: parent.cloned(),
            }),
            Arc::clone(&text.main),
        )
    }

    /// The template of that name, newest definition first.
    pub(crate) fn find<'t>(
        set: &'t TemplateSet,
        mut overlay: Option<&'t Rc<Overlay>>,
        name: &[u8],
    ) -> Option<&'t Arc<Tree>> {
        while let Some(this) = overlay {
            if let Some(tree) = this.trees.get(name) {
                return Some(tree);
            }
            overlay = this.parent.as_ref();
        }
        set.lookup(name)
    }
}

/// A text that was parsed while executing. The same text comes again and again, so it is kept.
#[derive(Debug)]
pub(crate) struct ParsedText {
    main: Arc<Tree>,
    trees: Vec<Arc<Tree>>,
}

impl ParsedText {
    pub(crate) fn parse(name: &Str, text: &Str, set: &TemplateSet) -> Result<Self, ParseError> {
        let trees: Vec<_> = parse(name, text, set.functions(), set.limits())?
            .into_iter()
            .map(Arc::new)
            .collect();
        let main = trees.iter().find(|tree| tree.name == *name).map(Arc::clone);
        // The parser always adds the text itself; without it there is nothing to execute.
        let main = main.unwrap_or_else(|| Arc::new(Tree::empty(name.clone())));
        Ok(ParsedText { main, trees })
    }
}
