//! A file that may not grow for ever.

use std::fs;

use maskd_output::Sink;
use maskd_output::rerun::{RerunConfig, RerunSink, RerunTarget};

use crate::scene::{check_frames, entity, frames, names};
use crate::seen::Seen;

/// Bytes of a part that waits to be written.
const PART: u64 = 4 << 20;
/// What a file takes here before another begins, besides such a part.
const SHARE: u64 = 200_000;

#[test]
fn a_file_and_the_one_before_it_stay_within_the_quota() {
    let directory = tempfile::tempdir().unwrap();
    let (path, old) = (directory.path().join("run.rrd"), directory.path().join("run.old.rrd"));
    let (flush, quota) = (std::time::Duration::ZERO, 2 * (PART + SHARE));
    let config = RerunConfig { flush, quota_bytes: Some(quota), ..RerunConfig::new(RerunTarget::File(path.clone())) };
    let frames = frames(160);
    let mut sink = RerunSink::create(&config).unwrap();
    let length = |path: &std::path::Path| fs::metadata(path).map_or(0, |data| data.len());
    let (mut renewals, mut before) = (0, 0);
    for frame in &frames {
        sink.write(frame).unwrap();
        let now = length(&path);
        renewals += u32::from(now < before);
        before = now;
        assert!(now + length(&old) <= quota, "{now} and {} of {quota}", length(&old));
    }
    sink.finish().unwrap();
    assert!(renewals >= 2, "only {renewals} files were put aside in {before} bytes");
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2, "older ones are left");

    // Each of the two can be shown by itself, and nothing is missing between them.
    let numbers = |path: &std::path::Path| Seen::read(path).times(&entity("/image"), "frame");
    let (first, second) = (numbers(&old), numbers(&path));
    let all: Vec<i64> = first.iter().chain(&second).copied().collect();
    assert!(!first.is_empty() && !second.is_empty() && all.windows(2).all(|pair| pair[0] + 1 == pair[1]), "{all:?}");
    assert_eq!(all.last(), Some(&159));
    let of = |numbers: &[i64]| &frames[numbers[0] as usize..=numbers[numbers.len() - 1] as usize];
    for (path, numbers) in [(&old, &first), (&path, &second)] {
        let seen = Seen::read(path);
        check_frames(&seen, of(numbers));
        assert_eq!(names(&seen), [["object 1", "cup", "object 3"]], "told once in every file");
    }
    let recordings = |path: &std::path::Path| Seen::read(path).recordings;
    assert_eq!(recordings(&old), recordings(&path), "a viewer shows them as one");

    // A file of an earlier run that has its share already is put aside at once.
    let mut sink = RerunSink::create(&RerunConfig { quota_bytes: Some(2 * PART), ..config }).unwrap();
    sink.write(&frames[0]).unwrap();
    sink.finish().unwrap();
    assert_eq!(numbers(&old), [second, vec![0]].concat());
}
