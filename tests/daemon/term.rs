//! SIGTERM at any moment: the daemon ends soon and well, and what it wrote is whole.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use super::dice::Dice;
use super::film::{FOLLOWED, ids};
use super::{BASE, Daemon, frames, lines, lines_sink, scene_stream, states};
use crate::util::{Folder, frames_of, list};

const ROUNDS: u64 = 8;
/// Milliseconds after the start, of which the network takes some to load.
const LATEST: u64 = 2500;
/// Seconds: sinks have 5, and the machine may be busy.
const SOON: f64 = 8.0;

/// Whether the program has taken SIGTERM over: before that it is the system that ends it.
fn listens(process: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    caught.is_some_and(|mask| u64::from_str_radix(mask.trim(), 16).unwrap() & (1 << 14) != 0)
}

fn assert_whole(recordings: &Path) -> usize {
    let names = if recordings.exists() { list(recordings) } else { Vec::new() };
    for name in names.iter().filter(|name| name.ends_with("mp4")) {
        assert!(frames_of(&recordings.join(name)) > 0, "{name} does not play");
    }
    for name in names.iter().filter(|name| name.ends_with("ndjson")) {
        let text = fs::read_to_string(recordings.join(name)).unwrap();
        assert!(text.ends_with('\n') && text.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{name}");
    }
    assert!(names.iter().all(|name| name.ends_with("mp4") || name.ends_with("ndjson")), "{names:?}");
    names.len()
}

#[test]
fn sigterm_at_any_moment_ends_soon_and_leaves_whole_files() {
    let folder = Folder::new();
    let (mut dice, mut recorded) = (Dice::new(5), 0);
    for round in 0..ROUNDS {
        let (to, disk) = (folder.name(&format!("{round}.ndjson")), folder.at(&format!("disk{round}")));
        let recorder = format!(
            "[[sink]]\nkind = \"file\"\nname = \"disk\"\ndirectory = {disk:?}\ncontainer = \"mp4\"\nsegment_s = 1\n\
             reserve_bytes = 0\nndjson = true\n"
        );
        let config =
            BASE.to_owned() + &scene_stream("yard", FOLLOWED) + &lines_sink("lines", &to, "drop_oldest") + &recorder;
        let mut daemon = Daemon::start(&folder, &config, &[]);
        let process = daemon.id();
        daemon.wait("its handler", |_| listens(process).then_some(()));
        let moment = dice.below(LATEST);
        std::thread::sleep(Duration::from_millis(moment));
        let took = daemon.terminate().as_secs_f64();
        assert!(took < SOON, "round {round}: {took} s");
        let files = assert_whole(&disk.join("yard"));
        println!("after {moment} ms: {took:.2} s, {files} files");
        recorded += files;

        let written = lines(&to);
        let all = frames(&written, "yard");
        assert!(all.iter().all(|line| ids(line) == [1, 2]), "round {round}");
        assert!(
            all.windows(2).all(|pair| pair[0]["frame"].as_u64().unwrap() + 1 == pair[1]["frame"].as_u64().unwrap())
        );
        let text = fs::read_to_string(&to).unwrap_or_default();
        assert!(text.is_empty() || text.ends_with('\n'), "round {round}: the last line is torn");
        assert!(all.is_empty() || states(&written, "yard").last().is_some_and(|state| state == "ended"));
        assert!(!daemon.log().contains("ERROR") && !daemon.log().contains("still busy"), "{}", daemon.log());
    }
    assert!(recorded > 2, "no round came as far as a recording");
}
