use std::time::{Duration, Instant};

use maskd_output::rtsp::RtspSink;
use maskd_output::{Sink, overlay};
use maskd_types::{CaptureTime, Notice, SourceState, StreamStatus};

use crate::player::{Player, difference, ffmpeg_is_missing};
use crate::show::{Show, config, frames};

const SIZE: [usize; 2] = [640, 360];

fn status(state: SourceState) -> Notice {
    let since = CaptureTime::now();
    Notice::Status(StreamStatus { stream: "test".into(), state, reason: None, since, removed: false })
}

/// The bytes of the lower left corner, where the text stands, and of all rows above.
fn parts(picture: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let (above, below) = picture.split_at((SIZE[1] - 20) * SIZE[0] * 3);
    (below.chunks_exact(SIZE[0] * 3).flat_map(|row| row[..300 * 3].to_vec()).collect(), above.to_vec())
}

#[test]
fn a_lost_source_shows_its_last_frame_and_the_time() {
    if ffmpeg_is_missing() {
        return;
    }
    let frame = frames("640x360").remove(0);
    let mut sink = RtspSink::create(config()).unwrap();
    sink.write(&frame).unwrap();
    let url = format!("rtsp://{}{}", sink.address().unwrap(), RtspSink::path("test"));
    let mut player = Player::ffmpeg(&url, SIZE, "tcp");
    let live = parts(&player.picture().unwrap());
    let drawn = parts(overlay::draw(&frame).pixels().as_flattened());
    assert!(difference(&live.0, &drawn.0) < 10.0, "there is a signal");

    sink.notice(&status(SourceState::Stalled)).unwrap();
    let start = Instant::now();
    let mut lost = Vec::new();
    // Ten a second for the three seconds after a player has come, one a second from then on.
    while lost.len() < 4 || start.elapsed() < Duration::from_secs(6) {
        let picture = parts(&player.picture().expect("players stay"));
        assert!(start.elapsed() < Duration::from_secs(30), "no signal, and nothing says so");
        if difference(&picture.0, &drawn.0) > 20.0 {
            assert!(difference(&picture.1, &drawn.1) < 10.0, "the last frame stays");
            lost.push(picture.0);
        }
    }
    assert!((5..60).contains(&lost.len()), "{} pictures in six seconds", lost.len());
    let moved = lost.windows(2).map(|pair| difference(&pair[0], &pair[1])).fold(0.0, f64::max);
    assert!(moved > 0.3, "the clock stands still: {moved}");

    let show = Show::resume(sink, vec![frame]);
    let start = Instant::now();
    while difference(&parts(&player.picture().unwrap()).0, &drawn.0) > 10.0 {
        assert!(start.elapsed() < Duration::from_secs(30), "the text stays though the source is back");
    }
    drop(show);
}

#[test]
fn a_stream_that_never_came_is_there() {
    if ffmpeg_is_missing() {
        return;
    }
    let mut sink = RtspSink::create(config()).unwrap();
    sink.notice(&status(SourceState::Connecting)).unwrap();
    let url = format!("rtsp://{}{}", sink.address().unwrap(), RtspSink::path("test"));
    let start = Instant::now();
    let mut player = Player::ffmpeg(&url, SIZE, "tcp");
    let picture = player.picture().unwrap_or_else(|| panic!("no picture"));
    assert!(start.elapsed() < Duration::from_secs(8), "a player takes {:?} to begin", start.elapsed());
    let (corner, above) = parts(&picture);
    assert!(corner.iter().any(|byte| *byte > 180) && above.iter().all(|byte| *byte < 60));
}
