use burn_tensor::Tensor;

use super::TOLERANCE;
use super::fixture::{Backend, Fixture, assert_close, model_config, model_config_20, tensor, values};
use crate::memory::PointerEncoder;
use crate::position::{RandomPosition, RopeTables, rope_permutation, sine_1d, sine_2d};

#[test]
fn sine_encoding_of_a_map() {
    let fixture = Fixture::open("pos_sine");
    for channels in [8, 16] {
        let ours = tensor(sine_2d(6, channels), [1, 36, channels]);
        let theirs = fixture.cells(&format!("output.{channels}.6x6"));
        assert_close(&format!("sine_2d {channels} channels"), ours, theirs, TOLERANCE);
    }
}

#[test]
fn random_encoding_of_points_and_of_a_map() {
    let fixture = Fixture::open("pos_random");
    let encoding = RandomPosition::load(&fixture.weights(), 16).unwrap();
    let points = &fixture.host("input.points").data;
    let ours = points.chunks_exact(2).flat_map(|p| encoding.encode(p[0] / 96.0, p[1] / 96.0)).collect();
    assert_close("random points", tensor(ours, [2, 3, 16]), fixture.tensor("output.points"), TOLERANCE);
    let grid = tensor(encoding.encode_grid(6), [6, 6, 16]);
    let theirs = fixture.tensor::<3>("output.grid.6x6").permute([1, 2, 0]);
    assert_close("random grid", grid, theirs, TOLERANCE);
}

#[test]
fn rotary_tables() {
    let fixture = Fixture::open("rope");
    for (channels, grid) in [(16, 5), (32, 4)] {
        let tables = RopeTables::new(&fixture.weights(), grid, channels);
        let name = format!("table.{channels}.{grid}x{grid}");
        assert_close(&format!("rope cos {name}"), tables.cos, fixture.tensor(&format!("output.{name}.re")), TOLERANCE);
        assert_close(&format!("rope sin {name}"), tables.sin, fixture.tensor(&format!("output.{name}.im")), TOLERANCE);
    }
}

/// From the reference's order of channels to the one that rotation works in.
fn permuted(x: Tensor<Backend, 4>) -> Tensor<Backend, 3> {
    let x = x.squeeze_dim::<3>(1);
    let [_, _, channels] = x.dims();
    Tensor::cat(rope_permutation(channels).map(|c| x.clone().narrow(2, c, 1)).collect(), 2)
}

#[test]
fn rotation_of_queries_and_of_keys_of_several_maps() {
    let fixture = Fixture::open("rope");
    let tables = RopeTables::new(&fixture.weights(), 5, 16);
    for name in ["q", "k"] {
        let x = permuted(fixture.tensor(&format!("input.{name}")));
        let tokens = x.dims()[1];
        let theirs = permuted(fixture.tensor(&format!("output.{name}")));
        assert_close(&format!("rope {name}"), tables.apply(x, tokens), theirs, TOLERANCE);
    }
}

#[test]
fn tokens_that_have_no_place_are_not_rotated() {
    let fixture = Fixture::open("rope");
    let tables = RopeTables::new(&fixture.weights(), 5, 16);
    let x = permuted(fixture.tensor("input.k"));
    let ours = tables.apply(x.clone(), 50);
    let theirs = permuted(fixture.tensor("output.k"));
    assert_close("rope rotated part", ours.clone().narrow(1, 0, 50), theirs.narrow(1, 0, 50), TOLERANCE);
    assert_close("rope rest", ours.narrow(1, 50, 25), x.narrow(1, 50, 25), 0.0);
}

#[test]
fn ages_of_object_pointers() {
    let fixture = Fixture::open("temporal_positions").placed_at("obj_ptr_tpos_proj.");
    let distances = &fixture.host("input.distances").data;
    let waves = distances.iter().flat_map(|d| sine_1d(d / 15.0, 32)).collect();
    assert_close("sine_1d", tensor(waves, [6, 32]), fixture.tensor("output.encoding"), TOLERANCE);

    let encoder = PointerEncoder::load(&fixture.weights(), &model_config(64)).unwrap();
    let ages: Vec<u64> = distances.iter().map(|&d| d as u64).collect();
    let ours: Tensor<Backend, 3> = encoder.positions(&ages, 15.0, &Default::default());
    // Both tokens of a pointer are of the same age.
    let theirs = fixture.tensor::<2>("output.projected").unsqueeze_dim::<3>(1).expand([6, 2, 16]);
    assert_close("pointer ages", ours, theirs.reshape([1, 12, 16]), TOLERANCE);
}

#[test]
fn pointers_of_the_older_family_have_no_age() {
    let fixture = Fixture::open("temporal_positions");
    let encoder = PointerEncoder::load(&fixture.weights(), &model_config_20(64)).unwrap();
    let ours: Tensor<Backend, 3> = encoder.positions(&[0, 7], 15.0, &Default::default());
    assert_eq!(values(ours), vec![0.0; 64]);
}
