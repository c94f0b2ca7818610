use burn_tensor::Tensor;

use super::TOLERANCE;
use super::fixture::{Backend, Fixture, assert_close, model_config, values};
use crate::config::{MaskDecoderConfig, ModelConfig};
use crate::image_encoder::HighResolution;
use crate::mask_decoder::two_way::TwoWayTransformer;
use crate::mask_decoder::{MaskDecoder, Predictions};

#[test]
fn two_way_transformer() {
    let fixture = Fixture::open("two_way_transformer");
    let mask_decoder = MaskDecoderConfig { mlp_dim: 32, num_heads: 2, depth: 2 };
    let config = ModelConfig { d_model: 16, mask_decoder, ..model_config(64) };
    let transformer = TwoWayTransformer::load(&fixture.weights(), &config).unwrap();
    let (queries, keys) = transformer.forward(
        fixture.tensor("input.point_embedding"),
        fixture.cells("input.image_embedding"),
        fixture.cells("input.image_pe"),
    );
    assert_close("two_way queries", queries, fixture.tensor("output.queries"), TOLERANCE);
    assert_close("two_way keys", keys, fixture.tensor("output.keys"), TOLERANCE);
}

/// The finer levels of a fixture that has them, one of a batch or the whole batch.
pub(super) fn high_resolution(fixture: &Fixture, object: Option<usize>) -> HighResolution<Backend> {
    let level = |index: usize| {
        let map = fixture.map(&format!("input.high_res.{index}"));
        object.map_or(map.clone(), |object| map.narrow(0, object, 1))
    };
    HighResolution { s0: level(0), s1: level(1) }
}

fn predict(fixture: &Fixture) -> Predictions<Backend> {
    let decoder = MaskDecoder::load(&fixture.weights(), &model_config(64)).unwrap();
    decoder.forward(
        fixture.cells("input.image_embeddings") + fixture.cells("input.dense_prompt_embeddings"),
        fixture.cells("input.image_pe"),
        fixture.tensor("input.sparse_prompt_embeddings"),
        &high_resolution(fixture, None),
    )
}

#[test]
fn all_that_the_decoder_predicts() {
    let fixture = Fixture::open("mask_decoder");
    let ours = predict(&fixture);
    assert_close("decoder masks", ours.masks, fixture.tensor("output.all.masks"), TOLERANCE);
    assert_close("decoder ious", ours.ious, fixture.tensor("output.all.ious"), TOLERANCE);
    assert_close("decoder tokens", ours.tokens, fixture.tensor("output.all.tokens"), TOLERANCE);
    assert_close("decoder score", ours.object_score, fixture.tensor("output.object_score_logits"), TOLERANCE);
}

/// The first object's first mask is stable and is taken; the second one's is not.
#[test]
fn mask_of_an_unambiguous_prompt() {
    let fixture = Fixture::open("mask_decoder");
    let ours = predict(&fixture).single();
    let stability = &fixture.host("output.stability").data;
    assert!(stability[0] >= 0.98 && stability[1] < 0.98, "the fixture shows both ways");
    assert_close("single mask", ours.mask, fixture.plane("output.single.masks"), TOLERANCE);
    assert_close("single iou", ours.iou, fixture.tensor("output.single.ious"), TOLERANCE);
    assert_close("single token", ours.token, fixture.tensor::<3>("output.single.tokens").squeeze_dim(1), TOLERANCE);
}

#[test]
fn best_mask_of_an_ambiguous_prompt() {
    let fixture = Fixture::open("mask_decoder");
    let ours = predict(&fixture).best_of_three();
    let ious = values(fixture.tensor::<2>("output.multi.ious"));
    for (object, ious) in ious.chunks_exact(3).enumerate() {
        let best = (0..3).max_by(|&a, &b| ious[a].total_cmp(&ious[b])).unwrap();
        let of = |x: Tensor<Backend, 3>| x.narrow(0, object, 1).narrow(1, best, 1);
        let mask = fixture.tensor::<4>("output.all.masks").narrow(0, object, 1).narrow(1, 1 + best, 1);
        let token = of(fixture.tensor("output.multi.tokens")).squeeze_dim(1);
        let iou = of(fixture.tensor::<2>("output.multi.ious").unsqueeze_dim(2)).squeeze_dim(2);
        assert_close("best mask", ours.mask.clone().narrow(0, object, 1), mask.squeeze_dim(1), TOLERANCE);
        assert_close("best iou", ours.iou.clone().narrow(0, object, 1), iou, TOLERANCE);
        assert_close("best token", ours.token.clone().narrow(0, object, 1), token, TOLERANCE);
    }
}
