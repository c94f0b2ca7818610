use crate::support::{SMALL, good};

fn warnings(text: &str) -> Vec<String> {
    good(text, &[]).warnings.iter().map(|warning| warning.to_string().replace("/etc/maskd/", "")).collect()
}

/// Nobody can add anything later.
const ALONE: &str = "[http]\nenabled = false\n";

#[test]
fn what_is_probably_not_meant_is_said() {
    let camera = "[[stream]]\nname = 'c'\nsource = 'rtsp://u:hunter2@cam/'\nrepeat = true\n";
    let found = warnings(&format!("{SMALL}{camera}{ALONE}"));
    let [prompt, password, repeat] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!(prompt, "x.toml:12:1: warning: stream.c: there is no [[stream.prompt]], so nothing is tracked in it");
    assert!(password.starts_with("x.toml:14:10: warning: stream.c.source: there is a password"), "{password}");
    assert!(password.contains("password_env") && !password.contains("hunter2"), "{password}");
    assert_eq!(
        repeat,
        "x.toml:15:10: warning: stream.c.repeat: it does nothing: a camera has neither an end nor another pace"
    );
}

#[test]
fn without_the_control_api_an_empty_file_watches_nothing() {
    assert_eq!(
        warnings(ALONE),
        [
            "x.toml: warning: there is no [[stream]], so there is nothing to watch",
            "x.toml: warning: there is no [[sink]], so results go nowhere"
        ]
    );
}

#[test]
fn with_the_control_api_streams_prompts_and_viewers_may_come_later() {
    assert_eq!(warnings(""), [""; 0]);
    assert_eq!(warnings("[[stream]]\nname = 'c'\nsource = 'rtsp://cam/'\n"), [""; 0]);
}

#[test]
fn a_server_for_others_is_protected_and_warned_of() {
    let text = format!(
        "{SMALL}[[sink]]\nkind = 'rtsp'\nname = 'tv'\nlisten = '0.0.0.0:8554'\nuser_env = 'U'\npassword_env = 'P'\n\
         [[sink]]\nkind = 'zenoh'\nname = 'z'\nlisten = ['tcp/[::]:7447']\n"
    );
    let found = warnings(&text);
    assert!(found[0].contains("sink.tv.listen: RTSP does not encrypt"), "{found:#?}");
    assert!(found[1].contains("sink.z.listen: whoever reaches this port can read"), "{found:#?}");
}
