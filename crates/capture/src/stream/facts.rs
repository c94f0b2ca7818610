use std::collections::VecDeque;
use std::time::{Duration, Instant};

use maskd_types::{CaptureClock, CaptureTime};

use super::recovery::{Packet, Recovery, Unit};
use crate::SourceCounts;

/// How many pictures may be on their way between the network and the sink. Decoders hold back 16 at most.
const ON_THEIR_WAY: usize = 256;

/// From the beginning of NTP's time, 1900, to that of Unix's, 1970, in nanoseconds.
const NTP_TO_UNIX_NS: u64 = 2_208_988_800 * 1_000_000_000;

/// What is known of a decoded picture beside its pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
    pub arrived: Instant,
    pub capture: CaptureTime,
    pub intact: bool,
}

impl Facts {
    /// A picture that arrives now and of which nothing bad is known.
    pub(super) fn arriving() -> Self {
        Self { arrived: Instant::now(), capture: CaptureTime::now(), intact: true }
    }
}

/// What was seen of a live stream on its way through the pipeline. Times are presentation times in nanoseconds: they
/// are what a picture keeps from the network to the sink.
#[derive(Debug)]
pub(super) struct Book {
    recovery: Recovery,
    camera_times: ByTime<u64>,
    units: ByTime<bool>,
    /// Pictures at the sink, oldest first, with their numbers.
    arrivals: VecDeque<(u64, Facts)>,
    next: u64,
    superseded: u64,
    last_arrival: Option<Instant>,
    interval: Option<Duration>,
}

impl Book {
    pub(super) fn new() -> Self {
        Self {
            recovery: Recovery::new(),
            camera_times: ByTime::default(),
            units: ByTime::default(),
            arrivals: VecDeque::new(),
            next: 0,
            superseded: 0,
            last_arrival: None,
            interval: None,
        }
    }

    /// An RTP packet leaves the jitter buffer; `ntp_ns` is its time by the camera's clock, counted from 1900.
    pub(super) fn packet(&mut self, packet: Packet, ntp_ns: Option<u64>) {
        let unix_ns = ntp_ns.and_then(|ntp_ns| ntp_ns.checked_sub(NTP_TO_UNIX_NS));
        if let Some((pts, unix_ns)) = packet.pts.zip(unix_ns) {
            self.camera_times.note(pts, unix_ns);
        }
        self.recovery.packet(packet);
    }

    /// A coded picture goes into the decoder.
    pub(super) fn unit(&mut self, unit: Unit) {
        let intact = self.recovery.unit(unit);
        if let Some(pts) = unit.pts {
            self.units.note(pts, intact);
        }
    }

    /// A picture reaches the sink; gives the number it is to be fetched with.
    pub(super) fn arrival(&mut self, pts: Option<u64>) -> u64 {
        let number = self.next;
        self.next += 1;
        let facts = self.facts(pts);
        self.measure(facts.arrived);
        self.arrivals.push_back((number, facts));
        if self.arrivals.len() > ON_THEIR_WAY {
            self.arrivals.pop_front();
            self.superseded += 1;
        }
        number
    }

    /// Usual time between two pictures, the newest counting most; `None` before the second one.
    pub(super) fn interval(&self) -> Option<Duration> {
        self.interval
    }

    fn measure(&mut self, arrived: Instant) {
        if let Some(last) = self.last_arrival.replace(arrived) {
            let now = arrived.saturating_duration_since(last);
            self.interval = Some(self.interval.map_or(now, |before| (before * 7 + now) / 8));
        }
    }

    fn facts(&self, pts: Option<u64>) -> Facts {
        let camera = pts.and_then(|pts| self.camera_times.get(pts));
        let camera = camera.map(|unix_ns| CaptureTime { unix_ns, clock: CaptureClock::Camera });
        let known = pts.and_then(|pts| self.units.get(pts));
        // Raw pictures pass no decoder, and may have a time that was made up behind it.
        let intact = known.unwrap_or_else(|| self.units.is_empty() || self.recovery.is_sound());
        Facts { intact, capture: camera.unwrap_or_else(CaptureTime::now), ..Facts::arriving() }
    }

    /// The facts of the picture that is taken out of the sink; all before it have been replaced by it.
    pub(super) fn fetch(&mut self, number: u64) -> Option<Facts> {
        while let Some((own, facts)) = self.arrivals.pop_front() {
            if own == number {
                return Some(facts);
            }
            self.superseded += 1;
        }
        None
    }

    pub(super) fn counts(&self) -> SourceCounts {
        SourceCounts { superseded: self.superseded, packets_lost: self.recovery.packets_lost() }
    }
}

/// The newest values by presentation time.
#[derive(Debug)]
struct ByTime<T>(VecDeque<(u64, T)>);

impl<T> Default for ByTime<T> {
    fn default() -> Self {
        Self(VecDeque::new())
    }
}

impl<T: Copy> ByTime<T> {
    fn note(&mut self, pts: u64, value: T) {
        // All packets of a picture have its time.
        if let Some((last, known)) = self.0.back_mut()
            && *last == pts
        {
            *known = value;
            return;
        }
        if self.0.len() == ON_THEIR_WAY {
            self.0.pop_front();
        }
        self.0.push_back((pts, value));
    }

    fn get(&self, pts: u64) -> Option<T> {
        self.0.iter().rev().find(|(own, _)| *own == pts).map(|&(_, value)| value)
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(sequence: u16, pts: u64) -> Packet {
        Packet { sequence, pts: Some(pts), last_of_unit: true }
    }

    fn unit(pts: u64, key: bool) -> Unit {
        Unit { pts: Some(pts), key, corrupted: false, discontinuous: false }
    }

    #[test]
    fn a_picture_carries_what_was_seen_of_its_packets() {
        let mut book = Book::new();
        book.packet(packet(1, 40), Some(NTP_TO_UNIX_NS + 7));
        book.unit(unit(40, true));
        book.packet(packet(3, 80), None);
        book.unit(unit(80, false));
        let (first, second) = (book.arrival(Some(40)), book.arrival(Some(80)));
        let facts = book.fetch(first).unwrap();
        assert!(facts.intact);
        assert_eq!(facts.capture, CaptureTime { unix_ns: 7, clock: CaptureClock::Camera });
        let facts = book.fetch(second).unwrap();
        assert!(!facts.intact);
        assert_eq!(facts.capture.clock, CaptureClock::Arrival);
        assert_eq!(book.counts(), SourceCounts { superseded: 0, packets_lost: 1 });
    }

    #[test]
    fn a_camera_whose_clock_was_never_set_is_not_believed() {
        let mut book = Book::new();
        book.packet(packet(1, 40), Some(5));
        let number = book.arrival(Some(40));
        assert_eq!(book.fetch(number).unwrap().capture.clock, CaptureClock::Arrival);
    }

    #[test]
    fn pictures_that_were_replaced_are_counted() {
        let mut book = Book::new();
        let numbers: Vec<u64> = (0..5).map(|pts| book.arrival(Some(pts))).collect();
        assert!(book.fetch(numbers[0]).is_some());
        assert!(book.fetch(numbers[4]).is_some());
        assert_eq!(book.counts().superseded, 3);
        assert!(book.fetch(numbers[4]).is_none());
    }

    #[test]
    fn raw_pictures_are_intact() {
        let mut book = Book::new();
        let number = book.arrival(None);
        assert!(book.fetch(number).unwrap().intact);
    }

    #[test]
    fn nothing_grows_without_end() {
        let mut book = Book::new();
        for pts in 0..10_000 {
            book.packet(packet(0, pts), Some(u64::MAX));
            book.unit(unit(pts, false));
            book.arrival(Some(pts));
        }
        assert!(book.arrivals.len() <= ON_THEIR_WAY && book.units.0.len() <= ON_THEIR_WAY);
        assert!(book.camera_times.0.len() <= ON_THEIR_WAY);
    }
}
