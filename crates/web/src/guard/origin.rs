use std::net::IpAddr;

use axum::http::{HeaderMap, header};
use maskd_config::WebOrigin;
use url::{Host, Url};

/// Whether the Host header names this machine, or an address that the configuration names.
pub(super) fn is_own_host(headers: &HeaderMap, origins: &[WebOrigin]) -> bool {
    let Some(host) = text(headers, header::HOST) else { return false };
    let Ok(url) = Url::parse(&format!("http://{host}/")) else { return false };
    let private = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip).to_canonical().is_loopback(),
        None => false,
    };
    private || origins.iter().any(|origin| authority(origin.as_str()).is_some_and(|known| known == host))
}

/// Whether the page that asks is this daemon's own, one that the configuration names, or no page at all.
pub(super) fn may_ask(headers: &HeaderMap, encrypted: bool, origins: &[WebOrigin]) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let Ok(origin) = origin.to_str() else { return false };
    let scheme = if encrypted { "https" } else { "http" };
    let own = text(headers, header::HOST).is_some_and(|host| origin == format!("{scheme}://{host}"));
    own || origins.iter().any(|known| known.as_str() == origin)
}

fn authority(origin: &str) -> Option<&str> {
    origin.split_once("://").map(|(_, authority)| authority)
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(host: &str, origin: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::from_iter([(header::HOST, host.parse().unwrap())]);
        headers.extend(origin.map(|origin| (header::ORIGIN, origin.parse().unwrap())));
        headers
    }

    #[test]
    fn a_name_that_was_made_to_point_here_is_refused() {
        let wall = ["https://wall.example:8443".parse().unwrap()];
        for (host, own) in [
            ("127.0.0.1:8710", true),
            ("localhost:8710", true),
            ("[::1]:8710", true),
            ("[::ffff:127.0.0.1]:1", true),
            ("wall.example:8443", true),
            ("wall.example", false),
            ("evil.example:8710", false),
            ("localhost.evil.example", false),
            ("127.0.0.1.evil.example", false),
            ("10.0.0.1", false),
            ("", false),
            ("127.0.0.1:8710@evil.example", false),
        ] {
            assert_eq!(is_own_host(&headers(host, None), &wall), own, "{host}");
        }
        assert!(!is_own_host(&HeaderMap::new(), &wall));
    }

    #[test]
    fn pages_from_elsewhere_may_not_ask() {
        let wall = ["https://wall.example:8443".parse().unwrap()];
        let host = "127.0.0.1:8710";
        for (origin, may) in [
            (None, true),
            (Some("http://127.0.0.1:8710"), true),
            (Some("https://127.0.0.1:8710"), false),
            (Some("http://127.0.0.1:8711"), false),
            (Some("https://wall.example:8443"), true),
            (Some("https://wall.example:8443.evil.example"), false),
            (Some("null"), false),
            (Some(""), false),
        ] {
            assert_eq!(may_ask(&headers(host, origin), false, &wall), may, "{origin:?}");
        }
    }
}
