//! The configuration is edited again and again while frames flow: well, badly, and while an edit is still being carried out.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use super::dice::Dice;
use super::film::{FOLLOWED, assert_followed, camera, camera_stream, fit_scene, ids};
use super::{BASE, Daemon, endless, frames, get, lines, lines_sink, pace, scene_stream, states};
use crate::util::Folder;

const EDITS: u32 = 30;
/// Milliseconds from an edit to the next.
const PAUSE: u64 = 400;

/// What may be in the configuration besides what stays.
#[derive(Clone, Copy, Default)]
struct Extras {
    streams: [bool; 2],
    /// Where the prompt of the first of them lies.
    shift: u64,
    sinks: [bool; 2],
}

impl Extras {
    /// Changes one thing.
    fn edit(&mut self, dice: &mut Dice) {
        match dice.below(5) {
            index @ (0 | 1) => self.streams[index as usize] ^= true,
            2 => self.shift = dice.below(40),
            index => self.sinks[index as usize - 3] ^= true,
        }
    }

    fn names(self) -> BTreeSet<String> {
        let extra = ["guest", "other"].into_iter().zip(self.streams).filter(|(_, is_there)| *is_there);
        extra.map(|(name, _)| name).chain(["file", "cam"]).map(str::to_owned).collect()
    }

    fn toml(self, folder: &Folder) -> String {
        let mut text = String::new();
        if self.streams[0] {
            let shift = self.shift;
            text += &format!("[[stream]]\nname = \"guest\"\nsource = \"{}\"\n", endless(3));
            text += &format!("[[stream.prompt]]\nobject = 1\nbox = [{shift}, 10, {}, 90]\n", shift + 50);
        }
        if self.streams[1] {
            text += &scene_stream("other", &endless(5));
        }
        for (index, _) in self.sinks.iter().enumerate().filter(|(_, is_there)| **is_there) {
            let name = format!("extra{index}");
            text += &lines_sink(&name, &folder.name(&name), "latest");
        }
        text
    }
}

/// A way in which people, or the tools that write files for them, get it wrong.
fn spoil(text: &str, dice: &mut Dice) -> String {
    match dice.below(4) {
        // Saved in part.
        0 => text[..text.len() / 2].trim_end_matches(|c| c != '=').to_owned(),
        1 => text.replace("source", "sauce"),
        2 => text.replace("ndjson", "ndjsun"),
        _ => text.replacen("[[sink]]", "[[stream]]", 1),
    }
}

fn names(address: std::net::SocketAddr) -> BTreeSet<String> {
    let health: Value = serde_json::from_str(&get(address, "/healthz").1).unwrap();
    let streams = health["streams"].as_array().unwrap().iter();
    streams.map(|stream| stream["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn edits_touch_nothing_but_what_they_are_about() {
    let (folder, camera) = (Folder::new(), camera());
    let to = folder.name("lines.ndjson");
    let stays = BASE.to_owned()
        + &scene_stream("file", FOLLOWED)
        + &camera_stream(&camera)
        + &lines_sink("lines", &to, "drop_oldest")
        + "streams = [\"file\", \"cam\"]\n";
    let mut daemon = Daemon::start(&folder, &stays, &[]);
    let http = daemon.http();
    daemon
        .wait("frames", |_| ["file", "cam"].iter().all(|stream| frames(&lines(&to), stream).len() > 10).then_some(()));

    let (mut dice, mut extras, mut refused) = (Dice::new(3), Extras::default(), 0);
    let began = pace::now();
    for edit in 0..EDITS {
        let mut next = extras;
        next.edit(&mut dice);
        let text = stays.clone() + &next.toml(&folder);
        if edit % 3 == 1 {
            folder.file("maskd.toml", spoil(&text, &mut dice));
            refused += 1;
        } else {
            folder.file("maskd.toml", text);
            extras = next;
        }
        daemon.signal("-HUP");
        // The next one may come before this one is done, but no two at once: a signal that waits swallows another.
        let told = |log: &str| log.matches("reading the configuration anew").count() as u32;
        daemon.wait("the edit is read", |daemon| (told(&daemon.log()) == edit + 1).then_some(()));
        std::thread::sleep(Duration::from_millis(dice.below(PAUSE)));
    }
    // The last word is a good one.
    folder.file("maskd.toml", stays.clone() + &extras.toml(&folder));
    daemon.signal("-HUP");
    daemon.wait("what the last edit says", |_| (names(http) == extras.names()).then_some(()));
    let trouble = began..pace::now();
    let log = daemon.log();
    assert_eq!(log.matches("the configuration stays as it was").count(), refused, "{log}");
    assert!(!log.contains("with the next start only") && !log.contains("cannot be used"), "{log}");
    assert_followed(&camera, &frames(&lines(&to), "cam"), &[1, 2]);
    daemon.terminate();

    let written = lines(&to);
    pace::assert_kept_beside_others(&written, "file", &trouble);
    fit_scene(FOLLOWED, frames(&written, "file").last().unwrap()).assert_good(&[1, 2]);
    for stream in ["file", "cam"] {
        assert!(frames(&written, stream).iter().all(|line| ids(line) == [1, 2]), "{stream}");
        assert_eq!(states(&written, stream), ["live", "ended"], "a stream that did not change was touched");
    }
}
