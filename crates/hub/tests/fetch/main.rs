//! Fetching from a real server on a local port, with everything that goes wrong on the way.

#![expect(clippy::unwrap_used, reason = "a test ends where a helper of it finds something wrong")]

mod server;

use maskd_hub::{FetchOptions, HubError, OfficialModel, fetch};
use server::{Reply, Server};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const BYTES: usize = 3_000_000;

fn content() -> Vec<u8> {
    (0..BYTES as u32).map(|index| (index.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

fn model() -> OfficialModel {
    let hash: String = Sha256::digest(content()).iter().map(|byte| format!("{byte:02x}")).collect();
    OfficialModel {
        name: "test",
        file: "test.pt",
        release: "0",
        bytes: BYTES as u64,
        sha256: hash.leak(),
        params_m: 0.75,
        licence: "Apache-2.0",
        source: "here",
    }
}

fn fetch_with(
    url: &str,
    dir: &Path,
    progress: &mut dyn FnMut(u64, u64),
    cancel: &AtomicBool,
) -> Result<PathBuf, HubError> {
    let options = FetchOptions {
        base_url: Some(url.to_owned()),
        dir: dir.to_owned(),
        timeout: Duration::from_millis(500),
        attempts: 3,
        back_off: Duration::from_millis(5),
        progress,
        cancel,
    };
    fetch(&model(), options)
}

fn try_fetch(server: &Server, dir: &TempDir) -> Result<PathBuf, HubError> {
    fetch_with(&server.url, dir.path(), &mut |_, _| {}, &AtomicBool::new(false))
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn part(dir: &TempDir) -> PathBuf {
    dir.path().join("test.pt.part")
}

/// Fetches and fails unless the right file, and nothing unfinished, is there afterwards.
fn fetch_whole(server: &Server, dir: &TempDir) {
    let path = try_fetch(server, dir).unwrap();
    assert_eq!(path, dir.path().join("test.pt"));
    assert_eq!(std::fs::read(path).unwrap(), content());
    assert!(!part(dir).exists());
}

#[test]
fn a_file_comes_whole_and_progress_is_told() {
    let server = Server::start(content(), vec![Reply::Serve]);
    let dir = folder();
    let mut seen = Vec::new();
    let nested = dir.path().join("a/b");
    let mut note = |done, total| seen.push((done, total));
    let path = fetch_with(&server.url, &nested, &mut note, &AtomicBool::new(false)).unwrap();
    assert_eq!(std::fs::read(path).unwrap(), content());
    assert!(seen.is_sorted() && seen.last() == Some(&(BYTES as u64, BYTES as u64)), "{:?}", seen.last());
    assert_eq!(server.requests.lock().unwrap()[0].0, "GET /models/test.pt HTTP/1.1");
}

#[test]
fn a_file_that_is_there_is_not_fetched_again() {
    let server = Server::start(content(), vec![Reply::Serve, Reply::Status(500)]);
    let dir = folder();
    fetch_whole(&server, &dir);
    fetch_whole(&server, &dir);
    assert_eq!(server.ranges().len(), 1);
}

#[test]
fn a_wrong_file_under_the_final_name_is_put_aside() {
    let server = Server::start(content(), vec![Reply::Serve]);
    let dir = folder();
    std::fs::write(dir.path().join("test.pt"), vec![0; BYTES]).unwrap();
    fetch_whole(&server, &dir);
    assert!(dir.path().join("test.pt.bad").exists());
}

#[test]
fn an_earlier_download_is_continued() {
    let server = Server::start(content(), vec![Reply::Serve]);
    let dir = folder();
    std::fs::write(part(&dir), &content()[..1_000_000]).unwrap();
    fetch_whole(&server, &dir);
    assert_eq!(server.ranges(), [Some("bytes=1000000-".to_owned())]);
}

#[test]
fn a_complete_part_needs_no_request() {
    let server = Server::start(content(), vec![Reply::Status(500)]);
    let dir = folder();
    std::fs::write(part(&dir), content()).unwrap();
    fetch_whole(&server, &dir);
    assert!(server.ranges().is_empty());
}

#[test]
fn a_server_that_ignores_ranges_sends_all_anew() {
    let server = Server::start(content(), vec![Reply::IgnoreRange]);
    let dir = folder();
    std::fs::write(part(&dir), vec![7; 1_000_000]).unwrap();
    fetch_whole(&server, &dir);
    assert_eq!(server.ranges().len(), 1);
}

#[test]
fn a_refused_or_wrong_range_begins_anew() {
    for reply in [Reply::Status(416), Reply::WrongRange] {
        let server = Server::start(content(), vec![reply, Reply::Serve]);
        let dir = folder();
        std::fs::write(part(&dir), vec![7; 1_000_000]).unwrap();
        fetch_whole(&server, &dir);
        assert_eq!(server.ranges(), [Some("bytes=1000000-".to_owned()), None]);
    }
}

#[test]
fn a_part_longer_than_the_file_begins_anew() {
    let server = Server::start(content(), vec![Reply::Serve]);
    let dir = folder();
    std::fs::write(part(&dir), vec![7; BYTES + 1]).unwrap();
    fetch_whole(&server, &dir);
    assert_eq!(server.ranges(), [None]);
}

#[test]
fn cut_connections_are_continued() {
    let cut = Reply::CutAfter(400_000);
    let server = Server::start(content(), vec![cut, cut, Reply::Serve]);
    let dir = folder();
    fetch_whole(&server, &dir);
    let expected = [None, Some("bytes=400000-".to_owned()), Some("bytes=800000-".to_owned())];
    assert_eq!(server.ranges(), expected);
}

#[test]
fn attempts_with_good_progress_are_not_counted() {
    let cut = Reply::CutAfter(1 << 20);
    let server = Server::start(content(), vec![cut, cut, Reply::Status(503), Reply::Serve]);
    fetch_whole(&server, &folder());
}

#[test]
fn a_server_that_always_hangs_up_is_given_up() {
    let server = Server::start(content(), vec![Reply::CutAfter(10)]);
    let dir = folder();
    let error = try_fetch(&server, &dir).unwrap_err();
    assert!(matches!(error, HubError::Transport { attempts: 3, .. }), "{error}");
    assert_eq!(std::fs::read(part(&dir)).unwrap(), &content()[..30]);
    assert!(!dir.path().join("test.pt").exists());
}

#[test]
fn wrong_bytes_never_get_the_final_name() {
    let mut wrong = content();
    wrong[1_234_567] ^= 1;
    let server = Server::start(wrong, vec![Reply::Serve]);
    let dir = folder();
    let error = try_fetch(&server, &dir).unwrap_err();
    assert!(matches!(&error, HubError::Hash { expected, found, .. } if found != expected), "{error}");
    assert!(!dir.path().join("test.pt").exists() && !part(&dir).exists());
}

#[test]
fn another_length_is_refused() {
    for length in [BYTES - 1, BYTES + 1] {
        let server = Server::start(vec![0; length], vec![Reply::Serve]);
        let error = try_fetch(&server, &folder()).unwrap_err();
        assert!(matches!(error, HubError::Length { found, .. } if found == length as u64), "{error}");
    }
    let server = Server::start(vec![0; 4 * BYTES], vec![Reply::Unannounced]);
    let dir = folder();
    let error = try_fetch(&server, &dir).unwrap_err();
    assert!(matches!(error, HubError::Length { .. }), "{error}");
    assert_eq!(std::fs::metadata(part(&dir)).unwrap().len(), 0);
}

#[test]
fn an_unannounced_length_is_no_obstacle() {
    fetch_whole(&Server::start(content(), vec![Reply::Unannounced]), &folder());
}

#[test]
fn redirects_are_followed_with_their_range() {
    let server = Server::start(content(), vec![Reply::Status(302), Reply::Serve]);
    let dir = folder();
    std::fs::write(part(&dir), &content()[..5]).unwrap();
    fetch_whole(&server, &dir);
    let requests = server.requests.lock().unwrap();
    assert_eq!(requests[1], ("GET /moved HTTP/1.1".to_owned(), Some("bytes=5-".to_owned())));
}

#[test]
fn endless_redirects_end() {
    let server = Server::start(content(), vec![Reply::Status(302)]);
    let error = try_fetch(&server, &folder()).unwrap_err();
    assert!(matches!(error, HubError::Transport { .. }), "{error}");
}

#[test]
fn a_missing_file_is_not_asked_for_twice() {
    let server = Server::start(content(), vec![Reply::Status(404)]);
    let error = try_fetch(&server, &folder()).unwrap_err();
    assert!(matches!(error, HubError::Status { status: 404, .. }), "{error}");
    assert_eq!(server.ranges().len(), 1);
}

#[test]
fn an_overloaded_server_is_asked_again() {
    let server = Server::start(content(), vec![Reply::Status(503), Reply::Status(429), Reply::Serve]);
    fetch_whole(&server, &folder());
}

#[test]
fn a_server_that_falls_silent_is_left() {
    let server = Server::start(content(), vec![Reply::Stall, Reply::Serve]);
    let dir = folder();
    std::fs::write(part(&dir), &content()[..5]).unwrap();
    let start = Instant::now();
    fetch_whole(&server, &dir);
    // The silence would have lasted two seconds.
    assert!(start.elapsed() < Duration::from_millis(1500), "{:?}", start.elapsed());
    assert_eq!(server.ranges()[1], Some("bytes=105-".to_owned()));
}

#[test]
fn nobody_listening_is_reported() {
    let url = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let error = fetch_with(&url, folder().path(), &mut |_, _| {}, &AtomicBool::new(false)).unwrap_err();
    assert!(matches!(error, HubError::Transport { attempts: 3, .. }), "{error}");
}

#[test]
fn a_wish_to_stop_is_heard_and_what_came_is_kept() {
    let server = Server::start(content(), vec![Reply::Serve]);
    let dir = folder();
    let cancel = AtomicBool::new(false);
    let mut stop_early = |done, _| {
        if done > 100_000 {
            cancel.store(true, Ordering::Relaxed);
        }
    };
    let error = fetch_with(&server.url, dir.path(), &mut stop_early, &cancel).unwrap_err();
    let HubError::Cancelled { done } = error else { panic!("{error}") };
    assert_eq!(std::fs::metadata(part(&dir)).unwrap().len(), done);
    assert!((100_000..BYTES as u64).contains(&done));
    fetch_whole(&server, &dir);
}

#[test]
fn two_at_once_do_not_mix() {
    let server = Server::start(content(), vec![Reply::Serve]);
    let dir = folder();
    let mut inner = None;
    let mut second = |_, _| {
        inner.get_or_insert_with(|| try_fetch(&server, &dir));
    };
    fetch_with(&server.url, dir.path(), &mut second, &AtomicBool::new(false)).unwrap();
    assert!(matches!(inner, Some(Err(HubError::Busy { .. }))), "{inner:?}");
    assert_eq!(server.ranges().len(), 1);
}

#[test]
fn a_folder_that_cannot_be_made_is_reported() {
    let dir = folder();
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = fetch_with("http://127.0.0.1:9", &file, &mut |_, _| {}, &AtomicBool::new(false)).unwrap_err();
    assert!(matches!(&error, HubError::Io { path, .. } if *path == file), "{error}");
}
