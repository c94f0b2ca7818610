//! What holds for every address that may be asked for.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use maskd_config::policy::{AddressKind, PolicyError, SourcePolicy};
use maskd_config::{RtspUrl, Source};
use proptest::prelude::*;

use crate::policy::{at, source};

/// Addresses of all kinds; those that are refused are few among all.
fn v4() -> impl Strategy<Value = Ipv4Addr> {
    let known =
        [0xA9FE_A9FE, 0x6464_64C8, 0xC000_00C0, u32::MAX, 0, 1, 0x7F00_0001, 0xE000_0000, 0xEFFF_FFFF, 0xF000_0000];
    let near = (prop::sample::select(known.to_vec()), 0_u32..3).prop_map(|(address, add)| address.wrapping_add(add));
    let within = (prop::sample::select(vec![0xA9FE_0000_u32, 0xC0A8_0000, 0x6464_0000]), any::<u16>())
        .prop_map(|(prefix, rest)| prefix | u32::from(rest));
    prop_oneof![any::<u32>(), near, within].prop_map(Ipv4Addr::from)
}

/// The same by masks, as networks are written in standards.
fn is_refused(address: Ipv4Addr) -> bool {
    let bits = u32::from(address);
    let networks =
        [(0, 8), (0xE000_0000, 4), (0xFFFF_FFFF, 32), (0xA9FE_0000, 16), (0x6464_64C8, 32), (0xC000_00C0, 32)];
    networks.iter().any(|(network, length)| (bits ^ network) >> (32 - length) == 0)
}

/// How a number may be written so that `inet_aton` reads it.
fn written(number: u32, radix: u8) -> String {
    match radix {
        0 => number.to_string(),
        1 => format!("0{number:o}"),
        2 => format!("0x{number:x}"),
        _ => format!("0X{number:X}"),
    }
}

/// An IPv4 address in one to four numbers, the last of which has all that is left.
fn disguised(address: Ipv4Addr, parts: usize, radixes: [u8; 4]) -> String {
    let octets = address.octets();
    let (single, rest) = octets.split_at(parts - 1);
    let rest = rest.iter().fold(0_u32, |number, octet| number << 8 | u32::from(*octet));
    let numbers = single.iter().map(|octet| u32::from(*octet)).chain([rest]);
    let texts: Vec<String> = numbers.zip(radixes).map(|(number, radix)| written(number, radix)).collect();
    texts.join(".")
}

/// The host that GStreamer finds in an address without user and password, which is what it is given.
fn as_gstreamer_reads(location: &str) -> &str {
    let rest = location.split_once("://").unwrap().1;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let authority = &rest[..end];
    let host = authority.split_once('@').map_or(authority, |(_, host)| host);
    match host.strip_prefix('[') {
        Some(inner) => inner.split(']').next().unwrap(),
        None => host.split(':').next().unwrap(),
    }
}

/// A policy that fails where a name is looked up.
fn never_asked() -> SourcePolicy {
    at(&[]).with_resolver(|host| panic!("{host} was looked up"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn addresses_are_refused_by_their_networks(address in v4()) {
        prop_assert_eq!(AddressKind::of(address.into()).is_some(), is_refused(address));
        let answer = never_asked().check(&source(&format!("rtsp://{address}/")));
        prop_assert_eq!(answer.is_err(), is_refused(address));
    }

    #[test]
    fn an_address_inside_another_is_what_it_is_alone(address in v4(), rest in any::<[u16; 5]>()) {
        let bits = u128::from(u32::from(address));
        let [a, b, c, d, e] = rest;
        let [high, low] = [(bits >> 16) as u16, bits as u16];
        let compatible = Ipv6Addr::from(bits);
        let forms = [
            address.to_ipv6_mapped(),
            Ipv6Addr::from(0xffff_0000_0000 << 16 | bits),
            Ipv6Addr::from(0x0064_ff9b << 96 | bits),
            Ipv6Addr::new(0x2002, high, low, a, b, c, d, e),
            // `::1` is not 0.0.0.1 but this machine.
            if compatible.is_loopback() { address.to_ipv6_mapped() } else { compatible },
        ];
        for form in forms {
            prop_assert_eq!(AddressKind::of(form.into()), AddressKind::of(address.into()), "{}", form);
            let answer = never_asked().check(&source(&format!("rtsps://[{form}]:322/live")));
            prop_assert_eq!(answer.is_err(), is_refused(address), "{}", form);
        }
    }

    #[test]
    fn link_local_and_multicast_are_refused_whatever_follows(prefix in prop_oneof![0xfe80_u16..=0xfebf, 0xff00_u16..=0xffff], rest in any::<[u16; 7]>()) {
        let [a, b, c, d, e, f, g] = rest;
        prop_assert!(AddressKind::of(Ipv6Addr::new(prefix, a, b, c, d, e, f, g).into()).is_some());
    }

    #[test]
    fn global_addresses_of_machines_pass(prefix in 0x2003_u16..=0x3fff, rest in any::<[u16; 7]>()) {
        let [a, b, c, d, e, f, g] = rest;
        prop_assert_eq!(AddressKind::of(Ipv6Addr::new(prefix, a, b, c, d, e, f, g).into()), None);
    }

    #[test]
    fn one_refused_address_is_enough(addresses in prop::collection::vec(v4(), 1..5)) {
        let answers: Vec<IpAddr> = addresses.iter().copied().map(IpAddr::V4).collect();
        let policy = at(&[]).with_resolver(move |_| Ok(answers.clone()));
        let refused = policy.check(&source("rtsp://cam/")).is_err();
        prop_assert_eq!(refused, addresses.into_iter().any(is_refused));
    }

    #[test]
    fn no_disguise_of_an_address_is_looked_up(address in v4(), parts in 1_usize..5, radixes in [0_u8..4, 0..4, 0..4, 0..4]) {
        let host = disguised(address, parts, radixes);
        let answer = never_asked().check(&source(&format!("rtsp://{host}/live")));
        if host == address.to_string() {
            prop_assert_eq!(answer.is_err(), is_refused(address));
        } else {
            prop_assert!(matches!(answer, Err(PolicyError::Host { .. })), "{}: {:?}", host, answer);
        }
    }

    #[test]
    fn what_passes_has_the_same_host_for_everyone(rest in "[a1.:@#?/\\\\\\[\\]% \t%-]{0,24}") {
        let text = format!("rtsp://{rest}");
        let Ok(Source::Rtsp(url)) = text.parse::<Source>() else { return Ok(()) };
        if at(&["192.168.0.20"]).check(&Source::Rtsp(url.clone())).is_ok() {
            prop_assert_eq!(as_gstreamer_reads(url.reveal()), url.host(), "{}", text);
        }
    }

    #[test]
    fn any_address_is_answered_without_its_password(host in "\\PC{0,20}", password in "[a-z]{12}") {
        if let Ok(url) = format!("rtsp://u:{password}@{host}/{password}-pass?{password}").parse::<RtspUrl>()
            && let Err(error) = at(&["127.0.0.1"]).check(&Source::Rtsp(url))
        {
            let said = format!("{error} {error:?}");
            prop_assert!(!said.contains(&password), "{}", said);
        }
    }
}

#[test]
fn disguises_are_those_that_systems_read() {
    let address = Ipv4Addr::new(169, 254, 169, 254);
    assert_eq!(disguised(address, 1, [0; 4]), "2852039166");
    assert_eq!(disguised(address, 4, [1; 4]), "0251.0376.0251.0376");
    assert_eq!(disguised(address, 2, [2, 0, 0, 0]), "0xa9.16689662");
    assert_eq!(as_gstreamer_reads("rtsp://cam#:x@169.254.169.254/"), "169.254.169.254");
    assert_eq!(as_gstreamer_reads("rtsp://[fd00::1]:554?x"), "fd00::1");
}
