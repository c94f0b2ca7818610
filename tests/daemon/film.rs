//! What the cameras of the tests film, and how well tracks fit it.

use std::sync::Arc;

use maskd_camsim::{Camera, CameraConfig, Codec, Footage};
use maskd_scene::{Scene, Truth};
use maskd_types::{FrameRate, Rle};
use serde_json::Value;

use super::scene_stream;

/// A message may be about one of the camera's last so many frames.
const RECENT: u64 = 100;

/// A scene that the small model follows well for minutes.
pub const FOLLOWED: &str = "scene://?seed=8&objects=2&frames=1000000&size=320x192&fps=10";

/// A camera that films the same.
pub fn config() -> CameraConfig {
    CameraConfig {
        footage: Footage::Scene { seed: 8, objects: 2 },
        size: (320, 192),
        rate: FrameRate { numerator: 10, denominator: 1 },
        barcode: false,
        codec: Codec::H264,
        ..CameraConfig::default()
    }
}

pub fn camera() -> Camera {
    Camera::start(config()).unwrap()
}

/// A stream on the camera with a box around each object of its first frame.
pub fn camera_stream(camera: &Camera) -> String {
    let scene = scene_stream("cam", FOLLOWED);
    let source = scene.lines().find(|line| line.starts_with("source")).unwrap();
    scene.replace(source, &format!("source = \"{}\"", camera.url()))
}

/// How well the objects of a message fit what is true: `(id, IoU with its own, greatest IoU with that of another)`. Of what nothing is
/// known to be true is left out.
#[derive(Debug)]
pub struct Fit(Vec<(u64, f64, f64)>);

impl Fit {
    /// The small model at its smallest size is no good tracker; what has lost its objects is near 0.
    pub fn mean(&self) -> f64 {
        self.0.iter().map(|(_, own, _)| own).sum::<f64>() / self.0.len().max(1) as f64
    }

    /// These objects are there, where they are in truth, and none has the id of another.
    pub fn assert_good(&self, ids: &[u64]) {
        assert_eq!(self.0.iter().map(|(id, ..)| *id).collect::<Vec<_>>(), ids);
        assert!(self.mean() > 0.3, "{self:?}");
        assert!(self.0.iter().all(|(_, own, other)| other <= own || *other < 0.3), "{self:?}");
    }

    /// These objects are there, and their masks lie on things that are there in truth. After a cut, when everything stands elsewhere all at
    /// once, it is the model's affair which is which.
    pub fn assert_on_things(&self, ids: &[u64]) {
        assert_eq!(self.0.iter().map(|(id, ..)| *id).collect::<Vec<_>>(), ids);
        let mean = self.0.iter().map(|(_, own, other)| own.max(*other)).sum::<f64>() / self.0.len().max(1) as f64;
        assert!(mean > 0.3, "{self:?}");
    }

    fn of(line: &Value, truths: &[Truth]) -> Self {
        let fit = |object: &Value| {
            let (id, mask) = (object["id"].as_u64().unwrap(), serde_json::from_value(object["mask"].clone()).unwrap());
            let is_own = |truth: &&Truth| u64::from(truth.id.get()) == id;
            let own = iou(&mask, &truths.iter().find(is_own)?.visible);
            let others = truths.iter().filter(|truth| !is_own(truth)).map(|truth| iou(&mask, &truth.visible));
            Some((id, own, others.fold(0.0, f64::max)))
        };
        Self(line["objects"].as_array().unwrap().iter().filter_map(fit).collect())
    }
}

/// The fit of a message about a camera's frame with the one of its last frames that it fits best: messages carry their own numbers, not
/// the camera's.
pub fn fit(camera: &Camera, line: &Value) -> Fit {
    let last = camera.frames();
    let truths = (last.saturating_sub(RECENT)..last).filter_map(|number| camera.truth(number));
    let fits = truths.map(|truths: Arc<[Truth]>| Fit::of(line, &truths));
    fits.max_by(|a, b| a.mean().total_cmp(&b.mean())).unwrap()
}

/// The last of the messages about a camera's frames has these objects, and each where it is in truth. Of a machine that sees less than
/// half of the frames no more is asked than that they lie on things: the small model takes one for the other where they move far from one
/// frame that it sees to the next.
pub fn assert_followed(camera: &Camera, messages: &[Value], ids: &[u64]) {
    let fit = fit(camera, messages.last().unwrap());
    let share = messages.len() as f64 / camera.frames() as f64;
    println!("{share:.2} of the camera's frames were seen: {fit:?}");
    match share > 0.5 {
        true => fit.assert_good(ids),
        false => fit.assert_on_things(ids),
    }
}

/// The fit of a message about a frame of a rendered scene, which has the scene's own number.
pub fn fit_scene(address: &str, line: &Value) -> Fit {
    let number = usize::try_from(line["frame"].as_u64().unwrap()).unwrap();
    let frame = Scene::new(address.parse().unwrap()).unwrap().nth(number).unwrap();
    Fit::of(line, &frame.truth)
}

/// The camera's last pictures as they were filmed, the newest first.
pub fn last_pictures(camera: &Camera) -> Vec<Vec<u8>> {
    let (take, last) = (camera.takes().pop().unwrap(), camera.frames());
    let number = |offset: u64| usize::try_from(offset).unwrap();
    let scene = Scene::new(take.scene.unwrap()).unwrap();
    let skipped = number((last - take.first).saturating_sub(RECENT));
    let mut pictures: Vec<_> = scene.skip(skipped).take(number(RECENT)).map(|frame| frame.frame.rgb.to_vec()).collect();
    pictures.reverse();
    pictures
}

/// Ids of the objects of a message.
pub fn ids(line: &Value) -> Vec<u64> {
    line["objects"].as_array().unwrap().iter().map(|object| object["id"].as_u64().unwrap()).collect()
}

/// Masks of different sizes have nothing in common.
fn iou(mask: &Rle, truth: &Rle) -> f64 {
    let (mask, truth) = (mask.decode(), truth.decode());
    if (mask.width(), mask.height()) != (truth.width(), truth.height()) {
        return 0.0;
    }
    let pairs = || mask.data().iter().zip(truth.data());
    let both = pairs().filter(|(a, b)| **a == 1 && **b == 1).count();
    let any = pairs().filter(|(a, b)| **a == 1 || **b == 1).count();
    both as f64 / any.max(1) as f64
}
