use std::collections::HashMap;
use std::fs::{self, DirEntry, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::OutputError;

/// What a segment's files and folders end in.
pub(super) const ENDINGS: [&str; 4] = ["mp4", "mkv", "ndjson", "masks"];
/// How a segment is called: every digit stands for any.
const FORM: &[u8] = b"0000-00-00T00-00-00.000Z";

/// All finished segments of a recording.
pub(super) struct Store {
    directory: PathBuf,
    /// Oldest first.
    finished: Vec<Finished>,
}

struct Finished {
    /// The path without its ending.
    base: PathBuf,
    bytes: u64,
    changed: SystemTime,
}

impl Store {
    /// Finds what earlier runs have left; changes nothing.
    pub(super) fn open(directory: &Path) -> Result<Self, OutputError> {
        let read = |source| OutputError::Write { path: directory.to_owned(), source };
        let mut bases: HashMap<PathBuf, Vec<PathBuf>> = HashMap::new();
        for stream in entries(directory).map_err(read)?.into_iter().filter(is_directory) {
            for entry in entries(&stream.path()).map_err(read)? {
                if let Some(base) = base(&entry.path()) {
                    bases.entry(base).or_default().push(entry.path());
                }
            }
        }
        let mut finished: Vec<Finished> = bases.into_keys().map(Finished::measured).collect();
        finished.sort_by(|a, b| (a.changed, &a.base).cmp(&(b.changed, &b.base)));
        Ok(Self { directory: directory.to_owned(), finished })
    }

    /// Where the recording lies.
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// What all finished segments take.
    pub(super) fn bytes(&self) -> u64 {
        self.finished.iter().map(|segment| segment.bytes).sum()
    }

    /// A segment has been finished; it is the newest.
    pub(super) fn add(&mut self, base: PathBuf) {
        self.finished.push(Finished::measured(base));
    }

    /// Removes the oldest segment; `false` where there is none.
    pub(super) fn remove_oldest(&mut self) -> Result<bool, OutputError> {
        if self.finished.is_empty() {
            return Ok(false);
        }
        let oldest = self.finished.remove(0);
        for path in files(&oldest.base) {
            remove(&path).map_err(|source| OutputError::Write { path, source })?;
        }
        Ok(true)
    }
}

impl Finished {
    fn measured(base: PathBuf) -> Self {
        let found = files(&base).filter_map(|path| fs::symlink_metadata(path).ok());
        let changed = found.filter_map(|found| found.modified().ok()).max();
        Self { bytes: bytes(&base), changed: changed.unwrap_or(SystemTime::UNIX_EPOCH), base }
    }
}

/// Every path that a segment may consist of.
pub(super) fn files(base: &Path) -> impl Iterator<Item = PathBuf> {
    ENDINGS.into_iter().map(|ending| with_ending(base, ending))
}

/// One path that a segment may consist of.
pub(super) fn with_ending(base: &Path, ending: &str) -> PathBuf {
    let mut path = base.as_os_str().to_owned();
    path.push(".");
    path.push(ending);
    path.into()
}

/// What a segment takes on the disk.
pub(super) fn bytes(base: &Path) -> u64 {
    let one = |path: PathBuf| match fs::symlink_metadata(&path) {
        Ok(found) if found.is_dir() => within(&path),
        Ok(found) => taken(&found),
        Err(_) => 0,
    };
    files(base).map(one).sum()
}

fn within(directory: &Path) -> u64 {
    let entries = entries(directory).unwrap_or_default();
    entries.iter().filter_map(|entry| entry.metadata().ok()).map(|found| taken(&found)).sum()
}

/// Small files take whole blocks, and fresh ones may not have theirs yet.
fn taken(found: &Metadata) -> u64 {
    found.len().max(found.blocks() * 512)
}

fn entries(directory: &Path) -> io::Result<Vec<DirEntry>> {
    fs::read_dir(directory)?.collect()
}

/// Links are not followed: what they lead to is not this recording's.
fn is_directory(entry: &DirEntry) -> bool {
    entry.file_type().is_ok_and(|kind| kind.is_dir())
}

/// The path without its ending, if it is of a segment.
fn base(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let (stem, ending) = (name.get(..FORM.len())?, name.get(FORM.len() + 1..)?);
    let fits = |(found, form): (u8, &u8)| if *form == b'0' { found.is_ascii_digit() } else { found == *form };
    let known = stem.bytes().zip(FORM).all(fits) && ENDINGS.contains(&ending);
    known.then(|| path.with_file_name(stem))
}

fn remove(path: &Path) -> io::Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    removed.or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_segments_are_its_own() {
        let of = |name: &str| base(Path::new("/r/yard").join(name).as_path());
        let expected = Some(PathBuf::from("/r/yard/2026-11-22T20-55-03.123Z"));
        for ending in ENDINGS {
            assert_eq!(of(&format!("2026-11-22T20-55-03.123Z.{ending}")), expected);
        }
        let others = ["a.mp4", "2026-11-22T20-55-03.123Z", "2026-11-22T20-55-03.123Z.txt", "2026-11-22T20-55-03.123Zé"];
        assert_eq!(others.map(of), [None, None, None, None]);
        assert_eq!(of("2026-11-22T20-55-0x.123Z.mp4"), None);
    }

    #[test]
    fn the_oldest_goes_first_and_strangers_stay() {
        let root = tempfile::tempdir().unwrap();
        let stream = root.path().join("yard");
        fs::create_dir_all(stream.join("2026-01-01T00-00-02.000Z.masks")).unwrap();
        let write = |name: &str, length: usize| fs::write(stream.join(name), vec![0; length]).unwrap();
        write("2026-01-01T00-00-01.000Z.mp4", 9000);
        write("2026-01-01T00-00-02.000Z.mp4", 10);
        write("2026-01-01T00-00-02.000Z.masks/00000.png", 10);
        write("notes.mp4", 10);
        let mut store = Store::open(root.path()).unwrap();
        let all = store.bytes();
        assert!(all >= 9020, "{all}");
        assert!(store.remove_oldest().unwrap());
        assert!(!stream.join("2026-01-01T00-00-01.000Z.mp4").exists());
        assert!(store.bytes() <= all - 9000);
        assert!(store.remove_oldest().unwrap() && !store.remove_oldest().unwrap());
        let left: Vec<_> = entries(&stream).unwrap().iter().map(|entry| entry.file_name()).collect();
        assert_eq!(left, ["notes.mp4"]);
        assert_eq!(store.bytes(), 0);
    }
}
