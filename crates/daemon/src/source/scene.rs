use maskd_capture::{CaptureError, Source};
use maskd_scene::{Scene, SceneConfig, SceneError, SceneFrame};
use maskd_types::{Frame, SourceInfo};

/// A rendered scene as a source of frames.
///
/// It renders as fast as frames are taken: the daemon's pace is set by the tracker, as with a file.
pub struct SceneSource {
    scene: Scene,
    info: SourceInfo,
    /// Rendered already, to know what is in it.
    first: Option<SceneFrame>,
}

impl SceneSource {
    /// `address` is `scene://?seed=7&objects=3&...`.
    ///
    /// # Errors
    /// [`SceneError`] where the text describes no scene.
    pub fn new(address: &str) -> Result<Self, SceneError> {
        let mut scene = Scene::new(address.parse::<SceneConfig>()?)?;
        let info = scene.info();
        let first = scene.next_frame();
        Ok(Self { scene, info, first })
    }

    /// The first frame with all that is true of it; `None` once it has been taken, and where the scene has no frames.
    pub fn first(&self) -> Option<&SceneFrame> {
        self.first.as_ref()
    }
}

impl Source for SceneSource {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn next_frame(&mut self) -> Result<Option<Frame>, CaptureError> {
        let next = self.first.take().or_else(|| self.scene.next_frame());
        Ok(next.map(|next| next.frame))
    }
}
