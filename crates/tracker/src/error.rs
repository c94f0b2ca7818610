use maskd_model::ModelError;
use maskd_types::ObjectId;

/// Why a frame could not be tracked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrackerError {
    /// The network could not be loaded or run.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// An object that is not tracked was to be removed.
    #[error("object {object} cannot be removed: {}", tracked(known))]
    UnknownObject {
        /// The object.
        object: ObjectId,
        /// The objects that are tracked.
        known: Vec<ObjectId>,
    },
    /// Two prompts for one object on one frame.
    #[error("object {object} has two prompts on one frame; combine its points and its box in one prompt")]
    SecondPrompt {
        /// The object.
        object: ObjectId,
    },
    /// A prompt with neither points nor a box.
    #[error("the prompt of object {object} has neither a point nor a box")]
    EmptyPrompt {
        /// The object.
        object: ObjectId,
    },
    /// A prompt coordinate that is no number.
    #[error("the prompt of object {object} has a coordinate that is not a finite number")]
    Coordinate {
        /// The object.
        object: ObjectId,
    },
    /// A mask prompt that does not have the size of its frame.
    #[error(
        "the mask of object {object} is {}x{} pixels, but the frame is {}x{}; a mask prompt has the frame's size",
        found[0], found[1], expected[0], expected[1]
    )]
    MaskSize {
        /// The object.
        object: ObjectId,
        /// Width and height of the frame in pixels.
        expected: [u32; 2],
        /// Width and height of the mask in pixels.
        found: [u32; 2],
    },
    /// A prompt on a frame that packets of are missing: what it shows is not what the camera saw.
    #[error("object {object} cannot be prompted on a damaged frame; prompt it on the next one that is whole")]
    DamagedFrame {
        /// The object.
        object: ObjectId,
    },
    /// A prompt for a frame that is too old.
    #[error("frame {frame} is no longer remembered{}", oldest_left(*oldest))]
    FrameGone {
        /// The frame.
        frame: u64,
        /// The oldest that is remembered; `None` where none is.
        oldest: Option<u64>,
        /// The newest that is remembered; `None` where none is.
        newest: Option<u64>,
    },
    /// A prompt for a frame that the stream's source had, but that was never tracked.
    #[error("frame {frame} was not tracked; the nearest that can be prompted are {before} and {after}")]
    FrameSkipped {
        /// The frame.
        frame: u64,
        /// The nearest before it.
        before: u64,
        /// The nearest after it.
        after: u64,
    },
    /// A prompt for a frame that has not been there yet.
    #[error("frame {frame} has not been tracked yet; the newest that can be prompted is {newest}")]
    FrameToCome {
        /// The frame.
        frame: u64,
        /// The newest that was tracked.
        newest: u64,
    },
    /// A saved track that another model made, or that is no track at all.
    #[error("the saved track of object {object} does not fit this model; prompt the object anew")]
    ForeignTrack {
        /// The object.
        object: ObjectId,
    },
    /// Intermediate tensors could not be written.
    #[error("intermediate tensors cannot be written to {}", path.display())]
    Taps {
        /// The file.
        path: std::path::PathBuf,
        /// What went wrong.
        source: safetensors::SafeTensorError,
    },
}

fn oldest_left(oldest: Option<u64>) -> String {
    match oldest {
        Some(oldest) => format!("; the oldest that can be prompted is {oldest}"),
        None => ", nor is any other of its stream".to_owned(),
    }
}

fn tracked(known: &[ObjectId]) -> String {
    if known.is_empty() {
        return "no object is tracked".to_owned();
    }
    let ids: Vec<String> = known.iter().map(ToString::to_string).collect();
    format!("tracked are {}", ids.join(", "))
}
