//! Players that come and go, in a process of their own, so that what is counted is theirs alone.

use std::process::Command;

use crate::client::Client;
use crate::show::{Show, config, eventually, frames};

#[test]
fn coming_and_going_leaves_nothing_behind() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", "leaks::players_come_and_go"])
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    println!("{text}");
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

fn count(directory: &str) -> usize {
    std::fs::read_dir(directory).unwrap().count()
}

#[test]
#[ignore = "counts the descriptors and threads of its process: coming_and_going_leaves_nothing_behind runs it alone"]
fn players_come_and_go() {
    let show = Show::start(config(), frames("160x90"));
    let visit = |players: usize| {
        let mut players: Vec<Client> = (0..players).map(|_| Client::play(&show.url)).collect();
        for player in &mut players {
            player.key_frame();
        }
        drop(players);
        eventually("the end of the encoder", || show.stats.encoders() == 0);
    };
    // GStreamer keeps some threads and pipes for later.
    (0..3).for_each(|_| visit(3));
    let before = [count("/proc/self/fd"), count("/proc/self/task")];
    (0..25).for_each(|round| visit(1 + round % 3));
    eventually("the end of the last threads", || count("/proc/self/task") <= before[1] + 2);
    let after = [count("/proc/self/fd"), count("/proc/self/task")];
    println!("descriptors and threads: {before:?} before, {after:?} after 25 rounds");
    assert!(after[0] <= before[0] + 4, "{before:?} {after:?}");
}
