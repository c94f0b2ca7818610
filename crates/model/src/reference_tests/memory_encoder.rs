use burn_tensor::Tensor;

use super::TOLERANCE;
use super::fixture::{Backend, Fixture, assert_close, model_config, model_config_20, tensor};
use crate::Kernels;
use crate::image_encoder::HighResolution;
use crate::memory::MemoryEncoder;
use crate::memory::encoder::{CxBlock, MaskDownsampler};
use crate::position::sine_2d;
use crate::sam2::ImageFeatures;

#[test]
fn convnext_block() {
    let fixture = Fixture::open("cx_block");
    let ours = CxBlock::load(&fixture.weights(), 8).unwrap().forward(fixture.map("input.grid"));
    assert_close("cx_block", ours, fixture.map("output.grid"), TOLERANCE);
}

#[test]
fn fuser() {
    let fixture = Fixture::open("fuser");
    let layers = fixture.weights().child("layers");
    let ours =
        (0..2).fold(fixture.map("input.grid"), |x, layer| CxBlock::load(&layers.child(layer), 8).unwrap().forward(x));
    assert_close("fuser", ours, fixture.map("output.grid"), TOLERANCE);
}

#[test]
fn mask_downsampler() {
    let fixture = Fixture::open("memory_encoder");
    let layer = MaskDownsampler::load(&fixture.weights().child("mask_downsampler.encoder"), 32).unwrap();
    let ours = layer.forward(fixture.map("input.masks"));
    assert_close("mask_downsampler", ours, fixture.map("output.mask_downsampler"), TOLERANCE);
}

#[test]
fn whole_memory_encoder() {
    let fixture = Fixture::open("memory_encoder");
    let encoder = MemoryEncoder::load(&fixture.weights(), &model_config(64)).unwrap();
    let ours = encoder.forward(fixture.map("input.features"), fixture.plane("input.masks"));
    assert_close("memory_encoder", ours, fixture.map("output.vision_features"), TOLERANCE);
    let position = tensor(sine_2d(4, 16), [1, 16, 16]).expand([2, 16, 16]);
    assert_close("memory_encoder position", position, fixture.cells("output.pos"), TOLERANCE);
}

fn frame(fixture: &Fixture, object: usize) -> ImageFeatures<Backend> {
    let unused = tensor(vec![0.0], [1, 1, 1, 1]);
    ImageFeatures {
        map: fixture.cells("input.features").narrow(0, object, 1),
        high_resolution: HighResolution { s0: unused.clone(), s1: unused },
    }
}

/// The logits are at the image's size already, which makes the upsampling an identity. The second object is not in sight.
#[test]
fn memory_of_a_frame() {
    let fixture = Fixture::open("encode_new_memory");
    let of = |name: &str, object| fixture.plane(name).narrow(0, object, 1);
    for (family, config) in [("sam2.1", model_config(64)), ("sam2", model_config_20(64))] {
        let model = fixture.model(&config);
        for (case, prompted) in [("binarised", true), ("soft", false)] {
            for object in 0..2 {
                let name = format!("{family} {case} object {object}");
                let score = fixture.tensor::<2>("input.object_score_logits").narrow(0, object, 1);
                let logits = of("input.high_res_masks", object);
                let image = frame(&fixture, object);
                let theirs = fixture.cells(&format!("output.{family}.{case}")).narrow(0, object, 1);
                let exact = model.memory_features(&image, logits.clone(), score.clone(), prompted);
                assert_close(&name, exact.clone(), theirs, TOLERANCE);
                let stored: Tensor<Backend, 3> = model.encode_memory(&image, logits, score, prompted);
                assert_close(&format!("{name} stored"), stored, <Backend as Kernels>::round_bf16(exact), 0.0);
            }
        }
    }
}
