//! Rendered scenes as a source.

use maskd_capture::Source;
use maskd_daemon::SceneSource;
use maskd_scene::SceneFrame;

use crate::exit::{Advice, Code, Failure};
use crate::prompts::{Origin, Part, Statement};

/// A scene, and the true boxes of the objects in its first frame.
///
/// # Errors
/// Where the text describes no scene.
pub fn open(text: &str) -> Result<(Box<dyn Source>, Vec<Statement>), Failure> {
    let scene = SceneSource::new(text)?;
    let truth = scene.first().map(boxes).unwrap_or_default();
    Ok((Box::new(scene), truth))
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
