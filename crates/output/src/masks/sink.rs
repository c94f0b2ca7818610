use std::fs;
use std::path::PathBuf;

use maskd_types::TrackedFrame;

use super::MasksConfig;
use super::index::indices;
use super::palette::palette;
use crate::{OutputError, Sink, png_file};

/// Writes `00000.png`, `00001.png` and so on, named by the numbers of the frames and of their size.
///
/// A file is written under another name and then moved, so whatever stops the program, every image there is whole.
pub struct MasksSink {
    name: String,
    directory: PathBuf,
    palette: Vec<u8>,
    closed: bool,
}

impl MasksSink {
    /// Makes the directory.
    ///
    /// # Errors
    /// [`OutputError::Create`] where that fails, or something that is no directory is in its place.
    pub fn create(config: &MasksConfig) -> Result<Self, OutputError> {
        let directory = config.directory.clone();
        if let Err(source) = fs::create_dir_all(&directory) {
            return Err(OutputError::Create { path: directory, source });
        }
        Ok(Self { name: format!("masks {}", directory.display()), directory, palette: palette(), closed: false })
    }

    fn write_image(&self, frame: &TrackedFrame) -> Result<(), OutputError> {
        let path = self.directory.join(format!("{:05}.png", frame.frame.number));
        let (width, height) = (frame.frame.width, frame.frame.height);
        let bytes = png_file::encode_indexed(width, height, &indices(frame)?, &self.palette);
        let bytes = bytes.map_err(|source| OutputError::Png { path: path.clone(), source })?;
        png_file::write_whole(&path, &bytes)
    }
}

impl Sink for MasksSink {
    fn name(&self) -> &str {
        &self.name
    }

    fn write(&mut self, frame: &TrackedFrame) -> Result<(), OutputError> {
        if self.closed {
            return Err(OutputError::Closed { path: self.directory.clone() });
        }
        let written = self.write_image(frame);
        self.closed = written.is_err();
        written
    }

    fn finish(&mut self) -> Result<(), OutputError> {
        self.closed = true;
        Ok(())
    }
}
