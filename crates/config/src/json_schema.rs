use serde_json::{Map, Value, json};

use crate::schema::{Format, Key, Kind, Presence, ROOT, SINK_KINDS, Section, SinkKind};

/// The JSON Schema (draft 2020-12) of the configuration, for editors. It accepts every file that [`Config::load`] accepts; what holds
/// between keys is not in it.
///
/// [`Config::load`]: crate::Config::load
pub fn json_schema() -> Value {
    let mut schema = table(&ROOT, &[]);
    if let Value::Object(map) = &mut schema {
        map.insert("$schema".into(), "https://json-schema.org/draft/2020-12/schema".into());
        map.insert("title".into(), "Configuration of the maskd daemon".into());
    }
    schema
}

fn section(section: &Section) -> Value {
    let one = if section.by_kind { by_kind(section) } else { table(section, &[]) };
    let mut value = if section.many { json!({ "type": "array", "items": one }) } else { one };
    describe(&mut value, section.docs);
    value
}

fn by_kind(section: &Section) -> Value {
    let kinds: Vec<Value> = SINK_KINDS.iter().map(|kind| one_kind(section, kind)).collect();
    json!({ "oneOf": kinds })
}

fn one_kind(section: &Section, kind: &SinkKind) -> Value {
    let mut value = table(section, kind.keys);
    if let Some(tag) = value.pointer_mut("/properties/kind") {
        *tag = json!({ "const": kind.name });
    }
    describe(&mut value, kind.docs);
    value
}

fn table(section_of: &Section, more: &[Key]) -> Value {
    let keys = || section_of.keys.iter().chain(more);
    let mut properties: Map<String, Value> = keys().map(|key| (key.name.into(), property(key))).collect();
    properties.extend(section_of.sections.iter().map(|inner| (inner.name.into(), section(inner))));
    let required: Vec<&str> =
        keys().filter(|key| matches!(key.presence, Presence::Required { .. })).map(|key| key.name).collect();
    json!({ "type": "object", "additionalProperties": false, "properties": properties, "required": required })
}

fn property(key: &Key) -> Value {
    let mut value = kind_schema(&key.kind);
    describe(&mut value, &format!("{} Accepted: {}.", key.docs, key.accepted()));
    if let (Presence::Default(text), Value::Object(map)) = (key.presence, &mut value)
        && let Some(default) = default(key, text)
    {
        map.insert("default".into(), default);
    }
    value
}

fn default(key: &Key, text: &str) -> Option<Value> {
    let table: toml::Table = toml::from_str(&format!("{} = {text}", key.name)).ok()?;
    serde_json::to_value(table.get(key.name)?).ok()
}

fn describe(value: &mut Value, docs: &str) {
    if let Value::Object(map) = value {
        map.insert("description".into(), docs.into());
    }
}

fn kind_schema(kind: &Kind) -> Value {
    let numbers =
        |count: usize| json!({ "type": "array", "items": { "type": "number" }, "minItems": count, "maxItems": count });
    match kind {
        Kind::Bool => json!({ "type": "boolean" }),
        Kind::Integer { least, most, step } => {
            json!({ "type": "integer", "minimum": least, "maximum": most, "multipleOf": step })
        }
        Kind::Number { least, most } => json!({ "type": "number", "minimum": least, "maximum": most }),
        Kind::Bytes { least } => json!({ "anyOf": [{ "type": "integer", "minimum": least }, { "type": "string" }] }),
        Kind::Word(words) => json!({ "enum": words }),
        Kind::Words(words) => json!({ "type": "array", "items": { "enum": words }, "uniqueItems": true }),
        Kind::Text(format) => text(format),
        Kind::Texts(format) => json!({ "type": "array", "items": text(format), "uniqueItems": true }),
        Kind::Points => json!({ "type": "array", "items": numbers(3) }),
        Kind::Edges => numbers(4),
    }
}

fn text(format: &Format) -> Value {
    match format.pattern {
        Some(pattern) => json!({ "type": "string", "pattern": pattern }),
        None => json!({ "type": "string", "minLength": 1 }),
    }
}
