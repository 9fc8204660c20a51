//! Laying user values over the defaults of a chart and its subcharts.
//!
//! Mirrors `pkg/chart/common/util/coalesce.go` on maps with Go's reference semantics, so that maps which upstream
//! shares between parent and child (tables in `global` below the first level) are shared here too.
//! Where upstream walks a Go map in random order, this walks in sorted order.

use gotemplate::value::Entries;
use gotemplate::{Map, Value};

use super::live::{as_table, copy_map, set};
use crate::dependencies::Node;
use crate::remark::Remark;
use crate::text::{go_format, go_quote};

/// The key whose table is handed down to every subchart.
pub(crate) const GLOBAL_KEY: &str = "global";

/// What happens to nulls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// A null removes the default below it (rendering).
    Coalesce,
    /// Nulls are kept, to be coalesced later (imported values, globals).
    Merge,
}

/// The values for a subchart are no table; Helm's text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("type mismatch on {name}: {value}")]
pub struct TypeMismatch {
    /// The subchart.
    pub(crate) name: String,
    /// The value that is there, printed as Go's `%t` prints it.
    pub(crate) value: String,
}

/// Values laid over the defaults of `node` and of everything below it. `values` itself is not changed.
pub(crate) fn coalesce(
    node: &Node,
    values: &Map,
    mode: Mode,
    remarks: &mut Vec<Remark>,
) -> Result<Map, TypeMismatch> {
    let copy = copy_map(values);
    Pass { mode, remarks }.chart(node, &copy, "")?;
    Ok(copy)
}

/// Merges a table into another one, in place; the first wins (`MergeTables`).
pub(crate) fn merge_tables(over: &Map, below: &Map, remarks: &mut Vec<Remark>) {
    Pass {
        mode: Mode::Merge,
        remarks,
    }
    .tables(over, below, "", Mode::Merge);
}

struct Pass<'r> {
    mode: Mode,
    remarks: &'r mut Vec<Remark>,
}

impl Pass<'_> {
    fn warn(&mut self, message: String) {
        self.remarks.push(Remark::info(message));
    }

    fn chart(&mut self, node: &Node, values: &Map, prefix: &str) -> Result<(), TypeMismatch> {
        self.defaults(node, values, prefix);
        self.subcharts(node, values, prefix)
    }

    /// Fills in the chart's own defaults (`coalesceValues`).
    fn defaults(&mut self, node: &Node, values: &Map, prefix: &str) {
        let prefix = concat(prefix, node.name());
        let defaults = copy_map(node.values());
        for (key, default) in defaults.snapshot().iter() {
            match values.get(key) {
                Some(Value::Nil) if self.mode == Mode::Coalesce => {
                    values.remove(key);
                }
                Some(value) => {
                    let Some(over) = as_table(&value) else { continue };
                    match as_table(default) {
                        Some(below) => {
                            // Nulls for a subchart wait for the pass over that subchart.
                            let is_subchart = node.dependencies().iter().any(|child| *key == *child.name());
                            let mode = if is_subchart { Mode::Merge } else { self.mode };
                            if mode == Mode::Coalesce {
                                remove_nulls(below);
                            }
                            self.tables(over, below, &concat(&prefix, &key.to_str_lossy()), mode);
                        }
                        None if matches!(default, Value::Nil) => {}
                        None => {
                            self.warn(format!(
                                "warning: skipped value for {prefix}.{}: Not a table.",
                                key.to_str_lossy()
                            ));
                        }
                    }
                }
                None => {
                    if self.mode == Mode::Coalesce {
                        if matches!(default, Value::Nil) {
                            continue;
                        }
                        if let Some(table) = as_table(default) {
                            remove_nulls(table);
                        }
                    }
                    set(values, key.clone(), default.clone());
                }
            }
        }
    }

    /// Hands globals down and coalesces every subchart (`coalesceDeps`).
    fn subcharts(&mut self, node: &Node, values: &Map, prefix: &str) -> Result<(), TypeMismatch> {
        let prefix = concat(prefix, node.name());
        for child in node.dependencies() {
            let table = match values.get(child.name()) {
                None => {
                    let table = Map::default();
                    set(values, child.name(), table.clone());
                    table
                }
                Some(value) => match as_table(&value) {
                    Some(table) => table.clone(),
                    None => {
                        return Err(TypeMismatch {
                            name: child.name().to_owned(),
                            value: go_format("%t", &value),
                        });
                    }
                },
            };
            self.globals(&table, values, &prefix);
            self.chart(child, &table, &prefix)?;
        }
        Ok(())
    }

    /// Merges the globals of `source` into those of `values` (`coalesceGlobals`). The tables directly in `global` are
    /// new maps; what is in them is shared with the source.
    fn globals(&mut self, values: &Map, source: &Map, prefix: &str) {
        let own = match values.get(GLOBAL_KEY) {
            None => Map::default(),
            Some(value) => match as_table(&value) {
                Some(table) => table.clone(),
                None => {
                    return self.warn(
                        "warning: skipping globals because destination global is not a table.".to_owned(),
                    );
                }
            },
        };
        let from = match source.get(GLOBAL_KEY) {
            None => Map::default(),
            Some(value) => match as_table(&value) {
                Some(table) => table.clone(),
                None => {
                    return self
                        .warn("warning: skipping globals because source global is not a table.".to_owned());
                }
            },
        };
        for (key, value) in from.snapshot().iter() {
            let present = own.get(key);
            if let Some(table) = as_table(value) {
                let shallow = Map::new(Entries::clone(&table.snapshot()));
                match present {
                    None => set(&own, key.clone(), shallow),
                    Some(present) => match as_table(&present) {
                        None => {
                            let key = go_quote(&key.to_str_lossy());
                            self.warn(format!(
                                "Conflict: cannot merge map onto non-map for {key}. Skipping."
                            ));
                        }
                        Some(present) => {
                            let name = concat(prefix, &key.to_str_lossy());
                            self.tables(&shallow, present, &name, Mode::Merge);
                            set(&own, key.clone(), shallow);
                        }
                    },
                }
            } else if present
                .as_ref()
                .is_some_and(|present| as_table(present).is_some())
            {
                self.warn(format!("key {} is table. Skipping", key.to_str_lossy()));
            } else {
                set(&own, key.clone(), value.clone());
            }
        }
        set(values, GLOBAL_KEY, own);
    }

    /// `coalesceTablesFullKey`: `over` wins, and is changed; so is `below`.
    fn tables(&mut self, over: &Map, below: &Map, prefix: &str, mode: Mode) {
        // What stood in `below` before nulls of `over` are copied there: only such a value can be removed by a null.
        let before = below.snapshot();
        for (key, value) in over.snapshot().iter() {
            if matches!(value, Value::Nil) {
                set(below, key.clone(), Value::Nil);
            }
        }
        for (key, value) in below.snapshot().iter() {
            let name = || concat(prefix, &key.to_str_lossy());
            match over.get(key) {
                None => set(over, key.clone(), value.clone()),
                Some(Value::Nil)
                    if mode == Mode::Coalesce
                        && before.get(key).is_some_and(|value| !matches!(value, Value::Nil)) =>
                {
                    over.remove(key);
                }
                Some(present) => match (as_table(&present), as_table(value)) {
                    (Some(present), Some(value)) => self.tables(present, value, &name(), mode),
                    (None, Some(_)) => {
                        let text = go_format("%v", value);
                        self.warn(format!(
                            "warning: cannot overwrite table with non table for {} ({text})",
                            name()
                        ));
                    }
                    (Some(_), None) if !matches!(value, Value::Nil) => {
                        let text = go_format("%v", value);
                        self.warn(format!(
                            "warning: destination for {} is a table. Ignoring non-table value ({text})",
                            name()
                        ));
                    }
                    (Some(_) | None, None) => {}
                },
            }
        }
    }
}

/// Removes null entries at every depth, in place (`cleanNilValues`).
fn remove_nulls(table: &Map) {
    for (key, value) in table.snapshot().iter() {
        if matches!(value, Value::Nil) {
            table.remove(key);
        } else if let Some(inner) = as_table(value) {
            remove_nulls(inner);
        }
    }
}

fn concat(prefix: &str, key: &str) -> String {
    if prefix.is_empty() {
        key.to_owned()
    } else {
        format!("{prefix}.{key}")
    }
}
