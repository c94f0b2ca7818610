use maskd_types::{CaptureTime, Frame, ObjectEvent};
use re_log_types::{TimeCell, TimePoint};

/// Number of the frame.
const FRAME: &str = "frame";
/// When the frame was made.
const CAPTURE_TIME: &str = "capture_time";

pub(super) fn of_frame(frame: &Frame) -> TimePoint {
    of_number(frame.number, frame.stamp.capture)
}

pub(super) fn of_event(event: &ObjectEvent) -> TimePoint {
    of_number(event.frame, event.capture)
}

fn of_number(number: u64, capture: CaptureTime) -> TimePoint {
    of_moment(capture).with_index(FRAME, TimeCell::from_sequence(whole(number)))
}

pub(super) fn of_moment(capture: CaptureTime) -> TimePoint {
    TimePoint::default().with_index(CAPTURE_TIME, TimeCell::from_timestamp_nanos_since_epoch(whole(capture.unix_ns)))
}

/// Rerun counts with a sign; its numbers end in the year 2262.
fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
