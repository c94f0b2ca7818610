use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

use crate::input::Input;
use crate::stills::{Stills, is_picture};
use crate::stream::{Recipe, Video};
use crate::{CaptureError, CaptureOptions, Source};

/// Opens a source and waits until its first frame is known.
///
/// `input` is one of
/// * a path (or `file://` address) of a video file in any format that GStreamer decodes,
/// * the path of a folder of JPEG or PNG frames of one size, taken in natural order of their names,
/// * the path of one JPEG or PNG image,
/// * `rtsp://` or `rtsps://`, with user and password if the server wants them,
/// * `v4l2:///dev/videoN`.
///
/// # Errors
/// Each way in which an input can be unusable is its own [`CaptureError`]. Its texts hold no secrets of the input.
pub fn open(input: &str, options: &CaptureOptions) -> Result<Box<dyn Source>, CaptureError> {
    match Input::parse(input)? {
        Input::Path(path) => open_path(&path, options),
        Input::Rtsp(address) => video(&Recipe::rtsp(address, options), options),
        Input::Device(path) => open_device(&path, options),
    }
}

fn video(recipe: &Recipe, options: &CaptureOptions) -> Result<Box<dyn Source>, CaptureError> {
    Ok(Box::new(Video::open(recipe, options)?))
}

fn open_path(path: &Path, options: &CaptureOptions) -> Result<Box<dyn Source>, CaptureError> {
    let metadata = metadata(path)?;
    if metadata.is_dir() {
        return Ok(Box::new(Stills::folder(path, options)?));
    }
    if !metadata.is_file() {
        let (found, wanted) = ("a pipe, a socket or a device", "a file or a folder");
        return Err(CaptureError::WrongKind { path: path.to_owned(), found, wanted });
    }
    if metadata.len() == 0 {
        return Err(CaptureError::EmptyFile { path: path.to_owned() });
    }
    File::open(path).map_err(|source| unreadable(path, source))?;
    if is_picture(path) {
        return Ok(Box::new(Stills::single(path, options)?));
    }
    video(&Recipe::file(path, utf8(path)?), options)
}

fn open_device(path: &Path, options: &CaptureOptions) -> Result<Box<dyn Source>, CaptureError> {
    if !metadata(path)?.file_type().is_char_device() {
        let (found, wanted) = ("no character device", "a video device");
        return Err(CaptureError::WrongKind { path: path.to_owned(), found, wanted });
    }
    video(&Recipe::device(utf8(path)?), options)
}

fn metadata(path: &Path) -> Result<Metadata, CaptureError> {
    fs::metadata(path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => CaptureError::NotFound { path: path.to_owned() },
        _ => unreadable(path, source),
    })
}

fn unreadable(path: &Path, source: io::Error) -> CaptureError {
    CaptureError::Unreadable { path: path.to_owned(), source }
}

fn utf8(path: &Path) -> Result<&str, CaptureError> {
    path.to_str()
        .ok_or_else(|| unreadable(path, io::Error::new(io::ErrorKind::InvalidInput, "the path is not valid UTF-8")))
}
