//! The daemon is killed again and again: what is on the disk stays whole, and tracks come back.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use safetensors::SafeTensors;
use serde_json::Value;

use super::dice::Dice;
use super::film::{fit_scene, ids};
use super::{BASE, Daemon, endless, frames, lines_sink, scene_stream};
use crate::util::{Folder, list};

const ROUNDS: u64 = 9;

/// How long to watch for the moment in which tracks are being saved.
const WATCH: Duration = Duration::from_secs(2);

/// Half a line, as a power cut leaves it.
const TORN: &str = "{\"stream\":\"a\",\"frame\":7,\"pts";

/// Two objects from frame 3 on, of which every round says the same, so that they come back; and a third that each round speaks of
/// anew on every frame, so that tracks are saved all the time.
fn stream(round: u64) -> String {
    let mut text = scene_stream("a", &endless(7)).replace("name = \"thing", "frame = 3\nname = \"thing");
    for frame in 0..400 {
        text += &format!("[[stream.prompt]]\nobject = 3\nframe = {frame}\npoints = [[{}, 20, 1]]\n", 20 + round);
    }
    text
}

/// What is there of whole lines, each of which can be read.
fn whole(path: &str) -> (String, Vec<Value>) {
    let mut text = fs::read_to_string(path).unwrap_or_default();
    text.truncate(text.rfind('\n').map_or(0, |end| end + 1));
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (text, lines)
}

/// The objects in the file of a stream; there is none before anything has been saved.
fn saved(path: &Path) -> BTreeSet<u64> {
    let Ok(bytes) = fs::read(path) else { return BTreeSet::new() };
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    tensors.names().iter().map(|name| name.split('/').next().unwrap().parse().unwrap()).collect()
}

fn is_saving(state: &Path) -> bool {
    list(state).iter().any(|name| name.starts_with("unfinished-"))
}

/// Lets the daemon live until a moment of the round: any one since its start, any one since its first frame, or while it saves tracks.
/// Whether it was saving them.
fn live(daemon: &mut Daemon, round: u64, dice: &mut Dice, has_begun: impl Fn() -> bool, state: &Path) -> bool {
    if round % 3 == 1 {
        std::thread::sleep(Duration::from_millis(dice.below(600)));
        return false;
    }
    daemon.wait("a frame", |_| has_begun().then_some(()));
    std::thread::sleep(Duration::from_millis(dice.below(1200)));
    let start = Instant::now();
    while round % 3 == 2 && start.elapsed() < WATCH {
        if is_saving(state) {
            return true;
        }
    }
    false
}

/// Nothing was found damaged and nothing could not be done.
fn assert_content(log: &str) {
    for complaint in ["not taken back", "cannot be read", "cannot be saved", "ERROR"] {
        assert!(!log.contains(complaint), "{complaint}: {log}");
    }
}

#[test]
fn tracks_and_lines_survive_kill_9_at_any_moment() {
    let folder = Folder::new();
    let (to, state) = (folder.name("lines.ndjson"), folder.at("state"));
    let base = BASE.to_owned() + &format!("[state]\ndirectory = {state:?}\n");
    let (mut dice, mut came_back, mut cut_while_saving) = (Dice::new(1), 0, 0);
    for round in 0..ROUNDS {
        let (before, kept) = (whole(&to), saved(&state.join("a.tracks")));
        File::options().append(true).create(true).open(&to).unwrap().write_all(TORN.as_bytes()).unwrap();
        let config = base.clone() + &stream(round) + &lines_sink("lines", &to, "drop_oldest");
        let mut daemon = Daemon::start(&folder, &config, &[]);
        let begun = || whole(&to).1.len() > before.1.len() + 8;
        cut_while_saving += u32::from(live(&mut daemon, round, &mut dice, begun, &state));
        daemon.kill();
        assert_content(&daemon.log());

        let after = whole(&to);
        assert!(after.0.starts_with(&before.0), "round {round}: what was written is not there any more");
        let new = frames(&after.1[before.1.len()..], "a");
        let Some(first) = new.first() else { continue };
        assert_eq!(first["frame"], 0);
        let expected: BTreeSet<u64> = kept.into_iter().chain([3]).collect();
        assert_eq!(ids(first), expected.iter().copied().collect::<Vec<_>>(), "round {round}");
        if expected.len() == 3 {
            println!("round {round}: {:?}", fit_scene(&endless(7), first));
            fit_scene(&endless(7), first).assert_good(&[1, 2]);
            came_back += 1;
        }
    }
    println!("tracks came back {came_back} times; {cut_while_saving} kills while they were saved");
    assert!(came_back >= ROUNDS / 3, "only {came_back} restarts lived for long enough to see tracks");
    assert!(saved(&state.join("a.tracks")).is_superset(&BTreeSet::from([1, 2])));

    let config = base + &stream(ROUNDS) + &lines_sink("lines", &to, "drop_oldest");
    let mut last = Daemon::start(&folder, &config, &[]);
    last.http();
    assert_eq!(list(&state).iter().filter(|name| *name != "a.tracks" && !name.starts_with("unfinished-")).count(), 0);
    last.terminate();
    assert_eq!(list(&state), ["a.tracks"], "what killed runs were writing is left");
    let text = fs::read_to_string(&to).unwrap();
    assert!(text.ends_with('\n') && text.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()));
    assert_content(&last.log());
}
