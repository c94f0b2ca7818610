//! Viewers that are not there, or not what they seem.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

use maskd_output::outlet::{Outlet, OutletConfig, OutletState, Policy};
use maskd_output::rerun::{RerunConfig, RerunSink, RerunTarget, maker};
use maskd_output::{OutputError, Sink};

use crate::common::live::{resident, shot_of, wait_for};

fn config(port: u16) -> RerunConfig {
    let target = RerunTarget::Viewer(format!("rerun+http://127.0.0.1:{port}/proxy"));
    RerunConfig { patience: Duration::from_secs(1), ..RerunConfig::new(target) }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn a_viewer_that_is_away_is_an_error_that_says_so() {
    let error = RerunSink::create(&config(free_port())).err().unwrap();
    assert!(matches!(error, OutputError::Viewer { .. }), "{error}");
    assert!(error.to_string().contains("refused"), "{error}");
}

#[test]
fn frames_for_a_viewer_that_is_away_take_no_time_and_no_memory() {
    let settings = OutletConfig { capacity: 8, ..OutletConfig::new("rerun", Policy::DropOldest) };
    let outlet = Outlet::start(settings, maker(config(free_port())), |_| {}).unwrap();
    wait_for("the outage", || matches!(outlet.stats().state, OutletState::Failed(_)));
    let original = shot_of("test", 0, [640, 480]);
    let (before, start) = (resident(), Instant::now());
    let mut slowest = Duration::ZERO;
    for number in 0..1000 {
        let mut frame = (*original).clone();
        frame.frame.number = number;
        frame.frame.rgb = frame.frame.rgb.to_vec().into();
        let offered = Instant::now();
        outlet.offer(Arc::new(frame));
        slowest = slowest.max(offered.elapsed());
    }
    let grown = resident().saturating_sub(before);
    println!("1000 frames in {:?}, the slowest in {slowest:?}, {} KiB more", start.elapsed(), grown >> 10);
    // All of them would be 900 MB.
    assert!(grown < 100 << 20, "{grown}");
    assert!(slowest < Duration::from_secs(1), "{slowest:?}");
    outlet.stop(Instant::now() + Duration::from_secs(10));
}

#[test]
fn a_port_that_says_nothing_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let start = Instant::now();
    let error = match RerunSink::create(&config(listener.local_addr().unwrap().port())) {
        Err(error) => error,
        Ok(mut sink) => {
            let frame = shot_of("test", 0, [640, 480]);
            let error = loop {
                if let Err(error) = sink.write(&frame) {
                    break error;
                }
                assert!(start.elapsed() < Duration::from_secs(30), "it is still trusted");
                std::thread::sleep(Duration::from_millis(5));
            };
            let end = Instant::now();
            drop(sink);
            assert!(end.elapsed() < Duration::from_secs(5));
            error
        }
    };
    println!("{error} after {:?}", start.elapsed());
    assert!(matches!(error, OutputError::Viewer { .. } | OutputError::ViewerSilent { .. }), "{error}");
}
