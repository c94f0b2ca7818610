//! Outputs that cannot be written: what was written before stays valid.

use std::process::{Command, Stdio};

use crate::media;
use crate::util::{Folder, Run, SCENE, command, frames_of, json_lines, list, skipped, track, track_well};

#[test]
fn places_that_take_no_files() {
    let folder = Folder::new();
    folder.file("file", "");
    let nowhere = folder.name("nowhere/o");
    for flag in ["--ndjson", "--video", "--logits"] {
        track(&[SCENE, flag, &nowhere]).assert_error(1, &["nowhere/o"]);
    }
    track(&[SCENE, "--masks", &folder.name("file/masks")]).assert_error(1, &["file/masks"]);
    assert_eq!(folder.list(), ["file"]);
}

#[test]
fn a_full_disk_stops_the_run_and_leaves_the_other_outputs_whole() {
    let folder = Folder::new();
    let (masks, video, logits) = (folder.name("masks"), folder.name("o.mp4"), folder.name("o.safetensors"));
    let outputs = ["--masks", &masks, "--video", &video, "--logits", &logits, "--ndjson", "/dev/full"];
    let run = track(&[&[SCENE][..], &outputs].concat());
    run.assert_error(1, &["/dev/full", "No space left on device", "make room"]);
    let images = list(&folder.at("masks"));
    assert!((1..12).contains(&images.len()), "{images:?}");
    images.iter().for_each(|image| drop(media::read_png(&folder.at("masks").join(image))));
    assert_eq!(frames_of(&folder.at("o.mp4")), images.len());
    let bytes = std::fs::read(folder.at("o.safetensors")).unwrap();
    assert_eq!(safetensors::SafeTensors::deserialize(&bytes).unwrap().len(), 3 * images.len());
}

/// Runs a shell script in a mount namespace of its own, where the system lets this user have one.
fn with_own_mounts(script: &str, folder: &Folder) -> Option<Run> {
    [&["--mount"][..], &["--user", "--map-root-user", "--mount"]].into_iter().find_map(|flags| {
        let mut probe = Command::new("unshare");
        probe.args(flags).args(["mount", "-t", "tmpfs", "tmpfs"]).arg(folder.path()).stderr(Stdio::null());
        probe.status().ok().filter(|status| status.success())?;
        let mut shell = Command::new("unshare");
        shell
            .args(flags)
            .args(["sh", "-c", script])
            .env("MASKD", env!("CARGO_BIN_EXE_maskd"))
            .current_dir(folder.path());
        Some(shell.output().unwrap().into())
    })
}

#[test]
fn a_disk_that_fills_up_holds_only_whole_files() {
    let folder = Folder::new();
    std::fs::create_dir(folder.at("small")).unwrap();
    std::fs::create_dir(folder.at("saved")).unwrap();
    let script = format!(
        "mount -t tmpfs -o size=32k tmpfs small && \"$MASKD\" track '{SCENE}' --device cpu --image-size 128 \
         --masks small/masks --ndjson small/o.ndjson; code=$?; cp -r small/. saved/ && exit $code"
    );
    let Some(run) = with_own_mounts(&script, &folder) else {
        return skipped("a small disk: this user may not mount one");
    };
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stderr.contains("No space left on device"), "{}", run.stderr);
    assert!(run.stderr.contains("help: make room"), "{}", run.stderr);
    let lines = json_lines(&std::fs::read_to_string(folder.at("saved/o.ndjson")).unwrap());
    let images = list(&folder.at("saved/masks"));
    assert!(lines.len() + images.len() < 24, "the disk was not small enough");
    images.iter().for_each(|image| drop(media::read_png(&folder.at("saved/masks").join(image))));
}

#[test]
fn a_reader_that_has_enough_ends_the_run_quietly() {
    use std::io::{BufRead, BufReader};
    let endless = SCENE.replace("frames=12", "frames=100000");
    let arguments = ["track", &endless, "--device", "cpu", "--image-size", "128", "--ndjson", "-", "--quiet"];
    let mut child = command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("{\"stream\":"), "{line}");
    let run = Run::from(child.wait_with_output().unwrap());
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
}

#[test]
fn large_ids_are_refused_where_pixels_cannot_hold_them() {
    let folder = Folder::new();
    let masks = folder.name("masks");
    let prompt = ["--prompt", "300:point=96,64"];
    track(&[&[SCENE, "--masks", &masks][..], &prompt].concat()).assert_error(2, &["300", "255"]);
    assert!(!folder.at("masks").exists());
    track_well(&[&[SCENE, "--frames", "1", "--ndjson", "-"][..], &prompt].concat());
}
