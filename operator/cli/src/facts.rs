//! The outside world for renders on the command line: this machine's clock, randomness and resolver, no cluster.

use std::net::ToSocketAddrs as _;

use helm::facts::Facts;
use jiff::ZonedDateTime;

/// What a template may learn from this machine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SystemFacts;

impl Facts for SystemFacts {
    fn now(&self) -> ZonedDateTime {
        ZonedDateTime::now()
    }

    fn random_bytes(&self, buffer: &mut [u8]) {
        if getrandom::fill(buffer).is_err() {
            // Without randomness there must be no predictable password: end here, as Go does.
            std::process::abort();
        }
    }

    fn resolve_host(&self, name: &str) -> Vec<String> {
        (name, 0)
            .to_socket_addrs()
            .map(|found| found.map(|address| address.ip().to_string()).collect())
            .unwrap_or_default()
    }
}
