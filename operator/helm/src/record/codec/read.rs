//! JSON to a record. Missing and null fields are Go's zero values; fields without a name here stay in `extra`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::hooks::{Hook, HookEvent};
use crate::record::{
    ApplyMethod, ChartRecord, FileRecord, GoTime, HookExecution, HookPhase, HookRecord, Info, Release,
    Revision, Status,
};

/// A field of another type than Helm's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("field {field}: {problem}")]
pub struct ShapeError {
    field: &'static str,
    problem: &'static str,
}

type Fields = Map<String, Value>;

/// Reads a whole record.
pub(super) fn release(value: Value) -> Result<Release, ShapeError> {
    let mut fields = object(value, "release")?;
    let chart = match take(&mut fields, "chart") {
        Value::Null => None,
        value => Some(read_chart(object(value, "chart")?)?),
    };
    Ok(Release {
        name: text(&mut fields, "name")?,
        info: read_info(map(&mut fields, "info")?)?,
        chart,
        config: map(&mut fields, "config")?,
        manifest: text(&mut fields, "manifest")?,
        hooks: list(&mut fields, "hooks")?
            .into_iter()
            .map(|item| read_hook(object(item, "hooks")?))
            .collect::<Result<_, _>>()?,
        version: revision(&mut fields)?,
        namespace: text(&mut fields, "namespace")?,
        labels: std::collections::BTreeMap::new(),
        apply_method: apply_method(&mut fields)?,
        extra: fields,
    })
}

fn read_info(mut fields: Fields) -> Result<Info, ShapeError> {
    Ok(Info {
        first_deployed: time(&mut fields, "first_deployed")?,
        last_deployed: time(&mut fields, "last_deployed")?,
        deleted: time(&mut fields, "deleted")?,
        description: text(&mut fields, "description")?,
        status: Status::parse(&text(&mut fields, "status")?),
        notes: text(&mut fields, "notes")?,
        extra: fields,
    })
}

fn read_hook(mut fields: Fields) -> Result<HookRecord, ShapeError> {
    let words = words(&mut fields, "events")?;
    // `test-success` is not normalised here: Helm fires only the word `test`.
    let known = |word: &String| HookEvent::from_annotation(word).filter(|event| event.as_str() == word);
    let hook = Hook {
        name: text(&mut fields, "name")?,
        kind: text(&mut fields, "kind")?,
        path: text(&mut fields, "path")?,
        manifest: text(&mut fields, "manifest")?,
        events: words.iter().filter_map(known).collect(),
        weight: match take(&mut fields, "weight") {
            Value::Null => 0,
            value => value.as_i64().ok_or(wrong("weight", "not an integer"))?,
        },
        delete_policies: self::words(&mut fields, "delete_policies")?
            .into_iter()
            .map(Into::into)
            .collect(),
        output_log_policies: self::words(&mut fields, "output_log_policies")?
            .into_iter()
            .map(Into::into)
            .collect(),
    };
    Ok(HookRecord {
        hook,
        last_run: read_execution(map(&mut fields, "last_run")?)?,
        unknown_events: words
            .iter()
            .filter(|word| known(word).is_none())
            .cloned()
            .collect(),
        extra: fields,
    })
}

fn read_execution(mut fields: Fields) -> Result<HookExecution, ShapeError> {
    Ok(HookExecution {
        started_at: time(&mut fields, "started_at")?,
        completed_at: time(&mut fields, "completed_at")?,
        phase: HookPhase::parse(&text(&mut fields, "phase")?),
        extra: fields,
    })
}

fn read_chart(mut fields: Fields) -> Result<ChartRecord, ShapeError> {
    Ok(ChartRecord {
        metadata: take(&mut fields, "metadata"),
        lock: take(&mut fields, "lock"),
        templates: files(&mut fields, "templates")?,
        values: take(&mut fields, "values"),
        schema: match take(&mut fields, "schema") {
            Value::Null => None,
            value => Some(bytes(value, "schema")?),
        },
        schema_mod_time: time(&mut fields, "schemamodtime")?,
        files: files(&mut fields, "files")?,
        mod_time: time(&mut fields, "modtime")?,
        extra: fields,
    })
}

fn files(fields: &mut Fields, key: &'static str) -> Result<Vec<FileRecord>, ShapeError> {
    let read = |item: Value| {
        let mut fields = object(item, key)?;
        Ok(FileRecord {
            name: text(&mut fields, "name")?,
            data: match take(&mut fields, "data") {
                Value::Null => Vec::new(),
                value => bytes(value, "data")?,
            },
            mod_time: time(&mut fields, "modtime")?,
            extra: fields,
        })
    };
    list(fields, key)?.into_iter().map(read).collect()
}

fn revision(fields: &mut Fields) -> Result<Revision, ShapeError> {
    match take(fields, "version") {
        Value::Null => Ok(Revision::default()),
        value => value
            .as_u64()
            .and_then(|number| u32::try_from(number).ok())
            .map(Revision)
            .ok_or(wrong("version", "not a revision number")),
    }
}

fn apply_method(fields: &mut Fields) -> Result<Option<ApplyMethod>, ShapeError> {
    match text(fields, "apply_method")?.as_str() {
        "" => Ok(None),
        "csa" => Ok(Some(ApplyMethod::ClientSide)),
        "ssa" => Ok(Some(ApplyMethod::ServerSide)),
        _ => Err(wrong("apply_method", "neither ssa nor csa")),
    }
}

fn wrong(field: &'static str, problem: &'static str) -> ShapeError {
    ShapeError { field, problem }
}

fn take(fields: &mut Fields, key: &str) -> Value {
    fields.remove(key).unwrap_or_default()
}

fn object(value: Value, field: &'static str) -> Result<Fields, ShapeError> {
    match value {
        Value::Object(map) => Ok(map),
        Value::Null => Ok(Map::new()),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(wrong(field, "not an object"))
        }
    }
}

fn map(fields: &mut Fields, key: &'static str) -> Result<Fields, ShapeError> {
    object(take(fields, key), key)
}

fn list(fields: &mut Fields, key: &'static str) -> Result<Vec<Value>, ShapeError> {
    match take(fields, key) {
        Value::Array(items) => Ok(items),
        Value::Null => Ok(Vec::new()),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            Err(wrong(key, "not a list"))
        }
    }
}

fn string(value: Value, field: &'static str) -> Result<String, ShapeError> {
    match value {
        Value::String(text) => Ok(text),
        Value::Null => Ok(String::new()),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            Err(wrong(field, "not a string"))
        }
    }
}

fn text(fields: &mut Fields, key: &'static str) -> Result<String, ShapeError> {
    string(take(fields, key), key)
}

fn words(fields: &mut Fields, key: &'static str) -> Result<Vec<String>, ShapeError> {
    list(fields, key)?
        .into_iter()
        .map(|item| string(item, key))
        .collect()
}

fn time(fields: &mut Fields, key: &'static str) -> Result<Option<GoTime>, ShapeError> {
    GoTime::parse(&text(fields, key)?).map_err(|_| wrong(key, "not an RFC 3339 time"))
}

fn bytes(value: Value, field: &'static str) -> Result<Vec<u8>, ShapeError> {
    STANDARD
        .decode(string(value, field)?)
        .map_err(|_| wrong(field, "not base64"))
}
