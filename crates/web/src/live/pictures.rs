use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use maskd_live::{Rung, View, body};
use maskd_types::TrackedFrame;
use tokio::sync::OnceCell;

use crate::painters::Painters;
use crate::picture::{PictureError, Pixels};

/// The message of a frame, made once, however many wait for it; `None` where it cannot be made.
type Made = Arc<OnceCell<Option<Arc<Vec<u8>>>>>;

/// A frame, by its identity, and what was made of it.
type Entry = (Weak<TrackedFrame>, Made);

/// The newest frame of each stream as messages, made once for all viewers on a rung.
#[derive(Default)]
pub(crate) struct Pictures {
    newest: Mutex<BTreeMap<(String, Rung), Entry>>,
}

impl Pictures {
    /// The message of a frame for a rung, without what differs from viewer to viewer; `None` where it cannot be made.
    pub(super) async fn get(&self, painters: &Painters, frame: &Arc<TrackedFrame>, rung: Rung) -> Option<Arc<Vec<u8>>> {
        let made = self.place(frame, rung);
        let frame = Arc::clone(frame);
        let make = || async move {
            match painters.paint(move || message(&frame, rung)).await? {
                Ok(body) => Some(Arc::new(body)),
                Err(error) => {
                    tracing::warn!(%error, "a frame cannot be shown");
                    None
                }
            }
        };
        made.get_or_init(make).await.clone()
    }

    fn place(&self, frame: &Arc<TrackedFrame>, rung: Rung) -> Made {
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = newest.entry((frame.stream.to_string(), rung)).or_default();
        // By identity: a stream that was begun anew has the same numbers again.
        let frame = Arc::downgrade(frame);
        if !entry.0.ptr_eq(&frame) {
            *entry = (frame, Made::default());
        }
        Arc::clone(&entry.1)
    }

    /// Forgets what was made of a stream; whoever still watches it has the next frame made anew.
    pub(super) fn forget(&self, stream: &str) {
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        newest.retain(|(name, _), _| name != stream);
    }
}

fn message(frame: &TrackedFrame, rung: Rung) -> Result<Vec<u8>, PictureError> {
    let pixels = Pixels::scaled(frame, rung.width)?;
    let jpeg = pixels.jpeg(rung.quality)?;
    Ok(body(frame, View { width: pixels.width, height: pixels.height, jpeg: &jpeg }))
}
