//! Who can reach the daemon from elsewhere. What a camera sees is private: nothing but this machine may look without a login.

use std::net::{IpAddr, SocketAddr};

use super::Labelled;
use crate::http::HttpConfig;
use crate::report::Report;
use crate::sink::SinkTarget;
use crate::values::{NdjsonTarget, SocketTarget};

pub(super) fn check(labelled: &Labelled<'_>, report: &mut Report) {
    http(&labelled.config.http, report);
    for (label, sink) in labelled.sinks() {
        match &sink.target {
            SinkTarget::Rtsp(rtsp) if !is_private(rtsp.listen) => rtsp_sink(label, rtsp.listen, labelled, report),
            SinkTarget::Ndjson(ndjson) => ndjson_sink(label, &ndjson.to, report),
            SinkTarget::Zenoh(zenoh) => zenoh_sink(label, &zenoh.listen, report),
            _ => {}
        }
    }
}

fn http(http: &HttpConfig, report: &mut Report) {
    if !http.enabled || !http.is_exposed() {
        return;
    }
    let encrypted = http.tls().is_some();
    let lacks = match (http.has_token(), encrypted || http.allow_plain_http) {
        (true, true) if encrypted => return,
        (true, true) => return report.warn("http.allow_plain_http", PLAIN),
        (true, false) => "there is a token, and no TLS that hides it",
        (false, true) => "no token is asked for",
        (false, false) => "there is neither token nor TLS",
    };
    report.find_rule("http.listen", &DECIDING, format!("{}: {lacks}", exposed(http.listen)), HTTP_ACCEPTED);
}

/// What decides whether the server's address may be reached from elsewhere.
const DECIDING: [&str; 6] = [
    "http.enabled",
    "http.token_env",
    "http.token_file",
    "http.tls_certificate",
    "http.tls_key",
    "http.allow_plain_http",
];

const HTTP_ACCEPTED: &str = "an address of this machine alone, 127.0.0.1:PORT or [::1]:PORT; for others a token and TLS, which are token_env \
                             or token_file, and tls_certificate and tls_key (or allow_plain_http = true where everyone on the network \
                             may see the pictures and take the token)";

const PLAIN: &str = "other machines come in without TLS: whoever can listen on the network sees the pictures and has the token, and \
                     with it all that the API can do; tls_certificate and tls_key hide both";

const RTSP_ACCEPTED: &str = "an address of this machine alone, 127.0.0.1:PORT or [::1]:PORT, or user_env and password_env beside it, so \
                             that players have to log in";

/// Whether only this machine can connect.
fn is_private(address: SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}

fn exposed(address: SocketAddr) -> String {
    format!("\"{address}\", which other machines can reach")
}

fn rtsp_sink(label: &str, listen: SocketAddr, labelled: &Labelled<'_>, report: &mut Report) {
    let (user, password) = (format!("{label}.user_env"), format!("{label}.password_env"));
    let (has_user, has_password) =
        labelled.sinks().find(|(known, _)| *known == label).map_or((None, None), |(_, sink)| sink.target.credentials());
    let key = format!("{label}.listen");
    if has_user.is_none() || has_password.is_none() {
        report.find_rule(&key, &[&user, &password], exposed(listen), RTSP_ACCEPTED);
    } else {
        report.warn(&key, "RTSP does not encrypt: let it cross no network that you do not trust");
    }
}

fn ndjson_sink(label: &str, to: &NdjsonTarget, report: &mut Report) {
    let NdjsonTarget::Listen(SocketTarget::Tcp(at)) = to else { return };
    let private = at.host == "localhost" || at.host.parse().is_ok_and(|ip: IpAddr| ip.to_canonical().is_loopback());
    if !private {
        let found = format!("\"tcp://{at}\", where other machines may connect and are asked for no login");
        report.find_rule(&format!("{label}.to"), &[], found, NDJSON_ACCEPTED);
    }
}

const NDJSON_ACCEPTED: &str = "tcp://127.0.0.1:PORT or tcp://[::1]:PORT, a Unix socket, or tcp-connect://HOST:PORT to send lines \
                               elsewhere";

fn zenoh_sink(label: &str, listen: &[String], report: &mut Report) {
    let open = listen.iter().any(|endpoint| ["/0.0.0.0:", "/[::]:"].iter().any(|any| endpoint.contains(any)));
    if open {
        report.warn(&format!("{label}.listen"), "whoever reaches this port can read: Zenoh asks for no login");
    }
}
