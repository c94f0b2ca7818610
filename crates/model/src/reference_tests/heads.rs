use burn_tensor::Tensor;

use super::TOLERANCE;
use super::decoder::high_resolution;
use super::fixture::{Backend, Fixture, assert_close, model_config, tensor, values};
use super::prompt_encoder::points;
use crate::image_encoder::HighResolution;
use crate::nn::{Conv2d, TensorSource};
use crate::sam2::{ImageFeatures, MaskPrompt, Prediction};

const SIDE: usize = 64;

/// A frame on which only one object of the batch, or all of them, are looked for.
fn frame(fixture: &Fixture, object: Option<usize>) -> ImageFeatures<Backend> {
    let map = fixture.cells("input.features");
    let map = object.map_or(map.clone(), |object| map.narrow(0, object, 1));
    ImageFeatures { map, high_resolution: high_resolution(fixture, object) }
}

/// Compares one object, since the logits of one that is absent dwarf all others.
fn check(fixture: &Fixture, case: &str, object: usize, ours: Prediction<Backend>) {
    let name = |field: &str| format!("{case} object {object} {field}");
    let theirs = |field: &str| format!("output.{case}.{field}");
    let mask = fixture.plane(&theirs("low_res_masks")).narrow(0, object, 1);
    assert_close(&name("mask"), ours.low_res, mask, TOLERANCE);
    // Of three the network takes the best.
    let iou = fixture.tensor::<2>(&theirs("ious")).narrow(0, object, 1).max_dim(1);
    assert_close(&name("iou"), ours.iou, iou, TOLERANCE);
    let score = fixture.tensor::<2>(&theirs("object_score_logits")).narrow(0, object, 1);
    assert_close(&name("score"), ours.object_score, score, TOLERANCE);
    let pointer = fixture.tensor::<2>(&theirs("obj_ptr")).narrow(0, object, 1);
    assert_close(&name("pointer"), ours.pointer, pointer, TOLERANCE);
}

#[test]
fn tracked_objects_in_one_batch() {
    let fixture = Fixture::open("sam_heads");
    let image = frame(&fixture, None);
    let ours = fixture.model(&model_config(SIDE)).track(&image, image.map.clone());
    for object in 0..2 {
        check(&fixture, "tracked", object, ours.object(object));
    }
}

#[test]
fn prompted_objects() {
    let fixture = Fixture::open("sam_heads");
    let model = fixture.model(&model_config(SIDE));
    for (object, points) in points(&fixture, "").into_iter().enumerate() {
        let image = frame(&fixture, Some(object));
        let prompt = |count: usize, previous| model.prompt(&image, image.map.clone(), &points[..count], previous);
        check(&fixture, "click", object, prompt(1, None));
        check(&fixture, "clicks", object, prompt(3, None));
        let previous = fixture.plane("input.mask").narrow(0, object, 1);
        check(&fixture, "correction", object, prompt(3, Some(previous)));
    }
}

/// Nothing is hidden from who asks for candidates, so only the object that is there can be compared.
#[test]
fn candidates_of_a_click() {
    let fixture = Fixture::open("sam_heads");
    let model = fixture.model(&model_config(SIDE));
    let no_memory = TensorSource::tensor(&fixture, "no_mem_embed").unwrap().data.clone();
    let frame = frame(&fixture, Some(0));
    // The fixture's map stands for one that already has this added.
    let image = ImageFeatures { map: frame.map - tensor(no_memory, [1, 1, 32]), ..frame };
    let click = &points(&fixture, "")[0][..1];
    let ours = model.candidates(&image, click, true);
    let theirs = fixture.tensor::<4>("output.click.low_res_multimasks").narrow(0, 0, 1).squeeze_dim(0);
    assert_close("candidates masks", ours.low_res, theirs, TOLERANCE);
    let ious = fixture.tensor::<2>("output.click.ious").narrow(0, 0, 1).squeeze_dim(0);
    assert_close("candidates ious", ours.ious, ious, TOLERANCE);
}

/// One object with a mask and one whose mask is empty.
#[test]
fn mask_prompts() {
    let fixture = Fixture::open("mask_as_output");
    let model = fixture.model(&model_config(SIDE));
    let masks = &fixture.host("input.mask").data;
    for (object, mask) in masks.chunks_exact(SIDE * SIDE).enumerate() {
        let bytes: Vec<u8> = mask.iter().map(|&value| value as u8).collect();
        let mask = MaskPrompt::new(&bytes, SIDE as u32, SIDE as u32, SIDE);
        check(&fixture, "out", object, model.mask_as_output(&frame(&fixture, Some(object)), &mask));
    }
}

#[test]
fn mask_prompts_at_the_size_of_logits() {
    let fixture = Fixture::open("mask_as_output");
    let layer = Conv2d::load(&fixture.weights().child("mask_downsample"), [1, 1], [4, 4, 0]).unwrap();
    let ours = layer.forward(fixture.map("input.mask"));
    assert_close("mask_downsample", ours, fixture.map("output.mask_downsample"), TOLERANCE);
}

/// Objects of a batch share the frame: what comes of one does not depend on the others.
#[test]
fn a_batch_gives_each_object_what_it_gets_alone() {
    let fixture = Fixture::open("sam_heads");
    let model = fixture.model(&model_config(SIDE));
    let image = frame(&fixture, Some(0));
    let maps = fixture.cells("input.features");
    let HighResolution { s0, .. } = &image.high_resolution;
    assert_eq!(s0.dims()[0], 1);
    let together = model.track(&image, maps.clone());
    for object in 0..2 {
        let alone = model.track(&image, maps.clone().narrow(0, object, 1));
        let both: [Tensor<Backend, 3>; 2] = [together.object(object).low_res, alone.low_res];
        let [ours, theirs] = both.map(values);
        assert_close("batch", tensor(ours, [1, 256]), tensor(theirs, [1, 256]), 1e-6);
    }
}
