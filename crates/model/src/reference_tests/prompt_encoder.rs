use burn_tensor::Tensor;

use super::TOLERANCE;
use super::fixture::{Backend, Fixture, assert_close, model_config};
use crate::config::ModelConfig;
use crate::prompt_encoder::{PointLabel, PromptEncoder, PromptPoint};

fn open() -> (Fixture, PromptEncoder<Backend>) {
    let fixture = Fixture::open("prompt_encoder");
    let config = ModelConfig { d_model: 16, ..model_config(64) };
    let encoder = PromptEncoder::load(&fixture.weights(), &config).unwrap();
    (fixture, encoder)
}

/// Points of each object of a batch; the reference's label -1 is no point.
pub(super) fn points(fixture: &Fixture, case: &str) -> Vec<Vec<PromptPoint>> {
    let labels = fixture.host(&format!("input.{case}labels"));
    let coordinates = fixture.host(&format!("input.{case}points")).data.chunks_exact(2);
    let all: Vec<_> = labels.data.iter().zip(coordinates).map(|(&label, xy)| point(label as i32, xy)).collect();
    all.chunks(labels.shape[1]).map(|object| object.iter().flatten().copied().collect()).collect()
}

fn point(label: i32, xy: &[f32]) -> Option<PromptPoint> {
    let label = match label {
        0 => PointLabel::Negative,
        1 => PointLabel::Positive,
        2 => PointLabel::TopLeft,
        3 => PointLabel::BottomRight,
        _ => return None,
    };
    Some(PromptPoint { x: xy[0], y: xy[1], label })
}

#[test]
fn points_and_boxes() {
    let (fixture, encoder) = open();
    for case in ["clicks", "box", "nothing", "mask"] {
        let objects = points(&fixture, &format!("{case}."));
        let ours = Tensor::cat(objects.iter().map(|points| encoder.points(points)).collect(), 0);
        assert_close(&format!("sparse {case}"), ours, fixture.tensor(&format!("output.{case}.sparse")), TOLERANCE);
    }
}

#[test]
fn masks_and_their_absence() {
    let (fixture, encoder) = open();
    let ours = encoder.mask(fixture.plane("input.mask.mask"));
    assert_close("dense mask", ours, fixture.cells("output.mask.dense"), TOLERANCE);
    for case in ["clicks", "box", "nothing"] {
        let ours = encoder.no_mask().expand([2, 16, 16]);
        assert_close(&format!("dense {case}"), ours, fixture.cells(&format!("output.{case}.dense")), TOLERANCE);
    }
}

#[test]
fn position_of_every_cell() {
    let (fixture, encoder) = open();
    assert_close("dense_pe", encoder.dense_position(), fixture.cells("output.dense_pe"), TOLERANCE);
}
