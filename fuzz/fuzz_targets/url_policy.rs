//! Sources that streams may have that come over the API.
#![no_main]

use std::net::IpAddr;
use std::path::Path;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use maskd_config::policy::{AddressKind, SourcePolicy};
use maskd_config::{Config, Environment, LoadOptions, Source};
use url::{Host, Url};

const ROOT: &str = "/usr/share";
const SERVER: &str =
    "[http]\nsource_schemes = [\"rtsp\", \"rtsps\", \"scene\", \"file\", \"v4l2\"]\nsource_roots = [\"/usr/share\"]\n";

/// Every name is a camera's.
static POLICY: LazyLock<SourcePolicy> = LazyLock::new(|| {
    let environment = Environment::from_iter([] as [(String, String); 0]);
    let loaded = Config::parse(SERVER, Path::new("/maskd.toml"), &environment, &LoadOptions::default());
    let config = loaded.expect("it is right").config;
    SourcePolicy::new(&config.http).with_resolver(|_| Ok(vec![IpAddr::from([192, 168, 0, 20])]))
});

fuzz_target!(|text: &str| {
    let Ok(source) = text.parse::<Source>() else { return };
    match POLICY.check(&source) {
        Ok(()) => assert_harmless(&source, text),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});

/// What was let through leads nowhere else for those who read addresses in another way.
fn assert_harmless(source: &Source, text: &str) {
    match source {
        Source::Rtsp(_) => {
            let rest = text.split_once("://").expect("it has a scheme").1;
            assert!(!leads_astray(rest), "{text}");
            // Up to the last `@` before the path, as some do it.
            let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
            let host = authority.rsplit('@').next().unwrap_or(authority);
            assert!(!leads_astray(host), "{text}");
        }
        Source::Path(path) => {
            let real = path.canonicalize().expect("it is there");
            assert!(real.starts_with(ROOT), "{real:?}");
        }
        Source::V4l2(path) => assert!(path.canonicalize().is_ok_and(|real| real.starts_with("/dev"))),
        Source::Scene(address) => {
            assert!(address.starts_with("scene:") || address.starts_with("SCENE:") || !address.is_empty())
        }
    }
}

/// Whether web clients, which take `0x7f.1` and `2130706433` for addresses, would go where no camera is.
fn leads_astray(rest: &str) -> bool {
    let host = Url::parse(&format!("http://{rest}")).ok().and_then(|url| url.host().map(|host| host.to_owned()));
    let address = match host {
        Some(Host::Ipv4(address)) => IpAddr::V4(address),
        Some(Host::Ipv6(address)) => IpAddr::V6(address),
        _ => return false,
    };
    AddressKind::of(address).is_some()
}
