//! What a picture for the page takes: scaling a frame of 1920x1080 to what a viewer can take, and JPEG.
//! `cargo bench -p maskd-web --bench pictures [-- FILTER]`.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot be made has failed")]

use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion};
use maskd_types::{Frame, Latency, Stamp, TrackedFrame};

use picture::Pixels;

// It is nobody's business outside the crate, and made public for nobody.
#[path = "../src/picture.rs"]
#[allow(dead_code, unused_imports, reason = "its tests and other kinds of pictures are not measured")]
mod picture;

const SOURCE: [u32; 2] = [1920, 1080];
/// Widths and qualities that viewers are given, from the best to the least: some rungs of the ladder in `maskd-live`.
const RUNGS: [(u32, u8); 4] = [(1920, 82), (1280, 80), (640, 65), (320, 40)];

/// Waves with some grain: neither the easiest nor the hardest to compress.
fn frame() -> TrackedFrame {
    let [width, height] = SOURCE;
    let mut random = 7_u32;
    let mut grain = || {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (random >> 28) as f32
    };
    let mut rgb = Vec::with_capacity((width * height * 3) as usize);
    for y in 0..height {
        for x in 0..width {
            let wave = 110.0 + 60.0 * (x as f32 / 37.0).sin() * (y as f32 / 53.0).cos() + grain();
            rgb.extend([wave as u8, (wave * 0.8) as u8, (220.0 - wave) as u8]);
        }
    }
    let frame = Frame { number: 0, stamp: Stamp::arriving(0), width, height, intact: true, rgb: rgb.into() };
    TrackedFrame { stream: "bench".into(), frame, objects: Vec::new(), latency: Latency::default() }
}

fn group<'a>(criterion: &'a mut Criterion, name: &str) -> BenchmarkGroup<'a, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group.sample_size(20).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1));
    group
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let frame = frame();
    let mut scaling = group(&mut criterion, "page/scale");
    for (width, _) in RUNGS {
        scaling.bench_function(BenchmarkId::from_parameter(width), |bencher| {
            bencher.iter(|| Pixels::scaled(&frame, width).unwrap());
        });
    }
    scaling.finish();
    let mut jpeg = group(&mut criterion, "page/jpeg");
    for (width, quality) in RUNGS {
        jpeg.bench_function(BenchmarkId::from_parameter(format_args!("{width}/q{quality}")), |bencher| {
            let pixels = Pixels::scaled(&frame, width).unwrap();
            bencher.iter(|| pixels.jpeg(quality).unwrap());
        });
    }
    jpeg.finish();
    criterion.final_summary();
}
