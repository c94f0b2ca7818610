//! What may be added over the API, asked as the API asks.

use std::net::IpAddr;
use std::path::Path;

use maskd_config::policy::{AddressKind, PolicyError, SourcePolicy};
use maskd_config::{HttpConfig, Source};

use crate::support::{SMALL, good};

fn config(http: &str) -> HttpConfig {
    good(&format!("[http]\n{http}\n{SMALL}"), &[]).config.http
}

/// The policy of a file that says nothing of it, with names that are at these addresses.
pub fn at(addresses: &'static [&'static str]) -> SourcePolicy {
    let parsed: Vec<IpAddr> = addresses.iter().map(|address| address.parse().unwrap()).collect();
    SourcePolicy::new(&config("")).with_resolver(move |_| Ok(parsed.clone()))
}

pub fn source(text: &str) -> Source {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn check(policy: &SourcePolicy, text: &str) -> Result<(), PolicyError> {
    policy.check(&source(text))
}

#[test]
fn only_the_schemes_that_are_named_pass() {
    let texts =
        ["rtsp://127.0.0.1", "rtsps://127.0.0.1", "scene://?seed=1", "v4l2:///dev/video0", "/x.mp4", "file:///x.mp4"];
    let policy = SourcePolicy::new(&config(""));
    let refused: Vec<bool> =
        texts.iter().map(|text| matches!(check(&policy, text), Err(PolicyError::Scheme { .. }))).collect();
    assert_eq!(refused, [false, false, false, true, true, true]);
    let none = SourcePolicy::new(&config("source_schemes = []"));
    for text in texts {
        let error = check(&none, text).unwrap_err();
        assert_eq!(error.key(), Some("http.source_schemes"));
        assert!(error.to_string().contains("`source_schemes` in [http]"), "{error}");
    }
}

#[test]
fn cameras_live_on_private_addresses_and_on_this_machine() {
    let policy = SourcePolicy::new(&config(""));
    for host in
        ["127.0.0.1", "[::1]", "192.168.0.20:554", "10.0.0.1", "172.16.0.1", "100.64.0.1", "[fd00::20]:8554", "8.8.8.8"]
    {
        check(&policy, &format!("rtsp://u:p@{host}/live?x=1")).unwrap();
    }
    // As the system resolves it.
    check(&policy, "rtsp://localhost:8554/live").unwrap();
}

#[test]
fn addresses_where_no_camera_is_are_refused_however_they_are_written() {
    use AddressKind::{Broadcast, LinkLocal, Metadata, Multicast, Unspecified};
    let policy = SourcePolicy::new(&config(""));
    for (host, expected) in [
        ("0.0.0.0", Unspecified),
        ("0.1.2.3", Unspecified),
        ("[::]", Unspecified),
        ("[::ffff:0.0.0.0]", Unspecified),
        ("224.0.0.1", Multicast),
        ("239.255.255.255", Multicast),
        ("[ff02::1]", Multicast),
        ("255.255.255.255", Broadcast),
        ("169.254.0.1", LinkLocal),
        ("[fe80::1]", LinkLocal),
        ("[febf::1]", LinkLocal),
        ("169.254.169.254", Metadata),
        ("100.100.100.200", Metadata),
        ("192.0.0.192", Metadata),
        ("[fd00:ec2::254]", Metadata),
        ("[fd00:0ec2:0:0:0:0:0:254]", Metadata),
        ("[::ffff:169.254.169.254]", Metadata),
        ("[::ffff:a9fe:a9fe]", Metadata),
        ("[::169.254.169.254]", Metadata),
        ("[::ffff:0:169.254.169.254]", Metadata),
        ("[64:ff9b::169.254.169.254]", Metadata),
        ("[2002:a9fe:a9fe::1]", Metadata),
    ] {
        for text in [format!("rtsp://{host}/"), format!("rtsps://u:hunter2@{host}:80/?hunter2")] {
            let error = check(&policy, &text).unwrap_err();
            assert!(matches!(&error, PolicyError::Address { kind, .. } if *kind == expected), "{text}: {error:?}");
            assert!(!error.to_string().contains("hunter2") && error.key().is_none(), "{error}");
        }
    }
}

#[test]
fn names_are_as_good_as_all_their_addresses() {
    for addresses in [&["192.168.0.20"][..], &["fd00::20", "127.0.0.1"]] {
        check(&at(addresses), "rtsp://front-yard_2.cameras.lan./live").unwrap();
    }
    for addresses in
        [&["169.254.169.254"][..], &["192.168.0.20", "::ffff:169.254.169.254"], &["10.0.0.1", "ff02::1", "10.0.0.2"]]
    {
        let error = check(&at(addresses), "rtsp://cam/").unwrap_err();
        assert!(error.to_string().starts_with("\"cam\" is at "), "{error}");
    }
    let error = check(&at(&[]), "rtsp://cam/").unwrap_err();
    assert!(matches!(error, PolicyError::Unresolved { .. }), "{error:?}");
    // The one top level domain that never has names in it.
    let error = check(&SourcePolicy::new(&config("")), "rtsp://cam.invalid/").unwrap_err();
    assert!(matches!(error, PolicyError::Unresolved { .. }), "{error:?}");
    assert!(std::error::Error::source(&error).is_some());
}

#[test]
fn what_may_be_an_address_in_disguise_is_no_name() {
    let never = SourcePolicy::new(&config("")).with_resolver(|host| panic!("{host} was looked up"));
    let label = "a".repeat(64);
    let name = ["a".repeat(63).as_str(); 5].join(".");
    for host in [
        "0x7f.1",
        "0X7F.1",
        "2130706433",
        "0x7f000001",
        "0251.0376.0251.0376",
        "127.1",
        "127.0.0.1.",
        "127.0.0.01",
        "1.2.3.4.5",
        "a.0x",
        "a.1",
        "256.1.1.1",
        "%31%36%39.254.169.254",
        "cam%2eexample",
        "cäm.example",
        "a..b",
        ".",
        ".a",
        "-a",
        "a-",
        "a,b",
        "a;b",
        "a~b",
        label.as_str(),
        name.as_str(),
    ] {
        let error = check(&never, &format!("rtsp://{host}/")).unwrap_err();
        assert!(matches!(error, PolicyError::Host { .. }), "{host}: {error:?}");
    }
}

#[test]
fn addresses_with_two_readings_are_refused() {
    let policy = at(&["192.168.0.20"]);
    for text in [
        "rtsp://cam#:x@169.254.169.254/",
        "rtsp://cam/live#fragment",
        "rtsp://u:p@169.254.169.254:80@cam/",
        "rtsp://u\\:p@cam/",
        "rtsp://c\tam/",
        "rtsp://cam/a b",
    ] {
        let error = check(&policy, text).unwrap_err();
        assert!(matches!(error, PolicyError::Ambiguous), "{text}: {error:?}");
    }
    check(&policy, "rtsp://u%40x:p%23@cam/live@home?at=@").unwrap();
}

/// A policy that lets files of this folder through.
fn of_folder(folder: &Path) -> SourcePolicy {
    SourcePolicy::new(&config(&format!("source_schemes = ['file']\nsource_roots = [{:?}]", folder.to_str().unwrap())))
}

#[test]
fn files_lie_under_a_root_wherever_links_lead() {
    let scratch = tempfile::tempdir().unwrap();
    let [root, beside] = ["root", "root-beside"].map(|name| scratch.path().join(name));
    for folder in [root.join("inner"), beside.clone()] {
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("a.mp4"), b"x").unwrap();
    }
    for (target, link) in
        [(&beside, root.join("out")), (&root.join("inner"), root.join("in")), (&root, beside.join("back"))]
    {
        std::os::unix::fs::symlink(target, link).unwrap();
    }
    let policy = of_folder(&root);
    let check = |path: &Path| check(&policy, path.to_str().unwrap());
    for inside in ["inner/a.mp4", "inner", "in/a.mp4", "inner/../inner/a.mp4", "."] {
        check(&root.join(inside)).unwrap();
    }
    check(&beside.join("back/inner/a.mp4")).unwrap();
    for outside in
        ["out", "out/a.mp4", "..", "../root-beside/a.mp4", "out/missing", "../missing", "inner/../../missing"]
    {
        let error = check(&root.join(outside)).unwrap_err();
        assert!(matches!(error, PolicyError::Outside { .. }), "{outside}: {error:?}");
        assert_eq!(error.key(), Some("http.source_roots"));
    }
    let missing = check(&root.join("inner/missing.mp4")).unwrap_err();
    assert!(matches!(missing, PolicyError::Missing { .. }), "{missing:?}");
    assert!(matches!(check(Path::new("root/inner/a.mp4")), Err(PolicyError::Relative { .. })));
    // What is there and what is not are answered alike.
    let [there, not] = [Path::new("/etc/passwd"), Path::new("/etc/no-such-file")].map(|path| check(path).unwrap_err());
    assert_eq!(there.to_string().replace("passwd", "no-such-file"), not.to_string());
    // A root may be a link itself, and may be made later.
    let (link, later) = (scratch.path().join("link"), scratch.path().join("later"));
    std::os::unix::fs::symlink(&root, &link).unwrap();
    of_folder(&link).check(&source(link.join("inner/a.mp4").to_str().unwrap())).unwrap();
    let policy = of_folder(&later);
    let clip = source(later.join("a.mp4").to_str().unwrap());
    assert!(policy.check(&clip).is_err());
    std::fs::rename(root.join("inner"), &later).unwrap();
    policy.check(&clip).unwrap();
}

#[test]
fn devices_that_are_no_cameras_are_not_opened() {
    let policy = SourcePolicy::new(&config("source_schemes = ['v4l2']"));
    for text in ["v4l2:///dev/null", "v4l2:///etc/passwd", "v4l2:///dev/video0/../null", "v4l2:///dev/video99999"] {
        let error = check(&policy, text).unwrap_err();
        assert!(matches!(error, PolicyError::NoCamera { .. }), "{text}: {error:?}");
    }
}

#[test]
fn a_policy_prints_what_it_lets_through() {
    let text = format!("{:?}", SourcePolicy::new(&config("source_schemes = ['scene']")));
    assert!(text.contains("Scene") && text.contains("roots"), "{text}");
}
