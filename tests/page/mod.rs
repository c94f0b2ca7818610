//! The page in a real browser.

mod browser;
mod clicks;
mod devtools;
mod grid;
mod keyboard;
mod latency;
mod pointer;
mod viewers;

use maskd_types::Rle;
use serde_json::Value;

use self::browser::{Browser, run};
use crate::click::{Api, Truths, inside, paced};
use crate::daemon::{BASE, Daemon};
use crate::util::Folder;

/// Slow enough for a test to aim; everything moves all the same.
const SCENE: &str = "scene://?seed=3&objects=3&frames=1000000&size=640x360&fps=2";
/// Frames of the scene that a test lives through at most.
const LIFE: usize = 200;
const SIZE: [f64; 2] = [640.0, 360.0];

const DESK: [u32; 2] = [1280, 800];

/// The object of the scene that the small model knows best; it is in sight throughout.
const EASY: u32 = 3;

/// That object, and a point on it.
fn best(truths: &Truths, frame: u64) -> (u32, [f64; 2]) {
    (EASY, inside(truths.mask(frame, EASY)))
}

fn mask(reply: &Value) -> Rle {
    crate::click::mask(&reply["mask"])
}

/// Stream `a`, nothing tracked, and the model at its own size.
fn bare() -> String {
    let stream = paced("a", SCENE);
    BASE.replace("image_size = 128\n", "") + stream.split("[[stream.prompt]]").next().unwrap()
}

/// What a test of the page has at hand.
struct Opened {
    folder: Folder,
    truths: Truths,
    daemon: Daemon,
    api: Api,
    page: Browser,
}

/// Runs a test on a page that shows stream `a`, in a window of that size.
fn opened(size: [u32; 2], phone: bool, test: impl AsyncFnOnce(&mut Opened)) {
    let (folder, truths) = (Folder::new(), Truths::of(SCENE, LIFE));
    let mut daemon = Daemon::start(&folder, &bare(), &[]);
    let api = Api::of(&mut daemon);
    run(async {
        let page = Browser::open(&api.address, size, phone).await;
        // A page without a picture has nothing to be clicked on.
        page.next_frame("a").await;
        let mut opened = Opened { folder, truths, daemon, api, page };
        test(&mut opened).await;
        opened.page.close().await;
        opened.daemon.terminate();
    });
}
