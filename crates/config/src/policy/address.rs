use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What an address is that no camera has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressKind {
    /// `0.0.0.0` with all that begins with its first 0, and `::`: many systems take it for themselves.
    Unspecified,
    /// A group of machines.
    Multicast,
    /// Every machine of the network.
    Broadcast,
    /// Of one cable, where nobody has given out addresses.
    LinkLocal,
    /// Where the machines of a cloud ask for their own credentials.
    Metadata,
}

/// Amazon, Google, Microsoft and others; Alibaba; Oracle.
const METADATA_V4: [Ipv4Addr; 3] =
    [Ipv4Addr::new(169, 254, 169, 254), Ipv4Addr::new(100, 100, 100, 200), Ipv4Addr::new(192, 0, 0, 192)];

/// Amazon.
const METADATA_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);

impl AddressKind {
    /// What is to be said against this address; `None` for all that a camera may have, private addresses and loopback among them.
    /// An IPv6 address that stands for an IPv4 address is what that one is.
    pub fn of(address: IpAddr) -> Option<Self> {
        match address {
            IpAddr::V4(address) => of_v4(address),
            IpAddr::V6(address) => of_v6(address),
        }
    }
}

fn of_v4(address: Ipv4Addr) -> Option<AddressKind> {
    let [first, ..] = address.octets();
    match address {
        _ if METADATA_V4.contains(&address) => Some(AddressKind::Metadata),
        _ if first == 0 => Some(AddressKind::Unspecified),
        _ if address.is_multicast() => Some(AddressKind::Multicast),
        _ if address.is_broadcast() => Some(AddressKind::Broadcast),
        _ if address.is_link_local() => Some(AddressKind::LinkLocal),
        _ => None,
    }
}

fn of_v6(address: Ipv6Addr) -> Option<AddressKind> {
    match address {
        METADATA_V6 => Some(AddressKind::Metadata),
        // Before what stands for IPv4: it begins with zeros too.
        Ipv6Addr::LOCALHOST => None,
        Ipv6Addr::UNSPECIFIED => Some(AddressKind::Unspecified),
        _ if address.is_multicast() => Some(AddressKind::Multicast),
        _ if address.is_unicast_link_local() => Some(AddressKind::LinkLocal),
        _ => embedded(address).and_then(of_v4),
    }
}

/// The IPv4 address that an IPv6 address stands for.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let from = |high: u16, low: u16| Ipv4Addr::from(u32::from(high) << 16 | u32::from(low));
    match address.segments() {
        // Compatible (::a.b.c.d), mapped (::ffff:a.b.c.d), translated by SIIT (::ffff:0:a.b.c.d).
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low] | [0, 0, 0, 0, 0xffff, 0, high, low] => Some(from(high, low)),
        // NAT64's prefix for everyone, then 6to4.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => Some(from(high, low)),
        _ => None,
    }
}

impl fmt::Display for AddressKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unspecified => "which is no machine's address",
            Self::Multicast => "which is a group of machines (multicast)",
            Self::Broadcast => "which is every machine of the network (broadcast)",
            Self::LinkLocal => "which is an address of one cable (link-local)",
            Self::Metadata => "which is the metadata service of a cloud",
        })
    }
}
