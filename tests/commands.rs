//! Everything that tracks nothing: help, version, models, fetch, inspect.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use snapbox::{assert_data_eq, file};

use crate::util::{Folder, Run, command, maskd};

fn well(arguments: &[&str]) -> String {
    let run = maskd(arguments);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    run.stdout
}

#[test]
fn help_says_what_it_said() {
    assert_data_eq!(well(&["--help"]), file!["help/maskd.txt"].raw());
    assert_data_eq!(well(&["track", "--help"]), file!["help/track.txt"].raw());
    assert_data_eq!(well(&["segment", "--help"]), file!["help/segment.txt"].raw());
    assert_data_eq!(well(&["eval", "--help"]), file!["help/eval.txt"].raw());
    assert_data_eq!(well(&["run", "--help"]), file!["help/run.txt"].raw());
    assert_data_eq!(well(&["check", "--help"]), file!["help/check.txt"].raw());
    assert_data_eq!(well(&["models", "--help"]), file!["help/models.txt"].raw());
    assert_data_eq!(well(&["fetch", "--help"]), file!["help/fetch.txt"].raw());
    assert_data_eq!(well(&["inspect", "--help"]), file!["help/inspect.txt"].raw());
}

#[test]
fn the_version_names_the_devices() {
    let version = well(&["--version"]);
    assert!(version.starts_with(concat!("maskd ", env!("CARGO_PKG_VERSION"), " (devices: cpu")), "{version}");
    assert_eq!(version.contains("cuda"), cfg!(feature = "cuda"), "{version}");
    assert_eq!(version.contains("vulkan"), cfg!(feature = "vulkan"), "{version}");
}

#[test]
fn models_are_listed_for_people_and_for_scripts() {
    let table = well(&["models"]);
    assert_eq!(table.lines().count(), 10, "{table}");
    for column in ["NAME", "SIZE", "LICENCE", "ON DISK", "SHA-256", "SOURCE"] {
        assert!(table.lines().next().unwrap().contains(column), "{table}");
    }
    let rows: Vec<Value> = serde_json::from_str(&well(&["models", "--json"])).unwrap();
    let names: Vec<&str> = rows.iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert_eq!((names.len(), names[0], names[1]), (9, "nano", "sam2.1-tiny"));
    for row in &rows {
        assert_eq!(row["sha256"].as_str().unwrap().len(), 64, "{row}");
        assert_eq!(row["on_disk"], row["name"] == "nano");
        assert!(!row["licence"].as_str().unwrap().is_empty());
    }
}

#[test]
fn a_fetched_model_is_on_disk() {
    let folder = Folder::new();
    let file = std::fs::File::create(folder.at("sam2_hiera_tiny.pt")).unwrap();
    file.set_len(155_906_050).unwrap();
    let run: Run = command(["models", "--json"]).env("MASKD_MODELS", folder.path()).output().unwrap().into();
    let rows: Vec<Value> = serde_json::from_str(&run.stdout).unwrap();
    let on_disk: Vec<&str> =
        rows.iter().filter(|row| row["on_disk"] == true).map(|row| row["name"].as_str().unwrap()).collect();
    assert_eq!(on_disk, ["nano", "sam2-tiny"]);
}

/// A `maskd fetch` that talks to a server of this test, and where it would put the file.
fn fetch_from(server: &TcpListener, folder: &Folder) -> Child {
    let mut fetch = command(["fetch", "sam2.1-tiny"]);
    let address = format!("http://{}/", server.local_addr().unwrap());
    fetch.env("MASKD_MODELS", folder.at("models")).env("MASKD_MODELS_URL", address);
    fetch.stderr(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap()
}

#[test]
fn fetching_tells_why_it_cannot() {
    maskd(&["fetch", "sam9"]).assert_error(2, &["no model `sam9`", "sam2.1-tiny"]);
    let (folder, server) = (Folder::new(), TcpListener::bind("127.0.0.1:0").unwrap());
    let child = fetch_from(&server, &folder);
    let (mut client, _) = server.accept().unwrap();
    let mut request = [0; 4096];
    let length = client.read(&mut request).unwrap();
    assert!(request[..length].starts_with(b"GET /sam2.1_hiera_tiny.pt HTTP/1.1"));
    client.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
    drop(client);
    let run = Run::from(child.wait_with_output().unwrap());
    run.assert_error(1, &["status 404", "MASKD_MODELS_URL"]);
}

#[test]
fn fetching_can_be_interrupted() {
    let (folder, server) = (Folder::new(), TcpListener::bind("127.0.0.1:0").unwrap());
    let child = fetch_from(&server, &folder);
    let (client, _) = server.accept().unwrap();
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    // Time for the signal to be seen as such before the connection breaks.
    std::thread::sleep(std::time::Duration::from_millis(200));
    drop(client);
    Run::from(child.wait_with_output().unwrap()).assert_error(1, &["stopped after 0 bytes", "goes on"]);
}

#[test]
fn nothing_has_to_be_fetched_for_the_built_in_model() {
    let run = maskd(&["fetch", "nano"]);
    assert_eq!(run.code, Some(0));
    assert!(run.stderr.contains("part of the program"), "{}", run.stderr);
}

#[test]
fn a_sound_checkpoint_is_described() {
    let nano = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/model/assets/nano.safetensors");
    let report = well(&["inspect", nano.to_str().unwrap()]);
    for words in ["sam2.1-nano", "parameters  6.4 M", "problems    none"] {
        assert!(report.contains(words), "`{words}` is missing in: {report}");
    }
    let report: Value = serde_json::from_str(&well(&["inspect", "--json", nano.to_str().unwrap()])).unwrap();
    assert_eq!(report["problems"], serde_json::json!([]));
    assert_eq!(report["variant"], "sam2.1-nano");
}

#[test]
fn what_is_no_checkpoint_is_told_once() {
    maskd(&["inspect", "/nowhere/a.pt"]).assert_error(1, &["/nowhere/a.pt cannot be used"]);
}
