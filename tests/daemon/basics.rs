use serde_json::Value;

use super::{BASE, Daemon, events, frames, get, lines, lines_sink, scene_stream, states};
use crate::util::{Folder, SCENE, track_well};

/// What does not depend on when it was made.
fn lasting(line: &Value) -> Value {
    let mut line = line.clone();
    for key in ["latency_ms", "capture_unix_ns", "capture_clock", "stream"] {
        line.as_object_mut().unwrap().remove(key);
    }
    for object in line["objects"].as_array_mut().unwrap() {
        object.as_object_mut().unwrap().remove("name");
    }
    line
}

#[test]
fn the_daemon_tells_what_track_tells() {
    let folder = Folder::new();
    let (ours, theirs) = (folder.name("run.ndjson"), folder.name("track.ndjson"));
    // Of a video of fewer than 16 frames `track`, which knows its length, looks at fewer object pointers.
    let scene = SCENE.replace("frames=12", "frames=20");
    let config = BASE.to_owned() + &scene_stream("a", &scene) + &lines_sink("lines", &ours, "block");
    let mut daemon = Daemon::start(&folder, &config, &["--until-ended"]);
    assert!(daemon.end().0.success(), "{}", daemon.log());
    track_well(&[&scene, "--quiet", "--threads", "1", "--ndjson", &theirs]);
    let written = lines(&ours);
    let run: Vec<Value> = frames(&written, "a").iter().map(lasting).collect();
    let track: Vec<Value> = lines(&theirs).iter().map(lasting).collect();
    assert_eq!((run.len(), track.len()), (20, 20));
    for (number, (run, track)) in run.iter().zip(&track).enumerate() {
        assert!(run == track, "frame {number} differs");
    }
    assert_eq!(states(&written, "a"), ["live", "ended"]);
    assert_eq!(events(&written, "a")[..2], [(1, "new".to_owned()), (2, "new".to_owned())]);
    let objects = frames(&written, "a")[3]["objects"].clone();
    let names: Vec<&Value> = objects.as_array().unwrap().iter().map(|object| &object["name"]).collect();
    assert_eq!(names, ["thing 1", "thing 2"]);
}

#[test]
fn two_streams_are_tracked_as_each_alone() {
    let folder = Folder::new();
    let other = SCENE.replace("seed=7", "seed=3");
    let run = |streams: &[(&str, &str)], to: &str| -> Vec<Value> {
        let to = folder.name(to);
        let streams: String = streams.iter().map(|(name, address)| scene_stream(name, address)).collect();
        let config = BASE.to_owned() + &streams + &lines_sink("lines", &to, "block");
        let mut daemon = Daemon::start(&folder, &config, &["--until-ended"]);
        assert!(daemon.end().0.success(), "{}", daemon.log());
        lines(&to)
    };
    let (a, b) = (run(&[("a", SCENE)], "a"), run(&[("b", &other)], "b"));
    let both = run(&[("a", SCENE), ("b", &other)], "both");
    for (name, alone) in [("a", a), ("b", b)] {
        let masks = |lines: &[Value]| -> Vec<Value> {
            let objects =
                |line: &Value| line["objects"].as_array().unwrap().iter().map(|o| o["mask"].clone()).collect();
            frames(lines, name).iter().map(objects).collect()
        };
        assert_eq!(masks(&both), masks(&alone), "stream {name}");
        assert_eq!(masks(&both).len(), 12);
    }
}

#[test]
fn health_and_metrics_are_served_and_sigterm_ends_well() {
    let folder = Folder::new();
    let to = folder.name("lines.ndjson");
    let endless = SCENE.replace("frames=12", "frames=1000000");
    let config = BASE.to_owned() + &scene_stream("a", &endless) + &lines_sink("lines", &to, "drop_oldest");
    let mut daemon = Daemon::start(&folder, &config, &[]);
    let http = daemon.http();
    daemon.wait("some frames", |_| (lines(&to).len() > 20).then_some(()));
    for path in ["/healthz", "/readyz"] {
        let (status, body) = get(http, path);
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(status, 200);
        assert_eq!((&body["streams"][0]["state"], &body["streams"][0]["objects"]), (&"live".into(), &2.into()));
        assert_eq!((&body["sinks"][0]["name"], &body["sinks"][0]["state"]), (&"lines".into(), &"running".into()));
    }
    assert_eq!(get(http, "/nothing").0, 404);
    let (status, metrics) = get(http, "/metrics");
    assert_eq!(status, 200);
    let value = |name: &str| -> f64 {
        let line = metrics.lines().find(|line| line.starts_with(name));
        line.unwrap_or_else(|| panic!("no {name} in {metrics}")).rsplit(' ').next().unwrap().parse().unwrap()
    };
    assert!(value("maskd_frames_tracked_total{stream=\"a\"}") > 15.0);
    assert!(value("maskd_frames_in_total{stream=\"a\"}") > 15.0);
    assert_eq!(value("maskd_objects{stream=\"a\"}"), 2.0);
    assert_eq!(value("maskd_source_state{stream=\"a\",state=\"live\"}"), 1.0);
    assert!(value("maskd_bank_bytes{stream=\"a\"}") > 1e4);
    assert!(value("maskd_frame_age_seconds_count{stream=\"a\"}") > 15.0);
    assert!(value("maskd_sink_frames_total{sink=\"lines\",kind=\"ndjson\"}") > 15.0);
    assert!(metrics.ends_with("# EOF\n"));
    let took = daemon.terminate();
    assert!(took.as_secs_f64() < 5.5, "it took {took:?}");
    let text = std::fs::read_to_string(&to).unwrap();
    assert!(text.ends_with('\n'));
    let numbers: Vec<u64> = frames(&lines(&to), "a").iter().map(|line| line["frame"].as_u64().unwrap()).collect();
    assert!(numbers.is_sorted_by(|a, b| a < b));
    assert_eq!(states(&lines(&to), "a").last().unwrap(), "ended");
}
