use burn_tensor::Tensor;

use super::Sam2;
use crate::image_encoder::{HighResolution, Pyramid};
use crate::{Kernels, ModelError, taps};

/// What the image encoder makes of a frame; all that later steps need of it.
#[derive(Clone, Debug)]
pub struct ImageFeatures<B: Kernels> {
    /// `[frames, grid * grid, d_model]`; one frame, or one for each object of a batch
    pub(crate) map: Tensor<B, 3>,
    pub(crate) high_resolution: HighResolution<B>,
}

impl<B: Kernels> ImageFeatures<B> {
    /// The frames that the objects of a batch are on, one view for each. Where that is one and the same frame it is given back as it
    /// is, which serves any number of objects.
    ///
    /// # Panics
    /// Where `views` is empty.
    pub fn of_objects(views: &[&Self]) -> Self {
        if distinct(views).0.len() == 1 {
            return views[0].clone();
        }
        let all =
            |field: fn(&Self) -> Tensor<B, 4>| <B as Kernels>::stack(views.iter().map(|view| field(view)).collect());
        Self {
            map: <B as Kernels>::stack(views.iter().map(|view| view.map.clone()).collect()),
            high_resolution: HighResolution {
                s0: all(|view| view.high_resolution.s0.clone()),
                s1: all(|view| view.high_resolution.s1.clone()),
            },
        }
    }
}

/// The different frames among `views`, and for each view which of them it is.
pub(super) fn distinct<'a, B: Kernels>(views: &[&'a ImageFeatures<B>]) -> (Vec<&'a ImageFeatures<B>>, Vec<usize>) {
    let mut frames: Vec<&ImageFeatures<B>> = Vec::new();
    let mut owners = Vec::with_capacity(views.len());
    for view in views {
        let known = frames.iter().position(|frame| std::ptr::eq(*frame, *view));
        owners.push(known.unwrap_or(frames.len()));
        if known.is_none() {
            frames.push(view);
        }
    }
    (frames, owners)
}

impl<B: Kernels> Sam2<B> {
    /// Encodes an RGB picture `[height, width, 3]`. As in the reference it is resized to a square, whatever its shape, with Pillow's
    /// bicubic filter on 8-bit values, and normalised with ImageNet's mean and deviation (`load_video_frames` in
    /// `utils/misc.py`).
    ///
    /// # Errors
    /// [`ModelError::PictureSize`] where `rgb` is not `width * height * 3` bytes or there are no pixels.
    pub fn encode_image(&self, rgb: &[u8], width: u32, height: u32) -> Result<ImageFeatures<B>, ModelError> {
        let (columns, rows) = (width as usize, height as usize);
        if rgb.is_empty() || rgb.len() != columns * rows * 3 {
            return Err(ModelError::PictureSize { width, height, bytes: rgb.len() });
        }
        let side = self.config.image_size;
        Ok(self.encode_normalised(<B as Kernels>::picture(rgb, [columns, rows], side, &self.device)))
    }

    /// Encodes `[1, image_size, image_size, 3]`.
    pub(crate) fn encode_normalised(&self, image: Tensor<B, 4>) -> ImageFeatures<B> {
        taps::record_map("image", &image);
        let Pyramid { high_resolution, coarse } = self.image_encoder.forward(image);
        ImageFeatures { map: coarse.flatten(1, 2), high_resolution }
    }
}
