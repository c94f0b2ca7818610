//! Whatever is written, there is an answer.

use std::path::Path;

use maskd_config::{Config, ConfigErrors, reference};
use proptest::prelude::*;

use crate::support::{ALL, environment};

/// Loads it and looks at everything that is said; `Table` would be a fault of the crate.
fn answer(text: &str, variables: &[(&str, &str)]) {
    match Config::parse(text, Path::new("x.toml"), &environment(variables), &ALL) {
        Ok(loaded) => assert!(!format!("{loaded:?}").is_empty()),
        Err(ConfigErrors::Findings(findings)) => {
            assert!(!findings.is_empty() && findings.iter().all(|finding| !finding.accepted.is_empty()));
            for finding in &findings {
                assert!(!finding.to_string().contains(['\n', '\r', '\u{1b}']), "more than a line: {finding:?}");
            }
        }
        Err(other) => panic!("{other:?}"),
    }
}

fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        any::<i64>().prop_map(|number| number.to_string()),
        any::<f64>().prop_map(|number| format!("{number:?}").replace("NaN", "nan")),
        any::<bool>().prop_map(|value| value.to_string()),
        any::<String>().prop_map(|text| toml_text(&text)),
        Just("1979-05-27T07:32:00Z".to_owned()),
        prop::sample::select(vec![
            "'rtsp'",
            "'mqtt'",
            "'zenoh'",
            "'file'",
            "'block'",
            "'a'",
            "'scene://?seed=1'",
            "'-'"
        ])
        .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(", "))),
            prop::collection::btree_map(key(), inner, 0..4).prop_map(|entries| {
                let entries: Vec<String> = entries.iter().map(|(key, value)| format!("{key} = {value}")).collect();
                format!("{{{}}}", entries.join(", "))
            }),
        ]
    })
}

fn toml_text(text: &str) -> String {
    // JSON's escapes are TOML's, but for DEL.
    serde_json::to_string(text).unwrap().replace('\u{7f}', "")
}

fn key() -> impl Strategy<Value = String> {
    let known = [
        "kind",
        "name",
        "source",
        "streams",
        "policy",
        "queue",
        "prompt",
        "object",
        "box",
        "points",
        "mask",
        "frame",
        "listen",
        "token_env",
        "token_file",
        "tls_key",
        "origins",
        "source_schemes",
        "source_roots",
        "to",
        "directory",
        "level",
        "enabled",
        "user_env",
        "password_env",
        "qos",
        "stall_s",
        "quota_bytes",
        "x",
    ];
    prop_oneof![
        9 => prop::sample::select(known.to_vec()).prop_map(str::to_owned),
        1 => any::<String>().prop_map(|text| toml_text(&text)),
    ]
}

fn section() -> impl Strategy<Value = String> {
    let headers = ["[http]", "[model]", "[[stream]]", "[[stream.prompt]]", "[[sink]]", "[log]", "[stream]", "[x]"];
    let entries = prop::collection::vec((key(), value()), 0..6);
    (prop::sample::select(headers.to_vec()), entries).prop_map(|(header, entries)| {
        let lines: Vec<String> = entries.iter().map(|(key, value)| format!("{key} = {value}\n")).collect();
        format!("{header}\n{}", lines.concat())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_answered(text in any::<String>()) {
        answer(&text, &[]);
    }

    #[test]
    fn any_shape_is_answered(sections in prop::collection::vec(section(), 0..6), value in any::<String>()) {
        let variables = [("MASKD__SINK__A__TO", value.as_str()), ("MASKD__MODEL__THREADS", value.as_str())];
        answer(&sections.concat(), &variables);
        answer(&sections.concat(), &[]);
    }

    #[test]
    fn a_damaged_reference_is_answered(at in any::<prop::sample::Index>(), byte in any::<char>()) {
        let text = reference();
        let mut characters: Vec<char> = text.chars().collect();
        *at.get_mut(&mut characters) = byte;
        answer(&characters.iter().collect::<String>(), &[]);
    }

    #[test]
    fn any_value_of_a_variable_is_answered(value in any::<String>()) {
        for name in ["MASKD__MODEL__THREADS", "MASKD__HTTP__LISTEN", "MASKD__STREAM__YARD__SOURCE", "MASKD__SINK__FILE__QUOTA_BYTES"] {
            answer(&reference(), &[(name, value.as_str())]);
        }
    }
}

#[test]
fn depth_is_limited() {
    answer(&format!("a = {}1{}", "[".repeat(100_000), "]".repeat(100_000)), &[]);
    answer(&format!("[{}]", vec!["a"; 50_000].join(".")), &[]);
}
