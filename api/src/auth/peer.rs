//! From which address a request came: the connection's, or what a proxy we were told to trust says.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::HttpRequest;

const X_FORWARDED_FOR: &str = "x-forwarded-for";

/// The address of the client. `X-Forwarded-For` is read from the right, as far as each next proxy is trusted.
#[must_use]
pub fn address(request: &HttpRequest, trusted: &[IpAddr]) -> IpAddr {
    let peer = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip().to_canonical());
    let hops: Vec<IpAddr> = request
        .headers()
        .get_all(X_FORWARDED_FOR)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map_while(|hop| hop.trim().parse::<IpAddr>().ok())
        .map(|hop| hop.to_canonical())
        .collect();
    let mut address = peer;
    for hop in hops.into_iter().rev() {
        if !trusted.contains(&address) {
            break;
        }
        address = hop;
    }
    address
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn seen(peer: &str, forwarded: &str, trusted: &[&str]) -> String {
        let trusted: Vec<IpAddr> = trusted.iter().map(|text| text.parse().unwrap()).collect();
        let request = TestRequest::default()
            .peer_addr((peer.parse::<IpAddr>().unwrap(), 1).into())
            .insert_header((X_FORWARDED_FOR, forwarded))
            .to_http_request();
        address(&request, &trusted).to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        assert_eq!(seen("192.0.2.1", "198.51.100.7", &[]), "192.0.2.1");
        assert_eq!(seen("192.0.2.1", "198.51.100.7", &["192.0.2.1"]), "198.51.100.7");
        assert_eq!(seen("192.0.2.1", "203.0.113.9, 198.51.100.7", &["192.0.2.1"]), "198.51.100.7");
        assert_eq!(seen("192.0.2.1", "203.0.113.9, 192.0.2.2", &["192.0.2.1", "192.0.2.2"]), "203.0.113.9");
        assert_eq!(seen("192.0.2.1", "nonsense", &["192.0.2.1"]), "192.0.2.1");
    }
}
