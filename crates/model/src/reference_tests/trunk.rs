use super::TOLERANCE;
use super::fixture::{Fixture, assert_close, model_config};
use crate::config::{BlockSpec, ModelConfig, TrunkConfig};
use crate::image_encoder::block::Block;
use crate::image_encoder::trunk::{Trunk, position_embedding};
use crate::nn::Conv2d;

#[test]
fn patch_embed() {
    let fixture = Fixture::open("patch_embed");
    let layer = Conv2d::load(&fixture.weights().child("proj"), [3, 8], [7, 4, 3]).unwrap();
    let ours = layer.forward(fixture.map("input.image"));
    assert_close("patch_embed", ours, fixture.tensor("output.grid"), TOLERANCE);
}

fn check_block(name: &str, spec: BlockSpec) {
    let fixture = Fixture::open(name);
    let ours = Block::load(&fixture.weights(), spec).unwrap().forward(fixture.tensor("input.grid"));
    assert_close(name, ours, fixture.tensor("output.grid"), TOLERANCE);
}

const BLOCK: BlockSpec = BlockSpec { stage: 0, dim_in: 16, dim_out: 16, num_heads: 2, window: None, pools: false };

#[test]
fn global_block() {
    check_block("hiera_block_global", BLOCK);
}

#[test]
fn window_block_on_a_map_that_windows_do_not_divide() {
    check_block("hiera_block_window", BlockSpec { window: Some(4), ..BLOCK });
}

#[test]
fn pooling_block_on_a_map_that_windows_do_not_divide() {
    check_block("hiera_block_q_pool", BlockSpec { dim_in: 8, window: Some(4), pools: true, ..BLOCK });
}

#[test]
fn position_embeddings() {
    for background in [7, 14] {
        let fixture = Fixture::open(&format!("pos_embed_{background}"));
        for grid in [8, 24] {
            let base = model_config(4 * grid);
            let trunk =
                TrunkConfig { embed_dim: 2, window_pos_embed_bkg_spatial_size: [background; 2], ..base.trunk.clone() };
            let ours = position_embedding(&fixture.weights(), &ModelConfig { trunk, ..base }).unwrap();
            let theirs = fixture.tensor(&format!("output.{grid}x{grid}"));
            assert_close(&format!("pos_embed_{background} {grid}x{grid}"), ours, theirs, TOLERANCE);
        }
    }
}

/// 96 pixels leave a last stage that is smaller than its windows; 128 pixels leave maps that windows do not divide.
#[test]
fn whole_trunk() {
    for (size, first_stage) in [(96, 0), (128, 1)] {
        let fixture = Fixture::open(&format!("trunk_{size}"));
        let trunk = Trunk::load(&fixture.weights(), &model_config(size)).unwrap();
        for (stage, ours) in trunk.forward(fixture.image()).into_iter().enumerate().skip(first_stage) {
            let theirs = fixture.map(&format!("output.stage.{stage}"));
            assert_close(&format!("trunk_{size} stage {stage}"), ours, theirs, TOLERANCE);
        }
    }
}
