use std::error::Error;

use crate::CaptureError;

/// What follows from the end of an attempt.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Somebody wants something else.
    Interrupted,
    /// The end of a file.
    Finished,
    /// No frame came for too long.
    Silent(String),
    /// It may work the next time.
    Failed(String),
    /// The camera does not accept user and password.
    Refused(String),
    /// It will never work.
    Hopeless(String),
}

impl Verdict {
    pub(super) fn of(error: &CaptureError) -> Self {
        let reason = reason(error);
        match error {
            CaptureError::Interrupted => Self::Interrupted,
            CaptureError::Timeout { first: false, .. } => Self::Silent(reason),
            CaptureError::Unauthorised { .. } => Self::Refused(reason),
            _ if is_hopeless(error) => Self::Hopeless(reason),
            _ => Self::Failed(reason),
        }
    }

    /// Of an error after which there is nothing to be tried again.
    pub(super) fn final_of(error: &CaptureError) -> Self {
        match Self::of(error) {
            Self::Silent(reason) | Self::Failed(reason) | Self::Refused(reason) => Self::Hopeless(reason),
            other => other,
        }
    }
}

/// Whether only another configuration or another file can help. A camera may be set up anew while this program runs, so
/// that a codec or a size that cannot be handled is no such case.
fn is_hopeless(error: &CaptureError) -> bool {
    matches!(
        error,
        CaptureError::UnknownScheme { .. }
            | CaptureError::Address { .. }
            | CaptureError::WrongKind { .. }
            | CaptureError::EmptyFile { .. }
            | CaptureError::NotVideo { .. }
            | CaptureError::NoVideoStream { .. }
            | CaptureError::MissingElement { .. }
            | CaptureError::Initialise(_)
            | CaptureError::Description { .. }
            | CaptureError::Image { .. }
            | CaptureError::SizeChange { .. }
            | CaptureError::SameFrame { .. }
    )
}

/// The error in one line, with what lies behind it.
fn reason(error: &CaptureError) -> String {
    let mut text = match error {
        CaptureError::Element { name, message, debug, .. } => {
            // GStreamer's details start with a place in its own source; what happened stands in the last line.
            let detail = debug.as_deref().and_then(|debug| debug.lines().next_back()).filter(|line| !line.is_empty());
            let detail = detail.map(|line| format!(" ({line})")).unwrap_or_default();
            format!("{name}: {message}{detail}")
        }
        _ => error.to_string(),
    };
    let mut cause = error.source();
    while let Some(source) = cause {
        text = format!("{text}: {source}");
        cause = source.source();
    }
    text.replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_one_line_and_says_what_happened() {
        let error = CaptureError::Element {
            name: "rtsp://cam/live".to_owned(),
            element: "/GstPipeline:pipeline0/GstRTSPSrc:source".to_owned(),
            message: "Could not open resource for reading.".to_owned(),
            debug: Some("../gst/rtsp/gstrtspsrc.c(8): f (): /x:source:\nFailed to connect. (Generic error)".to_owned()),
        };
        let text = "rtsp://cam/live: Could not open resource for reading. (Failed to connect. (Generic error))";
        assert_eq!(Verdict::of(&error), Verdict::Failed(text.to_owned()));
    }

    #[test]
    fn what_can_never_work_is_told_from_what_may() {
        let name = || "x".to_owned();
        let scheme = CaptureError::UnknownScheme { scheme: "exec".to_owned() };
        assert!(matches!(Verdict::of(&scheme), Verdict::Hopeless(text) if text.contains("exec")));
        let missing = CaptureError::NotFound { path: "/dev/video9".into() };
        assert!(matches!(Verdict::of(&missing), Verdict::Failed(_)));
        let refused = CaptureError::Unauthorised { name: name(), reason: "Unauthorized".to_owned() };
        assert!(matches!(Verdict::of(&refused), Verdict::Refused(_)));
        for (first, silent) in [(false, true), (true, false)] {
            let timeout = CaptureError::Timeout { name: name(), waited: std::time::Duration::from_secs(3), first };
            assert_eq!(matches!(Verdict::of(&timeout), Verdict::Silent(_)), silent);
        }
    }

    #[test]
    fn causes_are_part_of_the_reason() {
        let source = std::io::Error::other("no such medium");
        let Verdict::Failed(text) = Verdict::of(&CaptureError::Unreadable { path: "/x".into(), source }) else {
            panic!("it may work later")
        };
        assert_eq!(text, "cannot read /x: no such medium");
    }
}
