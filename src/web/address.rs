//! Which addresses of the network may be connected to.

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use url::Url;

/// Decides which hosts may have an address that is not public: those that the user named.
#[derive(Debug, Default)]
pub(crate) struct Reach {
    /// Hosts with their ports.
    private: Mutex<HashSet<(String, u16)>>,
    /// Hosts of those, without ports, that had a public address once. A name that is public today and private tomorrow is an attempt to reach
    /// into a private network (DNS rebinding).
    public: Mutex<HashSet<String>>,
}

impl Reach {
    /// Allows the hosts of the settings: a name or an address, with or without a port.
    pub(crate) fn of_settings(hosts: &[String]) -> Self {
        let reach = Self::default();
        for host in hosts {
            // A parser of addresses knows how a host and a port are written, and gives a host its usual form.
            if let Ok(url) = Url::parse(&format!("http://{host}/")) {
                reach.allow(&url);
            }
        }
        reach
    }

    /// Allows the host of an address that the user named.
    pub(crate) fn allow(&self, url: &Url) {
        let Some((host, port)) = host_of(url) else { return };
        let mut private = self.private.lock().unwrap_or_else(PoisonError::into_inner);
        // A server that has both usually sends from one to the other.
        let ports = if matches!(port, 80 | 443) { vec![80, 443] } else { vec![port] };
        private.extend(ports.into_iter().map(|port| (host.clone(), port)));
    }

    /// Those of the addresses of a host that may be connected to.
    pub(super) fn filter(&self, url: &Url, addresses: &[IpAddr]) -> Vec<IpAddr> {
        let public: Vec<IpAddr> = addresses.iter().copied().filter(|address| is_public(*address)).collect();
        let Some((host, _)) = host_of(url) else { return public };
        let mut seen = self.public.lock().unwrap_or_else(PoisonError::into_inner);
        if !public.is_empty() {
            if self.is_allowed(url) {
                seen.insert(host);
            }
            return public;
        }
        if !self.is_allowed(url) || seen.contains(&host) { Vec::new() } else { addresses.to_vec() }
    }

    /// Whether the host of an address may have one that is not public.
    pub(super) fn is_allowed(&self, url: &Url) -> bool {
        host_of(url).is_some_and(|host| self.private.lock().unwrap_or_else(PoisonError::into_inner).contains(&host))
    }
}

/// The host of an address, as it is written in addresses, and its port.
fn host_of(url: &Url) -> Option<(String, u16)> {
    Some((url.host_str()?.trim_end_matches('.').to_owned(), url.port_or_known_default()?))
}

/// Whether an address belongs to the public network: it is not of this machine, of a private or shared network, of a link,
/// of a group, or reserved (the registries of special-purpose addresses of IANA).
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    !matches!(
        address.octets(),
        // This network, private networks, this machine, groups and reserved; shared address space, links (and services of
        // clouds on them), private networks. The last is a service of a cloud, too.
        [0 | 10 | 127 | 224..=255, ..]
        | [100, 64..=127, ..]
        | [169, 254, ..]
        | [172, 16..=31, ..]
        | [192, 168, ..]
        | [168, 63, 129, 16]
        // Assignments of protocols, documentation, relays of 6to4, benchmarks.
        | [192, 0, 0 | 2, _]
        | [192, 88, 99, _]
        | [198, 18 | 19, ..]
        | [198, 51, 100, _]
        | [203, 0, 113, _]
    )
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(inner) = address.to_ipv4_mapped() {
        return is_public_v4(inner);
    }
    match address.segments() {
        // What a gateway translates to IPv4 (RFC 6052).
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
            is_public_v4(Ipv4Addr::new(a, b, c, d))
        }
        // Assignments of protocols with Teredo, documentation, 6to4.
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x2002, ..] | [0x3fff, 0..=0xfff, ..] => false,
        // All else that is global (RFC 4291).
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn addresses_of_this_machine_and_of_private_networks_are_not_public() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.1.1.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:1ff::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd12:3456::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(ip(address)), "{address}");
        }
        for address in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.1",
            "100.63.255.255",
            "100.128.0.0",
            "126.0.0.1",
            "128.0.0.1",
            "169.253.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "192.167.0.1",
            "192.169.0.1",
            "198.17.0.1",
            "198.20.0.1",
            "223.255.255.1",
            "2606:4700::1111",
            "2001:200::1",
            "2001:4860:4860::8888",
            "2a00:1450::1",
            "64:ff9b::1.1.1.1",
            "::ffff:1.1.1.1",
        ] {
            assert!(is_public(ip(address)), "{address}");
        }
    }

    proptest! {
        #[test]
        fn an_address_written_in_ipv6_is_judged_as_in_ipv4(bits in any::<u32>()) {
            let inner = Ipv4Addr::from(bits);
            prop_assert_eq!(is_public(IpAddr::V6(inner.to_ipv6_mapped())), is_public(IpAddr::V4(inner)));
            let translated = Ipv6Addr::from(0x0064_ff9b_u128 << 96 | u128::from(bits));
            prop_assert_eq!(is_public(IpAddr::V6(translated)), is_public(IpAddr::V4(inner)));
        }

        #[test]
        fn what_the_standard_library_calls_special_is_not_public(bits in any::<u32>(), long in any::<u128>()) {
            let v4 = Ipv4Addr::from(bits);
            if v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_multicast() || v4.is_broadcast()
                || v4.is_documentation() || v4.is_unspecified()
            {
                prop_assert!(!is_public(v4.into()));
            }
            let v6 = Ipv6Addr::from(long);
            if v6.is_unique_local() || v6.is_unicast_link_local() || v6.is_multicast() || v6.is_loopback() {
                prop_assert!(!is_public(v6.into()));
            }
        }

        #[test]
        fn private_ranges_are_refused_to_their_last_address(low in any::<u32>(), tail in any::<u128>()) {
            for (network, bits) in [
                ("10.0.0.0", 8), ("100.64.0.0", 10), ("127.0.0.0", 8), ("169.254.0.0", 16), ("172.16.0.0", 12),
                ("192.168.0.0", 16), ("198.18.0.0", 15), ("224.0.0.0", 3),
            ] {
                let network = u32::from(network.parse::<Ipv4Addr>().unwrap());
                let address = Ipv4Addr::from(network | low >> bits);
                prop_assert!(!is_public(address.into()), "{}", address);
            }
            for (network, bits) in [("fc00::", 7), ("fe80::", 10), ("ff00::", 8), ("2001:db8::", 32), ("2002::", 16)] {
                let network = u128::from(network.parse::<Ipv6Addr>().unwrap());
                let address = Ipv6Addr::from(network | tail >> bits);
                prop_assert!(!is_public(address.into()), "{}", address);
            }
        }
    }

    #[test]
    fn only_a_host_that_was_named_may_be_private() {
        let reach = Reach::default();
        reach.allow(&url("http://wiki.example:8080/start"));
        let private = [ip("10.0.0.7")];
        assert_eq!(reach.filter(&url("http://wiki.example:8080/other"), &private), private);
        for other in ["http://wiki.example/", "http://other.example:8080/", "http://10.0.0.7:8080/"] {
            assert!(reach.filter(&url(other), &private).is_empty(), "{other}");
        }
        let reach = Reach::of_settings(&["intranet".into(), "[::1]:9000".into()]);
        assert_eq!(reach.filter(&url("https://intranet/"), &private), private);
        assert_eq!(reach.filter(&url("http://[::1]:9000/"), &[ip("::1")]), [ip("::1")]);
        assert!(reach.filter(&url("http://[::1]/"), &[ip("::1")]).is_empty());
    }

    #[test]
    fn a_public_host_cannot_become_private() {
        let reach = Reach::default();
        let page = url("https://site.example/page");
        reach.allow(&page);
        let (public, private) = (ip("93.184.215.14"), ip("192.168.0.1"));
        assert_eq!(reach.filter(&page, &[private, public]), [public], "of both, only the public one");
        assert!(reach.filter(&page, &[private]).is_empty());
        assert_eq!(reach.filter(&page, &[public]), [public]);
        assert!(reach.filter(&url("http://site.example/page"), &[private]).is_empty(), "nor by its other port");
    }

    #[test]
    fn other_ways_to_write_an_address_are_seen_through() {
        let reach = Reach::default();
        for written in
            ["http://0x7f.1/", "http://2130706433/", "http://127.1/", "http://0177.0.0.1/", "http://[::ffff:7f00:1]/"]
        {
            let url = url(written);
            let address = match url.host().unwrap() {
                url::Host::Ipv4(address) => IpAddr::V4(address),
                url::Host::Ipv6(address) => IpAddr::V6(address),
                url::Host::Domain(name) => panic!("{written} is {name}"),
            };
            assert!(reach.filter(&url, &[address]).is_empty(), "{written}");
        }
    }
}
