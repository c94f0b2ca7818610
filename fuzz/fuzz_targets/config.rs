//! The configuration file, which also reads what is sent to add a stream.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use maskd_config::{Config, ConfigErrors, Environment, LoadOptions};

fuzz_target!(|text: &str| {
    let environment = Environment::from_iter([] as [(String, String); 0]);
    // Secrets stand in the environment and in files, which are not what is tried here.
    let options = LoadOptions { skip_secrets: true, ..LoadOptions::default() };
    match Config::parse(text, Path::new("/etc/maskd.toml"), &environment, &options) {
        Ok(loaded) => assert!(loaded.config.streams.iter().all(|stream| !stream.name.is_empty())),
        Err(ConfigErrors::Findings(findings)) => {
            assert!(!findings.is_empty());
            assert!(findings.iter().all(|finding| !finding.to_string().is_empty()));
        }
        // The table of keys lets nothing through that the configuration cannot hold.
        Err(error) => panic!("{error}"),
    }
});
