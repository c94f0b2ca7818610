//! How a host may be written. RTSP is not among the schemes whose hosts the URL standard brings into one form, so that `0x7f.1` and
//! `2130706433` come through as names, and the system's resolver takes them for addresses.

use std::net::IpAddr;

use super::PolicyError;
use crate::values::RtspUrl;

pub(super) enum Spelled {
    Address(IpAddr),
    Name,
}

/// Whether the text is an address in its usual form, or a name.
pub(super) fn spelled(host: &str) -> Result<Spelled, PolicyError> {
    // Takes no IPv4 address but four decimal numbers without leading zeros.
    match host.parse() {
        Ok(address) => Ok(Spelled::Address(address)),
        Err(_) if is_name(host) => Ok(Spelled::Name),
        Err(_) => Err(PolicyError::Host { host: host.to_owned() }),
    }
}

fn is_name(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let last = host.rsplit('.').next().unwrap_or(host);
    host.len() <= 253 && host.split('.').all(is_label) && !is_number(last)
}

fn is_label(label: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=63).contains(&label.len()) && label.bytes().all(fits) && !label.starts_with('-') && !label.ends_with('-')
}

/// Whether resolvers may take a name that ends like this for an address: a decimal, octal or hexadecimal number.
fn is_number(label: &str) -> bool {
    let digits = label.strip_prefix("0x").or_else(|| label.strip_prefix("0X"));
    match digits {
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => label.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

/// Whether programs differ in where the host of an address begins and ends. GStreamer, which opens it, looks for the `@` behind a
/// `#` too, where the URL standard sees a fragment: for `rtsp://camera#:@169.254.169.254/` they name different hosts.
pub(super) fn is_ambiguous(url: &RtspUrl) -> bool {
    let text = url.reveal();
    let after_scheme = text.split_once("://").map_or(text, |(_, rest)| rest);
    let authority = after_scheme.split(['/', '?']).next().unwrap_or(after_scheme);
    let strange = |c: char| c == '#' || c == '\\' || c.is_whitespace() || c.is_control();
    text.contains(strange) || authority.matches('@').count() > 1
}
