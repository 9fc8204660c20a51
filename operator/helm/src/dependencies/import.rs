//! `import-values`: tables of a subchart that its parent takes over (`processDependencyImportValues`).

use gotemplate::{Map, Value};
use serde_json::json;

use super::Node;
use crate::Data;
use crate::data;
use crate::remark::Remark;
use crate::text::go_format;
use crate::values::coalesce::{Mode, TypeMismatch, coalesce, merge_tables};
use crate::values::live::{PathError, copy_map, table};

/// Imports for everything below a chart, then for the chart.
pub(super) fn import(node: &mut Node, remarks: &mut Vec<Remark>) -> Result<(), TypeMismatch> {
    for child in &mut node.dependencies {
        import(child, remarks)?;
    }
    let Some(mut declared) = node.declared.take() else {
        return Ok(());
    };
    let values = coalesce(node, &Map::default(), Mode::Merge, remarks)?;
    let mut imported = Map::default();
    for dependency in &mut declared {
        let mut rewritten = Vec::with_capacity(dependency.import_values.len());
        for entry in &dependency.import_values {
            let (child, parent) = match entry {
                Data::Object(entry) => (text(entry.get("child")), text(entry.get("parent"))),
                Data::String(name) => (format!("exports.{name}"), ".".to_owned()),
                // Upstream drops anything else from the list without a word.
                Data::Null | Data::Bool(_) | Data::Number(_) | Data::Array(_) => continue,
            };
            rewritten.push(json!({ "child": child, "parent": parent }));
            match table(&values, &format!("{}.{child}", dependency.name)) {
                Ok(found) => imported = merge_over(imported, &at_path(&parent, found), remarks),
                Err(error) => remarks.push(missing(entry, &dependency.name, &error)),
            }
        }
        dependency.import_values = rewritten;
    }
    let own = copy_map(&values);
    merge_tables(&own, &imported, remarks);
    node.values = own;
    node.declared = Some(declared);
    Ok(())
}

/// `MergeTables(b, t)`: earlier imports win.
fn merge_over(imported: Map, table: &Map, remarks: &mut Vec<Remark>) -> Map {
    merge_tables(&imported, table, remarks);
    imported
}

/// Puts a table at a dotted path (`pathToMap`).
fn at_path(path: &str, table: Map) -> Map {
    if path == "." {
        return table;
    }
    path.split('.')
        .rev()
        .fold(table, |inner, name| Map::from_iter([(name, Value::Map(inner))]))
}

/// Go's `%v` of a value of the import list.
fn text(value: Option<&Data>) -> String {
    let value = value.map_or(Value::Nil, data::to_value);
    go_format("%v", &value)
}

fn missing(entry: &Data, chart: &str, error: &PathError) -> Remark {
    if entry.is_object() {
        Remark::warn("ImportValues missing table from chart")
            .with("chart", chart)
            .with("error", error.to_string())
    } else {
        Remark::warn("ImportValues missing table").with("error", error.to_string())
    }
}
