//! The JSON Schema accepts what the program accepts, looked at by a small validator of the words that it uses.

use serde_json::{Value, json};

use crate::shipped::{configurations, read};
use crate::support::{SMALL, good};

/// Everything in `value` that `schema` does not accept.
fn faults(schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (word, expected) in schema.as_object().unwrap() {
        found.extend(word_faults(schema, word, expected, value, at));
    }
    found
}

fn word_faults(schema: &Value, word: &str, expected: &Value, value: &Value, at: &str) -> Vec<String> {
    let holds = |condition: bool| if condition { vec![] } else { vec![format!("{at}: {word} {expected}")] };
    let length = value.as_array().map_or(0, Vec::len);
    match word {
        "$schema" | "title" | "description" | "default" => vec![],
        "type" => holds(match expected.as_str().unwrap() {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "boolean" => value.is_boolean(),
            "integer" => value.is_i64(),
            "number" => value.is_number(),
            other => panic!("{other}"),
        }),
        "const" => holds(value == expected),
        "enum" => holds(expected.as_array().unwrap().contains(value)),
        "minimum" => holds(value.as_f64() >= expected.as_f64()),
        "maximum" => holds(value.as_f64() <= expected.as_f64()),
        "multipleOf" => holds(value.as_i64().is_some_and(|number| number % expected.as_i64().unwrap() == 0)),
        "minLength" => holds(value.as_str().is_some_and(|text| text.len() as u64 >= expected.as_u64().unwrap())),
        "minItems" => holds(length as u64 >= expected.as_u64().unwrap()),
        "maxItems" => holds(length as u64 <= expected.as_u64().unwrap()),
        "uniqueItems" => holds((1..length).all(|index| !value.as_array().unwrap()[..index].contains(&value[index]))),
        "required" => holds(expected.as_array().unwrap().iter().all(|key| value.get(key.as_str().unwrap()).is_some())),
        "additionalProperties" => {
            let known = schema["properties"].as_object().unwrap();
            holds(value.as_object().is_none_or(|table| table.keys().all(|key| known.contains_key(key))))
        }
        "properties" => {
            let inner =
                expected.as_object().unwrap().iter().filter_map(|(key, inner)| Some((key, inner, value.get(key)?)));
            inner.flat_map(|(key, inner, value)| faults(inner, value, &format!("{at}/{key}"))).collect()
        }
        "items" => {
            let items = value.as_array().into_iter().flatten().enumerate();
            items.flat_map(|(index, item)| faults(expected, item, &format!("{at}/{index}"))).collect()
        }
        "anyOf" => holds(expected.as_array().unwrap().iter().any(|one| faults(one, value, at).is_empty())),
        "oneOf" => {
            holds(expected.as_array().unwrap().iter().filter(|one| faults(one, value, at).is_empty()).count() == 1)
        }
        // Regular expressions are looked at by `patterns_are_anchored`.
        "pattern" => holds(value.is_string()),
        other => panic!("the validator does not know {other}"),
    }
}

fn check(text: &str) -> Vec<String> {
    let value: toml::Table = toml::from_str(text).unwrap();
    faults(&maskd_config::json_schema(), &serde_json::to_value(value).unwrap(), "")
}

#[test]
fn the_shipped_configurations_are_right_by_the_schema() {
    for name in configurations() {
        assert_eq!(check(&read(&name)), Vec::<String>::new(), "{name}");
    }
    assert_eq!(check(SMALL), Vec::<String>::new());
}

#[test]
fn what_is_wrong_is_wrong_by_the_schema() {
    for (text, at) in [
        ("http.listne = 'x'", "/http"),
        ("model.image_size = 1000", "/model/image_size"),
        ("log.level = 'loud'", "/log/level"),
        ("[[stream]]\nname = 'a'", "/stream/0"),
        ("[[stream]]\nname = 'a'\nsource = 'x'\nprompt = [{ object = 0 }]", "/stream/0/prompt/0/object"),
        ("[[sink]]\nkind = 'ndjson'\nname = 'a'\nbroker = 'mqtt://b'", "/sink/0"),
        ("[[sink]]\nkind = 'ndjson'\nname = 'a'\nstreams = ['x', 'x']", "/sink/0"),
    ] {
        let found = check(text);
        assert!(found.iter().any(|fault| fault.starts_with(at)), "{text}: {found:?}");
    }
}

#[test]
fn sizes_may_be_texts_by_the_schema_too() {
    let sink = |size: &str| format!("[[sink]]\nkind = 'file'\nname = 'a'\ndirectory = 'd'\nquota_bytes = {size}\n");
    for size in ["'1.5 GiB'", "5000000"] {
        good(&sink(size), &[]);
        assert!(check(&sink(size)).is_empty(), "{size}");
    }
    assert!(!check(&sink("true")).is_empty());
}

#[test]
fn patterns_are_anchored() {
    let mut patterns = Vec::new();
    collect(&maskd_config::json_schema(), &mut patterns);
    assert!(patterns.len() > 10 && patterns.iter().all(|pattern| pattern.starts_with('^')), "{patterns:?}");
}

fn collect(schema: &Value, patterns: &mut Vec<String>) {
    match schema {
        Value::Object(table) => {
            if let Some(Value::String(pattern)) = table.get("pattern") {
                patterns.push(pattern.clone());
            }
            table.values().for_each(|inner| collect(inner, patterns));
        }
        Value::Array(items) => items.iter().for_each(|inner| collect(inner, patterns)),
        _ => {}
    }
}

#[test]
fn the_schema_names_defaults_and_requirements() {
    let schema = maskd_config::json_schema();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(schema["properties"]["http"]["properties"]["listen"]["default"], "127.0.0.1:8710");
    assert_eq!(schema["properties"]["stream"]["items"]["required"], json!(["name", "source"]));
    assert_eq!(schema["properties"]["sink"]["items"]["oneOf"].as_array().unwrap().len(), 6);
}
