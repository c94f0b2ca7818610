//! Whether a stream kept its pace while something else was in trouble.

use std::ops::Range;
use std::time::SystemTime;

use serde_json::Value;

use super::frames;

/// No stream that nothing troubles may stand still for longer, in seconds, also where others use the machine.
const LONGEST: f64 = 2.0;

/// Seconds since the epoch.
pub fn now() -> f64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs_f64()
}

/// A rendered scene, whose frames are made as fast as they are tracked, never stood still, was not much slower during the trouble than
/// before it, missed no frame and kept its objects.
pub fn assert_kept(lines: &[Value], stream: &str, trouble: &Range<f64>) {
    assert_kept_as(lines, stream, trouble, 3.0);
}

/// The same where further streams come and go, which have a share of the pace too.
pub fn assert_kept_beside_others(lines: &[Value], stream: &str, trouble: &Range<f64>) {
    assert_kept_as(lines, stream, trouble, 8.0);
}

fn assert_kept_as(lines: &[Value], stream: &str, trouble: &Range<f64>, slower: f64) {
    let all = frames(lines, stream);
    let times: Vec<f64> = all.iter().map(|line| line["capture_unix_ns"].as_f64().unwrap() / 1e9).collect();
    let rate =
        |span: Range<f64>| times.iter().filter(|time| span.contains(*time)).count() as f64 / (span.end - span.start);
    let (before, during) = (rate(times[0]..trouble.start), rate(trouble.clone()));
    let pauses = |is_asked: &dyn Fn(f64) -> bool| {
        let asked = times.windows(2).filter(|pair| is_asked(pair[1]));
        asked.map(|pair| pair[1] - pair[0]).fold(0.0, f64::max)
    };
    let (usual, longest) = (pauses(&|time| time < trouble.start), pauses(&|time| trouble.contains(&time)));
    println!(
        "{stream}: {before:.1} frames/s before, {during:.1} during the trouble, at most {longest:.2} s between two"
    );
    assert!(during > before / slower, "{during} frames/s during the trouble, {before} before");
    // A machine on which it stood still for long before is no better now.
    assert!(longest < LONGEST.max(2.0 * usual), "{longest} s between two frames, {usual} s before");
    let gaps =
        all.windows(2).filter(|pair| pair[0]["frame"].as_u64().unwrap() + 1 != pair[1]["frame"].as_u64().unwrap());
    assert_eq!(gaps.count(), 0, "frames are missing");
    let objects = |line: &Value| line["objects"].as_array().unwrap().len();
    assert!(all.iter().all(|line| objects(line) == objects(&all[0])), "objects came or went");
}
