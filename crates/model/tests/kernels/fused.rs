//! Operations in one piece against one layer after the other.

use burn_flex::{Flex, FlexDevice};
use burn_tensor::{DType, Tensor, TensorData};
use maskd_model::kernels::{Arrival, Curve, FeedForward, Kernels, LookBack, Mix, portable};
use proptest::prelude::*;

use super::{assert_close, random};

/// Cosines and sines of angles that grow with the column and, in the second half, with the row of a square map.
fn axial(side: usize, quarter: usize) -> [Tensor<Flex, 2>; 2] {
    let angles: Vec<f32> = (0..side * side)
        .flat_map(|cell| {
            let turn = move |place: usize| (0..quarter).map(move |i| place as f32 / (1.0 + i as f32));
            turn(cell % side).chain(turn(cell / side))
        })
        .collect();
    let angles = Tensor::from_data(TensorData::new(angles, [side * side, 2 * quarter]), &FlexDevice);
    [angles.clone().cos(), angles.sin()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// In one piece as layer by layer, whether the input is anyone else's too or not.
    #[test]
    fn feed_forward(
        seed in 0..1_000_000_u64, [height, width] in [1..20_usize, 1..20_usize], channels in 2..40_usize,
        hidden in 1..90_usize, window in prop::option::of(1..9_usize), arrives: bool, apart: bool, gelu: bool,
    ) {
        let before = random(seed, [2, height, width, channels], 3.0);
        let mixed = random(seed + 7, [2, height, width, hidden], 1.0);
        let arrival = Arrival {
            mixed: window.map_or(mixed.clone(), |size| portable::window_partition(mixed, size)),
            projection: (random(seed + 8, [hidden, channels], 1.0), random(seed + 9, [channels], 1.0)),
            windows: window,
        };
        let block = FeedForward {
            x: before,
            arrival: arrives.then_some(arrival),
            instead: apart.then(|| random(seed + 10, [2, width, height, channels], 3.0).swap_dims(1, 2)),
            norm: [random(seed + 1, [channels], 2.0), random(seed + 2, [channels], 1.0)],
            epsilon: 1e-5,
            widen: (random(seed + 3, [channels, hidden], 1.0), random(seed + 4, [hidden], 1.0)),
            curve: if gelu { Curve::Gelu } else { Curve::Relu },
            narrow: (random(seed + 5, [hidden, channels], 1.0), random(seed + 6, [channels], 1.0)),
            operand: DType::F32,
        };
        let expected = block.clone().layer_by_layer();
        assert_close(Flex::feed_forward(block.clone()), expected.clone());
        assert_close(Flex::feed_forward(block), expected);
    }

    /// In one piece as one operation after the other, of maps and of views of them.
    #[test]
    fn mix(
        seed in 0..1_000_000_u64, [height, width] in [1..30_usize, 1..30_usize], channels in 1..40_usize,
        heads in 1..4_usize, each in 1..20_usize, window in prop::option::of(1..9_usize), pools: bool, turned: bool,
    ) {
        let out = heads * each;
        let projection = |seed| (random(seed, [channels, out], 0.3), random(seed + 1, [out], 1.0));
        // Maps that are pooled have even sides.
        let halves = if pools { 2 } else { 1 };
        let x = random(seed, [2, halves * height, halves * width, channels], 3.0);
        let mix = Mix {
            x: if turned { x.swap_dims(1, 2) } else { x },
            norm: [random(seed + 1, [channels], 2.0), random(seed + 2, [channels], 1.0)],
            epsilon: 1e-5,
            operand: DType::F32,
            projections: [projection(seed + 3), projection(seed + 5), projection(seed + 7)],
            heads,
            window: if pools { window.map(|side| 2 * side) } else { window },
            pools,
        };
        // Nobody reads what windows show beyond the map.
        let [_, height, width, _] = mix.x.dims();
        let inside = |seen| match mix.window {
            Some(side) => portable::window_unpartition(seen, side / halves, [height / halves, width / halves]),
            None => seen,
        };
        assert_close(inside(Flex::mix(mix.clone())), inside(mix.clone().layer_by_layer()));
    }

    /// Without keys as with them.
    #[test]
    fn look_back(
        seed in 0..1_000_000_u64, objects in 1..3_usize, side in 1..12_usize, maps in 1..17_usize, placeless in 0..9_usize,
        width in 1..12_usize, quarter in 1..24_usize, shared: bool,
    ) {
        let (cells, tokens, channels) = (side * side, maps * side * side + placeless, 4 * quarter);
        let queries = random(seed, [if shared { 1 } else { objects }, cells, channels], 2.0).expand([objects, cells, channels]);
        let [cos, sin] = axial(side, quarter);
        let look = LookBack {
            queries,
            values: random(seed + 1, [objects, tokens, width], 1.0),
            located: random(seed + 2, [objects, tokens, width], 2.0),
            placeless,
            weight: random(seed + 3, [width, channels], 1.0),
            bias: random(seed + 4, [channels], 1.0),
            cos,
            sin,
        };
        assert_close(Flex::look_back(look.clone()), look.attend_to_keys());
    }
}
