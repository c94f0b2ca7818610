//! From a decoded frame to pixels on the page.

use std::time::Duration;

use super::browser::{Browser, run};
use crate::click::{Api, paced};
use crate::daemon::{BASE, Daemon};
use crate::util::Folder;

/// How long frames are looked at.
const TIME: Duration = Duration::from_secs(20);

/// Notes the age of every frame when it is drawn: as the page says it, and by the clock that the browser shares with the daemon. The page
/// does that itself: a driver that asks all the time keeps it from its work.
const NOTE: &str = "
    window.__ages = [];
    let last = 0;
    const note = () => {
        const frame = window.maskd.frames.a;
        if (frame && frame.number !== last) { last = frame.number; window.__ages.push([frame.ageMs, frame.sinceCaptureMs]); }
        requestAnimationFrame(note);
    };
    note();";

/// Printed with `--nocapture`; how large it is depends on the machine, that it is small does not.
#[test]
fn frames_are_on_the_screen_soon_after_they_were_decoded() {
    let folder = Folder::new();
    let scene = "scene://?seed=7&objects=1&frames=1000000&size=640x360&fps=10";
    let mut daemon = Daemon::start(&folder, &(BASE.to_owned() + &paced("a", scene)), &[]);
    let api = Api::of(&mut daemon);
    let (mut told, mut clock) = (Vec::new(), Vec::new());
    run(async {
        let page = Browser::open(&api.address, [1280, 800], false).await;
        page.next_frame("a").await;
        // What comes with the start is over by then.
        tokio::time::sleep(Duration::from_secs(3)).await;
        page.client.execute(NOTE, Vec::new()).await.unwrap();
        tokio::time::sleep(TIME).await;
        for ages in page.js("window.__ages").await.as_array().unwrap() {
            told.extend(ages[0].as_f64());
            clock.extend(ages[1].as_f64());
        }
        page.close().await;
    });
    let (told, clock) = (Ages::of(told), Ages::of(clock));
    println!("decoded to pixels: {clock}; as the page says it: {told}");
    assert!(clock.count > 20 && clock.median < 500.0, "{clock}");
    // What people read on the page is true.
    assert!((told.median - clock.median).abs() < 0.25 * clock.median + 10.0, "{told} is not {clock}");
    daemon.terminate();
}

struct Ages {
    count: usize,
    median: f64,
    late: f64,
}

impl Ages {
    fn of(mut ages: Vec<f64>) -> Self {
        ages.sort_by(f64::total_cmp);
        Self { count: ages.len(), median: ages[ages.len() / 2], late: ages[ages.len() * 99 / 100] }
    }
}

impl std::fmt::Display for Ages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "p50 {:.0} ms, p99 {:.0} ms of {} frames", self.median, self.late, self.count)
    }
}
