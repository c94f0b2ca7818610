//! What is under `configs/` works as far as it can be seen from here.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use maskd_config::{Config, Environment, LoadOptions, Loaded};
use maskd_scene::{Scene, SceneConfig};
use saphyr::{LoadableYamlNode, Yaml};

use crate::support::environment;

/// What a build without optional features makes of a file, when nobody asks for secrets.
const CHECK: LoadOptions =
    LoadOptions { features: maskd_config::Features { zenoh: false, rerun: false }, skip_secrets: true };

pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs")
}

pub fn read(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn names() -> Vec<String> {
    let entries = std::fs::read_dir(folder()).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// The configurations.
pub fn configurations() -> Vec<String> {
    names().into_iter().filter(|name| name.ends_with(".toml")).collect()
}

fn load(name: &str, environment: &Environment) -> Loaded {
    Config::load(&folder().join(name), environment, &CHECK).unwrap_or_else(|errors| panic!("{errors}"))
}

#[test]
fn every_configuration_is_right_and_gives_no_warning() {
    let names = configurations();
    for expected in [
        "reference.toml",
        "scene.toml",
        "live-camera.toml",
        "annotate-rtsp.toml",
        "robot.toml",
        "click-from-anywhere.toml",
    ] {
        assert!(names.iter().any(|name| name == expected), "{expected} is missing");
    }
    for name in names {
        let loaded = load(&name, &environment(&[]));
        let warnings: Vec<String> = loaded.warnings.iter().map(ToString::to_string).collect();
        assert!(warnings.is_empty(), "{warnings:#?}");
        assert!(!loaded.config.streams.is_empty() && !loaded.config.sinks.is_empty(), "{name}");
    }
}

#[test]
fn the_readme_knows_every_file() {
    let readme = read("README.md");
    for name in names().iter().filter(|name| *name != "README.md") {
        assert!(readme.contains(name.as_str()), "{name} is not in configs/README.md");
    }
}

#[test]
fn the_prompts_of_the_scene_are_its_objects() {
    let config = load("scene.toml", &environment(&[])).config;
    let stream = config.stream("scene").unwrap();
    let mut scene = Scene::new(stream.source.to_string().parse::<SceneConfig>().unwrap()).unwrap();
    let truth = scene.next_frame().unwrap().boxes();
    let prompts: Vec<_> = stream.prompts.iter().map(|prompt| (prompt.object, prompt.bbox.unwrap())).collect();
    assert_eq!(prompts, truth);
    assert!(stream.prompts.iter().all(|prompt| prompt.frame == 0));
}

fn yaml(name: &str) -> Vec<Yaml<'static>> {
    let text: &'static str = Box::leak(read(name).into_boxed_str());
    Yaml::load_from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn texts<'a>(node: &'a Yaml<'_>) -> Vec<&'a str> {
    node.as_sequence().unwrap().iter().map(|item| item.as_str().unwrap()).collect()
}

#[test]
fn compose_builds_what_there_is_and_runs_a_right_configuration() {
    let documents = yaml("compose.yaml");
    let services = &documents[0]["services"];
    let container = read("Containerfile");
    for name in ["camera", "maskd"] {
        let build = &services[name]["build"];
        let root = folder().join(build["context"].as_str().unwrap());
        assert!(root.join(build["dockerfile"].as_str().unwrap()).is_file());
        assert!(container.contains(&format!(" AS {}\n", build["target"].as_str().unwrap())));
    }
    let volumes = texts(&services["maskd"]["volumes"]);
    let (file, target) = volumes.iter().find_map(|volume| volume.strip_suffix(":ro")?.split_once(':')).unwrap();
    assert!(
        container.contains(&format!("CMD [\"run\", \"{target}\"]")),
        "the program reads another file than {target}"
    );
    let variables = services["maskd"]["environment"].as_mapping().unwrap().iter();
    let variables: Vec<(&str, &str)> =
        variables.map(|(name, value)| (name.as_str().unwrap(), value.as_str().unwrap())).collect();
    let loaded = load(file, &environment(&variables));
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
    let source = loaded.config.stream("door").unwrap().source.to_string();
    let camera = texts(&services["camera"]["command"]).join(" ");
    assert!(source.starts_with("rtsp://127.0.0.1:8554/") && camera.contains("--port 8554"), "{source} {camera}");
}

#[test]
fn kubernetes_runs_a_right_configuration() {
    let documents = yaml("kubernetes.yaml");
    let [map, set] = documents.as_slice() else { panic!("{} documents", documents.len()) };
    assert_eq!((map["kind"].as_str(), set["kind"].as_str()), (Some("ConfigMap"), Some("StatefulSet")));
    let text = map["data"]["maskd.toml"].as_str().unwrap();
    let file = Path::new("/etc/maskd/maskd.toml");
    let secrets = environment(&[("GATE_USER", "viewer"), ("GATE_PASSWORD", "x")]);
    let options = LoadOptions { skip_secrets: false, ..CHECK };
    let loaded = Config::parse(text, file, &secrets, &options).unwrap_or_else(|errors| panic!("{errors}"));
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
    let pod = &set["spec"]["template"]["spec"];
    let container = &pod["containers"][0];
    assert_eq!(texts(&container["args"]), ["run", file.to_str().unwrap()]);
    for (probe, path) in [("startupProbe", "healthz"), ("livenessProbe", "healthz"), ("readinessProbe", "readyz")] {
        let command = texts(&container[probe]["exec"]["command"]).join(" ");
        assert!(command.contains(&format!("http://{}/{path}", loaded.config.http.listen)), "{command}");
    }
    let grace = pod["terminationGracePeriodSeconds"].as_integer().unwrap();
    assert!(grace as f64 > loaded.config.shutdown.drain.as_secs_f64());
    let volumes = pod["volumes"].as_sequence().unwrap().iter().map(|volume| volume["name"].as_str().unwrap());
    let claims = set["spec"]["volumeClaimTemplates"].as_sequence().unwrap().iter();
    let known: BTreeSet<&str> =
        volumes.chain(claims.map(|claim| claim["metadata"]["name"].as_str().unwrap())).collect();
    let mounts = container["volumeMounts"].as_sequence().unwrap().iter().map(|mount| mount["name"].as_str().unwrap());
    assert_eq!(mounts.collect::<BTreeSet<_>>(), known);
}

#[test]
fn containers_ask_for_health_where_the_server_is() {
    let config = load("scene.toml", &environment(&[])).config;
    assert!(read("Containerfile").contains(&format!("http://{}/healthz", config.http.listen)));
}

#[test]
fn systemd_accepts_the_unit() {
    if Command::new("systemd-analyze").arg("--version").output().is_err() {
        println!("SKIPPED: there is no systemd-analyze, so that maskd.service is not looked at");
        return;
    }
    let scratch = tempfile::tempdir().unwrap();
    let unit = scratch.path().join("maskd.service");
    // The program need not be installed here.
    std::fs::write(&unit, read("maskd.service").replace("/usr/bin/maskd", "/bin/true")).unwrap();
    let verify = Command::new("systemd-analyze").arg("verify").arg(&unit).output().unwrap();
    let said = String::from_utf8_lossy(&verify.stderr);
    let about_us: Vec<&str> = said.lines().filter(|line| line.contains("maskd.service")).collect();
    assert!(verify.status.success() && about_us.is_empty(), "{said}");
}

#[test]
fn the_unit_leaves_time_to_drain() {
    let unit = read("maskd.service");
    let stop = unit.lines().find_map(|line| line.strip_prefix("TimeoutStopSec=")).unwrap();
    let drain = load("scene.toml", &environment(&[])).config.shutdown.drain;
    assert!(stop.parse::<f64>().unwrap() > drain.as_secs_f64());
}
