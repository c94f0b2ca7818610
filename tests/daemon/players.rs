//! Players of a stream whose camera goes and comes back.

#[path = "../../crates/output/tests/rtsp/player.rs"]
#[allow(dead_code, reason = "shared with the tests of the server, which use more of it")]
mod player;

use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::film::{assert_followed, camera, camera_stream, ids, last_pictures};
use super::{BASE, Daemon, PATIENCE, endless, frames, free_port, lines, lines_sink, pace, scene_stream, states};
use crate::util::{Folder, skipped};
use player::{Player, difference};

const SIZE: [usize; 2] = [320, 192];

/// Mean changes of a byte of the picture. Objects and ground move by far more than coding changes what stands still, and a second on
/// the clock changes a few letters.
const MOVES: f64 = 3.0;
const STILL: f64 = 1.0;
const TICKS: f64 = 0.2;
const ALIKE: f64 = 15.0;
/// The picture that stays may be so many older than what was on the screen before: some are still on their way when a camera is stopped.
const LATELY: usize = 10;

/// What a player shows at the moment, and how many pictures it has shown.
struct Screen(Arc<Mutex<(u64, Vec<u8>)>>);

impl Screen {
    /// Watches until the player gives up or the test ends.
    fn watch(mut player: Player) -> Self {
        let shown = Arc::new(Mutex::new((0, Vec::new())));
        let screen = Self(Arc::clone(&shown));
        std::thread::spawn(move || {
            while let Some(picture) = player.picture() {
                let mut shown = shown.lock().unwrap();
                *shown = (shown.0 + 1, picture);
            }
            eprintln!("a player gave up: {}", player.complaint());
        });
        screen
    }

    /// The next picture that it shows.
    fn fresh(&self) -> Vec<u8> {
        let (start, seen) = (Instant::now(), self.0.lock().unwrap().0);
        loop {
            let shown = self.0.lock().unwrap().clone();
            if shown.0 > seen {
                return shown.1;
            }
            assert!(start.elapsed() < PATIENCE, "the player shows nothing any more");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// How much the picture changes within about 1.2 seconds: the lower left corner, where the text stands, and the rows above it.
    fn changes(&self) -> (f64, f64) {
        let before = parts(&self.fresh());
        std::thread::sleep(Duration::from_millis(1200));
        let after = parts(&self.fresh());
        (difference(&before.0, &after.0), difference(&before.1, &after.1))
    }

    fn eventually(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let start = Instant::now();
        while !is_so(self) {
            assert!(start.elapsed() < PATIENCE, "{what} was never shown; it changes by {:?}", self.changes());
        }
    }
}

fn is_there(program: &str, question: &str) -> bool {
    Command::new(program).arg(question).output().is_ok()
}

fn parts(picture: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let (above, below) = picture.split_at((SIZE[1] - 20) * SIZE[0] * 3);
    (below.chunks_exact(SIZE[0] * 3).flat_map(|row| row[..290 * 3].to_vec()).collect(), above.to_vec())
}

/// Which of the pictures, from the newest on, a screen shows, and how far it is from it.
fn nearest(shown: &[u8], filmed: &[Vec<u8>]) -> (usize, f64) {
    let shown = parts(shown).1;
    let far = filmed.iter().map(|filmed| difference(&shown, &parts(filmed).1)).enumerate();
    far.min_by(|(_, a), (_, b)| a.total_cmp(b)).unwrap()
}

/// Sizes of the frames that ffprobe reads within some seconds.
fn probe(url: &str, seconds: u32) -> Vec<String> {
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-rtsp_transport", "tcp", "-select_streams", "v", "-of", "csv=p=0"])
        .args(["-read_intervals", &format!("%+{seconds}"), "-show_entries", "frame=width,height", url])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().map(|line| line.trim_matches(',').to_owned()).filter(|line| !line.is_empty()).collect()
}

#[test]
fn players_see_the_last_picture_and_the_time_while_the_camera_is_away() {
    if !is_there("ffmpeg", "-version") || !is_there("ffprobe", "-version") {
        return skipped("players: ffmpeg is not installed");
    }
    let folder = Folder::new();
    let (to, port) = (folder.name("lines.ndjson"), free_port());
    let mut camera = camera();
    let config = BASE.to_owned()
        + "[tracking]\nkeep_tracks_s = 300\n"
        + &camera_stream(&camera)
        + &scene_stream("file", &endless(7))
        + &lines_sink("lines", &to, "drop_oldest")
        + &format!("[[sink]]\nkind = \"rtsp\"\nname = \"rtsp\"\nlisten = \"127.0.0.1:{port}\"\n");
    let mut daemon = Daemon::start(&folder, &config, &[]);
    daemon.wait("frames", |_| (frames(&lines(&to), "cam").len() > 3).then_some(()));
    let url = format!("rtsp://127.0.0.1:{port}/cam");
    let second = match is_there("gst-launch-1.0", "--version") {
        true => Player::gstreamer(&url, SIZE),
        false => Player::ffmpeg(&url, SIZE, "udp"),
    };
    let screens = [Screen::watch(Player::ffmpeg(&url, SIZE, "tcp")), Screen::watch(second)];
    screens.iter().for_each(|screen| screen.eventually("something that moves", |screen| screen.changes().1 > MOVES));

    let live = screens.each_ref().map(|screen| nearest(&screen.fresh(), &last_pictures(&camera)).0);
    let away = pace::now();
    camera.stop().unwrap();
    let filmed = last_pictures(&camera);
    daemon.wait("the loss", |_| states(&lines(&to), "cam").contains(&"backoff".to_owned()).then_some(()));
    for (screen, live) in screens.iter().zip(live) {
        screen.eventually("a clock on a still picture", |screen| {
            let (corner, above) = screen.changes();
            println!("without a signal: the corner changes by {corner:.2}, the rest by {above:.2}");
            corner > TICKS && above < STILL
        });
        let (still, far) = nearest(&screen.fresh(), &filmed);
        println!("{live} pictures behind while it was live, {still} now, which differs by {far:.1}");
        // A machine that is late by seconds is so by more or fewer of them.
        assert!(still < 2 * live + LATELY && far < ALIKE, "that is not the last picture");
    }
    let joined = probe(&url, 3);
    assert!(joined.len() > 2 && joined.iter().all(|size| size == "320,192"), "a player that comes now sees {joined:?}");

    let seen = frames(&lines(&to), "cam").len();
    camera.restart().unwrap();
    daemon.wait("the camera's return", |_| (frames(&lines(&to), "cam").len() > seen + 5).then_some(()));
    let trouble = away..pace::now();
    screens.iter().for_each(|screen| screen.eventually("moving pictures again", |screen| screen.changes().1 > MOVES));
    assert_followed(&camera, &frames(&lines(&to), "cam"), &[1, 2]);
    let written = lines(&to);
    assert!(frames(&written, "cam").iter().all(|line| ids(line) == [1, 2]));
    pace::assert_kept(&written, "file", &trouble);
    daemon.terminate();
}
