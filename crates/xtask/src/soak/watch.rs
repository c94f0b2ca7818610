//! Looks at the daemon every second and says when something is wrong.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use super::daemon::Daemon;
use super::machine;
use super::metrics::{Growth, Sample, scrape, sum};
use super::minute::Minute;
use super::plan::{CAMERAS, STREAMS};
use super::settings::{GUEST, NAMES};
use super::starvation::Stream;
use super::trend::Series;

/// The daemon waits at most this long before it tries a source again.
const LONGEST_BACK_OFF: Duration = Duration::from_secs(30);
/// For everything else, such as opening a source, on a machine that is busy.
const MARGIN: Duration = Duration::from_secs(30);
/// How long all streams must have been live before what the daemon holds is compared.
const SETTLED: Duration = Duration::from_secs(5);
/// Growth that is none: heaps grow until they have seen their worst moment, which may come late in ten minutes.
const TOLERANCES: [(&str, f64); 3] = [("memory in MiB", 32.0), ("descriptors", 8.0), ("threads", 8.0)];

/// What has been seen so far.
pub struct Watch {
    /// The four streams and their frames.
    pub streams: [Stream; STREAMS],
    started: Instant,
    port: u16,
    growth: Growth,
    series: [Series; 3],
    lines: Arc<AtomicU64>,
    lines_before: u64,
    sink: Stream,
    /// Since when `/metrics` and the configuration agree about the guest.
    agreed: Duration,
    answered: Duration,
    settled_since: Option<Duration>,
}

impl Watch {
    /// Watches the daemon whose `/metrics` are at `port`; `lines` is what the good reader has read.
    pub fn new(port: u16, lines: Arc<AtomicU64>, started: Instant) -> Self {
        let limit = |index| MARGIN + if index < CAMERAS { LONGEST_BACK_OFF } else { Duration::ZERO };
        Self {
            streams: std::array::from_fn(|index| Stream::new(limit(index))),
            started,
            port,
            growth: Growth::default(),
            series: Default::default(),
            lines,
            lines_before: 0,
            sink: Stream::new(MARGIN),
            agreed: Duration::ZERO,
            answered: Duration::ZERO,
            settled_since: None,
        }
    }

    /// One look. `guest` says whether the guest is to be there, `calm` whether everything is as it was at first.
    ///
    /// # Errors
    /// What is wrong.
    pub fn look(&mut self, daemon: &mut Daemon, guest: bool, calm: bool) -> anyhow::Result<()> {
        let holdings = daemon.holdings()?;
        let answer = scrape(self.port);
        let now = self.started.elapsed();
        match answer {
            Ok(samples) => self.take(&samples, guest, calm, now)?,
            Err(error) => {
                self.settled_since = None;
                ensure!(now < self.answered + MARGIN, error.context(format!("no metrics for {} s", MARGIN.as_secs())));
            }
        }
        if self.settled_since.is_some_and(|since| now >= since + SETTLED) {
            let values = [holdings.memory, holdings.descriptors, holdings.threads];
            self.series.iter_mut().zip(values).for_each(|(series, value)| series.add(value));
        }
        Ok(())
    }

    fn take(&mut self, samples: &[Sample], guest: bool, calm: bool, now: Duration) -> anyhow::Result<()> {
        self.answered = now;
        self.growth.add(samples);
        for (stream, name) in self.streams.iter_mut().zip(NAMES) {
            stream.counted(sum(samples, "maskd_frames_tracked_total", Some(("stream", name))), now);
        }
        self.sink.counted(self.lines.load(Ordering::Relaxed) as f64, now);
        let guest_is_there = samples.iter().any(|sample| sample.label("stream") == Some(GUEST));
        if guest == guest_is_there {
            self.agreed = now;
        }
        let comparable = calm && !guest_is_there && all_live(samples);
        self.settled_since = if comparable { self.settled_since.or(Some(now)) } else { None };
        self.judge(now)
    }

    fn judge(&self, now: Duration) -> anyhow::Result<()> {
        ensure!(now < self.agreed + MARGIN, "a reload has had no effect for {} s", MARGIN.as_secs());
        for (stream, name) in self.streams.iter().zip(NAMES) {
            let starved = stream.starved_for(now).map(|time| time.as_secs());
            ensure!(
                starved.is_none(),
                "{name} starves: no frame for {} s without trouble",
                starved.unwrap_or_default()
            );
        }
        ensure!(self.sink.starved_for(now).is_none(), "the reader of JSON lines starves");
        Ok(())
    }

    /// The minute is over.
    pub fn end_minute(&mut self, number: u32) -> Minute {
        let [memory, descriptors, threads] = &mut self.series;
        let holdings = [memory, descriptors, threads].map(|series| series.end_minute(number));
        let all = self.lines.load(Ordering::Relaxed);
        let lines = all - std::mem::replace(&mut self.lines_before, all);
        Minute { number, holdings, growth: self.growth.take(), lines, load: machine::load() }
    }

    /// Says whether anything grew over a run of so many minutes; whether nothing did.
    pub fn conclude(&self, minutes: u32) -> anyhow::Result<bool> {
        let mut flat = true;
        for (series, (name, tolerance)) in self.series.iter().zip(TOLERANCES) {
            let trend = series.trend(minutes, tolerance);
            let trend = trend.context("all streams were live in too few minutes to see a trend: let it run longer")?;
            println!("{name}: {trend}");
            flat &= !trend.grows();
        }
        Ok(flat)
    }
}

fn all_live(samples: &[Sample]) -> bool {
    let live = |name: &str| {
        let of = |sample: &&Sample| sample.name == "maskd_source_state" && sample.label("stream") == Some(name);
        samples.iter().filter(of).any(|sample| sample.label("state") == Some("live") && sample.value == 1.0)
    };
    NAMES.iter().all(|name| live(name))
}
