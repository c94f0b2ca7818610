use std::path::PathBuf;

use maskd_types::ObjectId;

use super::Origin;
use crate::exit::{Advice, Code};

/// Why what the user said cannot be done.
#[derive(Debug, thiserror::Error)]
pub enum PromptError {
    /// The prompts file cannot be read.
    #[error("the prompts file {path} cannot be read", path = path.display())]
    Unreadable {
        /// The prompts file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The prompts file is no list of prompts; the cause tells line and column.
    #[error("{path} is no prompts file", path = path.display())]
    Json {
        /// The prompts file.
        path: PathBuf,
        /// What is wrong, with line and column.
        source: serde_json::Error,
    },
    /// Nothing to track.
    #[error("there is no prompt, so there is nothing to track")]
    Nothing,
    /// Two statements that cannot both hold.
    #[error("{first} and {second} contradict each other: {reason} (object {object}, frame {frame})")]
    Contradiction {
        /// Who both are about.
        object: ObjectId,
        /// The frame both are about.
        frame: u64,
        /// Where the one was said.
        first: Origin,
        /// Where the other was said.
        second: Origin,
        /// Why they exclude each other.
        reason: &'static str,
    },
    /// A removal of something that is not tracked.
    #[error(
        "{origin} removes object {object} at frame {frame}, where it is not tracked (tracked there: {})",
        list(tracked)
    )]
    UnknownObject {
        /// The object.
        object: ObjectId,
        /// When it was to be removed.
        frame: u64,
        /// Where that was said.
        origin: Origin,
        /// What is tracked at that time.
        tracked: Vec<ObjectId>,
    },
    /// An object whose id no pixel of a mask image can hold.
    #[error("{origin} is about object {object}, but the pixels of --masks hold ids up to 255")]
    LargeId {
        /// The object.
        object: ObjectId,
        /// Where it was named.
        origin: Origin,
    },
    /// A point or a box that is not within the picture.
    #[error("{origin} is outside the frame: {what} does not lie within {width}x{height} pixels")]
    Outside {
        /// Where it was said.
        origin: Origin,
        /// The point or box.
        what: String,
        /// Width of the frames in pixels.
        width: u32,
        /// Height of the frames in pixels.
        height: u32,
    },
    /// A frame that the input does not have, or that `--frames` cuts off.
    #[error("{origin} is for frame {frame}, but {}", last(*frames))]
    PastTheEnd {
        /// Where it was said.
        origin: Origin,
        /// The frame.
        frame: u64,
        /// How many frames there are.
        frames: u64,
    },
    /// The same, found out only when the input ended; everything before has been tracked.
    #[error("the input ended before frame {frame} of {origin} came: {}", last(*frames))]
    EndedBefore {
        /// Where it was said.
        origin: Origin,
        /// The frame.
        frame: u64,
        /// How many frames there were.
        frames: u64,
    },
    /// A mask that cannot be read.
    #[error("the mask {path} of {origin} cannot be used", path = path.display())]
    Mask {
        /// The PNG.
        path: PathBuf,
        /// Where it was named.
        origin: Origin,
        /// What is wrong with it.
        source: maskd_prompts::mask::MaskFileError,
    },
}

fn last(frames: u64) -> String {
    match frames.checked_sub(1) {
        Some(last) => format!("the last frame is {last}"),
        None => "there are no frames".into(),
    }
}

fn list(objects: &[ObjectId]) -> String {
    if objects.is_empty() {
        return "none".into();
    }
    let ids: Vec<String> = objects.iter().map(ToString::to_string).collect();
    ids.join(", ")
}

impl Advice for PromptError {
    fn code(&self) -> Code {
        match self {
            Self::Unreadable { .. } | Self::Json { .. } | Self::Mask { .. } => Code::Config,
            Self::Nothing => Code::Usage,
            Self::EndedBefore { .. } => Code::RunTime,
            Self::Contradiction { first, second, .. } => blame(&[first, second]),
            Self::UnknownObject { origin, .. }
            | Self::LargeId { origin, .. }
            | Self::Outside { origin, .. }
            | Self::PastTheEnd { origin, .. } => blame(&[origin]),
        }
    }

    fn help(&self) -> String {
        match self {
            Self::Unreadable { .. } => "check the path given to --prompts and its permissions",
            Self::Json { .. } => {
                "write a list such as [{\"frame\":0,\"object\":1,\"points\":[[x,y,1]]}]; see `maskd track --help`"
            }
            Self::Nothing => "point at something, for example with `--prompt 1:point=X,Y` or `--prompt 1:box=X0,Y0,X1,Y1`",
            Self::Contradiction { .. } => {
                "on one frame an object takes either one mask, or points and at most one box, or a removal; drop one of the two"
            }
            Self::UnknownObject { .. } => "prompt the object on an earlier frame, or leave out the removal",
            Self::LargeId { .. } => "give the object a smaller id, or leave out --masks",
            Self::Outside { .. } => "coordinates are pixels of the input, x to the right and y down from the top left corner",
            Self::PastTheEnd { .. } => "frames are counted from 0; prompt an earlier frame",
            Self::EndedBefore { .. } => "all frames were tracked and written; prompt an earlier frame or leave it out",
            Self::Mask { source, .. } => source.help(),
        }
        .into()
    }
}

/// A fault in a file is bad configuration, a fault typed at the command line is wrong usage.
fn blame(origins: &[&Origin]) -> Code {
    let in_file = origins.iter().any(|origin| matches!(origin, Origin::Entry { .. }));
    if in_file { Code::Config } else { Code::Usage }
}
