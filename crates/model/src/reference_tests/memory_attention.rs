use super::TOLERANCE;
use super::fixture::{Backend, Fixture, assert_close, model_config, model_config_20, tensor};
use crate::config::{MemoryAttentionConfig, ModelConfig};
use crate::image_encoder::HighResolution;
use crate::memory::layer::{CrossAttention, Layer};
use crate::memory::{MemoryAttention, MemoryTokens};
use crate::position::{RopeTables, sine_2d};
use crate::sam2::{ImageFeatures, MemoryMap, ObjectMemory, Pointer};

fn config() -> ModelConfig {
    let memory_attention = MemoryAttentionConfig { num_layers: 2, dim_feedforward: 32, num_heads: 1 };
    ModelConfig { d_model: 16, mem_dim: 8, memory_attention, ..model_config(64) }
}

#[test]
fn cross_attention() {
    let fixture = Fixture::open("rope_attention");
    let attention = CrossAttention::load(&fixture.weights(), 16, 8).unwrap();
    let values = fixture.tensor::<3>("input.v");
    let positions = fixture.tensor::<3>("input.k") - values.clone();
    let memory = MemoryTokens::new(values, positions, 3);
    let rope = RopeTables::new(&fixture.weights(), 4, 16);
    let ours = attention.forward(fixture.tensor("input.q"), &memory, &rope);
    assert_close("rope_attention", ours, fixture.tensor("output.out"), TOLERANCE);
}

#[test]
fn layer() {
    let fixture = Fixture::open("memory_attention_layer");
    let layer = Layer::load(&fixture.weights(), &config()).unwrap();
    let memory = MemoryTokens::new(fixture.tensor("input.memory"), fixture.tensor("input.pos"), 4);
    let rope = RopeTables::new(&fixture.weights(), 4, 16);
    let ours = layer.forward(fixture.tensor("input.tgt"), &memory, &rope);
    assert_close("memory_attention_layer", ours, fixture.tensor("output.tgt"), TOLERANCE);
}

#[test]
fn whole_memory_attention() {
    let fixture = Fixture::open("memory_attention");
    let batch_first = |name: &str| fixture.tensor::<3>(name).swap_dims(0, 1);
    let attention = MemoryAttention::load(&fixture.weights(), &config()).unwrap();
    let memory = MemoryTokens::new(batch_first("input.memory"), batch_first("input.memory_pos"), 4);
    // The network adds the encoding of the map's cells itself; the fixture was made with another one.
    let position = batch_first("input.curr_pos") - tensor(sine_2d(4, 16), [1, 16, 16]);
    let maps = batch_first("input.curr") + position * 0.1;
    let owners: Vec<usize> = (0..maps.dims()[0]).collect();
    let ours = attention.forward(maps, &owners, memory);
    assert_close("memory_attention", ours, batch_first("output.out"), TOLERANCE);
}

/// The bank that the fixture describes: prompted on frame 1, now at frame 12, nothing known of frame 8.
fn memory(fixture: &Fixture) -> ObjectMemory<Backend> {
    let map =
        |frame: u64, slot| MemoryMap { features: fixture.cells(&format!("input.{frame}.maskmem_features")), slot };
    let pointer = |frame: u64| Pointer { vector: fixture.tensor(&format!("input.{frame}.obj_ptr")), age: 12 - frame };
    let recent = [6, 7, 9, 10, 11].map(|frame| map(frame, 11 - frame as usize));
    ObjectMemory {
        maps: std::iter::once(map(1, 6)).chain(recent).collect(),
        pointers: [1, 11, 10, 9, 7, 6, 5, 4, 3, 2].map(pointer).into(),
    }
}

fn frame(fixture: &Fixture) -> ImageFeatures<Backend> {
    let unused = tensor(vec![0.0], [1, 1, 1, 1]);
    let high_resolution = HighResolution { s0: unused.clone(), s1: unused };
    ImageFeatures { map: fixture.cells("input.features"), high_resolution }
}

#[test]
fn frame_conditioned_on_a_bank() {
    let fixture = Fixture::open("memory_conditioned");
    for (family, config) in [("sam2.1", model_config(64)), ("sam2", model_config_20(64))] {
        let model = fixture.model(&config);
        for (frames, span) in [(40, 15.0), (13, 12.0)] {
            let name = format!("{family}.{frames}_frames");
            let ours = model.attend_memory(&[&frame(&fixture)], &[memory(&fixture)], span);
            assert_close(&name, ours, fixture.cells(&format!("output.{name}")), TOLERANCE);
        }
    }
}

/// Two objects, one of which was prompted longer ago, go through together.
#[test]
fn objects_of_other_ages_in_one_batch() {
    let fixture = Fixture::open("memory_conditioned");
    let model = fixture.model(&model_config(64));
    let mut older = memory(&fixture);
    older.pointers[0].age += 20;
    let image = frame(&fixture);
    let ours = model.attend_memory(&[&image; 2], &[memory(&fixture), older.clone()], 15.0);
    let theirs = fixture.cells("output.sam2.1.40_frames");
    assert_close("batch, younger", ours.clone().narrow(0, 0, 1), theirs, TOLERANCE);
    let alone = model.attend_memory(&[&image], &[older], 15.0);
    assert_close("batch, older", ours.narrow(0, 1, 1), alone, 1e-6);
}

/// Objects of several streams in one batch come out as each frame's objects alone do.
#[test]
fn objects_on_other_frames_in_one_batch() {
    let fixture = Fixture::open("memory_conditioned");
    let model = fixture.model(&model_config(64));
    let first = frame(&fixture);
    let second = ImageFeatures { map: first.map.clone() * 0.5 + 0.1, ..first.clone() };
    let views = [&first, &second, &first];
    let ours = model.attend_memory(&views, &[memory(&fixture), memory(&fixture), memory(&fixture)], 15.0);
    for (index, view) in views.into_iter().enumerate() {
        let alone = model.attend_memory(&[view], &[memory(&fixture)], 15.0);
        assert_close(&format!("object {index}"), ours.clone().narrow(0, index, 1), alone, 1e-6);
    }
    let apart = (ours.clone().narrow(0, 0, 1) - ours.narrow(0, 1, 1)).abs().max().into_scalar();
    assert!(apart > 1e-3, "the second frame went through as the first: {apart}");
}

#[test]
fn frame_without_a_memory() {
    let fixture = Fixture::open("memory_conditioned");
    let ours = fixture.model(&model_config(64)).without_memory(&frame(&fixture));
    assert_close("init_cond_frame", ours, fixture.cells("output.init_cond_frame"), TOLERANCE);
}
