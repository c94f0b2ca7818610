//! Reads and rewrites the `Transport` header of RTSP (RFC 2326, 12.39), by which UDP ports are agreed upon.

use super::splitter::header;

/// Two ports, for RTP and for RTCP.
pub(super) type Ports = [u16; 2];

/// The number by which a response belongs to its request.
pub(super) fn sequence(head: &str) -> Option<u64> {
    header(head, "cseq")?.parse().ok()
}

/// Whether a message asks for a transport.
pub(super) fn is_setup(head: &str) -> bool {
    head.starts_with("SETUP ")
}

/// Ports that a message names, for example under `client_port`.
pub(super) fn ports(head: &str, name: &str) -> Option<Ports> {
    let parameters = header(head, "transport")?.split([';', ',']);
    let value = parameters.filter_map(|parameter| parameter.split_once('=')).find(|(key, _)| key.trim() == name)?.1;
    let (first, second) = value.trim().split_once('-').unwrap_or((value.trim(), ""));
    let first: u16 = first.parse().ok()?;
    Some([first, second.parse().unwrap_or(first.wrapping_add(1))])
}

/// The message with other values for parameters of its transports, where it has them.
pub(super) fn rewrite(head: &str, values: &[(&str, String)]) -> String {
    let lines = head.split("\r\n").map(|line| match line.split_once(':') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("transport") => {
            format!("{name}: {}", rewrite_value(value.trim(), values))
        }
        _ => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\r\n")
}

fn rewrite_value(transports: &str, values: &[(&str, String)]) -> String {
    let parameter = |text: &str| {
        let name = text.split_once('=').map_or("", |(name, _)| name.trim());
        let new = values.iter().find(|(key, _)| *key == name);
        new.map_or_else(|| text.to_owned(), |(_, value)| format!("{name}={value}"))
    };
    let transport = |text: &str| text.split(';').map(parameter).collect::<Vec<_>>().join(";");
    transports.split(',').map(transport).collect::<Vec<_>>().join(",")
}

/// As a parameter's value.
pub(super) fn range([first, second]: Ports) -> String {
    format!("{first}-{second}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED: &str = "SETUP rtsp://h/s RTSP/1.0\r\nCSeq: 4\r\nTransport: RTP/AVP;unicast;client_port=5000-5001,RTP/AVP/TCP;\
                         unicast;interleaved=0-1\r\nUser-Agent: x\r\n\r\n";

    #[test]
    fn ports_are_found() {
        assert!(is_setup(ASKED));
        assert_eq!(sequence(ASKED), Some(4));
        assert_eq!(ports(ASKED, "client_port"), Some([5000, 5001]));
        assert_eq!(ports(ASKED, "server_port"), None);
        assert_eq!(ports("SETUP x\r\nTransport: RTP/AVP;client_port=7\r\n\r\n", "client_port"), Some([7, 8]));
    }

    #[test]
    fn only_what_is_named_is_rewritten() {
        let rewritten = rewrite(ASKED, &[("client_port", range([6000, 6001])), ("server_port", range([1, 2]))]);
        assert_eq!(rewritten, ASKED.replace("5000-5001", "6000-6001"));
    }
}
