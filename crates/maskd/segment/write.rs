//! JSON lines and pictures of candidates.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write, stdout};
use std::path::{Path, PathBuf};

use maskd_tracker::Candidate;
use maskd_types::{Frame, ObjectId, Rle};
use serde::Serialize;

use super::file_name;
use crate::cli::SegmentArgs;
use crate::exit::{Advice, Code};

/// One line: an object and what it may be.
#[derive(Serialize)]
struct Line<'a> {
    image: &'a str,
    width: u32,
    height: u32,
    id: ObjectId,
    candidates: Vec<Shape<'a>>,
}

/// A candidate with what can be measured on its mask.
#[derive(Serialize)]
struct Shape<'a> {
    score: f32,
    iou: f32,
    #[serde(rename = "box")]
    bbox: Option<[u32; 4]>,
    area: u64,
    centroid: Option<[f32; 2]>,
    mask: &'a Rle,
}

impl<'a> From<&'a Candidate> for Shape<'a> {
    fn from(candidate: &'a Candidate) -> Self {
        let mask = &candidate.mask;
        Self {
            score: candidate.score,
            iou: candidate.iou,
            bbox: mask.bbox(),
            area: mask.area(),
            centroid: mask.centroid(),
            mask,
        }
    }
}

/// A result cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("{} cannot be written", path.display())]
pub struct WriteError {
    path: PathBuf,
    source: io::Error,
}

impl Advice for WriteError {
    fn code(&self) -> Code {
        Code::RunTime
    }

    fn help(&self) -> String {
        "give a path that can be written, on a disk with room".into()
    }
}

/// Where results go.
pub struct Writer<'a> {
    lines: Box<dyn Write>,
    name: &'a Path,
    masks: Option<&'a Path>,
}

impl<'a> Writer<'a> {
    /// Opens what was asked for; standard output where no file for the JSON was.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn create(arguments: &'a SegmentArgs) -> Result<Self, WriteError> {
        let name = arguments.ndjson.as_deref().unwrap_or(Path::new("-"));
        let lines: Box<dyn Write> = match name {
            path if path == Path::new("-") => Box::new(stdout()),
            path => Box::new(File::create(path).map_err(at(path))?),
        };
        let masks = arguments.masks.as_deref();
        if let Some(folder) = masks {
            fs::create_dir_all(folder).map_err(at(folder))?;
        }
        Ok(Self { lines, name, masks })
    }

    /// Writes the line of an object and the pictures of its candidates.
    ///
    /// # Errors
    /// Where either cannot be written. A reader that has gone is no error.
    pub fn write(
        &mut self,
        image: &str,
        frame: &Frame,
        id: ObjectId,
        candidates: &[Candidate],
    ) -> Result<(), WriteError> {
        let (width, height) = (frame.width, frame.height);
        let line = Line { image, width, height, id, candidates: candidates.iter().map(Shape::from).collect() };
        match self.line(&line) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => return Err(at(self.name)(error)),
            _ => {}
        }
        let Some(folder) = self.masks else { return Ok(()) };
        for (index, candidate) in candidates.iter().enumerate() {
            let path = folder.join(file_name(id, index));
            picture(&path, &candidate.mask).map_err(at(&path))?;
        }
        Ok(())
    }

    fn line(&mut self, line: &Line<'_>) -> io::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        self.lines.write_all(&text)?;
        self.lines.flush()
    }
}

fn at(path: &Path) -> impl Fn(io::Error) -> WriteError {
    move |source| WriteError { path: path.into(), source }
}

/// 255 inside, 0 outside.
fn picture(path: &Path, mask: &Rle) -> io::Result<()> {
    let mask = mask.decode();
    let pixels: Vec<u8> = mask.data().iter().map(|inside| inside * 255).collect();
    let mut encoder = png::Encoder::new(BufWriter::new(File::create(path)?), mask.width(), mask.height());
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    Ok(writer.finish()?)
}
