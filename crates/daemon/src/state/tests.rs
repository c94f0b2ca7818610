use maskd_tracker::SavedTrack;

use super::*;

fn prompt(object: u32, x: f32) -> PromptConfig {
    let object = ObjectId::new(object).unwrap();
    PromptConfig { object, name: None, frame: 0, points: Vec::new(), bbox: Some([x, 0.0, x + 9.0, 9.0]), mask: None }
}

fn track(object: u32) -> NamedTrack {
    let track =
        SavedTrack { object: ObjectId::new(object).unwrap(), map: vec![object as f32; 8], pointer: vec![-1.5; 4] };
    NamedTrack { track, name: (object > 1).then(|| format!("thing {object}")) }
}

fn directory(path: &Path, model: &str) -> StateDirectory {
    StateDirectory::open(path, model.into()).unwrap()
}

fn record(prompts: Vec<PromptConfig>, tracks: Vec<NamedTrack>) -> StreamRecord {
    StreamRecord { stream: "yard".into(), prompts, tracks }
}

#[test]
fn tracks_come_back_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let state = directory(folder.path(), "nano");
    let prompts = vec![prompt(1, 0.0), prompt(12, 4.0)];
    state.store(&record(prompts.clone(), vec![track(1), track(12)])).unwrap();
    assert_eq!(state.load("yard", &prompts), [track(1), track(12)]);
    assert_eq!(state.load("door", &prompts), []);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "something is left beside the file");
}

#[test]
fn objects_of_which_something_else_is_said_now_are_prompted_anew() {
    let folder = tempfile::tempdir().unwrap();
    let state = directory(folder.path(), "nano");
    state.store(&record(vec![prompt(1, 0.0), prompt(2, 4.0)], vec![track(1), track(2)])).unwrap();
    assert_eq!(state.load("yard", &[prompt(1, 0.0), prompt(2, 5.0)]), [track(1)]);
}

#[test]
fn tracks_of_another_model_and_damaged_files_bring_nothing_back() {
    let folder = tempfile::tempdir().unwrap();
    let state = directory(folder.path(), "nano");
    let prompts = vec![prompt(1, 0.0)];
    state.store(&record(prompts.clone(), vec![track(1)])).unwrap();
    assert_eq!(directory(folder.path(), "tiny").load("yard", &prompts), []);
    let file = state.file("yard");
    let bytes = fs::read(&file).unwrap();
    for length in 0..bytes.len() {
        fs::write(&file, &bytes[..length]).unwrap();
        assert_eq!(state.load("yard", &prompts), [], "{length} bytes");
    }
}

#[test]
fn what_a_killed_run_was_writing_is_removed_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let state = directory(folder.path(), "nano");
    state.store(&record(Vec::new(), vec![track(1)])).unwrap();
    fs::write(folder.path().join("unfinished-x1"), "half").unwrap();
    fs::write(folder.path().join("notes"), "mine").unwrap();
    directory(folder.path(), "nano");
    let left = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut left: Vec<String> = left.collect();
    left.sort();
    assert_eq!(left, ["notes", "yard.tracks"]);
}

#[test]
fn a_directory_that_cannot_be_written_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(matches!(StateDirectory::open(&file, "nano".into()), Err(DaemonError::State { .. })));
}

#[test]
fn the_keeper_writes_everything_before_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    let state = directory(folder.path(), "nano");
    let keeper = Keeper::start(state.clone()).unwrap();
    keeper.keep(record(vec![prompt(3, 0.0)], vec![track(3)]));
    drop(keeper);
    assert_eq!(state.load("yard", &[prompt(3, 0.0)]), [track(3)]);
}
