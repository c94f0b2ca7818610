use super::TOLERANCE;
use super::fixture::{Fixture, assert_close, tensor};
use crate::Kernels;
use crate::image::antialias::resize_antialiased;
use crate::image::resize::resize_rgb_bicubic;
use crate::sam2::MaskPrompt;

fn bytes(fixture: &Fixture, name: &str) -> Vec<u8> {
    fixture.host(name).data.iter().map(|&value| value as u8).collect()
}

#[test]
fn pictures_are_resized_to_the_last_bit() {
    let fixture = Fixture::open("picture_resize");
    for name in ["wide", "tall", "tiny"] {
        let input = format!("input.{name}");
        let [height, width, _] = fixture.host(&input).shape[..] else { panic!("{input} is no picture") };
        for size in [24, 32, 48] {
            let ours = resize_rgb_bicubic(&bytes(&fixture, &input), width, height, size, size);
            assert!(ours == bytes(&fixture, &format!("output.{name}.{size}")), "{name} at {size}");
        }
    }
}

#[test]
fn mask_prompts_are_resized_exactly() {
    let fixture = Fixture::open("resizing");
    for size in [32, 64, 96] {
        let ours = MaskPrompt::new(&bytes(&fixture, "input.mask"), 70, 45, size);
        let theirs = &fixture.host(&format!("output.mask.{size}")).data;
        assert!(ours.pixels() == theirs, "mask at {size}");
    }
}

#[test]
fn antialiased_resizes() {
    let fixture = Fixture::open("resizing");
    let soft = resize_antialiased(&fixture.host("input.mask").data, 70, 45, 32, 32);
    assert_close("antialiased mask", tensor(soft, [1, 32, 32]), fixture.plane("output.mask_soft.32"), TOLERANCE);
    let logits = resize_antialiased(&fixture.host("input.mask_logits").data, 48, 48, 12, 12);
    assert_close("antialiased logits", tensor(logits, [1, 12, 12]), fixture.plane("output.mask_logits.12"), TOLERANCE);
}

#[test]
fn logits_at_other_sizes() {
    let fixture = Fixture::open("resizing");
    for to in [[48, 48], [27, 45], [12, 10]] {
        let ours = <super::fixture::Backend as Kernels>::upsample_bilinear(fixture.plane("input.logits"), to);
        let name = format!("logits.{}x{}", to[0], to[1]);
        assert_close(&name, ours, fixture.plane(&format!("output.{name}")), TOLERANCE);
    }
}
