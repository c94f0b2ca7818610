use std::sync::Arc;
use std::thread;

use maskd_types::{CaptureTime, SourceState, Stamp};

use super::*;

const LIVE: StreamId = StreamId(0);
const FILE: StreamId = StreamId(1);
const SOON: Duration = Duration::from_secs(20);

fn frame(number: u64) -> Frame {
    Frame { number, stamp: Stamp::arriving(number), width: 1, height: 1, intact: true, rgb: vec![0; 3].into() }
}

fn status(state: SourceState) -> StreamStatus {
    StreamStatus { stream: "s".into(), state, reason: None, since: CaptureTime::now(), removed: false }
}

fn inlet() -> Inlet {
    let inlet = Inlet::default();
    inlet.open(LIVE, true);
    inlet.open(FILE, false);
    inlet
}

fn arrivals(inlet: &Inlet) -> Vec<(StreamId, Option<u64>, usize)> {
    let Taken::Arrivals(arrivals) = inlet.take(SOON) else { return Vec::new() };
    arrivals.into_iter().map(|a| (a.stream, a.frame.map(|frame| frame.number), a.statuses.len())).collect()
}

#[test]
fn of_a_live_stream_only_the_newest_frame_waits() {
    let inlet = inlet();
    (0..5).for_each(|number| inlet.put_frame(LIVE, frame(number)));
    assert_eq!(inlet.stats(LIVE), LaneStats { waiting: 1, superseded: 4 });
    assert_eq!(arrivals(&inlet), [(LIVE, Some(4), 0)]);
    assert!(matches!(inlet.take(Duration::ZERO), Taken::Nothing));
}

#[test]
fn a_file_waits_and_loses_nothing() {
    let inlet = Arc::new(inlet());
    let writer = {
        let inlet = Arc::clone(&inlet);
        thread::spawn(move || (0..50).for_each(|number| inlet.put_frame(FILE, frame(number))))
    };
    let taken: Vec<_> = (0..50).flat_map(|_| arrivals(&inlet)).collect();
    writer.join().unwrap();
    assert_eq!(taken, (0..50).map(|number| (FILE, Some(number), 0)).collect::<Vec<_>>());
}

#[test]
fn every_stream_has_its_turn() {
    let inlet = inlet();
    inlet.put_frame(FILE, frame(7));
    inlet.put_frame(LIVE, frame(3));
    assert_eq!(inlet.waiting(), 2);
    assert_eq!(arrivals(&inlet), [(LIVE, Some(3), 0), (FILE, Some(7), 0)]);
}

#[test]
fn states_keep_their_place() {
    let inlet = inlet();
    inlet.put_frame(LIVE, frame(0));
    inlet.put_status(LIVE, status(SourceState::Stalled));
    assert_eq!(arrivals(&inlet), [(LIVE, Some(0), 0)]);
    inlet.put_status(LIVE, status(SourceState::Live));
    inlet.put_frame(LIVE, frame(1));
    assert_eq!(arrivals(&inlet), [(LIVE, Some(1), 2)]);
}

#[test]
fn states_of_a_stream_that_nobody_takes_do_not_pile_up() {
    let inlet = inlet();
    (0..1000).for_each(|_| inlet.put_status(LIVE, status(SourceState::Backoff)));
    inlet.put_frame(LIVE, frame(1));
    assert_eq!(arrivals(&inlet), [(LIVE, Some(1), 16)]);
}

#[test]
fn closing_sets_waiting_sources_free() {
    for close in [|inlet: &Inlet| inlet.close(FILE), |inlet: &Inlet| inlet.shut(), |inlet: &Inlet| inlet.lock_up()] {
        let inlet = Arc::new(inlet());
        inlet.put_frame(FILE, frame(0));
        let writer = {
            let inlet = Arc::clone(&inlet);
            thread::spawn(move || inlet.put_frame(FILE, frame(1)))
        };
        thread::sleep(Duration::from_millis(20));
        close(&inlet);
        writer.join().unwrap();
    }
}

#[test]
fn what_waits_is_given_out_before_the_end() {
    let inlet = inlet();
    inlet.put_frame(LIVE, frame(0));
    inlet.lock_up();
    assert_eq!(arrivals(&inlet).len(), 1);
    assert!(matches!(inlet.take(SOON), Taken::Closed));
}

#[test]
fn sources_that_stop_can_still_say_so() {
    let inlet = inlet();
    inlet.shut();
    inlet.put_frame(LIVE, frame(0));
    assert!(matches!(inlet.take(Duration::ZERO), Taken::Nothing));
    inlet.put_status(LIVE, status(SourceState::Ended));
    assert_eq!(arrivals(&inlet), [(LIVE, None, 1)]);
    inlet.lock_up();
    inlet.put_status(LIVE, status(SourceState::Ended));
    assert!(matches!(inlet.take(SOON), Taken::Closed));
}
