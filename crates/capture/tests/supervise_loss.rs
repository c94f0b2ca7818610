//! Datagrams that get lost.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where something is not as it must be")]

#[path = "common/lossy.rs"]
mod lossy;
#[path = "common/watched.rs"]
mod watched;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use lossy::Lossy;
use maskd_camsim::{Camera, CameraConfig, Codec, Footage, read_number};
use maskd_capture::{CaptureOptions, RtspTransport, SupervisorConfig};
use maskd_scene::Scene;
use maskd_types::Frame;
use maskd_types::SourceState::{Connecting, Live};
use watched::{Watched, opener, quick};

const KEY_INTERVAL: u32 = 25;

/// The bar code lies in the rows above.
const BELOW_THE_CODE: usize = 24;

fn udp() -> SupervisorConfig {
    let quick = quick();
    let capture = CaptureOptions { rtsp_transport: RtspTransport::Udp, ..quick.capture };
    SupervisorConfig { capture, ..quick }
}

fn camera(codec: Codec) -> Camera {
    let footage = Footage::Scene { seed: 5, objects: 2 };
    let (size, key_interval, bitrate_kbit) = ((320, 240), KEY_INTERVAL, Some(2_000));
    Camera::start(CameraConfig { footage, codec, size, key_interval, bitrate_kbit, ..CameraConfig::default() }).unwrap()
}

/// The scene that a camera films, rendered once more, to compare with.
struct Reference {
    scene: Scene,
    next: u64,
    current: Option<Frame>,
}

impl Reference {
    fn of(camera: &Camera) -> Self {
        let scene = Scene::new(camera.takes()[0].scene.clone().unwrap()).unwrap();
        Self { scene, next: 0, current: None }
    }

    /// Mean difference per channel below the bar code; `None` where the code cannot be read or is that of no frame.
    fn difference(&mut self, frame: &Frame) -> Option<f64> {
        let (width, height) = (frame.width as usize, frame.height as usize);
        let number = read_number(&frame.rgb, width, height)?;
        if number > self.next + 1_000 {
            return None;
        }
        while self.next <= number {
            self.current = self.scene.next_frame().map(|next| next.frame);
            self.next += 1;
        }
        let from = BELOW_THE_CODE * width * 3;
        let pairs = self.current.as_ref()?.rgb[from..].iter().zip(&frame.rgb[from..]);
        let sum: f64 = pairs.map(|(a, b)| f64::from(a.abs_diff(*b))).sum();
        Some(sum / (frame.rgb.len() - from) as f64)
    }
}

#[test]
fn frames_are_damaged_from_a_lost_packet_to_the_next_key_frame() {
    for codec in [Codec::H264, Codec::H265] {
        let camera = camera(codec);
        let (packets, lost) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let dropped = lost.clone();
        let drops = move |_: &[u8]| {
            let drop = packets.fetch_add(1, Ordering::Relaxed) % 200 == 199;
            dropped.fetch_add(u64::from(drop), Ordering::Relaxed);
            drop
        };
        let way = Lossy::start(camera.address(), Arc::new(drops));
        let reference = Mutex::new(Reference::of(&camera));
        let differences = Arc::new(Mutex::new(Vec::new()));
        let noted = differences.clone();
        let each = move |frame: &Frame| {
            let difference = reference.lock().unwrap().difference(frame);
            noted.lock().unwrap().push((frame.intact, difference));
        };
        let mut watched = Watched::start_with(opener(&way.url()), udp(), each);
        let damaged = |own: &Watched| own.frames.iter().filter(|frame| !frame.intact).count();
        watched.until("losses and recoveries", |own| {
            own.frames.len() > 100 && damaged(own) > 30 && own.frames.last().is_some_and(|frame| frame.intact)
        });
        watched.assert_order();
        assert_eq!(watched.path(), [Connecting, Live]);

        let marks: String = watched.frames.iter().map(|frame| if frame.intact { '.' } else { 'x' }).collect();
        let stats = watched.supervisor.stats();
        println!("{codec:?} {marks}\n{} packets lost; {stats:?}", lost.load(Ordering::Relaxed));
        assert!(stats.packets_lost >= 1 && stats.packets_lost <= lost.load(Ordering::Relaxed), "{stats:?}");
        assert!(marks.matches("x.").count() >= 2, "no recovery");

        let differences = differences.lock().unwrap();
        let of =
            |intact: bool| differences.iter().filter(move |(own, _)| *own == intact).map(|(_, difference)| *difference);
        let mut intact: Vec<f64> = of(true).map(|difference| difference.unwrap()).collect();
        intact.sort_by(f64::total_cmp);
        let (usual, worst) = (intact[intact.len() / 2], intact[intact.len() - 1]);
        let spoilt = of(false).filter(|difference| difference.is_none_or(|own| own > worst * 1.5)).count();
        println!(
            "intact frames differ by {usual:.2}, by {worst:.2} at most; {spoilt} damaged ones by half as much again"
        );
        assert!(worst < 2.0 * usual + 2.0, "a spoilt frame passed for an intact one");
        assert!(spoilt >= 5, "what was marked is not damaged");
    }
}
