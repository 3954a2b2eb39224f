//! Names under which a node may be asked: a name that an attacker owns can be made to lead to a user's own machine, and
//! the attacker's page then counts as one of this node (DNS rebinding). Not for: pages that say that they are of
//! another site (`access`).

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, header};

/// Which names are the node's.
#[derive(Clone, Debug)]
pub(crate) struct Hosts {
    /// Only this machine reaches the node, so that it has no other names than those of the machine.
    is_local: bool,
    /// Host of the URL at which users reach the node, if one is configured.
    public: Option<String>,
}

impl Hosts {
    /// Of a node that listens on an address.
    pub(crate) fn new(address: SocketAddr, public_url: Option<&str>) -> Hosts {
        let is_local = address.ip().is_loopback();
        Hosts { is_local, public: public_url.map(|url| host_of_url(url).to_owned()) }
    }

    /// Whether a request asks for one of the node's names. One that names none comes from no browser.
    pub(crate) fn has(&self, headers: &HeaderMap) -> bool {
        let Some(asked) = headers.get(header::HOST).filter(|_| self.is_local) else { return true };
        let host = without_port(asked.to_str().unwrap_or_default());
        let is_public = || self.public.as_deref().is_some_and(|public| public.eq_ignore_ascii_case(host));
        host.parse::<IpAddr>().is_ok() || host.eq_ignore_ascii_case("localhost") || is_public()
    }
}

/// The host in `http://user@host:port/path`.
fn host_of_url(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    without_port(authority.rsplit_once('@').map_or(authority, |(_, host)| host))
}

fn without_port(authority: &str) -> &str {
    match authority.strip_prefix('[') {
        Some(rest) => rest.split_once(']').map_or(rest, |(address, _)| address),
        None => authority.split_once(':').map_or(authority, |(host, _)| host),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_node_has_no_names_of_others() {
        let asked = |listen: &str, host: &'static str| {
            let hosts = Hosts::new(listen.parse().unwrap(), Some("https://Fate.example:8443/flow"));
            hosts.has(&HeaderMap::from_iter([(header::HOST, host.parse().unwrap())]))
        };
        for own in ["127.0.0.1:9380", "localhost", "LOCALHOST:80", "[::1]:9380", "10.0.0.7", "fate.example:1"] {
            assert!(asked("127.0.0.1:9380", own), "{own}");
        }
        for other in ["evil.example", "evil.example:9380", "localhost.evil.example", "", "127.0.0.1.evil", "["] {
            assert!(!asked("[::1]:9380", other), "{other}");
            assert!(asked("0.0.0.0:9380", other), "others reach this node by names that it does not know: {other}");
        }
        let local = Hosts::new("127.0.0.1:1".parse().unwrap(), None);
        assert!(local.has(&HeaderMap::new()), "no browser");
    }
}
