//! Writes frames of a scene as PNG: `cargo run -p maskd-scene --example render -- ADDRESS DIRECTORY [EVERY]`.

use std::error::Error;
use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant};

use maskd_scene::{Scene, SceneConfig};
use maskd_types::Frame;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (Some(address), Some(directory)) = (arguments.first(), arguments.get(1)) else {
        return Err("usage: render ADDRESS DIRECTORY [EVERY]".into());
    };
    let every: u64 = arguments.get(2).map_or(Ok(1), |text| text.parse())?;
    std::fs::create_dir_all(directory)?;
    let mut scene = Scene::new(address.parse::<SceneConfig>()?)?;
    let mut spent = Duration::ZERO;
    loop {
        let start = Instant::now();
        let Some(shot) = scene.next_frame() else {
            break;
        };
        spent += start.elapsed();
        if every > 0 && shot.frame.number % every == 0 {
            write_png(&shot.frame, &Path::new(directory).join(format!("{:05}.png", shot.frame.number)))?;
        }
    }
    let frames = scene.config().frames;
    println!("{frames} frames, {:.1} frames per second", frames as f64 / spent.as_secs_f64());
    Ok(())
}

fn write_png(frame: &Frame, path: &Path) -> Result<(), Box<dyn Error>> {
    let mut encoder = png::Encoder::new(File::create(path)?, frame.width, frame.height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header()?.write_image_data(&frame.rgb)?;
    Ok(())
}
