//! From a schema document to schemas that can be walked quickly.
//!
//! Mirrors `compiler.go` and `objcompiler.go` of santhosh-tekuri/jsonschema v6: subschemas are compiled in the order in
//! which they are met, so that the first error is the same. Keywords of contents (`contentEncoding`, ...) are never
//! asserted by Helm and are not compiled.

use std::collections::{BTreeMap, HashMap};

use super::SchemaError;
use super::address::{Address, decode, join, split};
use super::draft::Draft;
use super::json::{Json, Kind, Number};
use super::roots::Roots;
use crate::functions::regex::{CompileError, Program};
use crate::text::go_quote;

/// Most schemas of one compilation; a hostile document of a few megabytes could have a million.
pub(super) const MAX_SCHEMAS: usize = 200_000;

/// The place of a schema in [`Compiled::schemas`].
pub(super) type Id = usize;

/// Schemas that belong together.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) schemas: Vec<Schema>,
}

impl Compiled {
    /// The schema that was asked for.
    pub(super) const ROOT: Id = 0;
}

/// `items`, in the drafts where it may be a list.
#[derive(Debug)]
pub(super) enum Items {
    One(Id),
    Many(Vec<Id>),
}

/// `additionalProperties` and `additionalItems`.
#[derive(Debug, Clone, Copy)]
pub(super) enum Additional {
    Allowed(bool),
    Schema(Id),
}

/// An entry of `dependencies`.
#[derive(Debug)]
pub(super) enum Depends {
    On(Vec<String>),
    Schema(Id),
}

/// A `pattern`, with its source for messages.
#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) source: String,
    pub(super) regex: Program,
}

/// One compiled schema.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "these are keywords of JSON schema")]
pub(super) struct Schema {
    pub(super) location: String,
    pub(super) draft: Option<Draft>,
    pub(super) boolean: Option<bool>,
    pub(super) resource: Id,
    pub(super) recursive_anchor: bool,
    pub(super) dynamic_anchor: String,
    pub(super) dynamic_anchors: BTreeMap<String, Id>,
    pub(super) reference: Option<Id>,
    pub(super) recursive_ref: Option<Id>,
    /// The target and, if the reference names one, the anchor.
    pub(super) dynamic_ref: Option<(Id, String)>,
    pub(super) types: Vec<Kind>,
    pub(super) constant: Option<Json>,
    pub(super) enumeration: Option<Vec<Json>>,
    pub(super) format: Option<String>,
    pub(super) all_of: Vec<Id>,
    pub(super) any_of: Vec<Id>,
    pub(super) one_of: Vec<Id>,
    pub(super) not: Option<Id>,
    pub(super) condition: Option<Id>,
    pub(super) then: Option<Id>,
    pub(super) otherwise: Option<Id>,
    pub(super) properties: BTreeMap<String, Id>,
    pub(super) pattern_properties: Vec<(Pattern, Id)>,
    pub(super) additional_properties: Option<Additional>,
    pub(super) property_names: Option<Id>,
    pub(super) dependencies: BTreeMap<String, Depends>,
    pub(super) dependent_required: BTreeMap<String, Vec<String>>,
    pub(super) dependent_schemas: BTreeMap<String, Id>,
    pub(super) unevaluated_properties: Option<Id>,
    pub(super) unevaluated_items: Option<Id>,
    pub(super) required: Vec<String>,
    pub(super) min_properties: Option<usize>,
    pub(super) max_properties: Option<usize>,
    pub(super) min_items: Option<usize>,
    pub(super) max_items: Option<usize>,
    pub(super) unique_items: bool,
    pub(super) items: Option<Items>,
    pub(super) additional_items: Option<Additional>,
    pub(super) prefix_items: Vec<Id>,
    pub(super) items_2020: Option<Id>,
    pub(super) contains: Option<Id>,
    pub(super) min_contains: Option<usize>,
    pub(super) max_contains: Option<usize>,
    pub(super) min_length: Option<usize>,
    pub(super) max_length: Option<usize>,
    pub(super) pattern: Option<Pattern>,
    pub(super) minimum: Option<Number>,
    pub(super) maximum: Option<Number>,
    pub(super) exclusive_minimum: Option<Number>,
    pub(super) exclusive_maximum: Option<Number>,
    pub(super) multiple_of: Option<Number>,
    pub(super) all_props_evaluated: bool,
    pub(super) all_items_evaluated: bool,
    pub(super) num_items_evaluated: usize,
}

impl Schema {
    /// The draft; every compiled schema has one.
    pub(super) fn draft(&self) -> Draft {
        self.draft.unwrap_or(Draft::LATEST)
    }
}

/// Whether `format` is checked by drafts that leave it open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Formats {
    /// As the draft says: up to draft 7 only.
    ByDraft,
    /// Always; for meta-schemas.
    Always,
}

/// Compiles the schema at a URL and everything it leads to.
pub(super) fn compile(roots: &mut Roots<'_>, url: &str, formats: Formats) -> Result<Compiled, SchemaError> {
    let address = roots.resolve(url, "")?;
    let mut compiler = Compiler {
        roots,
        formats,
        addresses: Vec::new(),
        known: HashMap::new(),
    };
    compiler.enqueue(address)?;
    let mut schemas = Vec::new();
    while let Some(address) = compiler.addresses.get(schemas.len()).cloned() {
        compiler.roots.ensure(&address)?;
        schemas.push(compiler.schema(&address)?);
    }
    Ok(Compiled { schemas })
}

struct Compiler<'r, 'd> {
    roots: &'r mut Roots<'d>,
    formats: Formats,
    /// The schemas met so far; the index is the [`Id`].
    addresses: Vec<Address>,
    known: HashMap<Address, Id>,
}

impl Compiler<'_, '_> {
    fn enqueue(&mut self, address: Address) -> Result<Id, SchemaError> {
        if let Some(id) = self.known.get(&address) {
            return Ok(*id);
        }
        let id = self.addresses.len();
        if id >= MAX_SCHEMAS {
            return Err(SchemaError::new(format!(
                "schema has more than the maximum number of subschemas {MAX_SCHEMAS}"
            )));
        }
        self.addresses.push(address.clone());
        self.known.insert(address, id);
        Ok(id)
    }

    fn schema(&mut self, address: &Address) -> Result<Schema, SchemaError> {
        let Some(root) = self.roots.root(&address.url) else {
            return Err(SchemaError::new("document is not loaded"));
        };
        let value = root.lookup(address)?.clone();
        let resource = root.resource(&address.pointer).clone();
        let base = Address::new(&address.url, &resource.pointer);
        let is_resource = base == *address;
        let mut schema = Schema {
            location: address.text(),
            draft: Some(resource.draft),
            resource: self.enqueue(base)?,
            ..Schema::default()
        };
        if resource.draft >= Draft::Draft2020 && is_resource {
            for (anchor, pointer) in &resource.anchors {
                if resource.dynamic_anchors.contains(anchor) {
                    let id = self.enqueue(Address::new(&address.url, pointer))?;
                    schema.dynamic_anchors.insert(anchor.clone(), id);
                }
            }
        }
        match value.as_object() {
            // An empty object takes everything.
            Some(object) if object.is_empty() => schema.boolean = Some(true),
            Some(object) => {
                Keywords {
                    compiler: self,
                    object,
                    address,
                    draft: resource.draft,
                    base: &resource.id,
                }
                .compile(&mut schema)?;
            }
            None => schema.boolean = value.as_bool(),
        }
        schema.all_props_evaluated = schema.additional_properties.is_some();
        if resource.draft < Draft::Draft2020 {
            schema.all_items_evaluated = schema.additional_items.is_some();
            match &schema.items {
                Some(Items::One(_)) => schema.all_items_evaluated = true,
                Some(Items::Many(items)) => schema.num_items_evaluated = items.len(),
                None => {}
            }
        } else {
            schema.all_items_evaluated = schema.items_2020.is_some();
            schema.num_items_evaluated = schema.prefix_items.len();
        }
        Ok(schema)
    }
}

/// The keywords of one schema object.
struct Keywords<'c, 'r, 'd, 'o> {
    compiler: &'c mut Compiler<'r, 'd>,
    object: &'o BTreeMap<String, Json>,
    address: &'o Address,
    draft: Draft,
    base: &'o str,
}

impl Keywords<'_, '_, '_, '_> {
    fn compile(&mut self, schema: &mut Schema) -> Result<(), SchemaError> {
        schema.reference = self.reference("$ref")?;
        if self.draft < Draft::Draft2019 && schema.reference.is_some() {
            // Everything else beside `$ref` is ignored.
            return Ok(());
        }
        self.applicators(schema)?;
        self.assertions(schema)?;
        if self.draft >= Draft::Draft6 {
            schema.contains = self.one("contains")?;
            schema.property_names = self.one("propertyNames")?;
            schema.constant = self.object.get("const").cloned();
        }
        if self.draft >= Draft::Draft7 {
            schema.condition = self.one("if")?;
            if schema.condition.is_some() {
                let always = self.flag("if");
                if always != Some(false) {
                    schema.then = self.one("then")?;
                }
                if always != Some(true) {
                    schema.otherwise = self.one("else")?;
                }
            }
        }
        if self.draft >= Draft::Draft2019 {
            schema.recursive_ref = self.reference("$recursiveRef")?;
            schema.recursive_anchor = self.flag("$recursiveAnchor") == Some(true);
            if schema.contains.is_some() {
                schema.min_contains = self.count("minContains");
                schema.max_contains = self.count("maxContains");
            }
            if let Some(Json::Object(entries)) = self.object.get("dependentRequired") {
                for (name, names) in entries {
                    if let Json::Array(names) = names {
                        schema.dependent_required.insert(name.clone(), strings(names));
                    }
                }
            }
            schema.dependent_schemas = self.map("dependentSchemas")?;
            schema.unevaluated_items = self.one("unevaluatedItems")?;
            schema.unevaluated_properties = self.one("unevaluatedProperties")?;
        }
        if self.draft >= Draft::Draft2020 {
            if let Some(id) = self.reference("$dynamicRef")? {
                let (_, fragment) = split(self.text("$dynamicRef").unwrap_or_default());
                let fragment = decode(fragment).map_err(SchemaError::new)?;
                let anchor = if fragment.starts_with('/') {
                    String::new()
                } else {
                    fragment
                };
                schema.dynamic_ref = Some((id, anchor));
            }
            self.text("$dynamicAnchor")
                .unwrap_or_default()
                .clone_into(&mut schema.dynamic_anchor);
            schema.prefix_items = self.many("prefixItems")?;
            schema.items_2020 = self.one("items")?;
        }
        Ok(())
    }

    fn applicators(&mut self, schema: &mut Schema) -> Result<(), SchemaError> {
        schema.all_of = self.many("allOf")?;
        schema.any_of = self.many("anyOf")?;
        schema.one_of = self.many("oneOf")?;
        schema.not = self.one("not")?;
        if self.draft < Draft::Draft2020 {
            match self.object.get("items") {
                Some(Json::Array(_)) => {
                    schema.items = Some(Items::Many(self.many("items")?));
                    schema.additional_items = self.additional("additionalItems")?;
                }
                Some(_) => schema.items = self.one("items")?.map(Items::One),
                None => {}
            }
        }
        schema.properties = self.map("properties")?;
        for (source, id) in self.map("patternProperties")? {
            let regex = self.regex("patternProperties", &source)?;
            schema.pattern_properties.push((Pattern { source, regex }, id));
        }
        schema.additional_properties = self.additional("additionalProperties")?;
        if let Some(Json::Object(entries)) = self.object.get("dependencies") {
            for (name, value) in entries {
                let depends = match value {
                    Json::Array(names) => Depends::On(strings(names)),
                    _ => Depends::Schema(
                        self.compiler
                            .enqueue(self.address.below("dependencies").below(name))?,
                    ),
                };
                schema.dependencies.insert(name.clone(), depends);
            }
        }
        Ok(())
    }

    fn assertions(&mut self, schema: &mut Schema) -> Result<(), SchemaError> {
        schema.types = match self.object.get("type") {
            Some(Json::String(name)) => Kind::from_name(name).into_iter().collect(),
            Some(Json::Array(names)) => names
                .iter()
                .filter_map(Json::as_str)
                .filter_map(Kind::from_name)
                .collect(),
            _ => Vec::new(),
        };
        schema.types.sort_unstable();
        schema.types.dedup();
        schema.enumeration = self
            .object
            .get("enum")
            .and_then(Json::as_array)
            .map(<[Json]>::to_vec);
        schema.multiple_of = self.number("multipleOf");
        schema.maximum = self.number("maximum");
        if self.flag("exclusiveMaximum") == Some(true) {
            schema.exclusive_maximum = schema.maximum.take();
        } else {
            schema.exclusive_maximum = self.number("exclusiveMaximum");
        }
        schema.minimum = self.number("minimum");
        if self.flag("exclusiveMinimum") == Some(true) {
            schema.exclusive_minimum = schema.minimum.take();
        } else {
            schema.exclusive_minimum = self.number("exclusiveMinimum");
        }
        schema.min_length = self.count("minLength");
        schema.max_length = self.count("maxLength");
        if let Some(source) = self.text("pattern").map(str::to_owned) {
            let regex = self.regex("pattern", &source)?;
            schema.pattern = Some(Pattern { source, regex });
        }
        schema.min_items = self.count("minItems");
        schema.max_items = self.count("maxItems");
        schema.unique_items = self.flag("uniqueItems") == Some(true);
        schema.max_properties = self.count("maxProperties");
        schema.min_properties = self.count("minProperties");
        schema.required = self
            .object
            .get("required")
            .and_then(Json::as_array)
            .map(strings)
            .unwrap_or_default();
        if self.compiler.formats == Formats::Always || self.draft < Draft::Draft2019 {
            schema.format = self.text("format").map(str::to_owned);
        }
        Ok(())
    }

    fn reference(&mut self, keyword: &str) -> Result<Option<Id>, SchemaError> {
        let Some(reference) = self.text(keyword) else {
            return Ok(None);
        };
        let (reference, fragment) = split(reference);
        let parse_error = |text: &str, why: String| {
            SchemaError::new(format!(
                "error in parsing {}: parse {}: {why}",
                go_quote(text),
                go_quote(text)
            ))
        };
        let fragment = decode(fragment).map_err(|why| {
            SchemaError::new(format!(
                "error in parsing {}: {why}",
                go_quote(self.text(keyword).unwrap_or_default())
            ))
        })?;
        let url = join(self.base, reference).map_err(|why| parse_error(reference, why))?;
        let local = match self.compiler.roots.root(&self.address.url) {
            Some(root) => root.resolve_local(&url, &fragment)?,
            None => None,
        };
        let address = match local {
            Some(address) => address,
            None => self.compiler.roots.resolve(&url, &fragment)?,
        };
        self.compiler.enqueue(address).map(Some)
    }

    fn one(&mut self, keyword: &str) -> Result<Option<Id>, SchemaError> {
        if !self.object.contains_key(keyword) {
            return Ok(None);
        }
        self.compiler.enqueue(self.address.below(keyword)).map(Some)
    }

    fn many(&mut self, keyword: &str) -> Result<Vec<Id>, SchemaError> {
        let count = self
            .object
            .get(keyword)
            .and_then(Json::as_array)
            .map_or(0, <[Json]>::len);
        let list = self.address.below(keyword);
        (0..count)
            .map(|index| self.compiler.enqueue(list.below(&index.to_string())))
            .collect()
    }

    fn map(&mut self, keyword: &str) -> Result<BTreeMap<String, Id>, SchemaError> {
        let Some(entries) = self.object.get(keyword).and_then(Json::as_object) else {
            return Ok(BTreeMap::new());
        };
        let map = self.address.below(keyword);
        entries
            .keys()
            .map(|key| Ok((key.clone(), self.compiler.enqueue(map.below(key))?)))
            .collect()
    }

    fn additional(&mut self, keyword: &str) -> Result<Option<Additional>, SchemaError> {
        match self.flag(keyword) {
            Some(allowed) => Ok(Some(Additional::Allowed(allowed))),
            None => Ok(self.one(keyword)?.map(Additional::Schema)),
        }
    }

    fn regex(&self, keyword: &str, source: &str) -> Result<Program, SchemaError> {
        regex(source).map_err(|why| {
            let place = go_quote(&self.address.below(keyword).text());
            SchemaError::new(format!("invalid regex {} at {place}: {why}", go_quote(source)))
        })
    }

    fn flag(&self, keyword: &str) -> Option<bool> {
        self.object.get(keyword).and_then(Json::as_bool)
    }

    fn text(&self, keyword: &str) -> Option<&str> {
        self.object.get(keyword).and_then(Json::as_str)
    }

    fn number(&self, keyword: &str) -> Option<Number> {
        match self.object.get(keyword) {
            Some(Json::Number(number)) => Some(number.clone()),
            _ => None,
        }
    }

    fn count(&self, keyword: &str) -> Option<usize> {
        self.number(keyword)?.value?.to_usize()
    }
}

fn strings(items: &[Json]) -> Vec<String> {
    items.iter().filter_map(Json::as_str).map(str::to_owned).collect()
}

/// Compiles an expression as Go does; the error is Go's text.
pub(super) fn regex(source: &str) -> Result<Program, String> {
    Program::compile(source.as_bytes()).map_err(|error| match error {
        CompileError::Syntax(text) => String::from_utf8_lossy(&text).into_owned(),
        CompileError::TooLarge => "expression is too large".to_owned(),
    })
}
