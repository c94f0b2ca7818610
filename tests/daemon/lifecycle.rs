//! Configuration under traffic, ends of all kinds, and what comes back after them.

use std::fs;

use super::film::{FOLLOWED, fit_scene};
use super::{BASE, Daemon, endless, events, frames, lines, lines_sink, pace, scene_stream, states};
use crate::util::Folder;

#[test]
fn a_new_configuration_touches_only_what_differs() {
    let folder = Folder::new();
    let (one, two) = (folder.name("one.ndjson"), folder.name("two.ndjson"));
    let (a, b) = (scene_stream("a", &endless(7)), scene_stream("b", &endless(3)));
    let first = BASE.to_owned() + &a + &lines_sink("one", &one, "drop_oldest");
    let mut daemon = Daemon::start(&folder, &first, &[]);
    daemon.wait("frames", |_| (frames(&lines(&one), "a").len() > 5).then_some(()));

    let second =
        BASE.to_owned() + &a + &b + &lines_sink("one", &one, "drop_oldest") + &lines_sink("two", &two, "drop_oldest");
    folder.file("maskd.toml", &second);
    daemon.signal("-HUP");
    daemon.wait("the new stream in both sinks", |_| {
        [&one, &two].iter().all(|to| frames(&lines(to), "b").len() > 3).then_some(())
    });
    assert_eq!(states(&lines(&one), "a"), ["live"], "a stream that did not change was touched");
    assert_eq!(states(&lines(&two), "a"), ["live"], "a sink that comes later is told how the streams are");

    folder.file("maskd.toml", second.replace("[[sink]]", "[[sync]]"));
    daemon.signal("-HUP");
    daemon.wait("the complaint", |daemon| daemon.log().contains("the configuration stays as it was").then_some(()));
    let (seen, began) = (frames(&lines(&two), "b").len(), pace::now());
    daemon.wait("frames as before", |_| (frames(&lines(&two), "b").len() > seen + 3).then_some(()));

    folder.file("maskd.toml", BASE.to_owned() + &b + &lines_sink("two", &two, "drop_oldest"));
    daemon.signal("-HUP");
    daemon.wait("the end of what was taken out", |_| {
        let ended = events(&lines(&two), "a").iter().filter(|(_, kind)| kind == "end").count();
        (ended == 2).then_some(())
    });
    let (seen, gone) = (frames(&lines(&two), "b").len(), lines(&one).len());
    daemon.wait("frames of what stayed", |_| (frames(&lines(&two), "b").len() > seen + 3).then_some(()));
    assert_eq!(lines(&one).len(), gone, "a sink that was taken out still writes");
    assert_eq!(states(&lines(&two), "a"), ["live", "ended"], "nobody was told that the stream is gone");
    pace::assert_kept(&lines(&two), "b", &(began..pace::now()));
    daemon.terminate();
}

#[test]
fn tracks_come_back_after_kill_9() {
    let folder = Folder::new();
    let to = folder.name("lines.ndjson");
    let state = format!("[state]\ndirectory = \"{}\"\n", folder.name("state"));
    let config = BASE.to_owned() + &state + &scene_stream("a", FOLLOWED) + &lines_sink("lines", &to, "drop_oldest");
    let mut first = Daemon::start(&folder, &config, &[]);
    first.wait("frames and a saved track", |_| {
        let saved = fs::exists(folder.at("state/a.tracks")).unwrap();
        (saved && frames(&lines(&to), "a").len() > 5).then_some(())
    });
    first.signal("-KILL");
    first.end();
    let before = lines(&to);
    let mut second = Daemon::start(&folder, &config, &[]);
    second.wait("frames", |_| (frames(&lines(&to)[before.len()..], "a").len() > 5).then_some(()));
    let after = frames(&lines(&to)[before.len()..], "a");
    let objects = after[0]["objects"].as_array().unwrap();
    let states: Vec<_> = objects.iter().map(|object| (object["id"].clone(), object["state"].clone())).collect();
    // Prompted anew they would be visible, or not be there before their prompt.
    assert!(states.iter().any(|(_, state)| state == "visible" || state == "reacquired"), "{states:?}");
    assert_eq!(states.iter().map(|(id, _)| id.as_u64().unwrap()).collect::<Vec<_>>(), [1, 2]);
    assert!(!events(&lines(&to)[before.len()..], "a").iter().any(|(_, kind)| kind == "update"));
    let area = |line: &serde_json::Value, index: usize| line["objects"][index]["area"].as_f64().unwrap();
    let then = frames(&before, "a");
    for index in 0..2 {
        let ratio = area(&after[0], index) / area(&then[0], index);
        assert!((0.7..1.4).contains(&ratio), "object {index} came back {ratio} times as large");
    }
    fit_scene(FOLLOWED, &after[0]).assert_good(&[1, 2]);
    second.terminate();
}

#[test]
fn a_second_signal_ends_at_once() {
    let folder = Folder::new();
    let config =
        BASE.to_owned() + &scene_stream("a", &endless(7)) + &lines_sink("lines", &folder.name("l"), "drop_oldest");
    let mut daemon = Daemon::start(&folder, &config, &[]);
    daemon.http();
    daemon.signal("-TERM");
    daemon.signal("-TERM");
    assert!(daemon.end().1.as_secs_f64() < 5.5);
}
