use maskd_scene::{Scene, SceneConfig};

use super::{Picture, Reel};
use crate::CamsimError;

/// The scene, from its first frame on.
pub(super) struct SceneReel {
    scene: Scene,
}

impl SceneReel {
    pub(super) fn new(config: SceneConfig) -> Result<Self, CamsimError> {
        Ok(Self { scene: Scene::new(config)? })
    }
}

impl Reel for SceneReel {
    fn next_picture(&mut self) -> Result<Picture, CamsimError> {
        if let Some(shot) = self.scene.next_frame() {
            return Ok(Picture { rgb: shot.frame.rgb.to_vec(), truth: shot.truth.into() });
        }
        // Only after a thousand million frames.
        self.scene = Scene::new(self.scene.config().clone())?;
        self.next_picture()
    }
}
