use super::{BASE, lines_sink, scene_stream};
use crate::util::{Folder, SCENE, maskd};

#[test]
fn a_sound_configuration_is_found_sound() {
    let folder = Folder::new();
    let config = BASE.to_owned() + &scene_stream("a", SCENE) + &lines_sink("lines", &folder.name("o"), "drop_oldest");
    let file = folder.file("maskd.toml", config);
    let run = maskd(&["check", &file]);
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    for line in ["ok    model nano: on ", "ok    stream a: 192x128", "ok    sink lines: ", "maskd.toml: ok"] {
        assert!(run.stdout.contains(line), "`{line}` is missing in: {}", run.stdout);
    }
}

#[test]
fn what_is_not_there_is_named() {
    let folder = Folder::new();
    let config = BASE.to_owned()
        + "[[stream]]\nname = \"a\"\nsource = \"nowhere.mp4\"\n"
        + &lines_sink("lines", "missing/folder/o", "drop_oldest");
    let file = folder.file("maskd.toml", config);
    let run = maskd(&["check", &file]);
    run.assert_error(1, &["2 of the things"]);
    assert!(run.stdout.contains("wrong stream a: "), "{}", run.stdout);
    assert!(run.stdout.contains("wrong sink lines: "), "{}", run.stdout);
    assert_eq!(maskd(&["check", "--no-environment", &file]).code, Some(0));
}

#[test]
fn everything_that_is_wrong_with_a_file_is_told_at_once() {
    let folder = Folder::new();
    let config = "[model]\ndevise = \"cpu\"\n[http]\nlisten = \"0.0.0.0:80\"\n[[stream]]\nname = \"a b\"\nsource = \"exec:rm\"\n";
    let file = folder.file("maskd.toml", config);
    for command in ["check", "run"] {
        let run = maskd(&[command, &file]);
        run.assert_error(78, &["maskd.toml:2:", "devise", "device", "maskd.toml:4:", "maskd.toml:6:"]);
    }
    maskd(&["run", &folder.name("nothing.toml")]).assert_error(78, &["nothing.toml", "cannot be read"]);
}

#[test]
fn schema_and_completions_are_printed() {
    let schema: serde_json::Value = serde_json::from_str(&maskd(&["schema"]).stdout).unwrap();
    assert!(schema["properties"]["model"].is_object(), "{schema}");
    for shell in ["bash", "zsh", "fish"] {
        let run = maskd(&["completions", shell]);
        assert!(run.code == Some(0) && run.stdout.contains("until-ended"), "{shell}");
    }
}

#[test]
fn doctor_finds_what_the_tests_run_on() {
    let run = maskd(&["doctor"]);
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    for words in ["GStreamer 1.", "elements are installed", "cpu (", "8554"] {
        assert!(run.stdout.contains(words), "`{words}` is missing in: {}", run.stdout);
    }
    let bare = crate::util::command(["doctor"])
        .env("GST_PLUGIN_SYSTEM_PATH_1_0", "/nonexistent")
        .env("GST_REGISTRY_1_0", "/nonexistent/registry")
        .output()
        .unwrap();
    let bare = crate::util::Run::from(bare);
    bare.assert_error(1, &["apt-get install", "gstreamer1.0-plugins-ugly"]);
    assert!(
        bare.stdout.contains("missing: x264enc, in the Debian package gstreamer1.0-plugins-ugly"),
        "{}",
        bare.stdout
    );
}
