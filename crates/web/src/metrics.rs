//! `/metrics`: what others wrote down, in Prometheus' words, read at the moment somebody asks.

use std::fmt;

use crate::app::Shared;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use maskd_daemon::{Handle, SinkView, StreamView};
use maskd_output::outlet::OutletState;
use maskd_types::SourceState;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// Name of a metric, what it says, and the unit.
type Head = (&'static str, &'static str, Option<Unit>);

/// What OpenMetrics text is announced as.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub(crate) async fn metrics(State(app): State<Shared>) -> Response {
    match text(app.daemon.clone()) {
        Ok(text) => ([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// All metrics as text, in the OpenMetrics form that Prometheus reads.
///
/// # Errors
/// Never in practice: a text takes everything.
fn text(daemon: Handle) -> Result<String, fmt::Error> {
    let mut registry = Registry::with_prefix("maskd");
    registry.register_collector(Box::new(Metrics(daemon)));
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}

struct Metrics(Handle);

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Metrics").finish()
    }
}

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

    fn process(&mut self, daemon: &Handle) -> fmt::Result {
        let none = Vec::new;
        self.gauge(("up_seconds", "Time since the start", None), [(none(), daemon.up().as_secs_f64())])?;
        self.gauge(
            ("frames_waiting", "Frames that wait for the tracker", None),
            [(none(), daemon.frames_waiting() as f64)],
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
        self.gauge(
            ("prompt_ring", "Memory that frames take which can still be prompted", Some(Unit::Bytes)),
            gauges(|s| s.figures.ring.bytes as f64),
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
