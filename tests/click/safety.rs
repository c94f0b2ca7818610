//! Who may come in, and what nobody can do.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use ureq::http::Request;

use super::Api;
use super::live::paced;
use crate::daemon::{BASE, Daemon};
use crate::util::{Folder, command};

const SCENE: &str = "scene://?seed=7&objects=1&frames=1000000&size=192x128&fps=5";
const TOKEN: &str = "correct-horse-battery-staple";

fn with_token(folder: &Folder, more: &str) -> Daemon {
    let config = BASE.to_owned() + "token_env = \"TOKEN\"\n" + more + &paced("a", SCENE);
    Daemon::start_with(folder, &config, &[], &[("TOKEN", TOKEN)])
}

fn raw(address: &str, head: &str) -> String {
    let mut stream = TcpStream::connect(address.strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    write!(stream, "{head}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    answer
}

#[test]
fn without_the_token_nothing_is_seen_and_nothing_done() {
    let folder = Folder::new();
    let mut daemon = with_token(&folder, "");
    let mut api = Api::of(&mut daemon);
    for (method, path) in [
        ("GET", "/api/v1/streams"),
        ("GET", "/api/v1/streams/a/snapshot"),
        ("GET", "/api/v1/openapi.json"),
        ("GET", "/api/v1/events"),
        ("GET", "/api/v1/nothing"),
        ("DELETE", "/api/v1/streams/a"),
        ("GET", "/metrics"),
    ] {
        let (status, problem) = api.call(method, path, Value::Null);
        assert_eq!(status, 401, "{method} {path}");
        assert!(problem["type"].as_str().unwrap().ends_with("/unauthorized"), "{problem}");
    }
    let live = tungstenite::connect(format!("{}/api/v1/streams/a/live", api.address.replacen("http", "ws", 1)));
    assert!(live.is_err());
    // Health is for probes: without the token it says no more than that.
    assert_eq!(api.get("/healthz"), (200, json!({ "status": "ok" })));
    // The page holds no secret and asks for the token.
    assert_eq!(api.send("GET", "/", "", &[]).status(), 200);
    for wrong in ["", "correct-horse-battery-stapl", "Correct-horse-battery-staple", &"x".repeat(5000)] {
        api.token = Some(wrong.into());
        assert_eq!(api.get("/api/v1/streams").0, 401, "{wrong}");
    }
    api.token = None;
    assert_eq!(api.call("POST", "/api/v1/login", json!({ "token": "wrong" })).0, 401);
    let body = json!({ "token": TOKEN }).to_string();
    let login = api.send("POST", "/api/v1/login", "application/json", body.as_bytes());
    let cookie = login.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict") && !cookie.contains(TOKEN), "{cookie}");
    let cookie = cookie.split(';').next().unwrap();
    let request = Request::get(format!("{}/api/v1/streams", api.address)).header("cookie", cookie);
    assert_eq!(api.run(request.body(Vec::new()).unwrap()).status(), 200);
    api.token = Some(TOKEN.into());
    assert_eq!(api.get("/api/v1/streams").0, 200);
    assert!(api.get("/healthz").1["streams"].is_array());
    assert!(!daemon.log().contains(TOKEN));
    daemon.terminate();
}

#[test]
fn foreign_pages_and_names_are_turned_away() {
    let folder = Folder::new();
    let config = BASE.to_owned() + "origins = [\"https://wall.example:8443\"]\n" + &paced("a", SCENE);
    let mut daemon = Daemon::start(&folder, &config, &[]);
    let api = Api::of(&mut daemon);
    let host = api.address.strip_prefix("http://").unwrap().to_owned();
    let ask = |host: &str, origin: &str| {
        let origin = if origin.is_empty() { String::new() } else { format!("\r\nOrigin: {origin}") };
        raw(&api.address, &format!("GET /api/v1/streams HTTP/1.1\r\nHost: {host}{origin}"))
    };
    for (host, origin, status) in [
        (&*host, "", "200"),
        (&host, &format!("http://{host}"), "200"),
        (&host, "http://evil.example", "403"),
        (&host, "null", "403"),
        ("evil.example", "", "421"),
        ("evil.example", "http://evil.example", "421"),
        ("wall.example:8443", "https://wall.example:8443", "200"),
    ] {
        let answer = ask(host, origin);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{host} {origin}: {answer}");
    }
    let answer = ask(&host, "https://wall.example:8443").to_ascii_lowercase();
    assert!(answer.contains("access-control-allow-origin: https://wall.example:8443"), "{answer}");
    assert!(!ask(&host, "http://evil.example").to_ascii_lowercase().contains("access-control-allow-origin"));
    daemon.terminate();
}

#[test]
fn other_machines_need_a_token_and_encryption() {
    let folder = Folder::new();
    let open = BASE.replace("127.0.0.1:0", "0.0.0.0:0") + &paced("a", SCENE);
    let token = "token_env = \"TOKEN\"\n";
    for (config, accepted) in [
        (open.clone(), false),
        (open.replace("[[stream]]", &format!("{token}[[stream]]")), false),
        (open.replace("[[stream]]", "allow_plain_http = true\n[[stream]]"), false),
        (open.replace("[[stream]]", &format!("{token}allow_plain_http = true\n[[stream]]")), true),
    ] {
        let file = folder.file("maskd.toml", &config);
        let run = command(["check", &file]).env("TOKEN", TOKEN).output().unwrap();
        assert_eq!(run.status.success(), accepted, "{config}\n{}", String::from_utf8_lossy(&run.stderr));
    }
}

#[test]
fn tls_is_spoken_and_a_new_certificate_is_taken() {
    let folder = Folder::new();
    let [certificate, key] = ["certificate.pem", "key.pem"].map(|name| folder.name(name));
    let first = new_certificate(&certificate, &key);
    let mut daemon = with_token(&folder, &format!("tls_certificate = \"{certificate}\"\ntls_key = \"{key}\"\n"));
    let address = daemon.http();
    assert!(fetch(address, &first).starts_with("HTTP/1.1 200"));
    let plain = raw(&format!("http://{address}"), "GET /healthz HTTP/1.1\r\nHost: localhost");
    assert!(!plain.contains("200"), "{plain}");
    std::thread::sleep(Duration::from_millis(2100));
    let second = new_certificate(&certificate, &key);
    let start = Instant::now();
    while !fetch(address, &second).starts_with("HTTP/1.1 200") {
        assert!(start.elapsed() < Duration::from_secs(30), "{}", daemon.log());
    }
    assert!(fetch(address, &first).is_empty(), "the old certificate is still in use");
    daemon.terminate();
}

/// Makes a certificate for localhost; gives it as it is trusted.
fn new_certificate(certificate: &str, key: &str) -> Vec<u8> {
    let leaf = "basicConstraints=critical,CA:FALSE";
    let subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-addext", leaf];
    let kind = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
    let files = ["-keyout", key, "-out", certificate];
    let made = Command::new("openssl").args(kind).args(subject).args(files).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    std::fs::read(Path::new(certificate)).unwrap()
}

/// What comes back over TLS where only that certificate is trusted; nothing where another is shown.
fn fetch(address: std::net::SocketAddr, trusted: &[u8]) -> String {
    use rustls::pki_types::{CertificateDer, pem::PemObject};
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(trusted).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_root_certificates(roots).with_no_client_auth();
    let session = rustls::ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap();
    let mut stream = rustls::StreamOwned::new(session, TcpStream::connect(address).unwrap());
    let mut answer = String::new();
    if write!(stream, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").is_ok() {
        let _ = stream.read_to_string(&mut answer);
    }
    answer
}
