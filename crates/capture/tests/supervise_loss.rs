//! Networks that lose, hold back and mix up what a camera sends.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where something is not as it must be")]

#[path = "common/watched.rs"]
mod watched;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use maskd_camsim::{Admission, Camera, CameraConfig, Codec, Footage, Proxy, read_number};
use maskd_capture::{CaptureOptions, RtspTransport, SupervisorConfig};
use maskd_scene::Scene;
use maskd_types::Frame;
use maskd_types::SourceState::{Backoff, Connecting, Live, Stalled};
use watched::{Watched, opener, quick};

const KEY_INTERVAL: u32 = 25;

/// The bar code lies in the rows above.
const BELOW_THE_CODE: usize = 24;

fn over(rtsp_transport: RtspTransport) -> SupervisorConfig {
    let quick = quick();
    // A machine that is busy is late, but loses nothing.
    let capture = CaptureOptions { rtsp_transport, rtsp_latency_ms: 400, ..quick.capture };
    SupervisorConfig { capture: CaptureOptions { stall_timeout: Duration::from_secs(2), ..capture }, ..quick }
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

fn marks(watched: &Watched) -> String {
    watched.frames.iter().map(|frame| if frame.intact { '.' } else { 'x' }).collect()
}

/// Loses packets until there were losses and recoveries; every frame is compared with what was filmed.
fn lose(codec: Codec, transport: RtspTransport) {
    let camera = camera(codec);
    let way = Proxy::rtsp(camera.address(), 11).unwrap();
    way.set(|faults| faults.to_client.drop = 0.005).unwrap();
    let reference = Mutex::new(Reference::of(&camera));
    let differences = Arc::new(Mutex::new(Vec::new()));
    let noted = differences.clone();
    let each = move |frame: &Frame| {
        let difference = reference.lock().unwrap().difference(frame);
        noted.lock().unwrap().push((frame.intact, difference));
    };
    let mut watched = Watched::start_with(opener(&way.through(&camera.url())), over(transport), each);
    watched.until("losses and recoveries", |own| own.frames.len() > 100 && marks(own).matches("x.").count() >= 3);
    watched.assert_order();
    assert_eq!(watched.path(), [Connecting, Live]);
    let (stats, dropped) = (watched.supervisor.stats(), way.counters().to_client.dropped);
    println!("{codec:?} {transport:?} {}\n{dropped} units lost; {stats:?}", marks(&watched));
    // Reports may be among what was lost.
    assert!(stats.packets_lost >= 1 && stats.packets_lost <= dropped, "{dropped} lost; {stats:?}");
    assert_tells_the_truth(&differences.lock().unwrap());
}

/// Frames that are called intact look as they were filmed, and of the others at least some do not.
fn assert_tells_the_truth(differences: &[(bool, Option<f64>)]) {
    let of =
        |intact: bool| differences.iter().filter(move |(own, _)| *own == intact).map(|(_, difference)| *difference);
    let mut intact: Vec<f64> = of(true).map(|difference| difference.unwrap()).collect();
    intact.sort_by(f64::total_cmp);
    let (usual, worst) = (intact[intact.len() / 2], intact[intact.len() - 1]);
    let spoilt = of(false).filter(|difference| difference.is_none_or(|own| own > worst * 1.5)).count();
    println!("intact frames differ by {usual:.2}, by {worst:.2} at most; {spoilt} damaged ones by half as much again");
    assert!(worst < 2.0 * usual + 2.0, "a spoilt frame passed for an intact one");
    assert!(spoilt >= 5, "what was marked is not damaged");
}

#[test]
fn frames_are_damaged_from_a_lost_datagram_to_the_next_key_frame() {
    lose(Codec::H264, RtspTransport::Udp);
}

#[test]
fn so_they_are_in_the_newer_codec() {
    lose(Codec::H265, RtspTransport::Udp);
}

#[test]
fn so_they_are_where_the_camera_leaves_packets_out_of_a_connection() {
    lose(Codec::H264, RtspTransport::Tcp);
}

#[test]
fn datagrams_out_of_order_and_doubled_ones_are_no_loss() {
    let camera = camera(Codec::H264);
    let way = Proxy::rtsp(camera.address(), 12).unwrap();
    way.set(|faults| (faults.to_client.reorder, faults.to_client.duplicate) = (0.1, 0.1)).unwrap();
    let mut watched = Watched::start(&way.through(&camera.url()), over(RtspTransport::Udp));
    watched.until("an intact frame", |own| own.frames.last().is_some_and(|frame| frame.intact));
    // GStreamer begins with the first packets that come in order.
    let before = watched.supervisor.stats();
    let frames = watched.take(100).to_vec();
    let (stats, flow) = (watched.supervisor.stats(), way.counters().to_client);
    assert!(flow.reordered > 10 && flow.duplicated > 10, "{flow:?}");
    assert_eq!((stats.packets_lost, stats.stalls), (before.packets_lost, 0), "{stats:?}");
    assert!(frames.iter().all(|frame| frame.intact));
    watched.assert_order();
}

#[test]
fn a_network_that_falls_silent_is_noticed_over_either_transport() {
    for transport in [RtspTransport::Tcp, RtspTransport::Udp] {
        let camera = camera(Codec::H264);
        let way = Proxy::rtsp(camera.address(), 13).unwrap();
        let mut watched = Watched::start(&way.through(&camera.url()), over(transport));
        watched.take(10);
        let silence =
            |stalled| way.set(|faults| (faults.to_client.stalled, faults.to_server.stalled) = (stalled, stalled));
        silence(true).unwrap();
        watched.enter(Stalled);
        watched.enter(Backoff);
        silence(false).unwrap();
        watched.enter(Live);
        watched.take(10);
        watched.assert_order();
        assert_eq!(watched.path(), [Connecting, Live, Stalled, Backoff, Live], "{transport:?}");
    }
}

#[test]
fn a_server_that_accepts_and_never_answers_is_tried_again() {
    let camera = camera(Codec::H264);
    let way = Proxy::rtsp(camera.address(), 14).unwrap();
    way.set(|faults| faults.admission = Admission::Hang).unwrap();
    let policy = over(RtspTransport::Tcp);
    let capture = CaptureOptions { open_timeout: Duration::from_secs(2), ..policy.capture };
    let mut watched = Watched::start(&way.through(&camera.url()), SupervisorConfig { capture, ..policy });
    watched.enter(Backoff);
    way.set(|faults| faults.admission = Admission::Relay).unwrap();
    watched.until("frames", |own| own.frames.len() >= 3);
    assert_eq!(watched.path(), [Connecting, Backoff, Live]);
}
