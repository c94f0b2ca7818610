//! Ctrl-C.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::util::{Folder, Run, SCENE, command, frames_of, json_lines, list};

fn lines(path: &Path) -> usize {
    std::fs::read_to_string(path).map_or(0, |text| text.lines().count())
}

fn wait_for_lines(path: &Path, count: usize, child: &mut Child) {
    let start = Instant::now();
    while lines(path) < count {
        assert!(child.try_wait().unwrap().is_none(), "the run has ended");
        assert!(start.elapsed() < Duration::from_secs(120), "no {count} frames in two minutes");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn ends_well_after(signal: &str) {
    let folder = Folder::new();
    let (ndjson, masks, video) = (folder.at("o.ndjson"), folder.at("masks"), folder.at("o.mp4"));
    let endless = SCENE.replace("frames=12", "frames=100000");
    let mut run = command(["track", &endless, "--device", "cpu", "--image-size", "128"]);
    run.arg("--ndjson").arg(&ndjson).arg("--masks").arg(&masks).arg("--video").arg(&video);
    let mut child = run.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_for_lines(&ndjson, 5, &mut child);
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let run = Run::from(child.wait_with_output().unwrap());
    let frames = json_lines(&std::fs::read_to_string(&ndjson).unwrap()).len();
    run.assert_error(1, &[&format!("interrupted after {frames} frames"), "what was written so far is complete"]);
    assert_eq!(list(&masks).len(), frames);
    assert_eq!(frames_of(&video), frames);
}

#[test]
fn ctrl_c_leaves_a_video_that_plays() {
    ends_well_after("-INT");
}

#[test]
fn so_does_sigterm() {
    ends_well_after("-TERM");
}
