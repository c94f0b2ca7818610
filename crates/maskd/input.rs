//! From what was typed as INPUT to something that gives frames.

mod advice;
mod scene;

use maskd_capture::{CaptureError, CaptureOptions, Interrupt, Source};
use maskd_types::SourceInfo;

use crate::exit::Failure;
use crate::prompts::Statement;

/// An opened input.
pub struct Input {
    /// Where its frames come from.
    pub source: Box<dyn Source>,
    /// Ends a wait for a frame.
    pub interrupt: Interrupt,
    /// Whether it has no end of its own, so that ending it is no accident.
    pub live: bool,
    /// What is known to be in its first frame; only rendered scenes know.
    pub truth: Vec<Statement>,
}

impl Input {
    /// Opens a file, a folder, a camera or a rendered scene.
    ///
    /// # Errors
    /// Where there is no such thing, or no frame in it.
    pub fn open(text: &str) -> Result<Self, Failure> {
        let interrupt = Interrupt::default();
        if text.starts_with("scene://") {
            let (source, truth) = scene::open(text)?;
            return Ok(Self { source, interrupt, live: false, truth });
        }
        let options = CaptureOptions { interrupt: interrupt.clone(), ..CaptureOptions::default() };
        let source = maskd_capture::open(text, &options)?;
        Ok(Self { source, interrupt, live: is_live(text), truth: Vec::new() })
    }

    /// What is known before the first frame.
    pub fn info(&self) -> &SourceInfo {
        self.source.info()
    }
}

/// How many frames there will be when a run stops after `limit`; `None` where the input cannot know.
pub fn frames_to_come(frames: Option<u64>, limit: Option<u64>) -> Option<u64> {
    frames.map(|frames| limit.map_or(frames, |limit| frames.min(limit)))
}

fn is_live(text: &str) -> bool {
    let scheme = text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("rtsp" | "rtsps" | "v4l2"))
}

/// The error of an input that ended before it began, for sources that do not tell themselves.
pub fn no_frames(info: &SourceInfo) -> Failure {
    CaptureError::NoFrames { name: info.name.clone() }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_cameras_are_live() {
        for text in ["rtsp://a/b", "RTSPS://a", "v4l2:///dev/video0"] {
            assert!(is_live(text), "{text}");
        }
        for text in ["a.mp4", "scene://", "file:///a.mp4", "rtsp"] {
            assert!(!is_live(text), "{text}");
        }
    }

    #[test]
    fn a_limit_shortens_and_never_lengthens() {
        assert_eq!(frames_to_come(Some(10), None), Some(10));
        assert_eq!(frames_to_come(Some(10), Some(4)), Some(4));
        assert_eq!(frames_to_come(Some(10), Some(40)), Some(10));
        assert_eq!(frames_to_come(None, Some(40)), None);
    }
}
