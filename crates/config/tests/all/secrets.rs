use std::path::Path;

use maskd_config::*;

use crate::support::{SMALL, environment};

const CAMERA: &str = "[[stream]]\nname = 'c'\nsource = 'rtsp://cam'\nuser_env = 'CAM_USER'\npassword_env = 'CAM_PASSWORD'\n\
                      [[sink]]\nkind = 'mqtt'\nname = 'm'\nbroker = 'mqtt://b'\nuser_env = 'BROKER_USER'\npassword_env = 'EMPTY'\n";

fn load(variables: &[(&str, &str)], skip_secrets: bool) -> Result<Loaded, ConfigErrors> {
    let options = LoadOptions { skip_secrets, ..LoadOptions::default() };
    Config::parse(&format!("{SMALL}{CAMERA}"), Path::new("x.toml"), &environment(variables), &options)
}

#[test]
fn secrets_come_from_the_environment() {
    let set = [("CAM_USER", "admin"), ("CAM_PASSWORD", "hunter2"), ("BROKER_USER", "m"), ("EMPTY", "not now")];
    let loaded = load(&set, false).unwrap();
    let camera = &loaded.secrets.streams["c"];
    assert_eq!(camera.user.as_ref().unwrap().reveal(), "admin");
    assert_eq!(camera.password.as_ref().unwrap().reveal(), "hunter2");
    assert_eq!(loaded.secrets.sinks["m"].password.as_ref().unwrap().reveal(), "not now");
    assert!(!loaded.secrets.streams.contains_key("yard"));
    assert!(!format!("{loaded:?}").contains("hunter2"));
    assert_eq!(loaded.config.resolve_secrets(&environment(&set)).unwrap(), loaded.secrets);
}

#[test]
fn missing_variables_are_findings_unless_nobody_asks() {
    let set = [("CAM_USER", "admin"), ("EMPTY", ""), ("MASKD__HTTP__ENABLED", "maybe")];
    let errors = load(&set, false).unwrap_err();
    let found: Vec<String> =
        errors.findings().iter().map(|finding| format!("{} {}", finding.key, finding.found)).collect();
    let expected = [
        "stream.c.password_env \"CAM_PASSWORD\", a variable that is not set, or is no text",
        "sink.m.user_env \"BROKER_USER\", a variable that is not set, or is no text",
        "sink.m.password_env \"EMPTY\", a variable that is empty",
        "http.enabled \"maybe\"",
    ];
    assert_eq!(found, expected);
    assert!(errors.to_string().starts_with("x.toml:16:16: "), "{errors}");
    assert_eq!(load(&[], true).unwrap().secrets, Secrets::default());
    let later = load(&[], true).unwrap().config.resolve_secrets(&environment(&[])).unwrap_err();
    assert_eq!(later.findings().len(), 4);
}
