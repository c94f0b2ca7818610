//! What the daemon says of itself on `/metrics`.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, ensure};

/// How long the daemon may take for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// One value of one metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Name of the metric.
    pub name: String,
    /// What it is of, such as `stream="scene",le="0.1"`.
    labels: String,
    /// The value.
    pub value: f64,
}

impl Sample {
    /// Value of a label.
    pub fn label(&self, name: &str) -> Option<&str> {
        let mut labels = self.labels.split(',').filter_map(|label| label.split_once('='));
        labels.find_map(|(other, value)| (other == name).then(|| value.trim_matches('"')))
    }

    fn read(line: &str) -> Option<Self> {
        let (head, value) = line.rsplit_once(' ')?;
        let (name, labels) = head.split_once('{').unwrap_or((head, "}"));
        let labels = labels.strip_suffix('}')?.to_owned();
        Some(Self { name: name.to_owned(), labels, value: value.parse().ok()? })
    }
}

/// All samples of one answer.
pub fn scrape(port: u16) -> anyhow::Result<Vec<Sample>> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).context("the daemon does not answer")?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(stream, "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).context("the daemon does not answer")?;
    ensure!(answer.starts_with("HTTP/1.1 200"), "/metrics gave {:?}", answer.lines().next().unwrap_or_default());
    Ok(read(&answer))
}

fn read(text: &str) -> Vec<Sample> {
    text.lines().filter(|line| line.starts_with("maskd_")).filter_map(Sample::read).collect()
}

/// How much counters have grown since the last [`take`](Growth::take), across streams that were taken out and put in again, whose
/// counters begin anew.
#[derive(Debug, Default)]
pub struct Growth {
    last: Vec<Sample>,
    grown: BTreeMap<(String, String), f64>,
}

impl Growth {
    /// Goes on with a new answer of the daemon.
    pub fn add(&mut self, samples: &[Sample]) {
        let counters = samples.iter().filter(|sample| is_counter(&sample.name));
        let counters: Vec<Sample> = counters.cloned().collect();
        let last = std::mem::take(&mut self.last);
        let before: BTreeMap<_, _> =
            last.iter().map(|sample| ((&*sample.name, &*sample.labels), sample.value)).collect();
        let value_before = |sample: &Sample| before.get(&(&*sample.name, &*sample.labels)).copied().unwrap_or(0.0);
        let anew: Vec<&str> = counters
            .iter()
            .filter(|sample| sample.value < value_before(sample))
            .filter_map(|sample| sample.label("stream"))
            .collect();
        for sample in &counters {
            let begins = sample.label("stream").is_some_and(|stream| anew.contains(&stream));
            let from = if begins { 0.0 } else { value_before(sample) };
            *self.grown.entry((sample.name.clone(), sample.labels.clone())).or_default() += sample.value - from;
        }
        self.last = counters;
    }

    /// What has been added up, to begin at nothing again.
    pub fn take(&mut self) -> Vec<Sample> {
        let grown = std::mem::take(&mut self.grown);
        grown.into_iter().map(|((name, labels), value)| Sample { name, labels, value }).collect()
    }
}

fn is_counter(name: &str) -> bool {
    name.ends_with("_total") || name.ends_with("_bucket")
}

/// Sum of a metric over all samples that have this value of a label.
pub fn sum(samples: &[Sample], name: &str, label: Option<(&str, &str)>) -> f64 {
    let wanted =
        |sample: &&Sample| sample.name == name && label.is_none_or(|(label, value)| sample.label(label) == Some(value));
    samples.iter().filter(wanted).fold(0.0, |sum, sample| sum + sample.value)
}

/// The value that a share of a stream's observations lies below, from its histogram, straight lines between the edges of
/// the buckets; `None` where there was none, infinite where it lies beyond the last edge.
pub fn quantile(samples: &[Sample], name: &str, stream: &str, share: f64) -> Option<f64> {
    let of_stream = samples.iter().filter(|sample| sample.name == name && sample.label("stream") == Some(stream));
    let edge = |sample: &Sample| sample.label("le").and_then(|le| le.replace("+Inf", "inf").parse::<f64>().ok());
    let mut buckets: Vec<(f64, f64)> = of_stream.filter_map(|sample| Some((edge(sample)?, sample.value))).collect();
    buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
    let wanted = buckets.last().map(|(_, count)| count * share).filter(|count| *count > 0.0)?;
    let above = buckets.iter().position(|(_, count)| *count >= wanted)?;
    let (high, many) = buckets[above];
    let (low, few) = above.checked_sub(1).map_or((0.0, 0.0), |below| buckets[below]);
    Some(if high.is_finite() { low + (high - low) * (wanted - few) / (many - few) } else { high })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = "HTTP/1.1 200 OK\r\n\r\n# HELP maskd_up_seconds Time\nmaskd_up_seconds{} 5.5\n\
        maskd_frames_in_total{stream=\"a\"} 10\nmaskd_frames_in_total{stream=\"b\"} 7\n";

    fn frames(a: f64, b: f64) -> Vec<Sample> {
        read(&format!("maskd_frames_in_total{{stream=\"a\"}} {a}\nmaskd_frames_in_total{{stream=\"b\"}} {b}"))
    }

    fn ages(counts: [u32; 3]) -> Vec<Sample> {
        let line = |(le, count): (&str, u32)| format!("maskd_age_bucket{{le=\"{le}\",stream=\"a\"}} {count}\n");
        read(&["0.1", "0.2", "+Inf"].into_iter().zip(counts).map(line).collect::<String>())
    }

    #[test]
    fn an_answer_is_read() {
        let samples = read(ANSWER);
        assert_eq!(samples.len(), 3);
        assert_eq!(sum(&samples, "maskd_up_seconds", None), 5.5);
        assert_eq!(sum(&samples, "maskd_frames_in_total", None), 17.0);
        assert_eq!(sum(&samples, "maskd_frames_in_total", Some(("stream", "b"))), 7.0);
    }

    #[test]
    fn growth_goes_on_where_a_stream_begins_anew() {
        let mut growth = Growth::default();
        growth.add(&frames(10.0, 7.0));
        growth.add(&frames(12.0, 7.0));
        growth.add(&frames(3.0, 9.0));
        let grown = growth.take();
        assert_eq!(sum(&grown, "maskd_frames_in_total", Some(("stream", "a"))), 15.0);
        assert_eq!(sum(&grown, "maskd_frames_in_total", Some(("stream", "b"))), 9.0);
        growth.add(&frames(4.0, 9.0));
        assert_eq!(sum(&growth.take(), "maskd_frames_in_total", None), 1.0);
    }

    #[test]
    fn a_stream_that_was_away_begins_at_nothing() {
        let mut growth = Growth::default();
        growth.add(&frames(10.0, 7.0));
        growth.add(&[]);
        growth.take();
        growth.add(&frames(11.0, 8.0));
        assert_eq!(sum(&growth.take(), "maskd_frames_in_total", None), 19.0);
    }

    #[test]
    fn quantiles_lie_between_the_edges() {
        let at = |counts, share| quantile(&ages(counts), "maskd_age_bucket", "a", share);
        assert_eq!(at([50, 100, 100], 0.5), Some(0.1));
        assert!((at([50, 100, 100], 0.75).unwrap() - 0.15).abs() < 1e-12);
        assert_eq!(at([0, 0, 10], 0.99), Some(f64::INFINITY));
        assert_eq!(at([0, 0, 0], 0.99), None);
    }
}
