//! `/metrics`: what others wrote down, in Prometheus' words, read at the moment somebody asks.

use std::fmt;
use std::sync::Arc;

use maskd_output::outlet::OutletState;
use maskd_types::SourceState;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::view::{SinkView, StreamView, View};

/// Name of a metric, what it says, and the unit.
type Head = (&'static str, &'static str, Option<Unit>);

/// All metrics as text, in the OpenMetrics form that Prometheus reads.
///
/// # Errors
/// Never in practice: a text takes everything.
pub(crate) fn text(view: &Arc<View>) -> Result<String, fmt::Error> {
    let mut registry = Registry::with_prefix("maskd");
    registry.register_collector(Box::new(Metrics(Arc::clone(view))));
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}

#[derive(Debug)]
struct Metrics(Arc<View>);

impl Collector for Metrics {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut writer = Writer(encoder);
        writer.process(&self.0)?;
        writer.sources(&self.0.streams())?;
        writer.tracking(&self.0.streams())?;
        writer.sinks(&self.0.sinks())
    }
}

/// A value and what it is of.
type Sample<'a, T> = (Vec<(&'a str, &'a str)>, T);

struct Writer<'a>(DescriptorEncoder<'a>);

impl Writer<'_> {
    fn counter<'a>(&mut self, head: Head, samples: impl IntoIterator<Item = Sample<'a, u64>>) -> fmt::Result {
        let (name, help, unit) = head;
        let mut metric = self.0.encode_descriptor(name, help, unit.as_ref(), MetricType::Counter)?;
        for (labels, value) in samples {
            metric.encode_family(&labels.as_slice())?.encode_counter::<NoLabelSet, u64, u64>(&value, None)?;
        }
        Ok(())
    }

    fn gauge<'a>(&mut self, head: Head, samples: impl IntoIterator<Item = Sample<'a, f64>>) -> fmt::Result {
        let (name, help, unit) = head;
        let mut metric = self.0.encode_descriptor(name, help, unit.as_ref(), MetricType::Gauge)?;
        for (labels, value) in samples {
            metric.encode_family(&labels.as_slice())?.encode_gauge(&value)?;
        }
        Ok(())
    }

    fn histogram<'a>(
        &mut self,
        head: Head,
        samples: impl IntoIterator<Item = Sample<'a, &'a Histogram>>,
    ) -> fmt::Result {
        let (name, help, unit) = head;
        let mut metric = self.0.encode_descriptor(name, help, unit.as_ref(), MetricType::Histogram)?;
        for (labels, histogram) in samples {
            histogram.encode(metric.encode_family(&labels.as_slice())?)?;
        }
        Ok(())
    }

    fn process(&mut self, view: &View) -> fmt::Result {
        let none = Vec::new;
        self.gauge(("up_seconds", "Time since the start", None), [(none(), view.started.elapsed().as_secs_f64())])?;
        self.gauge(
            ("frames_waiting", "Frames that wait for the tracker", None),
            [(none(), view.inlet.waiting() as f64)],
        )
    }

    fn sources(&mut self, streams: &[StreamView]) -> fmt::Result {
        let of = |pick: fn(&StreamView) -> u64| {
            streams.iter().map(move |stream| (vec![("stream", stream.name.as_str())], pick(stream)))
        };
        self.counter(("frames_in", "Frames that were decoded", None), of(|s| s.source.decoded))?;
        let dropped = streams.iter().flat_map(|stream| {
            let label = |reason| vec![("stream", stream.name.as_str()), ("reason", reason)];
            let late = stream.source.superseded + stream.lane.superseded;
            [(label("superseded"), late), (label("damaged"), stream.source.damaged)]
        });
        self.counter(
            (
                "frames_dropped",
                "Frames that were not tracked because a newer one came (superseded), or not remembered because packets were lost \
                 (damaged)",
                None,
            ),
            dropped,
        )?;
        self.counter(("packets_lost", "RTP packets that never came", None), of(|s| s.source.packets_lost))?;
        self.counter(
            ("reconnects", "Times that a source came back after a failure", None),
            of(|s| s.source.reconnects),
        )?;
        self.counter(("stalls", "Times that a source went silent", None), of(|s| s.source.stalls))?;
        let states = streams.iter().flat_map(|stream| {
            SourceState::ALL.map(|state| {
                let labels = vec![("stream", stream.name.as_str()), ("state", state.name())];
                (labels, f64::from(u8::from(stream.source.state == state)))
            })
        });
        self.gauge(("source_state", "1 for the state that the source is in", None), states)
    }

    fn tracking(&mut self, streams: &[StreamView]) -> fmt::Result {
        fn labels(stream: &StreamView) -> Vec<(&str, &str)> {
            vec![("stream", stream.name.as_str())]
        }
        let counts = |pick: fn(&StreamView) -> u64| streams.iter().map(move |s| (labels(s), pick(s)));
        let gauges = |pick: fn(&StreamView) -> f64| streams.iter().map(move |s| (labels(s), pick(s)));
        let times = |pick: fn(&StreamView) -> &Histogram| streams.iter().map(move |s| (labels(s), pick(s)));
        self.counter(("frames_tracked", "Frames whose objects were tracked", None), counts(|s| s.figures.frames))?;
        self.counter(("objects_lost", "Times that an object was given up as lost", None), counts(|s| s.figures.lost))?;
        self.gauge(("objects", "Objects that are tracked", None), gauges(|s| s.figures.objects as f64))?;
        self.gauge(
            ("bank", "Memory of the device that memory banks take", Some(Unit::Bytes)),
            gauges(|s| s.figures.bank_bytes as f64),
        )?;
        self.histogram(
            ("frame_age", "Time from a frame's arrival until its masks were ready", Some(Unit::Seconds)),
            times(|s| &s.figures.age),
        )?;
        self.histogram(("encode", "Time in the image encoder", Some(Unit::Seconds)), times(|s| &s.figures.encode))?;
        self.histogram(
            (
                "track",
                "Time in memory attention, mask decoder and memory encoder, of all streams together",
                Some(Unit::Seconds),
            ),
            times(|s| &s.figures.track),
        )
    }

    fn sinks(&mut self, sinks: &[SinkView]) -> fmt::Result {
        fn labels(sink: &SinkView) -> Vec<(&str, &str)> {
            vec![("sink", sink.name.as_str()), ("kind", sink.kind)]
        }
        let counts = |pick: fn(&SinkView) -> u64| sinks.iter().map(move |s| (labels(s), pick(s)));
        self.counter(("sink_frames", "Frames that the sink took", None), counts(|s| s.stats.frames_written))?;
        let dropped = sinks.iter().flat_map(|sink| {
            let label = |reason| [labels(sink), vec![("reason", reason)]].concat();
            [(label("queue_full"), sink.stats.dropped_queue_full), (label("sink_down"), sink.stats.dropped_sink_down)]
        });
        self.counter(
            (
                "sink_dropped",
                "Frames that the sink did not get: it was too slow (queue_full) or not working (sink_down)",
                None,
            ),
            dropped,
        )?;
        self.counter(("sink_errors", "Failures of the sink", None), counts(|s| s.stats.errors))?;
        let depth = sinks.iter().map(|sink| (labels(sink), sink.stats.depth as f64));
        self.gauge(("sink_queue", "Frames that wait for the sink", None), depth)?;
        let working = |sink: &SinkView| f64::from(u8::from(sink.stats.state == OutletState::Running));
        self.gauge(("sink_working", "1 while the sink works", None), sinks.iter().map(|s| (labels(s), working(s))))
    }
}
