use maskd_model::{Checkpoint, Device, DeviceSpec, Kernels, ModelError, OnBackend, Precision, Sam2};

use crate::engine::Engine;
use crate::segmenter::ImageSegmenter;
use crate::single::Single;
use crate::{Segmenter, StreamTracker, Tracker, TrackerError, TrackerOptions};

/// Builds a tracker from a checkpoint on the device that `device` asks for.
///
/// # Errors
/// [`TrackerError::Model`] where the device is not there or `options.image_size` is no size for this network.
pub fn open(
    checkpoint: Checkpoint,
    device: &DeviceSpec,
    options: TrackerOptions,
) -> Result<Box<dyn Tracker>, TrackerError> {
    // Nobody could ask for a past frame.
    let options = TrackerOptions { prompt_ring_frames: 0, ..options };
    Ok(Box::new(Single(open_streams(checkpoint, device, options)?)))
}

/// The same for many streams. [`TrackerOptions::known_frames`] and [`TrackerOptions::taps`] make sense for a single one only.
///
/// # Errors
/// As [`open`].
pub fn open_streams(
    checkpoint: Checkpoint,
    device: &DeviceSpec,
    options: TrackerOptions,
) -> Result<Box<dyn StreamTracker>, TrackerError> {
    let device = Device::find(device)?;
    let (image_size, precision) = (options.image_size, options.precision);
    let build = OpenTracker { device_name: device.to_string(), warm_up: device.compiles(), options };
    device.run(Load { checkpoint, image_size, precision, build }).map_err(TrackerError::from)
}

/// The same for single pictures.
///
/// # Errors
/// As [`open`].
pub fn open_segmenter(
    checkpoint: Checkpoint,
    device: &DeviceSpec,
    image_size: Option<usize>,
    precision: Precision,
) -> Result<Box<dyn Segmenter>, TrackerError> {
    let device = Device::find(device)?;
    let build = OpenSegmenter { device_name: device.to_string() };
    device.run(Load { checkpoint, image_size, precision, build }).map_err(TrackerError::from)
}

/// Wraps a loaded network, whatever backend it is on, into what callers see.
trait Build {
    type Output;

    fn build<B: Kernels>(self, model: Sam2<B>) -> Result<Self::Output, ModelError>;
}

struct Load<T> {
    checkpoint: Checkpoint,
    image_size: Option<usize>,
    precision: Precision,
    build: T,
}

impl<T: Build> OnBackend for Load<T> {
    type Output = Result<T::Output, ModelError>;

    fn run<B: Kernels>(self, device: B::Device) -> Self::Output {
        let mut config = self.checkpoint.config.clone();
        config.image_size = self.image_size.unwrap_or(config.image_size);
        let model = Sam2::<B>::load_as(&config, &self.checkpoint, &device, self.precision)?;
        self.build.build(model)
    }
}

/// How many objects there may be at a time that a tracker gets ready for.
const COUNTS: [usize; 4] = [1, 2, 4, 8];

struct OpenTracker {
    device_name: String,
    warm_up: bool,
    options: TrackerOptions,
}

impl Build for OpenTracker {
    type Output = Box<dyn StreamTracker>;

    fn build<B: Kernels>(self, model: Sam2<B>) -> Result<Self::Output, ModelError> {
        if self.warm_up {
            model.warm_up(&COUNTS)?;
        }
        Ok(Box::new(Engine::new(model, self.device_name, self.options)))
    }
}

struct OpenSegmenter {
    device_name: String,
}

impl Build for OpenSegmenter {
    type Output = Box<dyn Segmenter>;

    fn build<B: Kernels>(self, model: Sam2<B>) -> Result<Self::Output, ModelError> {
        Ok(Box::new(ImageSegmenter::new(model, self.device_name)))
    }
}
