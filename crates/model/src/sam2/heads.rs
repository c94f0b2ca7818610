use burn_tensor::{Tensor, TensorData};

use super::{ImageFeatures, Sam2};
use crate::Kernels;
use crate::image::antialias::resize_antialiased;
use crate::mask_decoder::{Predictions, Selected};
use crate::prompt_encoder::PromptPoint;

/// Mask logit of every pixel of an object that is not in the frame (`NO_OBJ_SCORE`).
const ABSENT_LOGIT: f32 = -1024.0;
/// Logits of a mask prompt that is taken as output: +10 inside, -10 outside.
const OUTPUT_SCALE: f32 = 20.0;
const OUTPUT_BIAS: f32 = -10.0;
/// Previous logits are clamped to this before they are shown to the prompt encoder again.
const PREVIOUS_LIMIT: f32 = 32.0;

/// What the network says of a batch of objects on a frame.
#[derive(Clone, Debug)]
pub struct Prediction<B: Kernels> {
    /// Mask logits `[objects, side, side]` at a quarter of the image's size
    pub low_res: Tensor<B, 3>,
    /// Predicted IoU `[objects, 1]`, 0 to 1
    pub iou: Tensor<B, 2>,
    /// Logit of "the object is in the frame" `[objects, 1]`
    pub object_score: Tensor<B, 2>,
    /// What later frames remember of the object, apart from the memory map: `[objects, d_model]`
    pub pointer: Tensor<B, 2>,
}

impl<B: Kernels> Prediction<B> {
    /// The objects of several predictions, one after the other.
    ///
    /// # Panics
    /// Where `parts` is empty.
    pub fn join(parts: Vec<Self>) -> Self {
        let all = |field: fn(&Self) -> Tensor<B, 2>| <B as Kernels>::stack(parts.iter().map(field).collect());
        Self {
            iou: all(|p| p.iou.clone()),
            object_score: all(|p| p.object_score.clone()),
            pointer: all(|p| p.pointer.clone()),
            low_res: <B as Kernels>::stack(parts.into_iter().map(|p| p.low_res).collect()),
        }
    }

    /// One object of the batch.
    pub fn object(&self, index: usize) -> Self {
        Self {
            low_res: self.low_res.clone().narrow(0, index, 1),
            iou: self.iou.clone().narrow(0, index, 1),
            object_score: self.object_score.clone().narrow(0, index, 1),
            pointer: self.pointer.clone().narrow(0, index, 1),
        }
    }
}

/// Masks to choose from, best first by token order, for one object.
#[derive(Clone, Debug)]
pub struct Candidates<B: Kernels> {
    /// Mask logits `[masks, side, side]`
    pub low_res: Tensor<B, 3>,
    /// Predicted IoU `[masks]`
    pub ious: Tensor<B, 1>,
    /// Logit of "the object is in the frame" `[1]`
    pub object_score: Tensor<B, 1>,
}

/// A mask prompt, brought to the network's square image: `[image_size, image_size]`, 0 or 1.
#[derive(Clone, Debug)]
pub struct MaskPrompt {
    pixels: Vec<f32>,
}

impl MaskPrompt {
    /// Resizes a mask of 0 and 1 `[height, width]` as `add_new_mask` does: bilinear with antialiasing, inside from 0.5 up.
    pub fn new(mask: &[u8], width: u32, height: u32, image_size: usize) -> Self {
        let pixels: Vec<f32> = mask.iter().map(|&p| f32::from(p)).collect();
        let (width, height) = (width as usize, height as usize);
        if [width, height] == [image_size; 2] {
            return Self { pixels };
        }
        let resized = resize_antialiased(&pixels, width, height, image_size, image_size);
        Self { pixels: resized.into_iter().map(|p| if p >= 0.5 { 1.0 } else { 0.0 }).collect() }
    }

    #[cfg(test)]
    pub(crate) fn pixels(&self) -> &[f32] {
        &self.pixels
    }
}

impl<B: Kernels> Sam2<B> {
    /// The map of a frame on which an object is seen for the first time, `[1, grid * grid, d_model]`.
    pub fn without_memory(&self, image: &ImageFeatures<B>) -> Tensor<B, 3> {
        image.map.clone() + self.no_mem_embed.clone()
    }

    /// Predicts objects that nothing was said about on this frame. `map` `[objects, grid * grid, d_model]` comes from
    /// [`Sam2::attend_memory`].
    pub fn track(&self, image: &ImageFeatures<B>, map: Tensor<B, 3>) -> Prediction<B> {
        let [objects, _, channels] = map.dims();
        let tokens = self.prompt_encoder.points(&[]);
        let count = tokens.dims()[1];
        let tokens = tokens.expand([objects, count, channels]);
        let predictions = self.decode(image, map, tokens, self.prompt_encoder.no_mask());
        let selected = predictions.best_of_three();
        self.conclude(selected, predictions.object_score)
    }

    /// Predicts one object from points. `previous` are the logits `[1, side, side]` that a correction corrects. Fewer than two
    /// points are ambiguous: the best of three masks is taken (`_use_multimask`).
    pub fn prompt(
        &self,
        image: &ImageFeatures<B>,
        map: Tensor<B, 3>,
        points: &[PromptPoint],
        previous: Option<Tensor<B, 3>>,
    ) -> Prediction<B> {
        let predictions = self.decode_points(image, map, points, previous);
        let selected = if points.len() < 2 { predictions.best_of_three() } else { predictions.single() };
        self.conclude(selected, predictions.object_score)
    }

    /// All masks that points may mean (`SAM2ImagePredictor.predict`): three for `multimask`, else one.
    pub fn candidates(&self, image: &ImageFeatures<B>, points: &[PromptPoint], multimask: bool) -> Candidates<B> {
        let predictions = self.decode_points(image, self.without_memory(image), points, None);
        let object_score = predictions.object_score.clone().reshape([1]);
        if !multimask {
            let Selected { mask, iou, .. } = predictions.single();
            return Candidates { low_res: mask, ious: iou.reshape([1]), object_score };
        }
        let [_, masks, height, width] = predictions.masks.dims();
        let low_res = predictions.masks.narrow(1, 1, masks - 1).reshape([masks - 1, height, width]);
        let ious = predictions.ious.narrow(1, 1, masks - 1).reshape([masks - 1]);
        Candidates { low_res, ious, object_score }
    }

    /// Takes a mask as it is (`_use_mask_as_output`); the network only makes its pointer.
    pub fn mask_as_output(&self, image: &ImageFeatures<B>, mask: &MaskPrompt) -> Prediction<B> {
        let side = self.config.image_size;
        let present = mask.pixels.iter().any(|&p| p > 0.0);
        let logits: Vec<f32> = mask.pixels.iter().map(|p| p * OUTPUT_SCALE + OUTPUT_BIAS).collect();
        let low_side = self.config.logit_size();
        let low_res = resize_antialiased(&logits, side, side, low_side, low_side);
        Prediction {
            low_res: self.upload(low_res, [1, low_side, low_side]),
            iou: self.upload(vec![1.0], [1, 1]),
            object_score: self.upload(vec![if present { OUTPUT_SCALE + OUTPUT_BIAS } else { OUTPUT_BIAS }], [1, 1]),
            pointer: if present { self.mask_pointer(image, mask) } else { self.no_obj_ptr.clone() },
        }
    }

    /// The pointer of a mask prompt: the decoder sees the raw map and the mask, and no points.
    fn mask_pointer(&self, image: &ImageFeatures<B>, mask: &MaskPrompt) -> Tensor<B, 2> {
        let side = self.config.image_size;
        let pixels = self.upload(mask.pixels.clone(), [1, side, side, 1]);
        let logit_side = self.config.logit_size();
        let prompt = self.mask_downsample.forward(pixels).reshape([1, logit_side, logit_side]);
        let dense = self.prompt_encoder.mask(prompt);
        let predictions = self.decode(image, image.map.clone(), self.prompt_encoder.points(&[]), dense);
        let selected = predictions.single();
        self.conclude(selected, predictions.object_score).pointer
    }

    fn decode_points(
        &self,
        image: &ImageFeatures<B>,
        map: Tensor<B, 3>,
        points: &[PromptPoint],
        previous: Option<Tensor<B, 3>>,
    ) -> Predictions<B> {
        let dense = match previous {
            Some(logits) => self.prompt_encoder.mask(logits.clamp(-PREVIOUS_LIMIT, PREVIOUS_LIMIT)),
            None => self.prompt_encoder.no_mask(),
        };
        self.decode(image, map, self.prompt_encoder.points(points), dense)
    }

    fn decode(
        &self,
        image: &ImageFeatures<B>,
        map: Tensor<B, 3>,
        tokens: Tensor<B, 3>,
        dense: Tensor<B, 3>,
    ) -> Predictions<B> {
        let position = self.prompt_encoder.dense_position();
        self.mask_decoder.forward(<B as Kernels>::add_shared(map, dense), position, tokens, &image.high_resolution)
    }

    /// An object that is not in the frame has no mask, and its pointer says so (`_forward_sam_heads`, `fixed_no_obj_ptr`).
    fn conclude(&self, selected: Selected<B>, object_score: Tensor<B, 2>) -> Prediction<B> {
        let present = object_score.clone().greater_elem(0).float();
        let absent = present.clone().neg() + 1.0;
        let pointer = self.obj_ptr_proj.forward(selected.token);
        let low_res = selected.mask * present.clone().unsqueeze_dim::<3>(2)
            + (absent.clone() * ABSENT_LOGIT).unsqueeze_dim::<3>(2);
        Prediction {
            low_res,
            iou: selected.iou,
            pointer: pointer * present + self.no_obj_ptr.clone() * absent,
            object_score,
        }
    }

    pub(super) fn upload<const D: usize>(&self, values: Vec<f32>, shape: [usize; D]) -> Tensor<B, D> {
        Tensor::from_data(TensorData::new(values, shape), &self.device)
    }
}
