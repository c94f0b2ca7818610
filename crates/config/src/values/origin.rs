use std::fmt;
use std::str::FromStr;

use url::Url;

use super::ValueError;

/// Where a web page comes from: scheme, host and port, spelled as browsers spell it in the header `Origin`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebOrigin(String);

impl WebOrigin {
    /// Lower case, without the port that the scheme has anyway: to be compared byte by byte.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for WebOrigin {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let at = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let at = at.ok_or_else(|| ValueError::new("neither http:// nor https://"))?;
        // The parser would forgive some of these; a `*` would seem to stand for every name.
        let foreign = |c: char| "/\\?#@*".contains(c) || c.is_whitespace() || c.is_control();
        if at.ends_with(':') || at.contains(foreign) {
            return Err(ValueError::new("more than host and port"));
        }
        let url = Url::parse(text).map_err(|error| ValueError::new(error.to_string()))?;
        if url.port() == Some(0) {
            return Err(ValueError::new("there is no port 0"));
        }
        Ok(Self(url.origin().ascii_serialization()))
    }
}

impl fmt::Display for WebOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_spelled_as_browsers_do() {
        for (text, spelled) in [
            ("https://wall.example:8443", "https://wall.example:8443"),
            ("https://Wall.Example:443", "https://wall.example"),
            ("http://10.0.0.5:80", "http://10.0.0.5"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("https://bücher.example", "https://xn--bcher-kva.example"),
        ] {
            let origin: WebOrigin = text.parse().unwrap();
            assert_eq!(origin.as_str(), spelled);
            assert_eq!(spelled.parse(), Ok(origin), "spelling it twice changes nothing");
        }
    }

    #[test]
    fn what_is_more_or_less_than_an_origin_is_refused() {
        for text in [
            "",
            "null",
            "*",
            "https://",
            "https://*",
            "https://*.example",
            "wall.example",
            "https:wall.example",
            "https://wall.example/",
            "https://wall.example?x",
            "https://wall.example#x",
            "https://u@wall.example",
            "https://wall.example:",
            "https://wall.example:0",
            "https://wall.example:99999",
            "https://wall\t.example",
            " https://wall.example",
            "ftp://wall.example",
            "https:\\\\wall.example",
        ] {
            assert!(text.parse::<WebOrigin>().is_err(), "{text}");
        }
    }
}
