use std::time::{Duration, Instant};

use maskd_output::Sink;
use maskd_output::rtsp::{RtspConfig, RtspSink};

use crate::client::Client;
use crate::player::{Player, ffmpeg_is_missing};
use crate::show::{STEP, Show, config, frames};

/// Far above what drawing takes, far below what waiting for a stuck player would take.
const PROMPT: Duration = Duration::from_millis(500);

#[test]
fn a_player_that_never_reads_holds_nobody_up() {
    if ffmpeg_is_missing() {
        return;
    }
    // Large pictures fill the socket of whoever does not read in no time.
    let show = Show::start(RtspConfig { quality: 1, max_bitrate_kbit_s: 100_000, ..config() }, frames("640x360"));
    let stuck: Vec<Client> = (0..3).map(|_| Client::play(&show.url)).collect();
    let mut player = Player::ffmpeg(&show.url, [640, 360], "tcp");
    assert!(player.picture().is_some(), "{}", player.complaint());
    let start = Instant::now();
    let mut longest = Duration::ZERO;
    let mut seen = 0;
    while start.elapsed() < Duration::from_secs(8) {
        let before = Instant::now();
        assert!(player.picture().is_some(), "the player that reads was dropped");
        longest = longest.max(before.elapsed());
        seen += 1;
    }
    let dropped = show.stats.dropped();
    let slowest = show.stop();
    println!("{seen} pictures in 8 s, longest wait {longest:?}, slowest write {slowest:?}, {dropped} dropped");
    assert!(slowest < PROMPT, "a write took {slowest:?}");
    assert!(seen > 8000 / STEP.as_millis() / 2, "{seen} pictures in 8 s");
    drop(stuck);
}

#[test]
fn what_the_encoder_cannot_take_is_dropped_and_counted() {
    if ffmpeg_is_missing() {
        return;
    }
    let frames = frames("640x360");
    let mut sink = RtspSink::create(config()).unwrap();
    sink.write(&frames[0]).unwrap();
    let url = format!("rtsp://{}{}", sink.address().unwrap(), RtspSink::path("test"));
    let mut player = Player::ffmpeg(&url, [640, 360], "tcp");
    assert!(player.picture().is_some(), "{}", player.complaint());
    // Nobody pauses here: drawing alone is far quicker than encoding.
    let start = Instant::now();
    while sink.stats().dropped() < 10 {
        assert!(start.elapsed() < Duration::from_secs(30), "nothing is dropped");
        for frame in &frames {
            let before = Instant::now();
            sink.write(frame).unwrap();
            assert!(before.elapsed() < PROMPT);
        }
    }
    assert!(player.picture().is_some(), "the player stays");
}
