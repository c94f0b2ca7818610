//! [`Kernels`] for Burn's CPU backend: unpacks tensors into views, packs results, reuses memory that nobody else holds.

mod tensors;

use super::cpu::attention::{Heads, attention};
use super::cpu::bf16::round_in_place;
use super::cpu::buffer::with_scratch;
use super::cpu::conv::{Shape, conv2d};
use super::cpu::depthwise::depthwise_conv2d;
use super::cpu::gelu::gelu_in_place;
use super::cpu::layer_norm::{Affine, layer_norm_in_place};
use super::cpu::linear::{Layer, Projection};
use super::cpu::matrix::Matrix;
use super::cpu::pixels::{max_pool_2x2, pixel_shuffle_2x2};
use super::cpu::product::{Factors, Right};
use super::cpu::repeat::add_repeated;
use super::cpu::rope::{Tables, rotate_in_place};
use super::cpu::rows::Rows;
use super::cpu::sigmoid::shade_in_place;
use super::cpu::tiles::{Panels, Source, are_known, pack};
use super::cpu::windows::{Windows, partition, unpartition};
use super::{Arrival, Curve, FeedForward, Kernels, LookBack, Mix, cpu};
use crate::image::bilinear::resize_bilinear;
use burn_flex::{Flex, FlexTensor};
use burn_tensor::{DType, Tensor};
use half::bf16;
use tensors::{
    by_rows, dense, heads, map_rows, map_some_rows, primitive, side_by_side, tensor, values, with_rows, wrap,
};

impl Kernels for Flex {
    fn multiplies(dtype: DType) -> bool {
        dtype == DType::F32 || (dtype == DType::BF16 && are_known())
    }

    /// On a thread of the pool: any other would go to sleep, and be woken, for every operation.
    fn together<T: Send>(work: impl FnOnce() -> T + Send) -> T {
        rayon::scope(|_| work())
    }

    /// Operations are short, and each waits for the slowest thread of the one before.
    fn has_idle_threads() -> bool {
        rayon::current_num_threads() > 1
    }

    fn linear_curve<const D: usize>(
        x: Tensor<Self, D>,
        weight: Tensor<Self, 2>,
        bias: Option<Tensor<Self, 1>>,
        curve: Curve,
        _: DType,
    ) -> Tensor<Self, D> {
        let mut shape = x.dims();
        shape[D - 1] = weight.dims()[1];
        let rows = shape[..D - 1].iter().product();
        with_layer(primitive(x), weight, bias, None, |layer| tensor(Layer { curve, ..layer }.result(rows), shape))
    }

    fn linear_add<const D: usize>(
        x: Tensor<Self, D>,
        weight: Tensor<Self, 2>,
        bias: Option<Tensor<Self, 1>>,
        before: Tensor<Self, D>,
    ) -> Tensor<Self, D> {
        with_layer(primitive(x), weight, bias, None, |layer| add_layer(&layer, before))
    }

    fn mix(mix: Mix<Self>) -> Tensor<Self, 4> {
        let [batch, height, width, _] = mix.x.dims();
        let places = mix.window.map(|size| Windows { size, hw: [height, width] });
        if mix.pools && places.is_none() {
            return mix.layer_by_layer();
        }
        let Mix { x, norm, epsilon, projections: [query, key, value], heads, pools, .. } = mix;
        let channels = query.0.dims()[1];
        let run = |mix: cpu::mix::Mix| match places {
            None => tensor(mix.over_maps(height * width), [batch, height, width, channels]),
            Some(places) => {
                let [down, right] = places.grid();
                let side = if pools { places.size / 2 } else { places.size };
                tensor(mix.in_windows(places, pools), [batch * down * right, side, side, channels])
            }
        };
        with_norm(norm, epsilon, |norm| {
            with_projection(query, |query| {
                with_projection(key, |key| {
                    with_projection(value, |value| {
                        let projections = [query, key, value];
                        with_rows(primitive(x), |x| run(cpu::mix::Mix { x: x.clone(), norm, projections, heads }))
                    })
                })
            })
        })
    }

    fn feed_forward<const D: usize>(block: FeedForward<Self, D>) -> Tensor<Self, D> {
        let shape = block.x.dims();
        let FeedForward { x, arrival, instead, norm, epsilon, widen, curve, narrow, operand: _ } = block;
        let run = |arrival: Option<&Layer>, instead: Option<&Rows>| {
            with_norm(norm, epsilon, |norm| {
                with_projection(widen, |widen| {
                    with_projection(narrow, |narrow| {
                        add_block(x, &cpu::feed_forward::FeedForward { arrival, instead, norm, widen, curve, narrow })
                    })
                })
            })
        };
        let places = |size| Windows { size, hw: [shape[D - 3], shape[D - 2]] };
        let run = |arrival: Option<&Layer>| match instead {
            Some(other) => with_rows(primitive(other), |other| run(arrival, Some(other))),
            None => run(arrival, None),
        };
        let Some(Arrival { mixed, projection: (weight, bias), windows }) = arrival else {
            return run(None);
        };
        with_layer(primitive(mixed), weight, Some(bias), windows.map(places), |layer| run(Some(&layer)))
    }

    /// Burn's own sums of unequal shapes take ten times as long as those of equal ones.
    fn add_shared<const D: usize>(x: Tensor<Self, D>, shared: Tensor<Self, D>) -> Tensor<Self, D> {
        let row = x.dims()[D - 1];
        let shared = dense(shared);
        let shared = values(&shared);
        map_rows(x, |first, block| add_repeated(block, shared, first * row))
    }

    fn shade<const D: usize>(x: Tensor<Self, D>, scale: f32, offset: f32) -> Tensor<Self, D> {
        map_rows(x, |_, block| shade_in_place(block, scale, offset))
    }

    fn gelu<const D: usize>(x: Tensor<Self, D>) -> Tensor<Self, D> {
        map_rows(x, |_, block| gelu_in_place(block))
    }

    fn layer_norm_as<const D: usize>(
        x: Tensor<Self, D>,
        weight: Tensor<Self, 1>,
        bias: Tensor<Self, 1>,
        eps: f64,
        _: DType,
    ) -> Tensor<Self, D> {
        with_norm([weight, bias], eps, |affine| map_rows(x, |_, block| layer_norm_in_place(block, affine)))
    }

    fn attention(q: Tensor<Self, 4>, k: Tensor<Self, 4>, v: Tensor<Self, 4>) -> Tensor<Self, 4> {
        let [b, h, n, _] = q.dims();
        let shape = [b, n, h, v.dims()[3]];
        tensor(attend([q, k, v].map(primitive), heads, Factors::F32), shape).swap_dims(1, 2)
    }

    fn attend_as(
        q: Tensor<Self, 3>,
        k: Tensor<Self, 3>,
        v: Tensor<Self, 3>,
        heads: usize,
        factors: DType,
    ) -> Tensor<Self, 3> {
        let shape = [q.dims()[0], q.dims()[1], v.dims()[2]];
        tensor(attend([q, k, v].map(primitive), |x| side_by_side(x, heads), kept_as(factors)), shape)
    }

    fn look_back(look: LookBack<Self>) -> Tensor<Self, 3> {
        if look.weight.dtype() != DType::F32 {
            return look.attend_to_keys();
        }
        let shape = [look.queries.dims()[0], look.queries.dims()[1], look.values.dims()[2]];
        let LookBack { queries, values: seen, located, placeless, weight, bias, cos, sin } = look.clone();
        let [queries, seen, located] = [queries, seen, located].map(|x| by_rows(primitive(x)));
        let (weight, bias, cos, sin) = (dense(weight), dense(bias), dense(cos), dense(sin));
        let sizes = look.weight.dims();
        let parts = cpu::look_back::LookBack {
            queries: side_by_side(&queries, 1),
            values: side_by_side(&seen, 1),
            located: side_by_side(&located, 1),
            placeless,
            weight: Matrix::dense(values(&weight), sizes),
            bias: values(&bias),
            cos: values(&cos),
            sin: values(&sin),
        };
        if parts.pays() { tensor(parts.mix(), shape) } else { look.attend_to_keys() }
    }

    fn rope(x: Tensor<Self, 3>, cos: Tensor<Self, 2>, sin: Tensor<Self, 2>) -> Tensor<Self, 3> {
        let tokens = x.dims()[1];
        Self::rope_first(x, cos, sin, tokens)
    }

    fn rope_first(x: Tensor<Self, 3>, cos: Tensor<Self, 2>, sin: Tensor<Self, 2>, rotated: usize) -> Tensor<Self, 3> {
        let ([_, tokens, channels], half) = (x.dims(), cos.dims()[1]);
        let (cos, sin) = (dense(cos), dense(sin));
        let tables = Tables { cos: values(&cos), sin: values(&sin), half };
        map_rows(x, |mut row, mut block| {
            // A block may hold the end of one sequence and the beginning of the next.
            while !block.is_empty() {
                let token = row % tokens;
                let count = (tokens - token).min(block.len() / channels);
                let (now, rest) = block.split_at_mut(count * channels);
                rotate_in_place(&mut now[..rotated.saturating_sub(token).min(count) * channels], token, tables);
                (row, block) = (row + count, rest);
            }
        })
    }

    fn conv2d(
        x: Tensor<Self, 4>,
        weight: Tensor<Self, 4>,
        bias: Tensor<Self, 1>,
        stride: usize,
        padding: usize,
    ) -> Tensor<Self, 4> {
        let [kh, kw, channels, out] = weight.dims();
        if [kh, kw, stride, padding] == [1, 1, 1, 0] {
            return Self::linear(x, weight.reshape([channels, out]), Some(bias));
        }
        convolve(x, weight, bias, [stride, padding], |_| {})
    }

    fn conv2d_norm_gelu(
        x: Tensor<Self, 4>,
        weight: Tensor<Self, 4>,
        bias: Tensor<Self, 1>,
        steps: [usize; 2],
        norm: [Tensor<Self, 1>; 2],
        epsilon: f64,
    ) -> Tensor<Self, 4> {
        with_norm(norm, epsilon, |norm| {
            convolve(x, weight, bias, steps, |rows| {
                layer_norm_in_place(rows, norm);
                gelu_in_place(rows);
            })
        })
    }

    fn depthwise_conv2d(
        x: Tensor<Self, 4>,
        weight: Tensor<Self, 3>,
        bias: Tensor<Self, 1>,
        padding: usize,
    ) -> Tensor<Self, 4> {
        let [b, h, w, channels] = x.dims();
        let [kh, kw, _] = weight.dims();
        let shape = Shape { hw: [h, w], channels, kernel: [kh, kw], stride: 1, padding };
        let (x, weight, bias) = (dense(x), dense(weight), dense(bias));
        let [oh, ow] = shape.output();
        let out = depthwise_conv2d(values(&x), shape, values(&weight), values(&bias));
        tensor(out, [b, oh, ow, channels])
    }

    fn window_partition(x: Tensor<Self, 4>, size: usize) -> Tensor<Self, 4> {
        let [b, h, w, c] = x.dims();
        let windows = Windows { size, hw: [h, w] };
        let [down, right] = windows.grid();
        let shape = [b * down * right, size, size, c];
        with_rows(primitive(x), |x| tensor(partition(x, windows, b), shape))
    }

    fn window_unpartition(x: Tensor<Self, 4>, size: usize, hw: [usize; 2]) -> Tensor<Self, 4> {
        let [count, _, _, c] = x.dims();
        let windows = Windows { size, hw };
        let [down, right] = windows.grid();
        let b = count / (down * right);
        let shape = [b, hw[0], hw[1], c];
        with_rows(primitive(x), |x| tensor(unpartition(x, windows, b), shape))
    }

    fn max_pool_2x2(x: Tensor<Self, 4>) -> Tensor<Self, 4> {
        let [b, h, w, c] = x.dims();
        let shape = [b, h / 2, w / 2, c];
        with_rows(primitive(x), |x| tensor(max_pool_2x2(x, [h, w]), shape))
    }

    fn pixel_shuffle_2x2(x: Tensor<Self, 4>) -> Tensor<Self, 4> {
        let [b, h, w, c] = x.dims();
        let shape = [b, 2 * h, 2 * w, c / 4];
        with_rows(primitive(x), |x| tensor(pixel_shuffle_2x2(x, w), shape))
    }

    fn upsample_bilinear(x: Tensor<Self, 3>, to: [usize; 2]) -> Tensor<Self, 3> {
        let [b, h, w] = x.dims();
        let x = dense(x);
        tensor(resize_bilinear(values(&x), [h, w], to), [b, to[0], to[1]])
    }

    fn round_bf16<const D: usize>(x: Tensor<Self, D>) -> Tensor<Self, D> {
        map_rows(x, |_, block| round_in_place(block))
    }
}

/// Calls `work` with a layer without a curve over the rows of a tensor.
fn with_layer<T>(
    x: FlexTensor,
    weight: Tensor<Flex, 2>,
    bias: Option<Tensor<Flex, 1>>,
    windows: Option<Windows>,
    work: impl FnOnce(Layer) -> T,
) -> T {
    with_some_projection(weight, bias, |projection| {
        with_rows(x, |x| work(Layer { x: x.clone(), windows, projection, curve: Curve::Straight }))
    })
}

/// Convolves and calls `then` for some rows of the result at a time.
fn convolve(
    x: Tensor<Flex, 4>,
    weight: Tensor<Flex, 4>,
    bias: Tensor<Flex, 1>,
    [stride, padding]: [usize; 2],
    then: impl Fn(&mut [f32]) + Sync,
) -> Tensor<Flex, 4> {
    let ([b, h, w, channels], [kh, kw, _, out]) = (x.dims(), weight.dims());
    let shape = Shape { hw: [h, w], channels, kernel: [kh, kw], stride, padding };
    let (x, weight, bias) = (dense(x), dense(weight), dense(bias));
    let weight = Matrix::dense(values(&weight), [kh * kw * channels, out]);
    let [oh, ow] = shape.output();
    tensor(conv2d(values(&x), shape, weight, values(&bias), then), [b, oh, ow, out])
}

/// `x` plus what arrives and what the layers make of it.
fn add_block<const D: usize>(x: Tensor<Flex, D>, block: &cpu::feed_forward::FeedForward) -> Tensor<Flex, D> {
    let channels = x.dims()[D - 1];
    let rows = x.dims()[..D - 1].iter().product();
    map_some_rows(x, block.rows_of_task(rows), |first, x| {
        with_scratch(block.memory(x.len() / channels), |memory| block.add_to(first, x, memory));
    })
}

/// Calls `work` with scale and shift of a normalisation.
fn with_norm<T>(norm: [Tensor<Flex, 1>; 2], epsilon: f64, work: impl FnOnce(Affine) -> T) -> T {
    let [scale, shift] = norm.map(dense);
    work(Affine { weight: values(&scale), bias: values(&shift), eps: epsilon as f32 })
}

/// Calls `work` with a weight and a bias as they are multiplied.
fn with_projection<T>((weight, bias): (Tensor<Flex, 2>, Tensor<Flex, 1>), work: impl FnOnce(Projection) -> T) -> T {
    with_some_projection(weight, Some(bias), work)
}

fn with_some_projection<T>(
    weight: Tensor<Flex, 2>,
    bias: Option<Tensor<Flex, 1>>,
    work: impl FnOnce(Projection) -> T,
) -> T {
    let (weight, bias) = (primitive(weight), bias.map(dense));
    let source = source(&weight);
    let packed = if let Source::Halves(..) = source { pack(source) } else { Vec::new() };
    let weight = match source {
        Source::Singles(matrix) => Right::Plain(matrix),
        Source::Halves(_, size) => Right::Packed(Panels::new(&packed, size)),
    };
    work(Projection { weight, bias: bias.as_ref().map(values) })
}

/// `before` plus what the layer gives, in place unless someone else holds the memory.
fn add_layer<const D: usize>(layer: &Layer, before: Tensor<Flex, D>) -> Tensor<Flex, D> {
    let shape = before.dims();
    let mut before = primitive(before);
    if let Some((start, end)) = before.layout().contiguous_offsets()
        && let Some(memory) = before.try_storage_mut::<f32>()
    {
        layer.add_to(&mut memory[start..end]);
        return wrap(before);
    }
    with_rows(before, |before| tensor(layer.added_to(before), shape))
}

/// How factors of that type are multiplied.
fn kept_as(factors: DType) -> Factors {
    if factors == DType::BF16 { Factors::Bf16 } else { Factors::F32 }
}

/// A weight as it lies in memory.
fn source(tensor: &FlexTensor) -> Source<'_> {
    let layout = tensor.layout();
    let [rows, columns] = layout.shape().dims();
    if tensor.dtype() == DType::BF16 {
        // Weights are uploaded once and never cut: there are no gaps.
        return Source::Halves(tensor.storage::<bf16>(), [rows, columns]);
    }
    Source::Singles(Matrix {
        data: tensor.storage(),
        start: layout.start_offset(),
        size: [rows, columns],
        strides: [layout.strides()[0], layout.strides()[1]],
    })
}

/// Attention of queries to keys and values, each seen through `view`; they are copied only if their last dimension is strided.
fn attend(tensors: [FlexTensor; 3], view: impl Fn(&FlexTensor) -> Heads<'_>, factors: Factors) -> Vec<f32> {
    let tensors = tensors.map(by_rows);
    let [q, k, v] = tensors.each_ref().map(view);
    attention(q, k, v, factors)
}
