//! From a decoded frame to pixels on the page.

use std::time::Duration;

use super::browser::{Browser, run};
use crate::click::{Api, paced};
use crate::daemon::{BASE, Daemon};
use crate::util::Folder;

/// How long frames are looked at.
const TIME: Duration = Duration::from_secs(10);

/// Printed with `--nocapture`; how large it is depends on the machine, that it is small does not.
#[test]
fn frames_are_on_the_screen_soon_after_they_were_tracked() {
    let folder = Folder::new();
    let scene = "scene://?seed=7&objects=1&frames=1000000&size=640x360&fps=10";
    let mut daemon = Daemon::start(&folder, &(BASE.to_owned() + &paced("a", scene)), &[]);
    let api = Api::of(&mut daemon);
    let mut ages = Vec::new();
    run(async {
        let page = Browser::open(&api.address, [1280, 800], false).await;
        page.next_frame("a").await;
        // The page notes them itself: a driver that asks all the time keeps it from its work.
        let note = "window.__ages = []; let last = 0; const note = () => { const a = window.maskd.frames.a; \
                    if (a && a.number !== last) { last = a.number; window.__ages.push(a.ageMs); } requestAnimationFrame(note); }; note();";
        page.client.execute(note, Vec::new()).await.unwrap();
        tokio::time::sleep(TIME).await;
        ages.extend(page.js("window.__ages").await.as_array().unwrap().iter().filter_map(serde_json::Value::as_f64));
        page.close().await;
    });
    ages.sort_by(f64::total_cmp);
    let (median, late) = (ages[ages.len() / 2], ages[ages.len() * 99 / 100]);
    println!("decoded to pixels: p50 {median:.0} ms, p99 {late:.0} ms, {} frames", ages.len());
    assert!(ages.len() > 20 && median < 500.0, "{ages:?}");
    daemon.terminate();
}
