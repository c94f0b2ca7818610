use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use maskd_scene::SceneConfig;
use url::Url;

use super::{RtspUrl, SourceScheme, ValueError};

/// Where the frames of a stream come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A camera on the network.
    Rtsp(RtspUrl),
    /// A camera on this machine, by its device file.
    V4l2(PathBuf),
    /// A video file or a folder of pictures.
    Path(PathBuf),
    /// A rendered scene, by its address.
    Scene(String),
}

impl Source {
    /// Whether frames come when they come, so that a late reader misses some; files and scenes wait.
    pub fn is_live(&self) -> bool {
        matches!(self, Self::Rtsp(_) | Self::V4l2(_))
    }

    /// What kind it is, as its address says it.
    pub fn scheme(&self) -> SourceScheme {
        match self {
            Self::Rtsp(url) if url.is_encrypted() => SourceScheme::Rtsps,
            Self::Rtsp(_) => SourceScheme::Rtsp,
            Self::V4l2(_) => SourceScheme::V4l2,
            Self::Path(_) => SourceScheme::File,
            Self::Scene(_) => SourceScheme::Scene,
        }
    }

    /// The address with everything that is in it, secrets too: for the one who opens it.
    pub fn reveal(&self) -> String {
        match self {
            Self::Rtsp(url) => url.reveal().to_owned(),
            other => other.to_string(),
        }
    }
}

impl FromStr for Source {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        match scheme_of(text).as_deref() {
            Some("rtsp" | "rtsps") => text.parse().map(Self::Rtsp),
            Some("v4l2") => device(text).map(Self::V4l2),
            Some("file") => file(text).map(Self::Path),
            Some("scene") => scene(text),
            Some(scheme) => Err(ValueError::new(format!("{scheme}:// is not read"))),
            None if text.trim().is_empty() || text.contains('\0') => Err(ValueError::new("no path")),
            None => Ok(Self::Path(text.into())),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rtsp(url) => url.fmt(f),
            Self::V4l2(path) => write!(f, "v4l2://{}", path.display()),
            Self::Path(path) => path.display().fmt(f),
            Self::Scene(address) => f.write_str(address),
        }
    }
}

/// What stands before `://`, in lower case, if it has the form of a scheme.
fn scheme_of(text: &str) -> Option<String> {
    let (scheme, _) = text.split_once("://")?;
    let letters = scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    let starts = scheme.starts_with(|c: char| c.is_ascii_alphabetic());
    (letters && starts).then(|| scheme.to_ascii_lowercase())
}

fn device(text: &str) -> Result<PathBuf, ValueError> {
    let path = text.split_once("://").map_or("", |(_, path)| path);
    if Path::new(path).is_absolute() { Ok(path.into()) } else { Err(ValueError::new("not the device's whole path")) }
}

fn file(text: &str) -> Result<PathBuf, ValueError> {
    let url = Url::parse(text).map_err(|error| ValueError::new(error.to_string()))?;
    url.to_file_path().map_err(|()| ValueError::new("a file:// address names no other host"))
}

fn scene(text: &str) -> Result<Source, ValueError> {
    match text.parse::<SceneConfig>() {
        Ok(_) => Ok(Source::Scene(text.into())),
        Err(error) => Err(ValueError::new(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_told_apart_by_their_scheme() {
        for (text, live) in [
            ("rtsp://cam:8554/live", true),
            ("v4l2:///dev/video0", true),
            ("a b.mp4", false),
            ("scene://?seed=3&objects=3", false),
        ] {
            let source: Source = text.parse().unwrap();
            assert_eq!((source.to_string(), source.is_live()), (text.into(), live));
        }
        assert_eq!("file:///tmp/a%20b".parse(), Ok(Source::Path("/tmp/a b".into())));
        assert_eq!("./x:y".parse(), Ok(Source::Path("./x:y".into())));
    }

    #[test]
    fn other_schemes_and_broken_addresses_are_refused() {
        for text in [
            "http://cam/live",
            "exec://rm",
            "rtsp://",
            "rtsp://u:p@:99999/",
            "v4l2://video0",
            "file://host/x",
            "scene://?seeds=3",
            "",
            " ",
        ] {
            assert!(text.parse::<Source>().is_err(), "{text}");
        }
    }

    #[test]
    fn secrets_are_not_printed() {
        let source: Source = "rtsp://ad:hunter2@cam/x/password=hunter2?token=hunter2".parse().unwrap();
        assert_eq!(source.to_string(), "rtsp://cam/x/***");
        assert!(!format!("{source:?}").contains("hunter2"));
        assert!(!serde_json::to_string(&source).unwrap().contains("hunter2"));
        assert!(source.reveal().contains("ad:hunter2@"));
        for text in ["rtsp://u:hunter2@:9/", "rtsp://u:hunter2@cam:port/x"] {
            assert!(!text.parse::<Source>().unwrap_err().to_string().contains("hunter2"), "{text}");
        }
    }
}
