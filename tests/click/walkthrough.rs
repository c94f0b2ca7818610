//! What the README shows, done.

use std::process::Command;

use super::Api;
use crate::daemon::{BASE, Daemon};
use crate::util::Folder;

#[test]
fn the_walk_through_of_the_readme_works() {
    let readme = include_str!("../../README.md");
    let (_, after) = readme.split_once("<!-- the tests run this -->\n```sh\n").unwrap();
    let (commands, _) = after.split_once("```").unwrap();
    let folder = Folder::new();
    let mut daemon = Daemon::start(&folder, BASE, &[]);
    let api = Api::of(&mut daemon);
    let commands = commands.replace("http://127.0.0.1:8710", &api.address);
    let run =
        Command::new("bash").args(["-euo", "pipefail", "-c", &commands]).current_dir(folder.path()).output().unwrap();
    let said = [run.stdout, run.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    assert!(run.status.success(), "{said:?}\n{}", daemon.log());
    for words in ["\"streams\":[]", "\"origin\":\"api\"", "\"name\":\"cup\"", "\"applied_frame\":"] {
        assert!(said[0].contains(words), "`{words}` is missing in: {}", said[0]);
    }
    for file in ["snapshot.jpg", "masks.json", "labels.png", "demo.tracks"] {
        assert!(folder.at(file).metadata().unwrap().len() > 100, "{file}");
    }
    assert_eq!(api.get("/api/v1/streams").1["streams"], serde_json::json!([]));
    daemon.terminate();
}
