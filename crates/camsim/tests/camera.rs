//! The camera as its clients see it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where something is not as it must be")]

mod common;

use std::net::TcpStream;

use common::{PATIENCE, Viewer, until};
use maskd_camsim::{Authentication, Camera, CameraConfig, Codec, Credentials, Footage};

fn config() -> CameraConfig {
    CameraConfig { size: (320, 240), ..CameraConfig::default() }
}

#[test]
fn every_codec_plays_and_carries_its_numbers() {
    for codec in [Codec::H264, Codec::H265, Codec::Mjpeg] {
        for protocols in ["tcp", "udp"] {
            let camera = Camera::start(CameraConfig { codec, ..config() }).unwrap();
            let viewer = Viewer::open(&camera.url(), protocols);
            let numbers: Vec<u64> = (0..30).map(|_| viewer.next().number().unwrap()).collect();
            assert!(numbers.is_sorted_by(|a, b| a < b), "{codec:?} {protocols}: {numbers:?}");
        }
    }
}

#[test]
fn a_frozen_camera_keeps_the_connection() {
    let camera = Camera::start(config()).unwrap();
    let viewer = Viewer::open(&camera.url(), "tcp");
    let before = viewer.next().number().unwrap();
    camera.freeze();
    viewer.falls_silent();
    assert_eq!((camera.clients(), viewer.error()), (1, None));
    camera.thaw();
    assert!(viewer.next().number().unwrap() > before);
    assert_eq!(viewer.error(), None);
}

#[test]
fn a_frozen_camera_lets_clients_in_but_shows_them_nothing() {
    let camera = Camera::start(config()).unwrap();
    camera.freeze();
    let viewer = Viewer::open(&camera.url(), "tcp");
    until("the stream is set up", || camera.frames() > 0);
    viewer.falls_silent();
    assert_eq!((camera.clients(), viewer.error()), (1, None));
    camera.thaw();
    viewer.next_where(|seen| seen.number() > Some(5));
}

#[test]
fn a_reset_ends_the_connection_and_the_next_is_served() {
    let camera = Camera::start(config()).unwrap();
    let viewer = Viewer::open(&camera.url(), "tcp");
    let before = viewer.next().number().unwrap();
    camera.reset().unwrap();
    assert!(viewer.error_within(PATIENCE).is_some());
    until("no client is left", || camera.clients() == 0);
    let again = Viewer::open(&camera.url(), "tcp");
    assert!(again.next().number().unwrap() > before);
}

#[test]
fn a_stopped_camera_refuses_and_comes_back_on_its_port() {
    let mut camera = Camera::start(config()).unwrap();
    let viewer = Viewer::open(&camera.url(), "tcp");
    viewer.next();
    camera.stop().unwrap();
    assert!(viewer.error_within(PATIENCE).is_some());
    assert!(TcpStream::connect(camera.address()).is_err());
    camera.restart().unwrap();
    Viewer::open(&camera.url(), "tcp").next();
}

#[test]
fn the_size_changes_while_a_client_plays() {
    for codec in [Codec::H264, Codec::H265, Codec::Mjpeg] {
        let mut camera = Camera::start(CameraConfig { codec, ..config() }).unwrap();
        let viewer = Viewer::open(&camera.url(), "tcp");
        assert_eq!(viewer.next().size(), (320, 240));
        let take = camera.set_size((640, 368)).unwrap();
        let seen = viewer.next_where(|seen| seen.size() == (640, 368));
        assert!(seen.number().unwrap() >= take.first, "{codec:?}");
        assert_eq!(viewer.error(), None);
    }
}

#[test]
fn the_codec_changes_for_who_comes_next() {
    let mut camera = Camera::start(config()).unwrap();
    let first = Viewer::open(&camera.url(), "tcp");
    first.next();
    camera.set_codec(Codec::Mjpeg).unwrap();
    let second = Viewer::open(&camera.url(), "tcp");
    second.next().number().unwrap();
    let now = camera.frames();
    first.next_where(|seen| seen.number() > Some(now));
    assert!(camera.set_codec(Codec::H265).is_ok());
    assert!(camera.set_size((322, 240)).is_ok());
    camera.set_codec(Codec::Mjpeg).unwrap_err();
}

#[test]
fn passwords_are_asked_for_and_changed() {
    for authentication in [Authentication::Basic, Authentication::Digest] {
        let right = Credentials::new("viewer", "h%un ter:2");
        let mut camera =
            Camera::start(CameraConfig { credentials: Some(right.clone()), authentication, ..config() }).unwrap();
        Viewer::open(&camera.url(), "tcp").next();
        for wrong in [None, Some(Credentials::new("viewer", "no")), Some(Credentials::new("other", "h%un ter:2"))] {
            let refused = Viewer::open(&camera.url_as(wrong.as_ref()), "tcp");
            let error = refused.error_within(PATIENCE).unwrap();
            assert!(error.contains("Unauthorized"), "{error}");
        }
        camera.set_credentials(Some(Credentials::new("viewer", "new")));
        Viewer::open(&camera.url(), "tcp").next();
        assert!(Viewer::open(&camera.url_as(Some(&right)), "tcp").error_within(PATIENCE).is_some());
    }
}

#[test]
fn a_port_that_is_taken() {
    let first = Camera::start(config()).unwrap();
    for _ in 0..20 {
        let error = Camera::start(CameraConfig { listen: first.address(), ..config() }).map(drop).unwrap_err();
        assert!(error.to_string().contains(&first.address().to_string()), "{error}");
    }
}

#[test]
fn a_crowd_is_served_and_a_flood_is_not() {
    let camera = Camera::start(config()).unwrap();
    let viewers: Vec<Viewer> = (0..4).map(|_| Viewer::open(&camera.url(), "tcp")).collect();
    viewers.iter().for_each(|viewer| drop(viewer.next()));
    let flood: Vec<TcpStream> = (0..80).map(|_| TcpStream::connect(camera.address()).unwrap()).collect();
    until("the flood has arrived", || camera.clients() == 64);
    viewers.iter().for_each(|viewer| drop(viewer.next()));
    drop(flood);
    until("the flood is gone", || camera.clients() == 4);
}

#[test]
fn settings_that_cannot_be_are_refused() {
    let start = |config| Camera::start(config).map(drop).unwrap_err().to_string();
    assert!(start(CameraConfig { size: (321, 240), ..config() }).contains("321x240"));
    assert!(start(CameraConfig { key_interval: 0, ..config() }).contains("key_interval"));
    assert!(start(CameraConfig { path: "a b".to_owned(), ..config() }).contains("path"));
    let footage = Footage::Scene { seed: 1, objects: 99 };
    assert!(start(CameraConfig { footage, ..config() }).contains("scene"));
}
