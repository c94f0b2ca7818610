use std::fs::{self, File};

use maskd_types::TrackedFrame;

use super::SheetConfig;
use super::sampling::EvenSample;
use crate::resize::{fit, resize};
use crate::{OutputError, Picture, Sink, contact_sheet, overlay};

/// Writes a [contact sheet](contact_sheet) of frames spread over the whole run. Only as many small pictures as fit on the page
/// are held, however long the run.
#[derive(Debug)]
pub struct SheetSink {
    name: String,
    config: SheetConfig,
    sample: Option<EvenSample<(String, Picture)>>,
}

impl SheetSink {
    /// Makes sure that the file can be written; it is written by [`Sink::finish`].
    ///
    /// # Errors
    /// [`OutputError::Create`] where it cannot.
    pub fn create(config: SheetConfig) -> Result<Self, OutputError> {
        let failed = |source| OutputError::Create { path: config.path.clone(), source };
        let existed = config.path.exists();
        File::options().create(true).append(true).open(&config.path).map_err(failed)?;
        if !existed {
            fs::remove_file(&config.path).map_err(failed)?;
        }
        let places = config.columns.saturating_mul(config.rows);
        let name = format!("contact sheet {}", config.path.display());
        Ok(Self { name, sample: Some(EvenSample::new(places as usize)), config })
    }

    fn closed(&self) -> OutputError {
        OutputError::Closed { path: self.config.path.clone() }
    }
}

impl Sink for SheetSink {
    fn name(&self) -> &str {
        &self.name
    }

    fn write(&mut self, frame: &TrackedFrame) -> Result<(), OutputError> {
        let width = self.config.cell_width;
        let closed = self.closed();
        let sample = self.sample.as_mut().ok_or(closed)?;
        sample.offer(|| {
            let whole = overlay::draw(frame);
            let height = u64::from(width) * u64::from(whole.height()) / u64::from(whole.width().max(1));
            // A page cell is never higher than a source frame can be wide.
            let (size, _) = fit(whole.width(), whole.height(), [width, u32::try_from(height).unwrap_or(width).max(1)]);
            (format!("frame {}", frame.frame.number), resize(&whole, size[0], size[1]))
        });
        Ok(())
    }

    fn finish(&mut self) -> Result<(), OutputError> {
        let sample = self.sample.take().ok_or_else(|| self.closed())?;
        let pictures = sample.into_kept();
        if pictures.is_empty() {
            return Ok(());
        }
        contact_sheet(&pictures, self.config.columns, self.config.cell_width)?.write_png(&self.config.path)
    }
}
