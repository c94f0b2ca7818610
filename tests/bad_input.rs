//! Inputs that are none, or not whole.

use std::os::unix::fs::PermissionsExt;

use crate::media;
use crate::util::{Folder, frames_of, json_lines, list, maskd, skipped, track};

const CLICK: &str = "1:point=96,64";

#[test]
fn what_is_not_there() {
    let run = track(&["nowhere.mp4", "--prompt", CLICK]);
    run.assert_error(1, &["nowhere.mp4 does not exist", "check the path"]);
}

#[test]
fn what_cannot_be_read() {
    let folder = Folder::new();
    let name = folder.file("locked.mp4", "x");
    std::fs::set_permissions(&name, std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::read(&name).is_ok() {
        return skipped("an unreadable file: this user may read everything");
    }
    track(&[&name, "--prompt", CLICK]).assert_error(1, &["cannot read", "locked.mp4", "permissions"]);
}

#[test]
fn what_is_no_video() {
    let folder = Folder::new();
    let text = folder.file("text.mp4", "There is nothing to see in here.\n".repeat(50));
    track(&[&text, "--prompt", CLICK]).assert_error(1, &["text.mp4", "is not a video"]);
    track(&["/dev/null", "--prompt", CLICK]).assert_error(1, &["/dev/null is"]);
    track(&["http://example.org/a.mp4", "--prompt", CLICK]).assert_error(2, &["http://", "rtsp://"]);
    track(&["scene://?objects=99"]).assert_error(2, &["objects", "1 to 32"]);
    track(&["scene://?object=2"]).assert_error(2, &["no parameter \"object\""]);
}

#[test]
fn what_has_no_frames() {
    let folder = Folder::new();
    let empty = folder.file("empty.mp4", "");
    track(&[&empty, "--prompt", CLICK]).assert_error(1, &["empty.mp4 is empty (0 bytes)"]);
    std::fs::create_dir(folder.at("frames")).unwrap();
    track(&[&folder.name("frames"), "--prompt", CLICK]).assert_error(1, &["has no frames"]);
}

#[test]
fn frames_before_the_damage_are_tracked_and_written() {
    let folder = Folder::new();
    let video = folder.at("cut.mp4");
    media::video(&video, 30);
    media::cut(&video, 0.7);
    let (ndjson, masks, annotated) = (folder.name("o.ndjson"), folder.name("masks"), folder.name("o.mp4"));
    let outputs = ["--ndjson", &ndjson, "--masks", &masks, "--video", &annotated];
    let run = track(&[&[video.to_str().unwrap(), "--prompt", CLICK][..], &outputs].concat());
    let lines = json_lines(&std::fs::read_to_string(&ndjson).unwrap());
    assert!((1..30).contains(&lines.len()), "{} frames of a cut video", lines.len());
    let said = format!("{} frames could be read", lines.len());
    run.assert_error(1, &["cut.mp4", "is damaged", &said, "before the damage has been tracked"]);
    assert_eq!(list(&folder.at("masks")).len(), lines.len());
    assert_eq!(frames_of(&folder.at("o.mp4")), lines.len());
}

#[test]
fn usage_errors_exit_with_2() {
    for arguments in [
        &["track"][..],
        &["track", "scene://", "--image-size", "100"],
        &["track", "scene://", "--device", "tpu"],
        &["track", "scene://", "--frames", "0"],
        &["track", "scene://", "--threads", "0"],
        &["track", "scene://", "--prompt", "1@0;point=3,4"],
        &["track", "scene://", "--nonsense"],
        &["wash"],
    ] {
        let run = maskd(arguments);
        assert_eq!(run.code, Some(2), "{arguments:?}: {}", run.stderr);
        assert!(run.stderr.starts_with("error: "), "{arguments:?}: {}", run.stderr);
    }
}

#[test]
fn an_output_may_not_destroy_an_input() {
    let folder = Folder::new();
    let video = folder.at("a.mp4");
    media::video(&video, 2);
    let before = std::fs::read(&video).unwrap();
    let other = folder.name("./a.mp4");
    let run = track(&[video.to_str().unwrap(), "--prompt", CLICK, "--video", &other]);
    run.assert_error(2, &["INPUT and --video are the same"]);
    assert_eq!(std::fs::read(&video).unwrap(), before);
}
