//! Writes a scene with its true masks through every sink:
//! `cargo run --release -p maskd-output --example scene_to_sinks -- 'scene://?frames=120' DIRECTORY`.
//! With `--features rerun` also to a file for Rerun's viewer, or to the viewer whose address is the third argument.

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use maskd_output::masks::{MasksConfig, MasksSink};
use maskd_output::ndjson::{NdjsonConfig, NdjsonSink};
use maskd_output::video::{VideoConfig, VideoSink};
use maskd_output::{Picture, Sink, contact_sheet, overlay};
use maskd_scene::{Scene, SceneConfig, SceneFrame, Truth};
use maskd_types::{Latency, ObjectState, TrackedFrame, TrackedObject};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (Some(address), Some(directory)) = (arguments.first(), arguments.get(1)) else {
        return Err("usage: scene_to_sinks ADDRESS DIRECTORY".into());
    };
    let directory = Path::new(directory);
    std::fs::create_dir_all(directory)?;
    let mut scene = Scene::new(address.parse::<SceneConfig>()?)?;
    let rate = Some(scene.config().rate);
    let mut sinks: Vec<Box<dyn Sink>> = vec![
        Box::new(NdjsonSink::create(&NdjsonConfig::new(directory.join("objects.ndjson")))?),
        Box::new(MasksSink::create(&MasksConfig { directory: directory.join("masks") })?),
        Box::new(VideoSink::create(VideoConfig::new(directory.join("video.mp4"), rate))?),
    ];
    #[cfg(feature = "rerun")]
    sinks.push(rerun(directory, arguments.get(2))?);
    let mut seconds = vec![0.0; sinks.len()];
    let mut sheet: Vec<(String, Picture)> = Vec::new();
    let every = scene.config().frames.div_ceil(9);
    while let Some(shot) = scene.next_frame() {
        let frame = tracked(shot);
        for (sink, seconds) in sinks.iter_mut().zip(&mut seconds) {
            let start = Instant::now();
            sink.write(&frame)?;
            *seconds += start.elapsed().as_secs_f64();
        }
        if frame.frame.number.is_multiple_of(every) {
            sheet.push((format!("frame {}", frame.frame.number), overlay::draw(&frame)));
        }
    }
    for (sink, seconds) in sinks.iter_mut().zip(&mut seconds) {
        let start = Instant::now();
        sink.finish()?;
        *seconds += start.elapsed().as_secs_f64();
        let each = 1000.0 * *seconds / scene.config().frames as f64;
        println!("{}: {each:.2} ms per frame", sink.name());
    }
    contact_sheet(&sheet, 3, 480)?.write_png(&directory.join("sheet.png"))?;
    Ok(())
}

#[cfg(feature = "rerun")]
fn rerun(directory: &Path, viewer: Option<&String>) -> Result<Box<dyn Sink>, maskd_output::OutputError> {
    use maskd_output::rerun::{RerunConfig, RerunSink, RerunTarget};
    let file = || RerunTarget::File(directory.join("scene.rrd"));
    let target = viewer.map_or_else(file, |address| RerunTarget::Viewer(address.clone()));
    Ok(Box::new(RerunSink::create(&RerunConfig::new(target))?))
}

fn tracked(shot: SceneFrame) -> TrackedFrame {
    TrackedFrame {
        stream: "scene".into(),
        frame: shot.frame,
        objects: shot.truth.into_iter().map(object).collect(),
        latency: Latency::default(),
    }
}

fn object(truth: Truth) -> TrackedObject {
    TrackedObject {
        id: truth.id,
        name: None,
        state: if truth.visible.is_empty() { ObjectState::Occluded } else { ObjectState::Visible },
        score: 1.0 - truth.hidden,
        iou: 1.0,
        bbox: truth.visible.bbox(),
        area: truth.visible.area(),
        centroid: truth.visible.centroid(),
        mask: truth.visible,
    }
}
