//! What is done to RTP packets on their way out of the payloader, and to RTCP on its way out of the session.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering};

use gstreamer::prelude::*;
use gstreamer::{Buffer, Pad, PadProbeData, PadProbeInfo, PadProbeReturn, PadProbeType};

/// RTP clock of video.
const CLOCK_HZ: i64 = 90_000;

/// What is wrong with the RTP timestamps of a camera, besides jumps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimestampFault {
    /// Nothing.
    #[default]
    None,
    /// They stand still.
    Stuck,
    /// They run backwards.
    Backwards,
    /// They have nothing to do with time.
    Random,
}

impl TimestampFault {
    const ALL: [Self; 4] = [Self::None, Self::Stuck, Self::Backwards, Self::Random];
}

/// Switches that the packets of all streams obey.
#[derive(Debug)]
pub(super) struct PacketFaults {
    shift: AtomicU32,
    fault: AtomicU8,
    reports: AtomicBool,
}

impl PacketFaults {
    pub(super) fn new(reports: bool) -> Self {
        Self { shift: AtomicU32::new(0), fault: AtomicU8::new(0), reports: AtomicBool::new(reports) }
    }

    /// Moves the timestamps of all packets to come.
    pub(super) fn jump(&self, milliseconds: i64) {
        let ticks = (i128::from(milliseconds) * i128::from(CLOCK_HZ) / 1000).rem_euclid(1 << 32);
        self.shift.fetch_add(u32::try_from(ticks).unwrap_or(0), Ordering::Relaxed);
    }

    pub(super) fn set_fault(&self, fault: TimestampFault) {
        self.fault.store(fault as u8, Ordering::Relaxed);
    }

    pub(super) fn set_reports(&self, reports: bool) {
        self.reports.store(reports, Ordering::Relaxed);
    }

    /// The timestamp to send in the place of `good`.
    fn timestamp(&self, good: u32) -> u32 {
        let fault = TimestampFault::ALL.get(usize::from(self.fault.load(Ordering::Relaxed)));
        let bad = match fault.copied().unwrap_or_default() {
            TimestampFault::None => good,
            TimestampFault::Stuck => 0,
            TimestampFault::Backwards => good.wrapping_neg(),
            // All packets of a frame must still agree. A multiplier of Knuth's scatters neighbours.
            TimestampFault::Random => good.wrapping_mul(2_654_435_761),
        };
        bad.wrapping_add(self.shift.load(Ordering::Relaxed))
    }

    fn idle(&self) -> bool {
        self.fault.load(Ordering::Relaxed) == 0 && self.shift.load(Ordering::Relaxed) == 0
    }
}

/// Lets the packets that leave through `pad` obey.
pub(super) fn watch_packets(pad: &Pad, faults: Arc<PacketFaults>) {
    pad.add_probe(PadProbeType::BUFFER | PadProbeType::BUFFER_LIST, move |_, info| {
        if !faults.idle() {
            rewrite_all(info, &faults);
        }
        PadProbeReturn::Ok
    });
}

fn rewrite_all(info: &mut PadProbeInfo<'_>, faults: &PacketFaults) {
    match &mut info.data {
        Some(PadProbeData::Buffer(packet)) => rewrite(packet, faults),
        Some(PadProbeData::BufferList(list)) => {
            list.make_mut().foreach_mut(|mut packet, _| {
                rewrite(&mut packet, faults);
                ControlFlow::Continue(Some(packet))
            });
        }
        _ => {}
    }
}

/// Replaces the timestamp, bytes 4 to 7 of the header of RFC 3550.
fn rewrite(packet: &mut Buffer, faults: &PacketFaults) {
    let Ok(mut map) = packet.make_mut().map_writable() else { return };
    if let Some(field) = map.get_mut(4..8) {
        let good = field.iter().fold(0_u32, |value, byte| value << 8 | u32::from(*byte));
        field.copy_from_slice(&faults.timestamp(good).to_be_bytes());
    }
}

/// Withholds sender reports (type 200) that leave through `pad` while they are switched off.
pub(super) fn watch_reports(pad: &Pad, faults: Arc<PacketFaults>) {
    const SENDER_REPORT: u8 = 200;
    pad.add_probe(PadProbeType::BUFFER, move |_, info| {
        let report = info.buffer().and_then(|packet| packet.map_readable().ok());
        let is_report = report.and_then(|map| map.get(1).copied()) == Some(SENDER_REPORT);
        match is_report && !faults.reports.load(Ordering::Relaxed) {
            true => PadProbeReturn::Drop,
            false => PadProbeReturn::Ok,
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_jump_both_ways_and_around() {
        let faults = PacketFaults::new(true);
        assert!(faults.idle());
        faults.jump(1000);
        assert_eq!(faults.timestamp(5), 90_005);
        faults.jump(-2000);
        assert_eq!(faults.timestamp(90_000), 0);
        assert_eq!(faults.timestamp(0), 0_u32.wrapping_sub(90_000));
    }

    #[test]
    fn faults_are_what_they_are_called() {
        let faults = PacketFaults::new(true);
        let three = |fault| {
            faults.set_fault(fault);
            [1000, 2000, 3000].map(|good| faults.timestamp(good))
        };
        assert_eq!(three(TimestampFault::None), [1000, 2000, 3000]);
        assert_eq!(three(TimestampFault::Stuck), [0; 3]);
        let [a, b, c] = three(TimestampFault::Backwards);
        assert!(a > b && b > c);
        let [a, b, c] = three(TimestampFault::Random);
        assert!(a.wrapping_add(1000) != b && b.wrapping_add(1000) != c);
    }
}
