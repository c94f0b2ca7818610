//! A stream that is taken out while people watch it.

use std::sync::mpsc::channel;
use std::time::Duration;

use maskd_output::Sink;
use maskd_output::rtsp::RtspSink;
use maskd_types::{CaptureTime, Notice, SourceState, StreamStatus};

use crate::player::{Player, ffmpeg_is_missing};
use crate::show::{config, eventually, frames};

/// A player that is told of the end must not take longer to believe it.
const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn a_stream_that_is_taken_out_ends_for_its_players_and_leaves_nothing() {
    if ffmpeg_is_missing() {
        return;
    }
    let frame = frames("320x180").remove(0);
    let mut sink = RtspSink::create(config()).unwrap();
    let stats = sink.stats();
    let mut other = frame.clone();
    other.stream = "other".into();
    sink.write(&frame).unwrap();
    sink.write(&other).unwrap();
    let url = |stream: &str| format!("rtsp://{}{}", sink.address().unwrap(), RtspSink::path(stream));
    let (test, second) = (url("test"), url("other"));
    let (mut leaves, mut stays) =
        (Player::ffmpeg(&test, [320, 180], "tcp"), Player::ffmpeg(&second, [320, 180], "tcp"));
    assert!(leaves.picture().is_some() && stays.picture().is_some());
    assert_eq!(stats.encoders(), 2);

    let (since, reason) = (CaptureTime::now(), None);
    let gone = StreamStatus { stream: "test".into(), state: SourceState::Ended, reason, since, removed: true };
    sink.notice(&Notice::Status(gone)).unwrap();
    let (tell, ended) = channel();
    std::thread::spawn(move || {
        while leaves.picture().is_some() {}
        tell.send(()).unwrap();
    });
    ended.recv_timeout(PATIENCE).expect("the player waits for a stream that is gone");
    eventually("the end of its encoder", || stats.encoders() == 1);
    let mut late = Player::ffmpeg(&test, [320, 180], "tcp");
    assert!(late.picture().is_none(), "a stream that is gone is served");
    assert!(late.complaint().contains("404"));
    assert!((0..20).all(|_| stays.picture().is_some()), "the other stream ended too");

    // One of the same name begins anew.
    sink.write(&frame).unwrap();
    assert!(Player::ffmpeg(&test, [320, 180], "tcp").picture().is_some());
}
