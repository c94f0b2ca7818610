use std::sync::Arc;

use maskd_types::{CaptureTime, SourceState, TrackedFrame, TrackedObject};

use crate::overlay::caption;
use crate::{Picture, masks, naming, overlay};

/// What is shown while a stream has had no picture yet.
const NOTHING: (u32, u32, [u8; 3]) = (640, 360, [24; 3]);

/// What of a stream a mount shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum View {
    /// The picture with everything drawn on it.
    Annotated,
    /// The masks on black.
    Masks,
}

/// What is known of a stream that players want to see.
#[derive(Clone, Debug, Default)]
pub(super) struct Shown {
    pub(super) last: Option<Arc<TrackedFrame>>,
    /// Where the source stands, while it brings no pictures.
    pub(super) lost: Option<SourceState>,
}

impl View {
    /// The picture of this moment.
    pub(super) fn draw(self, shown: &Shown) -> Picture {
        let mut picture = match (&shown.last, self) {
            (Some(frame), Self::Annotated) => overlay::draw(frame),
            (Some(frame), Self::Masks) => draw_masks(frame),
            (None, _) => Picture::new(NOTHING.0, NOTHING.1, NOTHING.2),
        };
        let connecting = shown.last.is_none().then_some(SourceState::Connecting);
        if let Some(state) = shown.lost.or(connecting) {
            let time = naming::wall_clock(CaptureTime::now().unix_ns);
            caption(&mut picture, &format!("no signal ({}) {time}", state.name().replace('_', " ")));
        }
        picture
    }
}

fn draw_masks(frame: &TrackedFrame) -> Picture {
    let mut picture = Picture::new(frame.frame.width, frame.frame.height, [0; 3]);
    let mut objects: Vec<&TrackedObject> = frame.objects.iter().collect();
    // As in mask images: the surest object lies on top, of equals the one with the lower id.
    objects.sort_by(|a, b| a.score.total_cmp(&b.score).then(b.id.cmp(&a.id)));
    for object in objects {
        // Colours of DAVIS end at 255; ids beyond begin anew, without black.
        let index = (object.id.get() - 1) % 255 + 1;
        let colour = masks::colour(u8::try_from(index).unwrap_or(u8::MAX));
        for segment in object.mask.segments() {
            picture.column_mut(segment.x, segment.y0, segment.y1).for_each(|pixel| *pixel = colour);
        }
    }
    picture
}
