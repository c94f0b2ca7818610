//! Writes the frames of a source as PNG files:
//! `cargo run --release -p maskd-capture --example pictures -- INPUT DIRECTORY [FRAMES]`.

use std::error::Error;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use maskd_capture::{CaptureOptions, open};
use maskd_types::Frame;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (Some(input), Some(directory)) = (arguments.first(), arguments.get(1)) else {
        return Err("usage: pictures INPUT DIRECTORY [FRAMES]".into());
    };
    let most = arguments.get(2).map_or(Ok(u64::MAX), |frames| frames.parse())?;
    let mut source = open(input, &CaptureOptions::default())?;
    while let Some(frame) = source.next_frame()?
        && frame.number < most
    {
        write(&frame, &Path::new(directory).join(format!("{:05}.png", frame.number)))?;
    }
    Ok(())
}

fn write(frame: &Frame, path: &Path) -> Result<(), Box<dyn Error>> {
    let mut encoder = png::Encoder::new(BufWriter::new(File::create(path)?), frame.width, frame.height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&frame.rgb)?;
    writer.finish()?;
    Ok(())
}
