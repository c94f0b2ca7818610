//! Where pictures come from.

mod file;
mod pattern;
mod scene;

use std::sync::Arc;

use maskd_scene::Truth;
use maskd_types::FrameRate;

use crate::{CamsimError, Footage};

/// One picture, before its number is burnt in.
pub(crate) struct Picture {
    /// `[height, width, 3]`, rows tightly packed.
    pub(crate) rgb: Vec<u8>,
    /// The masks; empty where the footage knows none.
    pub(crate) truth: Arc<[Truth]>,
}

/// Gives pictures without end.
pub(crate) trait Reel: Send {
    fn next_picture(&mut self) -> Result<Picture, CamsimError>;
}

/// Opens footage at a size, at its beginning.
pub(crate) fn open(footage: &Footage, size: (u32, u32), rate: FrameRate) -> Result<Box<dyn Reel>, CamsimError> {
    if let Some(config) = footage.scene(size, rate) {
        return Ok(Box::new(scene::SceneReel::new(config)?));
    }
    Ok(match footage {
        Footage::File(path) => Box::new(file::FileReel::open(path, size)?),
        _ => Box::new(pattern::PatternReel::new(size)),
    })
}
