//! The file under its provisional name, and its way to the final one.

use crate::{HubError, OfficialModel};
use sha2::{Digest, Sha256};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Keeps other processes from the same file. The system releases it with the process, however that ends.
pub struct Lock {
    _file: File,
}

impl Lock {
    pub fn take(target: &Path) -> Result<Self, HubError> {
        let path = with_suffix(target, ".lock");
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(HubError::io("open", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(HubError::Busy { path: target.to_owned() }),
            Err(TryLockError::Error(error)) => Err(HubError::io("lock", &path)(error)),
        }
    }
}

/// Bytes that came so far.
pub struct Part {
    file: File,
    path: PathBuf,
    target: PathBuf,
}

impl Part {
    pub fn open(target: &Path) -> Result<Self, HubError> {
        let path = with_suffix(target, ".part");
        let file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&path);
        let file = file.map_err(HubError::io("open", &path))?;
        Ok(Self { file, path, target: target.to_owned() })
    }

    pub fn len(&self) -> Result<u64, HubError> {
        Ok(self.file.metadata().map_err(HubError::io("look at", &self.path))?.len())
    }

    /// Drops everything from `length` on and goes on writing there.
    pub fn cut_to(&mut self, length: u64) -> Result<(), HubError> {
        let cut = self.file.set_len(length).and_then(|()| self.file.seek(SeekFrom::Start(length)));
        cut.map(drop).map_err(HubError::io("shorten", &self.path))
    }

    pub fn write(&mut self, bytes: &[u8]) -> Result<(), HubError> {
        self.file.write_all(bytes).map_err(HubError::io("write to", &self.path))
    }

    /// Gives the file its final name if it is the model, and removes it if not.
    pub fn finish(self, model: &OfficialModel, url: &str) -> Result<(), HubError> {
        let found = hash(&self.path)?;
        if found != model.sha256 {
            std::fs::remove_file(&self.path).map_err(HubError::io("remove", &self.path))?;
            return Err(HubError::Hash { url: url.to_owned(), found, expected: model.sha256 });
        }
        self.file.sync_all().map_err(HubError::io("write to", &self.path))?;
        std::fs::rename(&self.path, &self.target).map_err(HubError::io("name", &self.target))?;
        sync_folder(&self.target)
    }
}

/// Whether the final file is there and is the model. A wrong one is put aside under `.bad`.
pub fn is_whole(target: &Path, model: &OfficialModel) -> Result<bool, HubError> {
    let length = match std::fs::metadata(target) {
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(HubError::io("look at", target)(error)),
    };
    if length == model.bytes && hash(target)? == model.sha256 {
        return Ok(true);
    }
    std::fs::rename(target, with_suffix(target, ".bad")).map_err(HubError::io("put aside", target))?;
    Ok(false)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn hash(path: &Path) -> Result<String, HubError> {
    let mut file = File::open(path).map_err(HubError::io("open", path))?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let count = file.read(&mut buffer).map_err(HubError::io("read", path))?;
        match buffer.get(..count) {
            None | Some([]) => break,
            Some(bytes) => hash.update(bytes),
        }
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Makes the new name survive a loss of power.
fn sync_folder(target: &Path) -> Result<(), HubError> {
    let Some(folder) = target.parent() else { return Ok(()) };
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(HubError::io("write to", folder))
}
