//! What callers see of prompts for frames that are past.

use maskd_types::TrackedObject;

/// What became of a prompt for a past frame.
#[derive(Clone, Debug)]
pub struct Applied {
    /// The frame that it was applied to.
    pub frame: u64,
    /// The object on that frame.
    pub object: TrackedObject,
    /// Frames between it and the newest one, over which the object has yet to be followed; 0 where it is in the present already.
    pub behind: u64,
}

/// The frames of a stream that can still be prompted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RingView {
    /// How many there are.
    pub frames: u64,
    /// Number of the oldest; `None` where there is none.
    pub oldest: Option<u64>,
    /// Number of the newest; `None` where there is none.
    pub newest: Option<u64>,
    /// Device memory in bytes that their features take. What objects remember of these frames is not in it: at most one memory map
    /// per object and frame, the size of one in a bank.
    pub bytes: u64,
}
