//! The drafts of JSON Schema, what they call things, and their meta-schemas.
//!
//! Mirrors `draft.go` of santhosh-tekuri/jsonschema v6. The meta-schemas in `metaschemas/` are the standard's
//! documents without their prose and defaults, which no validator reads.

use std::sync::LazyLock;

use super::address::split;
use super::json::Json;

/// A draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Draft {
    Draft4,
    Draft6,
    Draft7,
    Draft2019,
    Draft2020,
}

impl Draft {
    /// What a schema without `$schema` is.
    pub(super) const LATEST: Self = Self::Draft2020;

    /// The draft that `$schema` names.
    pub(super) fn from_url(url: &str) -> Option<Self> {
        let (url, fragment) = split(url);
        if !fragment.is_empty() {
            return None;
        }
        let path = url
            .strip_prefix("http://")
            .or_else(|| url.strip_prefix("https://"))
            .unwrap_or(url);
        Some(match path {
            "json-schema.org/schema" | "json-schema.org/draft/2020-12/schema" => Self::Draft2020,
            "json-schema.org/draft/2019-09/schema" => Self::Draft2019,
            "json-schema.org/draft-07/schema" => Self::Draft7,
            "json-schema.org/draft-06/schema" => Self::Draft6,
            "json-schema.org/draft-04/schema" => Self::Draft4,
            _ => return None,
        })
    }

    /// The address of its meta-schema.
    pub(super) fn url(self) -> &'static str {
        match self {
            Self::Draft4 => "http://json-schema.org/draft-04/schema",
            Self::Draft6 => "http://json-schema.org/draft-06/schema",
            Self::Draft7 => "http://json-schema.org/draft-07/schema",
            Self::Draft2019 => "https://json-schema.org/draft/2019-09/schema",
            Self::Draft2020 => "https://json-schema.org/draft/2020-12/schema",
        }
    }

    /// The address that a schema gives itself, without fragment.
    pub(super) fn id(self, schema: &Json) -> Option<&str> {
        if self < Self::Draft2019 && schema.get("$ref").is_some() {
            return None;
        }
        let (id, _) = split(schema.get(self.id_keyword())?.as_str()?);
        (!id.is_empty()).then_some(id)
    }

    /// The keyword of that address.
    pub(super) fn id_keyword(self) -> &'static str {
        if self == Self::Draft4 { "id" } else { "$id" }
    }

    /// Where subschemas stand.
    pub(super) fn subschemas(self) -> impl Iterator<Item = (&'static str, Place)> {
        SUBSCHEMAS
            .iter()
            .filter(move |(since, ..)| *since <= self)
            .map(|(_, keyword, place)| (*keyword, *place))
    }
}

/// How subschemas stand under a keyword.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    /// The value is one.
    Value,
    /// Each entry of the object is one.
    Entries,
    /// Each item of the list is one.
    Items,
}

const SUBSCHEMAS: &[(Draft, &str, Place)] = &[
    (Draft::Draft4, "definitions", Place::Entries),
    (Draft::Draft4, "not", Place::Value),
    (Draft::Draft4, "allOf", Place::Items),
    (Draft::Draft4, "anyOf", Place::Items),
    (Draft::Draft4, "oneOf", Place::Items),
    (Draft::Draft4, "properties", Place::Entries),
    (Draft::Draft4, "additionalProperties", Place::Value),
    (Draft::Draft4, "patternProperties", Place::Entries),
    (Draft::Draft4, "items", Place::Value),
    (Draft::Draft4, "items", Place::Items),
    (Draft::Draft4, "additionalItems", Place::Value),
    (Draft::Draft4, "dependencies", Place::Entries),
    (Draft::Draft6, "propertyNames", Place::Value),
    (Draft::Draft6, "contains", Place::Value),
    (Draft::Draft7, "if", Place::Value),
    (Draft::Draft7, "then", Place::Value),
    (Draft::Draft7, "else", Place::Value),
    (Draft::Draft2019, "$defs", Place::Entries),
    (Draft::Draft2019, "dependentSchemas", Place::Entries),
    (Draft::Draft2019, "unevaluatedProperties", Place::Value),
    (Draft::Draft2019, "unevaluatedItems", Place::Value),
    (Draft::Draft2019, "contentSchema", Place::Value),
    (Draft::Draft2020, "prefixItems", Place::Items),
];

/// The document of a meta-schema or of one of its vocabularies.
pub(super) fn meta_document(url: &str) -> Option<&'static Json> {
    let path = url
        .strip_prefix("http://json-schema.org/")
        .or_else(|| url.strip_prefix("https://json-schema.org/"))?;
    let path = if path == "schema" {
        "draft/2020-12/schema"
    } else {
        path
    };
    META_DOCUMENTS
        .iter()
        .find(|(name, _)| *name == path)
        .map(|(_, document)| document)
}

macro_rules! documents {
    ($($path:literal = $file:literal),* $(,)?) => {
        [$(($path, include_str!(concat!("metaschemas/", $file)))),*]
    };
}

static META_DOCUMENTS: LazyLock<Vec<(&'static str, Json)>> = LazyLock::new(|| {
    documents![
        "draft-04/schema" = "draft-04.json",
        "draft-06/schema" = "draft-06.json",
        "draft-07/schema" = "draft-07.json",
        "draft/2019-09/schema" = "2019-09/schema.json",
        "draft/2019-09/meta/core" = "2019-09/core.json",
        "draft/2019-09/meta/applicator" = "2019-09/applicator.json",
        "draft/2019-09/meta/validation" = "2019-09/validation.json",
        "draft/2019-09/meta/meta-data" = "2019-09/meta-data.json",
        "draft/2019-09/meta/format" = "2019-09/format.json",
        "draft/2019-09/meta/content" = "2019-09/content.json",
        "draft/2020-12/schema" = "2020-12/schema.json",
        "draft/2020-12/meta/core" = "2020-12/core.json",
        "draft/2020-12/meta/applicator" = "2020-12/applicator.json",
        "draft/2020-12/meta/unevaluated" = "2020-12/unevaluated.json",
        "draft/2020-12/meta/validation" = "2020-12/validation.json",
        "draft/2020-12/meta/meta-data" = "2020-12/meta-data.json",
        "draft/2020-12/meta/format-annotation" = "2020-12/format-annotation.json",
        "draft/2020-12/meta/format-assertion" = "2020-12/format-assertion.json",
        "draft/2020-12/meta/content" = "2020-12/content.json",
    ]
    .into_iter()
    .filter_map(|(path, text)| Some((path, super::parse::parse(text.as_bytes()).ok()?)))
    .collect()
});
