//! The JSON of the control API. Others parse it: names and units stay; new keys may join.

use maskd_daemon::{Origin, StreamView};
use maskd_prompts::json::MaskJson;
use maskd_types::{ObjectState, TrackedObject};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A stream as it is now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StreamModel {
    /// Its name.
    name: String,
    /// Where its frames come from, without secrets.
    source: String,
    /// "file" where the configuration has it, "api" where it was added since the start.
    #[schema(value_type = String, example = "file")]
    origin: &'static str,
    /// connecting, live, stalled, backoff, auth_failed or ended.
    #[schema(value_type = String, example = "live")]
    state: &'static str,
    /// Why, without secrets; none where there is nothing to say.
    reason: Option<String>,
    /// Seconds since the state was entered.
    state_s: f64,
    /// Whether it is a camera: what is missed of it is gone.
    live: bool,
    /// Number of the newest tracked frame.
    frame: Option<u64>,
    /// Width of that frame in pixels.
    width: Option<u32>,
    /// Height of that frame in pixels.
    height: Option<u32>,
    /// Frames tracked per second of late.
    fps: f32,
    /// Objects on that frame.
    objects: usize,
    /// Device memory of the objects, in bytes.
    bank_bytes: u64,
    /// Frames that can still be prompted.
    ring: RingModel,
}

/// Frames that can still be prompted.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RingModel {
    /// How many.
    frames: u64,
    /// Number of the oldest.
    oldest: Option<u64>,
    /// Number of the newest.
    newest: Option<u64>,
    /// Memory that they take.
    bytes: u64,
}

impl StreamModel {
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name == name
    }

    /// `newest` are number, width and height of the newest frame, and the rate.
    pub(crate) fn new(view: StreamView, reason: Option<&str>, newest: Option<(u64, u32, u32, f32)>) -> Self {
        let ring = &view.figures.ring;
        Self {
            source: view.address,
            origin: match view.origin {
                Origin::File => "file",
                Origin::Api => "api",
            },
            state: view.source.state.name(),
            reason: reason.map(str::to_owned),
            state_s: view.source.since.elapsed().as_secs_f64(),
            live: view.live,
            frame: newest.map(|newest| newest.0),
            width: newest.map(|newest| newest.1),
            height: newest.map(|newest| newest.2),
            fps: newest.map_or(0.0, |newest| newest.3),
            objects: view.figures.objects,
            bank_bytes: view.figures.bank_bytes,
            ring: RingModel { frames: ring.frames, oldest: ring.oldest, newest: ring.newest, bytes: ring.bytes },
            name: view.name,
        }
    }
}

/// All streams.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StreamsModel {
    /// By their names.
    pub(crate) streams: Vec<StreamModel>,
}

/// An object on one frame.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ObjectModel {
    /// Its number.
    id: u32,
    /// What it is called.
    name: Option<String>,
    /// visible, occluded, lost or reacquired.
    #[schema(value_type = String, example = "visible")]
    state: ObjectState,
    /// Probability that it is in the frame.
    score: f32,
    /// The network's own estimate of the mask's IoU.
    iou: f32,
    /// Edges `[x0, y0, x1, y1]` in pixels of the frame.
    #[serde(rename = "box")]
    bbox: Option<[u32; 4]>,
    /// Pixels of the mask.
    area: u64,
    /// Mean of the mask's pixel centres `[x, y]`.
    centroid: Option<[f32; 2]>,
}

impl From<&TrackedObject> for ObjectModel {
    fn from(object: &TrackedObject) -> Self {
        Self {
            id: object.id.get(),
            name: object.name.as_deref().map(str::to_owned),
            state: object.state,
            score: object.score,
            iou: object.iou,
            bbox: object.bbox,
            area: object.area,
            centroid: object.centroid,
        }
    }
}

/// The objects of a stream on its newest frame.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ObjectsModel {
    /// Number of that frame; none before the first.
    pub(crate) frame: Option<u64>,
    /// In the order of their ids.
    pub(crate) objects: Vec<ObjectModel>,
}

/// What a prompt came to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PromptedModel {
    /// The object's number.
    pub(crate) id: u32,
    /// What it is called.
    pub(crate) name: Option<String>,
    /// Number of the frame that the prompt was applied to.
    pub(crate) applied_frame: u64,
    /// Tracked frames between that one and the newest by then.
    pub(crate) behind_frames: u64,
    /// Number of the frame on which the track had reached the present; none where it is still on its way.
    pub(crate) caught_up_frame: Option<u64>,
    /// Milliseconds from when the prompt was applied until then.
    pub(crate) catch_up_ms: Option<f64>,
    /// The object on the frame that the prompt was applied to.
    pub(crate) object: ObjectModel,
    /// Its mask there.
    pub(crate) mask: MaskJson,
}

/// What an object is to be called.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RenameModel {
    /// 1 to 64 characters; null takes the name away.
    pub(crate) name: Option<String>,
}

/// The token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoginModel {
    pub(crate) token: String,
}

/// Tracks that were begun.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LoadedModel {
    /// Numbers of the objects.
    pub(crate) objects: Vec<u32>,
}
