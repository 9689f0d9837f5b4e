//! From where a request came: the connection's address, or what a proxy we were told to trust says; and by which
//! browser, as far as that can be told again.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use actix_web::{
    HttpRequest,
    http::header::{self, HeaderMap},
};

use super::secret::{Hash, hash};

const X_FORWARDED_FOR: &str = "x-forwarded-for";
/// How much of a `User-Agent` is looked at, in characters.
const USER_AGENT_CHARS: usize = 300;

/// The address of the client. `X-Forwarded-For` is read from the right, as far as each next proxy is trusted: what
/// stands left of that was written by the client, or by nobody we know, and is not even read.
#[must_use]
pub fn address(request: &HttpRequest, trusted: &[IpAddr]) -> IpAddr {
    let peer = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip().to_canonical());
    if !trusted.contains(&peer) {
        return peer;
    }
    let values: Vec<_> = request.headers().get_all(X_FORWARDED_FOR).collect();
    let hops = values.into_iter().rev().flat_map(|value| value.as_bytes().rsplit(|byte| *byte == b','));
    let mut address = peer;
    for hop in hops {
        if !trusted.contains(&address) {
            break;
        }
        let Some(hop) = read(hop) else { break };
        address = hop;
    }
    address
}

/// An address as proxies write it, some with the port.
fn read(hop: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(hop).ok()?.trim();
    let address = text.parse().or_else(|_| text.parse().map(|socket: SocketAddr| socket.ip()));
    address.ok().map(|address| address.to_canonical())
}

/// What counts as one network: an IPv4 /24 or an IPv6 /48, since whoever has one address of it has them all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Network {
    V4([u8; 3]),
    V6([u16; 3]),
}

impl Network {
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => {
                let [a, b, c, _] = address.octets();
                Self::V4([a, b, c])
            }
            IpAddr::V6(address) => {
                let [a, b, c, ..] = address.segments();
                Self::V6([a, b, c])
            }
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V4([a, b, c]) => write!(f, "{a}.{b}.{c}.0/24"),
            Self::V6([a, b, c]) => write!(f, "{a:x}:{b:x}:{c:x}::/48"),
        }
    }
}

/// The network a request came from.
#[must_use]
pub fn network(request: &HttpRequest, trusted: &[IpAddr]) -> Network {
    Network::of(address(request, trusted))
}

/// Where a sign-in happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub network: Network,
    /// Of the `User-Agent`, as [`browser`] tells it.
    pub browser: Hash,
}

impl Place {
    #[must_use]
    pub fn of(request: &HttpRequest, trusted: &[IpAddr]) -> Self {
        Self { network: network(request, trusted), browser: hash(&browser(&user_agent(request.headers()))) }
    }
}

/// What a browser calls itself.
#[must_use]
pub fn user_agent(headers: &HeaderMap) -> String {
    let value = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.chars().take(USER_AGENT_CHARS).collect()
}

/// A `User-Agent` without its figures and signs: a browser that was brought up to date is the same browser.
#[must_use]
pub fn browser(user_agent: &str) -> String {
    user_agent.chars().filter(|c| c.is_alphabetic() || *c == ' ').collect()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn seen(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let trusted: Vec<IpAddr> = trusted.iter().map(|text| text.parse().unwrap()).collect();
        let mut request = TestRequest::default().peer_addr((peer.parse::<IpAddr>().unwrap(), 1).into());
        for value in forwarded {
            request = request.append_header((X_FORWARDED_FOR, *value));
        }
        address(&request.to_http_request(), &trusted).to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        assert_eq!(seen("192.0.2.1", &["198.51.100.7"], &[]), "192.0.2.1");
        assert_eq!(seen("192.0.2.1", &["198.51.100.7"], &["192.0.2.1"]), "198.51.100.7");
        assert_eq!(seen("192.0.2.1", &["203.0.113.9, 198.51.100.7"], &["192.0.2.1"]), "198.51.100.7");
        let both = ["192.0.2.1", "192.0.2.2"];
        assert_eq!(seen("192.0.2.1", &["203.0.113.9, 192.0.2.2"], &both), "203.0.113.9");
        assert_eq!(seen("192.0.2.1", &["203.0.113.9", "192.0.2.2"], &both), "203.0.113.9");
        assert_eq!(seen("192.0.2.1", &["nonsense"], &["192.0.2.1"]), "192.0.2.1");
    }

    /// Whoever writes nonsense into the header must not pass for the proxy that adds their address behind it.
    #[test]
    fn what_a_client_writes_left_of_its_address_changes_nothing() {
        for forged in ["nonsense", "192.0.2.1", "", "\u{e9}", "1.2.3.4, ,", "unknown, _hidden"] {
            let header = format!("{forged}, 198.51.100.7");
            assert_eq!(seen("192.0.2.1", &[&header], &["192.0.2.1"]), "198.51.100.7", "{forged:?}");
        }
        assert_eq!(seen("192.0.2.1", &["nonsense", "198.51.100.7"], &["192.0.2.1"]), "198.51.100.7");
        assert_eq!(seen("192.0.2.1", &["x, 198.51.100.7:4711"], &["192.0.2.1"]), "198.51.100.7");
        assert_eq!(seen("192.0.2.1", &["[2001:db8::7]:4711"], &["192.0.2.1"]), "2001:db8::7");
    }

    #[test]
    fn neighbours_are_one_network() {
        let of = |text: &str| Network::of(text.parse().unwrap()).to_string();
        assert_eq!(of("192.0.2.7"), "192.0.2.0/24");
        assert_eq!(of("::ffff:192.0.2.9"), "192.0.2.0/24");
        assert_eq!(of("2001:db8:7:1::1"), "2001:db8:7::/48");
    }

    #[test]
    fn a_browser_that_was_brought_up_to_date_is_the_same() {
        let old = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        let new = "Mozilla/5.0 (X11; Linux x86_64; rv:151.0) Gecko/20100101 Firefox/151.0.1";
        assert_eq!(browser(old), browser(new));
        assert_ne!(browser(old), browser("curl/8.14.1"));
    }
}
