use std::path::{Path, PathBuf};

use url::Url;

use crate::{CaptureError, Credentials};

/// What an input string asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Input {
    Path(PathBuf),
    Rtsp(RtspAddress),
    Device(PathBuf),
}

/// An RTSP URL taken apart, so that secrets stay out of everything that may be printed.
#[derive(PartialEq, Eq)]
pub(crate) struct RtspAddress {
    /// The URL without user and password; its query may hold secrets all the same.
    pub location: String,
    /// The URL without anything that is or may be a secret.
    pub name: String,
    pub user: Option<String>,
    pub password: Option<String>,
}

impl std::fmt::Debug for RtspAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("RtspAddress").field(&self.name).finish()
    }
}

impl Input {
    pub(crate) fn parse(input: &str) -> Result<Self, CaptureError> {
        match scheme_of(input).as_deref() {
            None => Ok(Self::Path(PathBuf::from(input))),
            Some("file") => file_path(input).map(Self::Path),
            Some("rtsp" | "rtsps") => RtspAddress::parse(input).map(Self::Rtsp),
            Some("v4l2") => device(input).map(Self::Device),
            Some(scheme) => Err(CaptureError::UnknownScheme { scheme: scheme.to_owned() }),
        }
    }
}

/// What stands before `://`, in lower case, if it has the form of a scheme.
fn scheme_of(input: &str) -> Option<String> {
    let (scheme, _) = input.split_once("://")?;
    let letters = scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    let starts = scheme.chars().next().is_some_and(|c| c.is_ascii_alphabetic());
    (letters && starts).then(|| scheme.to_ascii_lowercase())
}

fn file_path(input: &str) -> Result<PathBuf, CaptureError> {
    let bad = |reason: String| CaptureError::Address { name: input.to_owned(), reason };
    let url = Url::parse(input).map_err(|error| bad(error.to_string()))?;
    url.to_file_path().map_err(|()| bad("a file:// address names no other host: file:///path".to_owned()))
}

fn device(input: &str) -> Result<PathBuf, CaptureError> {
    let path = input.split_once("://").map_or("", |(_, path)| path);
    if !Path::new(path).is_absolute() {
        let reason = "write the device's whole path: v4l2:///dev/video0".to_owned();
        return Err(CaptureError::Address { name: input.to_owned(), reason });
    }
    Ok(PathBuf::from(path))
}

impl RtspAddress {
    fn parse(input: &str) -> Result<Self, CaptureError> {
        // The text itself may hold a password: it must not get into the error.
        let bad = |reason: String| CaptureError::Address { name: "the RTSP address".to_owned(), reason };
        let mut url = Url::parse(input).map_err(|error| bad(error.to_string()))?;
        if url.host_str().is_none_or(str::is_empty) {
            return Err(bad("it names no host".to_owned()));
        }
        let user = Some(decode(url.username())).filter(|user| !user.is_empty());
        let password = url.password().map(decode);
        let cannot = |()| bad("user and password cannot be taken out of it".to_owned());
        url.set_username("").map_err(cannot)?;
        url.set_password(None).map_err(cannot)?;
        Ok(Self { name: public_name(&url), location: url.into(), user, password })
    }

    /// Takes user and password from elsewhere; those of the URL are not used then.
    pub(crate) fn log_in_as(&mut self, credentials: &Credentials) {
        self.user = Some(credentials.user().to_owned());
        self.password = Some(credentials.password().to_owned());
    }

    /// Takes everything that may be a secret out of a text of GStreamer's.
    pub(crate) fn redact(&self, text: &str) -> String {
        let mut text = text.replace(&self.location, &self.name);
        let query = self.location.split_once('?').map(|(_, query)| query);
        let hidden = self.location.split(['/', '?']).filter(|segment| is_secret(segment));
        for secret in query.into_iter().chain(self.password.as_deref()).chain(hidden) {
            if !secret.is_empty() {
                text = text.replace(secret, "***");
            }
        }
        text
    }
}

/// Some cameras take the password as a part of the path: `/user=admin_password=1234_channel=1`.
fn is_secret(segment: &str) -> bool {
    segment.to_ascii_lowercase().contains("pass") || segment.to_ascii_lowercase().contains("pwd")
}

fn public_name(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let path: Vec<&str> = url.path().split('/').map(|part| if is_secret(part) { "***" } else { part }).collect();
    format!("{}://{host}{port}{}", url.scheme(), path.join("/"))
}

/// Undoes percent encoding.
fn decode(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rtsp(input: &str) -> RtspAddress {
        match Input::parse(input) {
            Ok(Input::Rtsp(address)) => address,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn paths_and_schemes_are_told_apart() {
        assert_eq!(Input::parse("a b.mp4").unwrap(), Input::Path("a b.mp4".into()));
        assert_eq!(Input::parse("./x:y").unwrap(), Input::Path("./x:y".into()));
        assert_eq!(Input::parse("file:///tmp/a%20b").unwrap(), Input::Path("/tmp/a b".into()));
        assert_eq!(Input::parse("v4l2:///dev/video2").unwrap(), Input::Device("/dev/video2".into()));
        assert!(matches!(Input::parse("v4l2://video2"), Err(CaptureError::Address { .. })));
    }

    #[test]
    fn an_unknown_scheme_lists_what_is_read() {
        let text = Input::parse("http://example.org/a.mp4").unwrap_err().to_string();
        for word in ["http://", "video file", "folder", "rtsp://", "rtsps://", "v4l2://"] {
            assert!(text.contains(word), "{word} is missing in: {text}");
        }
    }

    #[test]
    fn secrets_leave_the_name() {
        let address = rtsp("rtsp://ad%40min:s%2Fecret@10.0.0.1:8554/user=x&password=tl/live?token=abc");
        assert_eq!(address.name, "rtsp://10.0.0.1:8554/***/live");
        assert_eq!(address.location, "rtsp://10.0.0.1:8554/user=x&password=tl/live?token=abc");
        assert_eq!(address.user.as_deref(), Some("ad@min"));
        assert_eq!(address.password.as_deref(), Some("s/ecret"));
        assert!(!format!("{address:?}").contains("secret"));
    }

    #[test]
    fn secrets_leave_the_texts_of_gstreamer() {
        let address = rtsp("rtsp://u:hunter2@cam/live?token=abc");
        let text = address.redact("cannot open rtsp://cam/live?token=abc (auth hunter2, token=abc)");
        assert_eq!(text, "cannot open rtsp://cam/live (auth ***, ***)");
    }

    #[test]
    fn credentials_from_elsewhere_replace_those_of_the_address_and_are_secret_too() {
        let mut address = rtsp("rtsp://u:hunter2@cam/live");
        address.log_in_as(&Credentials::new("admin", "swordfish"));
        assert_eq!((address.user.as_deref(), address.password.as_deref()), (Some("admin"), Some("swordfish")));
        assert_eq!(address.redact("auth swordfish"), "auth ***");
    }

    #[test]
    fn a_broken_address_does_not_repeat_the_password() {
        for input in ["rtsp://u:hunter2@:99999/", "rtsp://u:hunter2@cam:port/x", "rtsp://u:hunter2@"] {
            let text = Input::parse(input).unwrap_err().to_string();
            assert!(!text.contains("hunter2"), "{text}");
        }
    }
}
