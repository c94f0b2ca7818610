use std::process::Command;
use std::time::Duration;

use maskd_output::rtsp::{RtspConfig, RtspSink};
use maskd_output::{OutputError, Sink, overlay};
use maskd_types::TrackedFrame;

use crate::client::Client;
use crate::player::{Player, difference, ffmpeg_is_missing};
use crate::show::{Show, config, eventually, frames};

/// What of each frame ffprobe reads over some seconds.
fn probe(url: &str, seconds: u32, entries: &str) -> String {
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-rtsp_transport", "tcp", "-select_streams", "v", "-of", "csv=p=0"])
        .args(["-read_intervals", &format!("%+{seconds}"), "-show_entries", entries, url])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn ffprobe_reads_codec_size_and_times() {
    if ffmpeg_is_missing() {
        return;
    }
    let show = Show::start(config(), frames("320x180"));
    let stream = probe(&show.url, 1, "stream=codec_name,width,height,pix_fmt");
    assert_eq!(stream.trim(), "h264,320,180,yuv420p");
    let times = probe(&show.url, 3, "frame=pts_time");
    let times: Vec<f64> = times.lines().filter_map(|line| line.trim_matches(',').parse().ok()).collect();
    assert!(times.len() > 30, "{times:?}");
    assert!(times.windows(2).all(|pair| pair[0] < pair[1]), "{times:?}");
    let mean = (times.last().unwrap() - times[0]) / (times.len() - 1) as f64;
    assert!((0.03..0.08).contains(&mean), "{mean} s between frames that come every 40 ms");
}

/// How far a picture is from the most alike of the frames as they are drawn.
fn distance(picture: &[u8], frames: &[TrackedFrame]) -> f64 {
    let drawn = frames.iter().map(|frame| difference(picture, overlay::draw(frame).pixels().as_flattened()));
    drawn.fold(f64::MAX, f64::min)
}

#[test]
fn several_players_share_an_encoder_that_ends_with_them() {
    if ffmpeg_is_missing() {
        return;
    }
    let frames = frames("320x180");
    let show = Show::start(config(), frames.clone());
    assert_eq!(show.stats.encoders(), 0);
    let players = [
        Player::ffmpeg(&show.url, [320, 180], "tcp"),
        Player::gstreamer(&show.url, [320, 180]),
        Player::ffmpeg(&show.url, [320, 180], "udp"),
    ];
    let mut players = players.map(|mut player| {
        assert!(player.picture().is_some(), "{}", player.complaint());
        player
    });
    assert_eq!(show.stats.encoders(), 1);
    for player in &mut players {
        // Those that join late may show what they got before their first key frame.
        let mut far = || distance(&player.picture().unwrap(), &frames);
        let waited = (0..50).take_while(|_| far() > 8.0).count();
        assert!(waited < 15, "{waited} pictures before a good one");
        assert!((0..20).all(|_| far() < 8.0), "pictures are not what was drawn");
    }
    drop(players);
    eventually("the end of the encoder", || show.stats.encoders() == 0);
    let mut again = Player::ffmpeg(&show.url, [320, 180], "tcp");
    assert!(again.picture().is_some(), "{}", again.complaint());
}

#[test]
fn whoever_joins_waits_for_a_key_frame_at_most() {
    let config = RtspConfig { key_frame_interval: Duration::from_secs(2), ..config() };
    let show = Show::start(config, frames("320x180"));
    let mut first = Client::play(&show.url);
    let mut before = first.key_frame();
    for _ in 0..3 {
        let after = first.key_frame();
        let gap = after - before;
        assert!(gap < Duration::from_millis(2500), "{gap:?} between key frames");
        before = after;
    }
    let mut late = Client::play(&show.url);
    let (wait, played) = (late.key_frame(), late.played);
    let wait = wait.saturating_duration_since(played);
    println!("a late player waits {wait:?} for its first key frame");
    // It is made for the player, and so comes earlier than the next of its own.
    assert!(wait < Duration::from_millis(1500), "{wait:?}");
}

#[test]
fn the_size_may_change_while_players_watch() {
    if ffmpeg_is_missing() {
        return;
    }
    let mixed = [frames("320x180"), frames("161x240")].concat();
    let show = Show::start(config(), mixed);
    let sizes = probe(&show.url, 5, "frame=width,height");
    let seen = |size: &str| sizes.lines().filter(|line| line.trim_matches(',') == size).count();
    assert!(seen("320,180") > 20 && seen("162,240") > 20, "{sizes}");
}

#[test]
fn masks_and_odd_names_have_mounts() {
    if ffmpeg_is_missing() {
        return;
    }
    let mut sink = RtspSink::create(RtspConfig { masks: true, ..config() }).unwrap();
    let mut frame = frames("320x180").remove(12);
    frame.stream = "../Tor ü/1".into();
    sink.write(&frame).unwrap();
    assert_eq!(RtspSink::path(&frame.stream), "/%2E.%2FTor%20%C3%BC%2F1");
    let url = format!("rtsp://{}{}/masks", sink.address().unwrap(), RtspSink::path(&frame.stream));
    let mut player = Player::ffmpeg(&url, [320, 180], "tcp");
    let picture = player.picture().unwrap_or_else(|| panic!("no picture"));
    let object = frame.objects.iter().find(|object| object.area > 500).unwrap();
    let colour = [[128, 0, 0], [0, 128, 0], [128, 128, 0]][object.id.get() as usize - 1];
    let pixels = picture.as_chunks::<3>().0;
    let near = pixels.iter().filter(|pixel| difference(*pixel, &colour) < 30.0).count();
    assert!(near as u64 > object.area / 2, "{near} pixels of object {}'s colour", object.id);
    let black = pixels.iter().filter(|pixel| difference(*pixel, &[0; 3]) < 20.0).count();
    assert!(black > 320 * 180 / 3, "{black} black pixels");
}

#[test]
fn a_port_that_is_taken_is_told() {
    let first = RtspSink::create(config()).unwrap();
    let port = first.address().unwrap().port();
    let error = RtspSink::create(RtspConfig { port, ..config() }).err().unwrap();
    assert!(matches!(&error, OutputError::Listen { address, .. } if address.port() == port), "{error}");
    let mut first = first;
    first.finish().unwrap();
    assert!(matches!(first.write(&frames("64x64")[0]), Err(OutputError::Closed { .. })));
    RtspSink::create(RtspConfig { port, ..config() }).unwrap();
}

#[test]
fn no_more_players_than_allowed() {
    if ffmpeg_is_missing() {
        return;
    }
    let show = Show::start(RtspConfig { max_players: 2, ..config() }, frames("320x180"));
    let mut players = [Client::play(&show.url), Client::play(&show.url)];
    let mut third = Player::ffmpeg(&show.url, [320, 180], "tcp");
    assert!(third.picture().is_none());
    let complaint = third.complaint();
    assert!(complaint.contains("503") || complaint.contains("5XX"), "{complaint}");
    players.iter_mut().for_each(|player| assert!(player.key_frame() > player.played));
    drop(players);
    eventually("a free place", || Player::ffmpeg(&show.url, [320, 180], "tcp").picture().is_some());
}
