//! Supervised cameras that reboot, freeze, hang up, change and count time as they like.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where something is not as it must be")]

#[path = "common/watched.rs"]
mod watched;

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::thread;
use std::time::{Duration, SystemTime};

use maskd_camsim::{Camera, CameraConfig, Codec, Credentials, Footage, TimestampFault};
use maskd_capture::SupervisorConfig;
use maskd_types::FrameRate;
use maskd_types::SourceState::{AuthFailed, Backoff, Connecting, Live, Stalled};
use watched::{Watched, opener, quick};

/// Cheap to film and to encode.
fn config() -> CameraConfig {
    CameraConfig { footage: Footage::Pattern, size: (320, 240), key_interval: 10, ..CameraConfig::default() }
}

fn camera() -> Camera {
    Camera::start(config()).unwrap()
}

#[test]
fn a_camera_that_reboots_comes_back() {
    let mut camera = camera();
    let mut watched = Watched::start(&camera.url(), quick());
    watched.take(5);
    for _ in 0..2 {
        camera.stop().unwrap();
        let status = watched.enter(Backoff);
        assert!(status.reason.is_some_and(|reason| reason.contains("127.0.0.1")));
        thread::sleep(Duration::from_secs(1));
        camera.restart().unwrap();
        watched.enter(Live);
        watched.take(5);
    }
    watched.assert_order();
    assert_eq!(watched.path(), [Connecting, Live, Backoff, Live, Backoff, Live]);
    let stats = watched.supervisor.stats();
    assert_eq!((stats.reconnects, stats.stalls, stats.state), (2, 0, Live));
    assert!(stats.opens >= 3, "{stats:?}");
}

#[test]
fn a_camera_that_freezes_is_noticed_and_opened_anew() {
    let camera = camera();
    let mut watched = Watched::start(&camera.url(), quick());
    let last = watched.take(20).last().unwrap().clone();
    camera.freeze();
    let status = watched.enter(Stalled);
    assert!(status.reason.is_some_and(|reason| reason.contains("no frame for 1.0 s")));
    watched.enter(Backoff);
    camera.thaw();
    watched.enter(Live);
    let next = watched.take(5)[0].clone();
    watched.assert_order();
    assert_eq!(watched.path(), [Connecting, Live, Stalled, Backoff, Live]);
    assert_eq!(watched.supervisor.stats().stalls, 1);
    let away = next.arrived.duration_since(last.arrived).as_secs_f64();
    let told = (next.pts_ns - last.pts_ns) as f64 / 1e9;
    assert!((away - told).abs() < 0.5, "{away} s away, {told} s by the frames");
}

#[test]
fn a_camera_that_is_slow_is_not_taken_for_a_frozen_one() {
    let rate = FrameRate { numerator: 2, denominator: 3 };
    let camera = Camera::start(CameraConfig { rate, key_interval: 2, ..config() }).unwrap();
    let mut watched = Watched::start(&camera.url(), quick());
    watched.take(5);
    assert_eq!(watched.path(), [Connecting, Live]);
}

#[test]
fn a_connection_that_is_reset_is_opened_anew() {
    let camera = camera();
    let mut watched = Watched::start(&camera.url(), quick());
    watched.take(5);
    camera.reset().unwrap();
    watched.enter(Backoff);
    watched.enter(Live);
    watched.take(5);
    watched.assert_order();
    assert_eq!(watched.path(), [Connecting, Live, Backoff, Live]);
}

#[test]
fn a_wrong_password_is_told_and_tried_again_seldom() {
    let mut camera =
        Camera::start(CameraConfig { credentials: Some(Credentials::new("viewer", "right")), ..config() }).unwrap();
    let policy = SupervisorConfig { auth_retry: Duration::from_secs(2), ..quick() };
    let wrong = Credentials::new("viewer", "wrongword");
    let mut watched = Watched::start(&camera.url_as(Some(&wrong)), policy);
    let status = watched.enter(AuthFailed);
    assert!(!format!("{status:?}").contains("wrongword"));
    thread::sleep(Duration::from_secs(5));
    let opens = watched.supervisor.stats().opens;
    assert!((2..=4).contains(&opens), "{opens} attempts in 5 s with a pause of 2 s");
    camera.set_credentials(Some(wrong));
    watched.enter(Live);
    watched.take(3);
    assert_eq!(watched.path(), [Connecting, AuthFailed, Live]);
}

#[test]
fn credentials_come_beside_the_address_and_a_restart_uses_new_ones_at_once() {
    let right = Credentials::new("viewer", "h%un ter2");
    let camera = Camera::start(CameraConfig { credentials: Some(right), ..config() }).unwrap();
    let mut attempts = vec!["h%un ter2", "wrong"];
    let mut open = opener(&camera.url_as(None));
    let open = Box::new(move |options: &maskd_capture::CaptureOptions| {
        let password = attempts.pop().unwrap_or("none");
        open(&maskd_capture::CaptureOptions {
            credentials: Some(maskd_capture::Credentials::new("viewer", password)),
            ..options.clone()
        })
    });
    let mut watched = Watched::start_with(open, quick(), |_| {});
    watched.enter(AuthFailed);
    watched.supervisor.restart();
    watched.enter(Live);
    watched.take(3);
    assert_eq!(watched.path(), [Connecting, AuthFailed, Connecting, Live]);
}

/// Answers every request with this status, for ever.
fn refusing(status: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
            while let Some(sequence) = lines.find(|line| line.starts_with("CSeq")) {
                if write!(&stream, "RTSP/1.0 {status}\r\n{sequence}\r\n\r\n").is_err() {
                    break;
                }
            }
        }
    });
    address
}

#[test]
fn a_camera_that_forbids_is_one_that_refuses_the_password_and_one_that_has_nothing_is_not() {
    for (status, state) in [("403 Forbidden", AuthFailed), ("401 Unauthorized", AuthFailed), ("404 Not Found", Backoff)]
    {
        let mut watched = Watched::start(&format!("rtsp://u:hunter2@{}/live", refusing(status)), quick());
        let told = watched.enter(state);
        assert!(!format!("{told:?}").contains("hunter2"));
        assert_eq!(watched.path(), [Connecting, state]);
    }
}

#[test]
fn another_size_goes_on_without_a_gap() {
    let mut camera = camera();
    let mut watched = Watched::start(&camera.url(), quick());
    watched.take(10);
    for size in [(640, 360), (240, 320)] {
        camera.set_size(size).unwrap();
        watched.until("the new size", |own| own.frames.last().is_some_and(|frame| frame.size == size));
        watched.take(10);
    }
    watched.assert_order();
    assert_eq!(watched.path(), [Connecting, Live]);
}

#[test]
fn another_codec_goes_on_after_a_reconnect() {
    let mut camera = camera();
    let mut watched = Watched::start(&camera.url(), quick());
    watched.take(5);
    for codec in [Codec::H265, Codec::Mjpeg, Codec::H264] {
        camera.set_codec(codec).unwrap();
        camera.reset().unwrap();
        watched.enter(Live);
        let frames = watched.take(15).to_vec();
        assert!(frames[5..].iter().all(|frame| frame.intact), "{codec:?}");
    }
    watched.assert_order();
}

#[test]
fn times_that_jump_do_not_stop_the_stream() {
    let camera = camera();
    let mut watched = Watched::start(&camera.url(), quick());
    let first = watched.take(10)[0].clone();
    for milliseconds in [10_000, -10_000, 3_600_000, -50_000_000] {
        camera.jump_timestamps(milliseconds);
        watched.take(40);
    }
    let last = watched.frames.last().unwrap().clone();
    watched.assert_order();
    let real = last.arrived.duration_since(first.arrived).as_secs_f64();
    let told = (last.pts_ns - first.pts_ns) as f64 / 1e9;
    println!("{:?}: {real} s, told as {told} s", watched.path());
    assert!((real - told).abs() < 5.0, "{real} s have gone by, {told} s by the frames");
}

#[test]
fn times_that_are_nonsense_do_not_stop_the_stream() {
    for fault in [TimestampFault::Stuck, TimestampFault::Backwards, TimestampFault::Random] {
        let camera = camera();
        let mut watched = Watched::start(&camera.url(), quick());
        watched.take(10);
        camera.set_timestamp_fault(fault);
        watched.take(60);
        camera.set_timestamp_fault(TimestampFault::None);
        watched.take(60);
        watched.assert_order();
        println!("{fault:?}: {:?}", watched.path());
    }
}

#[test]
fn the_time_of_rtp_wraps() {
    // 3 s before the end of the 32 bits.
    let camera = Camera::start(CameraConfig { rtp_offset: Some(u32::MAX - 270_000), ..config() }).unwrap();
    let mut watched = Watched::start(&camera.url(), quick());
    watched.take(150);
    watched.assert_order();
    assert_eq!(watched.path(), [Connecting, Live]);
    let steps = watched.frames.windows(2).map(|pair| pair[1].pts_ns - pair[0].pts_ns);
    let longest = steps.max().unwrap();
    assert!(longest < 1_000_000_000, "a step of {longest} ns");
}

#[test]
fn frames_carry_the_time_of_the_camera_where_it_tells_it() {
    let camera = camera();
    let mut watched = Watched::start(&camera.url(), quick());
    watched.until("the camera's clock", |own| own.frames.last().is_some_and(watched::Seen::by_camera));
    let frame = watched.take(10).last().unwrap();
    assert!(frame.by_camera());
    let unix_ns = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos() as i128;
    let age_ms = (unix_ns - i128::from(frame.capture.unix_ns)) / 1_000_000;
    println!("a frame is {age_ms} ms old");
    assert!((-100..5_000).contains(&age_ms), "{age_ms} ms");
}

#[test]
fn frames_carry_the_time_of_arrival_where_the_camera_tells_none() {
    let camera = Camera::start(CameraConfig { sender_reports: false, ..config() }).unwrap();
    let mut watched = Watched::start(&camera.url(), quick());
    assert!(!watched.take(150).iter().any(watched::Seen::by_camera));
}

#[test]
fn a_slow_taker_gets_the_newest_frames_and_the_others_are_counted() {
    let camera = camera();
    let slow = |_: &maskd_types::Frame| thread::sleep(Duration::from_millis(300));
    let mut watched = Watched::start_with(opener(&camera.url()), quick(), slow);
    let frames = watched.take(10).to_vec();
    let stats = watched.supervisor.stats();
    watched.assert_order();
    println!("{stats:?}");
    assert!(stats.superseded >= 20, "{stats:?}");
    assert_eq!(stats.decoded, stats.delivered + stats.superseded);
    let codes: Vec<u64> = frames.iter().filter(|frame| frame.intact).map(|frame| frame.code.unwrap()).collect();
    assert!(codes.windows(2).all(|pair| pair[0] + 2 < pair[1]), "old frames were queued: {codes:?}");
}

#[test]
fn pauses_grow_while_nobody_listens() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let policy = SupervisorConfig { longest_backoff: Duration::from_secs(60), ..quick() };
    let mut watched = Watched::start(&format!("rtsp://{free}/live"), policy);
    watched.enter(Backoff);
    thread::sleep(Duration::from_secs(4));
    let opens = watched.supervisor.stats().opens;
    // Without growth there would be about 80 with the mean pause of 50 ms.
    assert!((3..=20).contains(&opens), "{opens} attempts in 4 s");
    assert_eq!(watched.path(), [Connecting, Backoff]);
}
