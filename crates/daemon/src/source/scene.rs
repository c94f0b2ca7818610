use maskd_capture::{CaptureError, Source};
use maskd_scene::{Scene, SceneConfig};
use maskd_types::{Frame, SourceInfo};

/// A rendered scene as a source of frames.
///
/// It renders as fast as frames are taken: the daemon's pace is set by the tracker, as with a file.
pub struct SceneSource {
    scene: Scene,
    info: SourceInfo,
}

impl SceneSource {
    /// Opens `scene://?seed=7&objects=3&...`.
    ///
    /// # Errors
    /// [`CaptureError::Address`] where the text describes no scene.
    pub fn open(address: &str) -> Result<Box<dyn Source>, CaptureError> {
        let unusable = |reason: String| CaptureError::Address { name: address.to_owned(), reason };
        let config: SceneConfig =
            address.parse().map_err(|error: maskd_scene::SceneError| unusable(error.to_string()))?;
        let scene = Scene::new(config).map_err(|error| unusable(error.to_string()))?;
        let info = scene.info();
        Ok(Box::new(Self { scene, info }))
    }
}

impl Source for SceneSource {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn next_frame(&mut self) -> Result<Option<Frame>, CaptureError> {
        Ok(self.scene.next_frame().map(|frame| frame.frame))
    }
}
