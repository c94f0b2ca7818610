use super::*;
use crate::exit::{Advice, Code};

fn read_text(text: &str) -> Result<Vec<Statement>, PromptError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.json");
    fs::write(&path, text).unwrap();
    read(&path)
}

fn parts(text: &str) -> Vec<(u64, u32, Part)> {
    let statements = read_text(text).unwrap();
    let tuple = |s: Statement| (s.frame, s.object.get(), s.part);
    statements.into_iter().map(tuple).collect()
}

#[test]
fn all_kinds_are_read() {
    let text = r#"[{"frame":0,"object":1,"points":[[3,4.5,1],[5,6,0]],"box":[1,2,3,4]},
                   {"object":3,"mask":"/m.png"},
                   {"frame":40,"object":2,"remove":true}]"#;
    let point = |x, y, positive| Part::Point(Point { x, y, positive });
    assert_eq!(
        parts(text),
        [
            (0, 1, point(3.0, 4.5, true)),
            (0, 1, point(5.0, 6.0, false)),
            (0, 1, Part::Box([1.0, 2.0, 3.0, 4.0])),
            (0, 3, Part::Mask("/m.png".into())),
            (40, 2, Part::Remove),
        ]
    );
}

#[test]
fn masks_are_found_beside_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.json");
    fs::write(&path, r#"[{"object":1,"mask":"m.png"}]"#).unwrap();
    let statements = read(&path).unwrap();
    assert_eq!(statements[0].part, Part::Mask(folder.path().join("m.png")));
}

#[test]
fn faults_have_line_and_column() {
    let table = [
        ("", "line 1 column 0"),
        ("[\n  {\"object\":1,\n  \"points\":[[1,2,1],]}]", "line 3 column 21"),
        ("[\n{\"object\":1,\"box\":[3,2,1,4]}]", "line 2 column 28"),
        ("[{\"object\":1}\n\n]", "line 1 column 13"),
        ("[\n{\"object\":1,\n\"points\":[[1,2]\n]}]", "line 3 column 15"),
        ("[{\"object\":1,\"box\":[1,2,3]\n}]", "line 1 column 26"),
        ("[5]", "line 1 column 2"),
        ("[{\"object\":0,\"box\":[1,2,3,4]}]", "line 1 column 12"),
        ("[{\"object\":1,\"boxx\":[1,2,3,4]}]", "line 1 column 19"),
        ("[{\"object\":1,\"points\":[[1,2,2]]}]", "line 1 column 30"),
        ("[{\"object\":1,\"points\":[[1,1e39,1]]}]", "line 1 column 33"),
        ("[{\"object\":1,\"frame\":-1,\"points\":[[1,1,1]]}]", "line 1 column 23"),
        ("{\"object\":1}", "line 1 column 0"),
    ];
    for (text, place) in table {
        let error = read_text(text).unwrap_err();
        assert_eq!(error.code(), Code::Config, "{text}");
        let PromptError::Json { source, .. } = error else {
            panic!("{text}: {error}");
        };
        assert!(source.to_string().ends_with(place), "{text}: {source}");
    }
}

#[test]
fn a_missing_file_is_bad_configuration() {
    let error = read(Path::new("/nowhere/p.json")).unwrap_err();
    assert!(matches!(error, PromptError::Unreadable { .. }), "{error}");
    assert_eq!(error.code(), Code::Config);
}
