use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use gstreamer::prelude::*;
use gstreamer::{Buffer, Caps, ClockTime, Fraction, State};
use gstreamer_app::AppSrc;
use maskd_types::FrameRate;

/// Where frames enter one stream that is being served.
pub(super) struct Outlet {
    source: gstreamer::glib::WeakRef<AppSrc>,
    /// Whether the server has finished the stream's description and clients may play it.
    prepared: Arc<AtomicBool>,
    size: Option<(u32, u32)>,
    last: Option<ClockTime>,
}

impl Outlet {
    pub(super) fn new(source: &AppSrc, prepared: Arc<AtomicBool>) -> Self {
        Self { source: source.downgrade(), prepared, size: None, last: None }
    }

    pub(super) fn gone(&self) -> bool {
        self.source.upgrade().is_none_or(|source| source.current_state() == State::Null && self.is_prepared())
    }

    pub(super) fn is_prepared(&self) -> bool {
        self.prepared.load(Ordering::Acquire)
    }

    /// Sends a frame that was due `late` ago; a stream that does not run yet or any more goes without.
    pub(super) fn push(&mut self, frame: &Buffer, size: (u32, u32), rate: FrameRate, late: Duration) {
        // Before it plays, a source may have a clock but not yet the time at which that began.
        let Some(source) = self.source.upgrade().filter(|source| source.current_state() == State::Playing) else {
            return;
        };
        let Some(now) = source.current_running_time() else { return };
        if self.size != Some(size) {
            source.set_caps(Some(&caps(size, rate)));
            self.size = Some(size);
        }
        let late = ClockTime::try_from(late).unwrap_or_default();
        let after_last = self.last.map_or(ClockTime::ZERO, |last| last + ClockTime::from_mseconds(1));
        let pts = now.saturating_sub(late).max(after_last);
        self.last = Some(pts);
        let mut frame = frame.copy();
        if let Some(frame) = frame.get_mut() {
            frame.set_pts(pts);
        }
        // Refused by a stream that is being taken down.
        let _ = source.push_buffer(frame);
    }
}

fn caps((width, height): (u32, u32), rate: FrameRate) -> Caps {
    let number = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
    Caps::builder("video/x-raw")
        .field("format", "RGB")
        .field("width", number(width))
        .field("height", number(height))
        .field("pixel-aspect-ratio", Fraction::new(1, 1))
        .field("framerate", Fraction::new(number(rate.numerator), number(rate.denominator)))
        .build()
}
