//! No output may destroy what is read, or another output.

use std::path::{Path, PathBuf};

use crate::cli::TrackArgs;
use crate::exit::{Advice, Code};

/// Two names for one file, at least one of which is to be written.
#[derive(Debug, thiserror::Error)]
#[error("{first} and {second} are the same: {}", path.display())]
pub struct PathClash {
    first: &'static str,
    second: &'static str,
    path: PathBuf,
}

impl Advice for PathClash {
    fn code(&self) -> Code {
        Code::Usage
    }

    fn help(&self) -> String {
        "give every output a path of its own; nothing has been written".into()
    }
}

/// Compares all paths of a command line, whatever they are called.
///
/// # Errors
/// Where two of them are one.
pub fn check(arguments: &TrackArgs) -> Result<(), PathClash> {
    let input = Path::new(&arguments.input);
    let checkpoint = arguments.model.checkpoint.as_deref().map(Path::new);
    let ndjson = arguments.ndjson.as_deref().filter(|path| *path != Path::new("-"));
    let read = [("INPUT", Some(input)), ("--checkpoint", checkpoint), ("--prompts", arguments.prompts.file.as_deref())];
    let written = [
        ("--ndjson", ndjson),
        ("--masks", arguments.masks.as_deref()),
        ("--video", arguments.video.as_deref()),
        ("--contact-sheet", arguments.contact_sheet.as_deref()),
        ("--logits", arguments.logits.as_deref()),
    ];
    let mut seen: Vec<(&'static str, PathBuf)> = present(&read).collect();
    for (second, path) in present(&written) {
        if let Some((first, _)) = seen.iter().find(|(_, earlier)| *earlier == path) {
            return Err(PathClash { first, second, path });
        }
        seen.push((second, path));
    }
    Ok(())
}

fn present(paths: &[(&'static str, Option<&Path>)]) -> impl Iterator<Item = (&'static str, PathBuf)> {
    paths.iter().filter_map(|(name, path)| Some((*name, identity(path.as_ref()?)?)))
}

/// Where a path leads, also where the last part of it does not exist yet. Devices may be written to twice.
fn identity(path: &Path) -> Option<PathBuf> {
    if let Ok(real) = path.canonicalize() {
        return (real.is_file() || real.is_dir()).then_some(real);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Some(folder.canonicalize().ok()?.join(path.file_name()?))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Command};

    fn clash(line: &str, folder: &Path) -> Option<(&'static str, &'static str)> {
        let words = line.split_whitespace().map(|word| word.replace("D/", &format!("{}/", folder.display())));
        let Command::Track(arguments) = Cli::parse_from(words).command else { panic!("{line}") };
        check(&arguments).err().map(|clash| (clash.first, clash.second))
    }

    #[test]
    fn one_file_under_two_names_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        std::fs::write(folder.join("a.mp4"), "").unwrap();
        std::fs::create_dir(folder.join("frames")).unwrap();
        std::os::unix::fs::symlink(folder.join("a.mp4"), folder.join("link.mp4")).unwrap();
        for (line, expected) in [
            ("maskd track D/a.mp4 --video D/frames/../link.mp4", Some(("INPUT", "--video"))),
            ("maskd track D/frames --masks D/frames/", Some(("INPUT", "--masks"))),
            ("maskd track scene:// --ndjson D/x --logits D/frames/../x", Some(("--ndjson", "--logits"))),
            ("maskd track scene:// --prompts D/p.json --ndjson D/p.json", Some(("--prompts", "--ndjson"))),
            ("maskd track D/a.mp4 --video D/b.mp4 --masks D/masks --ndjson -", None),
            ("maskd track scene:// --ndjson /dev/null --video /dev/null", None),
        ] {
            assert_eq!(clash(line, folder), expected, "{line}");
        }
    }
}
