use std::fmt;
use std::str::FromStr;

use url::Url;

use super::ValueError;

/// The address of an RTSP stream. Prints without user, password and query, and without path segments that look like a
/// password, as some cameras want it.
#[derive(Clone, PartialEq, Eq)]
pub struct RtspUrl {
    url: Url,
    text: String,
}

impl RtspUrl {
    /// The address as it was given, secrets included.
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// Name or address of the camera, as it was written; an IPv6 address without brackets.
    pub fn host(&self) -> &str {
        let host = self.url.host_str().unwrap_or_default();
        host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
    }

    /// Whether the connection is encrypted (`rtsps://`).
    pub fn is_encrypted(&self) -> bool {
        self.url.scheme() == "rtsps"
    }

    /// Whether a user is in it.
    pub fn has_user(&self) -> bool {
        !self.url.username().is_empty()
    }

    /// Whether a password is in it.
    pub fn has_password(&self) -> bool {
        self.url.password().is_some()
    }
}

impl FromStr for RtspUrl {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let url = Url::parse(text).map_err(|error| ValueError::new(error.to_string()))?;
        if !matches!(url.scheme(), "rtsp" | "rtsps") {
            return Err(ValueError::new("neither rtsp:// nor rtsps://"));
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(ValueError::new("it names no host"));
        }
        Ok(Self { url, text: text.into() })
    }
}

impl fmt::Display for RtspUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.url.scheme(), self.url.host_str().unwrap_or_default())?;
        if let Some(port) = self.url.port() {
            write!(f, ":{port}")?;
        }
        let segments: Vec<&str> = self.url.path().split('/').map(hide).collect();
        f.write_str(&segments.join("/"))
    }
}

fn hide(segment: &str) -> &str {
    let lower = segment.to_ascii_lowercase();
    if lower.contains("pass") || lower.contains("pwd") { "***" } else { segment }
}

impl fmt::Debug for RtspUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RtspUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_without_all_that_stands_around_it() {
        for (text, host, encrypted) in [
            ("rtsp://cam/live", "cam", false),
            ("rtsps://u:p@192.168.0.20:322/live?x=@y", "192.168.0.20", true),
            ("rtsp://[fe80:0::1]:554/", "fe80::1", false),
            ("RTSP://Cam", "Cam", false),
        ] {
            let url: RtspUrl = text.parse().unwrap();
            assert_eq!((url.host(), url.is_encrypted()), (host, encrypted), "{text}");
        }
    }
}
