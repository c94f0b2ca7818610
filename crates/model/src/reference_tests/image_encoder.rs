use super::TOLERANCE;
use super::fixture::{Fixture, assert_close, model_config, tensor};
use crate::config::{ModelConfig, TrunkConfig};
use crate::image_encoder::neck::Neck;
use crate::position::sine_2d;

#[test]
fn neck() {
    let fixture = Fixture::open("fpn_neck");
    let base = model_config(32);
    let trunk = TrunkConfig { embed_dim: 4, ..base.trunk.clone() };
    let neck = Neck::load(&fixture.weights(), &ModelConfig { trunk, d_model: 8, ..base }).unwrap();
    let coarse = neck.forward(fixture.map("input.levels.2"), fixture.map("input.levels.3"));
    assert_close("fpn_neck", coarse, fixture.map("output.features.2"), TOLERANCE);
}

#[test]
fn features_that_a_frame_leaves_to_later_steps() {
    let fixture = Fixture::open("image_encoder");
    let image = fixture.model(&model_config(64)).encode_normalised(fixture.image());
    assert_close("features s0", image.high_resolution.s0, fixture.map("output.features.0"), TOLERANCE);
    assert_close("features s1", image.high_resolution.s1, fixture.map("output.features.1"), TOLERANCE);
    assert_close("features map", image.map, fixture.cells("output.features.2"), TOLERANCE);
    let position = tensor(sine_2d(4, 32), [1, 16, 32]);
    assert_close("position", position, fixture.cells("output.pos.2"), TOLERANCE);
}
