use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Frame, Rle};

/// The number a user gave an object; stable for the life of its track, never 0 (0 is the background in mask images).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct ObjectId(std::num::NonZeroU32);

impl ObjectId {
    /// The lowest id.
    pub const FIRST: Self = Self(std::num::NonZeroU32::MIN);

    /// `None` for 0.
    pub fn new(id: u32) -> Option<Self> {
        std::num::NonZeroU32::new(id).map(Self)
    }

    /// The number itself.
    pub fn get(self) -> u32 {
        self.0.get()
    }
}

impl TryFrom<u32> for ObjectId {
    type Error = &'static str;

    fn try_from(id: u32) -> Result<Self, Self::Error> {
        Self::new(id).ok_or("an object id is a whole number from 1 up; 0 is the background")
    }
}

impl From<ObjectId> for u32 {
    fn from(id: ObjectId) -> Self {
        id.get()
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What the tracker knows of an object on one frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ObjectState {
    /// In sight.
    Visible,
    /// Out of sight since a short while; its mask is empty.
    Occluded,
    /// Out of sight for so long that it may never return; still searched for.
    Lost,
    /// In sight again: the first frame after `Occluded` or `Lost`.
    Reacquired,
}

/// One object on one frame.
#[derive(Clone, Debug, PartialEq)]
pub struct TrackedObject {
    /// The user's number of the object.
    pub id: ObjectId,
    /// What the user calls it; `None` where it has no name.
    pub name: Option<Arc<str>>,
    /// Whether it is in sight.
    pub state: ObjectState,
    /// Probability that the object is in the frame, 0 to 1 (sigmoid of SAM 2's object score logit).
    pub score: f32,
    /// The network's own estimate of the IoU of this mask, 0 to 1.
    pub iou: f32,
    /// Edges of the mask `[x0, y0, x1, y1]` in source pixels; `None` for an empty mask.
    pub bbox: Option<[u32; 4]>,
    /// Pixels in the mask.
    pub area: u64,
    /// Mean of the mask's pixel centres `[x, y]` in source pixels; `None` for an empty mask.
    pub centroid: Option<[f32; 2]>,
    /// The mask at source size.
    pub mask: Rle,
}

/// Where the time of a frame went, in milliseconds. A processor works on several frames side by side, those of other streams or the one that
/// follows, and each takes longer then than it would alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    /// Preprocessing and image encoder.
    pub encode: f64,
    /// Memory attention, mask decoder and memory encoder of all objects.
    pub track: f64,
    /// All of that, until its masks are ready at source size.
    pub total: f64,
}

/// Everything a sink may want to know about one frame.
#[derive(Clone, Debug)]
pub struct TrackedFrame {
    /// Name of the stream.
    pub stream: Arc<str>,
    /// The picture the masks belong to.
    pub frame: Frame,
    /// Objects in the order of their ids.
    pub objects: Vec<TrackedObject>,
    /// Where the time went.
    pub latency: Latency,
}
