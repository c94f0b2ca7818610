//! Rendered scenes as a source.

use maskd_capture::{CaptureError, Source};
use maskd_scene::{Scene, SceneConfig, SceneFrame};
use maskd_types::{Frame, SourceInfo};

use crate::exit::{Advice, Code, Failure};
use crate::prompts::{Origin, Part, Statement};

struct SceneSource {
    scene: Scene,
    info: SourceInfo,
    /// Rendered already, to know what is in it.
    first: Option<Frame>,
}

impl Source for SceneSource {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn next_frame(&mut self) -> Result<Option<Frame>, CaptureError> {
        let rendered = |scene: &mut Scene| scene.next_frame().map(|frame| frame.frame);
        Ok(self.first.take().or_else(|| rendered(&mut self.scene)))
    }
}

/// A scene, and the true boxes of the objects in its first frame.
///
/// # Errors
/// Where the text describes no scene.
pub fn open(text: &str) -> Result<(Box<dyn Source>, Vec<Statement>), Failure> {
    let config: SceneConfig = text.parse()?;
    let mut scene = Scene::new(config)?;
    let info = scene.info();
    let first = scene.next_frame();
    let truth = first.as_ref().map(boxes).unwrap_or_default();
    let first = first.map(|first| first.frame);
    Ok((Box::new(SceneSource { scene, info, first }), truth))
}

fn boxes(frame: &SceneFrame) -> Vec<Statement> {
    let statement = |(object, edges)| Statement { object, frame: 0, part: Part::Box(edges), origin: Origin::Scene };
    frame.boxes().into_iter().map(statement).collect()
}

impl Advice for maskd_scene::SceneError {
    fn code(&self) -> Code {
        Code::Usage
    }

    fn help(&self) -> String {
        "a scene reads scene://?seed=7&objects=3&frames=300&size=640x360&fps=30; every part may be left out".into()
    }
}
