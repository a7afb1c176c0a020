//! Which IP addresses belong to the public internet, and which lead back inside.

use ipnet::{Ipv4Net, Ipv6Net};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// IPv4 blocks that are not globally reachable (IANA IPv4 Special-Purpose Address Registry),
/// plus multicast, the reserved block and the address of Azure's host services.
const CLOSED_V4: [Ipv4Net; 16] = [
    v4([0, 0, 0, 0], 8),
    v4([10, 0, 0, 0], 8),
    v4([100, 64, 0, 0], 10),
    v4([127, 0, 0, 0], 8),
    v4([168, 63, 129, 16], 32),
    v4([169, 254, 0, 0], 16),
    v4([172, 16, 0, 0], 12),
    v4([192, 0, 0, 0], 24),
    v4([192, 0, 2, 0], 24),
    v4([192, 88, 99, 0], 24),
    v4([192, 168, 0, 0], 16),
    v4([198, 18, 0, 0], 15),
    v4([198, 51, 100, 0], 24),
    v4([203, 0, 113, 0], 24),
    v4([224, 0, 0, 0], 4),
    v4([240, 0, 0, 0], 4),
];

/// The only block from which IPv6 global unicast addresses are assigned (RFC 4291, IANA).
const GLOBAL_V6: Ipv6Net = v6([0x2000, 0, 0, 0], 3);

/// Blocks inside [`GLOBAL_V6`] that carry IPv4 addresses, tunnels, protocols or documentation
/// (IANA IPv6 Special-Purpose Address Registry).
const CLOSED_V6: [Ipv6Net; 4] = [
    v6([0x2001, 0, 0, 0], 23),
    v6([0x2001, 0xdb8, 0, 0], 32),
    v6([0x2002, 0, 0, 0], 16),
    v6([0x3fff, 0, 0, 0], 20),
];

/// Whether an address is reachable from the whole internet and nothing else.
#[must_use]
pub fn is_global(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !CLOSED_V4.iter().any(|block| block.contains(&address)),
        IpAddr::V6(address) => {
            GLOBAL_V6.contains(&address) && !CLOSED_V6.iter().any(|block| block.contains(&address))
        }
    }
}

/// Whether a host with these addresses may be connected to: there is one, and each is global. One
/// that is not refuses the host.
#[must_use]
pub fn all_global(addresses: &[IpAddr]) -> bool {
    !addresses.is_empty() && addresses.iter().all(|address| is_global(*address))
}

const fn v4([a, b, c, d]: [u8; 4], prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6([a, b, c, d]: [u16; 4], prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0), prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_edges_of_the_blocks_are_right() {
        for (address, global) in [
            ("1.1.1.1", true),
            ("9.255.255.255", true),
            ("10.0.0.0", false),
            ("11.0.0.0", true),
            ("100.63.255.255", true),
            ("100.64.0.0", false),
            ("100.128.0.0", true),
            ("172.15.255.255", true),
            ("172.31.255.255", false),
            ("172.32.0.0", true),
            ("223.255.255.255", true),
            ("224.0.0.0", false),
            ("2001:200::1", true),
            ("2001:1ff::1", false),
            ("2001:db8::1", false),
            ("2606:4700::1111", true),
            ("3ffe:ffff::1", true),
            ("3fff:fff::1", false),
            ("4000::1", false),
            ("::ffff:1.1.1.1", false),
        ] {
            let parsed = address.parse().expect("an address");
            assert_eq!(is_global(parsed), global, "{address}");
        }
    }
}
