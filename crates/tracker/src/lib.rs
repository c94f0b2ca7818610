//! Follows prompted objects from frame to frame: one memory bank per object, all objects of a frame in one batch.
//!
//! The rules are those of the official `SAM2VideoPredictor` stepped forward one frame at a time (`sam2_video_predictor.py`), without
//! its memory of the whole video. An object's first prompt makes its conditioning frame. A later prompt corrects the track:
//! the frame is tracked first, and the correction starts from what was tracked there.

mod apart;
mod bank;
mod engine;
mod error;
mod holes;
#[cfg(feature = "measure")]
pub mod measure;
mod memories;
mod open;
mod outcome;
mod past;
mod predictions;
mod prompts;
mod segmenter;
mod single;
mod taps;
mod visibility;

use std::path::PathBuf;

use maskd_model::Precision;
use maskd_types::{Action, Frame, Latency, ObjectId, Prompt, Rle, TrackedObject};

pub use error::TrackerError;
pub use open::{open, open_segmenter, open_streams};
pub use past::{Applied, RingView};

/// How to track.
#[derive(Clone, Debug)]
pub struct TrackerOptions {
    /// Side of the square that the network sees, in pixels; `None` for what the checkpoint was trained with. A multiple of 32.
    pub image_size: Option<usize>,
    /// With how many bits the network multiplies.
    pub precision: Precision,
    /// Holes of at most this many low-resolution mask pixels are filled in what is put out; memories are not touched.
    pub fill_holes_area: u32,
    /// Whether a pixel belongs to one object of a stream at most, in what is put out and in memories (`non_overlap_masks`,
    /// `non_overlap_masks_for_mem_enc`). Objects that catch up with the present do so without regard to the others.
    pub no_overlap: bool,
    /// Frames out of sight after which an object counts as lost rather than occluded.
    pub lost_after_frames: u32,
    /// Number of frames of the video where it is known beforehand. The reference looks at fewer object pointers in videos of
    /// fewer than 16 frames.
    pub known_frames: Option<u64>,
    /// Whether [`Step::logits`] is wanted.
    pub keep_logits: bool,
    /// Where to write the intermediate tensors of the first frames, for comparison with the reference.
    pub taps: Option<PathBuf>,
    /// How many of a stream's last frames [`StreamTracker::prompt_past`] can still be told about. Each takes
    /// [`StreamTracker::ring_frame_bytes`] of device memory; with 0 nothing is kept.
    pub prompt_ring_frames: usize,
}

impl Default for TrackerOptions {
    fn default() -> Self {
        Self {
            image_size: None,
            precision: Precision::Auto,
            fill_holes_area: 0,
            no_overlap: false,
            lost_after_frames: 30,
            known_frames: None,
            keep_logits: false,
            taps: None,
            prompt_ring_frames: 0,
        }
    }
}

/// What a frame gave.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// Objects in the order of their ids.
    pub objects: Vec<TrackedObject>,
    /// Those of them that were [prompted on a past frame](StreamTracker::prompt_past) and have caught up with this frame.
    pub caught_up: Vec<ObjectId>,
    /// Where the time went.
    pub latency: Latency,
    /// What the network said, where [`TrackerOptions::keep_logits`] asks for it and there are objects.
    pub logits: Option<StepLogits>,
}

/// What the network said of a frame, in the order of the objects' ids.
#[derive(Clone, Debug)]
pub struct StepLogits {
    /// Height and width of the low-resolution masks.
    pub size: [usize; 2],
    /// Mask logits `[objects, 1, height, width]`, before any hole is filled or overlap resolved
    pub low_res: Vec<f32>,
    /// Predicted IoU `[objects]`
    pub iou: Vec<f32>,
    /// Logit of "the object is in the frame" `[objects]`
    pub object_score: Vec<f32>,
}

/// Tracks the objects of one stream.
pub trait Tracker: Send {
    /// The device it runs on, for people.
    fn device(&self) -> String;

    /// Tracks all objects on the next frame. Removals come first; then objects without a track begin one with their prompt, the
    /// others are tracked, and those of them that have a prompt are corrected.
    ///
    /// # Errors
    /// [`TrackerError`]; an error about an action leaves all tracks as they were.
    fn step(&mut self, frame: &Frame, actions: &[(ObjectId, Action)]) -> Result<Step, TrackerError>;

    /// Says which frame follows the one of the next [`step`](Self::step), as [`StreamTracker::prefetch`] does.
    fn prefetch(&mut self, frame: &Frame);

    /// The objects that are tracked.
    fn objects(&self) -> Vec<ObjectId>;

    /// Forgets all objects.
    fn reset(&mut self);
}

/// Tells the streams of a [`StreamTracker`] apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(pub u32);

/// The next frame of a stream.
#[derive(Clone, Copy, Debug)]
pub struct StreamFrame<'a> {
    /// Whose it is.
    pub stream: StreamId,
    /// The frame. Where it is not [intact](Frame::intact), objects are shown on it but nothing is remembered of it.
    pub frame: &'a Frame,
    /// What a person said about objects on it.
    pub actions: &'a [(ObjectId, Action)],
}

/// What brings a track back after the process has ended: what the frame left behind on which the object was prompted.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedTrack {
    /// The object.
    pub object: ObjectId,
    /// Memory map `[cells, mem_dim]`
    pub map: Vec<f32>,
    /// Object pointer `[d_model]`
    pub pointer: Vec<f32>,
}

/// Tracks the objects of many streams with one network on one device. Objects of different streams know nothing of each other, but go
/// through the network in one batch.
pub trait StreamTracker: Send {
    /// The device it runs on, for people.
    fn device(&self) -> String;

    /// Tracks all objects on the next frames, at most one of each stream; answers are in the order of `frames`. On each frame,
    /// removals come first; then objects without a track begin one with their prompt, the others are tracked, and those of them that
    /// have a prompt are corrected.
    ///
    /// # Errors
    /// The inner [`TrackerError`] is about one frame's actions and leaves that stream's tracks as they were. The outer one is about the
    /// device: what its memory holds is not known any more.
    fn step(&mut self, frames: &[StreamFrame<'_>]) -> Result<Vec<Result<Step, TrackerError>>, TrackerError>;

    /// Says which frame of a stream follows the one of the next [`step`](Self::step). A processor encodes it while it tracks objects on
    /// that one, which keeps all of its threads at work: more frames per second, but a longer [latency](Step::latency) of each, as two share
    /// the threads. What comes out is the same, and remains so where another frame follows. GPUs do one after the other, and pass this over.
    fn prefetch(&mut self, _stream: StreamId, _frame: &Frame) {}

    /// Applies a prompt to a frame that is past: the one a person saw, as far as it is among the last
    /// [`TrackerOptions::prompt_ring_frames`] of the stream. An object that had a track before that frame is corrected there, as by
    /// [`step`](Self::step); any other begins there. What was said about it on later frames is said again when it comes to them, and
    /// a second prompt on the same frame takes the place of the first.
    ///
    /// Where the frame is not the newest, the object catches up: every step of the stream takes it over a few of the remembered
    /// frames, without leaving one out, until [`Step::caught_up`] names it. Meanwhile an older track of it is shown as before. Prompts
    /// for an object that catches up start from what it has become on its way; one for a frame it has not come to yet takes it there
    /// first, at once, and so does one in a step.
    ///
    /// # Errors
    /// [`TrackerError::FrameGone`], [`TrackerError::FrameSkipped`] or [`TrackerError::FrameToCome`] where there is no such frame, and what a
    /// prompt in [`step`](Self::step) can be refused for. All tracks are as they were then, unless it is the device that failed.
    fn prompt_past(
        &mut self,
        stream: StreamId,
        frame: u64,
        object: ObjectId,
        prompt: &Prompt,
    ) -> Result<Applied, TrackerError>;

    /// The frames of a stream that can still be prompted.
    fn ring(&self, stream: StreamId) -> RingView;

    /// Device memory in bytes that a frame takes while it can be prompted, once something was tracked on it; before that, it is kept
    /// as pixels in host memory.
    fn ring_frame_bytes(&self) -> u64;

    /// The objects that are tracked in a stream, those that catch up included.
    fn objects(&self, stream: StreamId) -> Vec<ObjectId>;

    /// Forgets an object, whether it is tracked or catches up; one that is not known is none the less.
    fn remove(&mut self, stream: StreamId, object: ObjectId);

    /// Forgets a stream with all its objects.
    fn forget(&mut self, stream: StreamId);

    /// Says that a stream goes on after a gap: objects that are in sight next are [reacquired](maskd_types::ObjectState::Reacquired).
    fn interrupted(&mut self, stream: StreamId);

    /// Device memory in bytes that the banks of a stream hold, those of objects that catch up included.
    fn bank_bytes(&self, stream: StreamId) -> u64;

    /// What brings the tracks of a stream back later.
    ///
    /// # Errors
    /// [`TrackerError::Model`] where the device cannot be read.
    fn save(&self, stream: StreamId) -> Result<Vec<SavedTrack>, TrackerError>;

    /// Begins a track, or adds to it, with what an earlier process saved.
    ///
    /// # Errors
    /// [`TrackerError::ForeignTrack`] where another model made it.
    fn restore(&mut self, stream: StreamId, track: &SavedTrack) -> Result<(), TrackerError>;
}

/// A mask that a prompt may mean.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// At the picture's size.
    pub mask: Rle,
    /// The network's own estimate of the mask's IoU, 0 to 1.
    pub iou: f32,
    /// Probability that there is such an object, 0 to 1.
    pub score: f32,
}

/// Finds objects in single pictures.
pub trait Segmenter: Send {
    /// The device it runs on, for people.
    fn device(&self) -> String;

    /// All masks that `prompt` may mean, three for `multimask`, else one. A mask prompt gives itself back.
    ///
    /// # Errors
    /// [`TrackerError`]
    fn segment(&mut self, frame: &Frame, prompt: &Prompt, multimask: bool) -> Result<Vec<Candidate>, TrackerError>;
}
