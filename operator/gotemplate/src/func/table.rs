//! [`FunctionTable`]: functions by name.

use std::collections::BTreeMap;

use super::Function;

/// The functions that a template may call, by name. They go before the builtins of the same name.
#[derive(Clone, Debug, Default)]
pub struct FunctionTable(BTreeMap<String, Function>);

impl FunctionTable {
    /// An empty table: only the builtins.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a function under its name, in place of an earlier one of that name.
    pub fn insert(&mut self, function: Function) {
        self.0.insert(function.name().to_owned(), function);
    }

    /// Removes a function.
    pub fn remove(&mut self, name: &str) -> Option<Function> {
        self.0.remove(name)
    }

    /// The function of that name.
    pub fn get(&self, name: &str) -> Option<&Function> {
        self.0.get(name)
    }

    /// All functions, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = &Function> {
        self.0.values()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Function> for FunctionTable {
    fn from_iter<I: IntoIterator<Item = Function>>(functions: I) -> Self {
        let mut table = Self::new();
        table.extend(functions);
        table
    }
}

impl Extend<Function> for FunctionTable {
    fn extend<I: IntoIterator<Item = Function>>(&mut self, functions: I) {
        for function in functions {
            self.insert(function);
        }
    }
}
