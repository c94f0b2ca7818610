use maskd_config::{ChangedNames, Changes, Config};

use crate::support::{SMALL, good};

fn config(more: &str) -> Config {
    good(&format!("{more}\n{SMALL}"), &[]).config
}

#[test]
fn nothing_changes_by_itself() {
    assert!(Changes::between(&config(""), &config("# a comment")).is_empty());
    let camera = "[[stream]]\nname = 'c'\nsource = 'c.mp4'\n";
    let last = good(&format!("{SMALL}{camera}"), &[]).config;
    assert!(Changes::between(&config(camera), &last).is_empty(), "the order of streams means nothing");
}

#[test]
fn keys_say_whether_they_wait_for_a_restart() {
    let new = "log.level = 'debug'\nlog.format = 'json'\nmodel.device = 'cpu'\ntracking.keep_tracks_s = 1\nshutdown.drain_s = 3";
    let new = config(new);
    let changes = Changes::between(&config(""), &new);
    let keys: Vec<&str> = changes.keys.iter().map(|key| key.key.as_str()).collect();
    assert_eq!(keys, ["model.device", "tracking.keep_tracks_s", "log.level", "log.format", "shutdown.drain_s"]);
    assert_eq!(changes.restart_needed(), ["model.device", "log.format"]);
    assert_eq!((changes.streams, changes.sinks), (ChangedNames::default(), ChangedNames::default()));
}

#[test]
fn streams_and_sinks_change_by_name() {
    let stream = |name: &str, rest: &str| format!("[[stream]]\nname = '{name}'\nsource = '{name}.mp4'\n{rest}\n");
    let sink = |name: &str, rest: &str| format!("[[sink]]\nkind = 'ndjson'\nname = '{name}'\nto = '{name}'\n{rest}\n");
    let old = [stream("a", ""), stream("b", ""), stream("c", ""), sink("x", ""), sink("y", "")].concat();
    let prompt = "[[stream.prompt]]\nobject = 1\nbox = [0, 0, 5, 5]";
    let new =
        [stream("b", "repeat = true"), stream("c", prompt), stream("d", ""), sink("x", "queue = 3"), sink("z", "")];
    let changes = Changes::between(&config(&old), &config(&new.concat()));
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let streams = ChangedNames { added: names(&["d"]), removed: names(&["a"]), changed: names(&["b"]) };
    let sinks = ChangedNames { added: names(&["z"]), removed: names(&["y"]), changed: names(&["x"]) };
    assert_eq!((changes.streams, changes.prompts, changes.sinks), (streams, names(&["c"]), sinks));
    assert!(changes.keys.is_empty());
}

#[test]
fn a_new_password_in_an_address_is_a_change() {
    let camera = |password: &str| config(&format!("[[stream]]\nname = 'c'\nsource = 'rtsp://u:{password}@cam/'"));
    assert_eq!(Changes::between(&camera("a"), &camera("b")).streams.changed, ["c"]);
}
