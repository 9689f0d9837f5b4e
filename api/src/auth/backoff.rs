//! How long someone has to wait after failed logins: per account and network together, and per network.
//!
//! An account is never refused as a whole: that would let anyone lock a manager out. A network is judged more mildly
//! than one account in it, because a whole hospital may share an address.

use std::time::Duration;

/// Failures of one account from one network that cost nothing.
const FREE_PER_ACCOUNT: u32 = 3;
/// Failures of all accounts from one network that cost nothing.
const FREE_PER_NETWORK: u32 = 50;
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// Failures older than this are forgotten.
pub const REMEMBERED: Duration = Duration::from_secs(60 * 60);

/// Codes one person may mistype; then every code there is now has to expire first.
pub const FREE_USER_CODES: u32 = 5;
const USER_CODE_WAIT: Duration = Duration::from_secs(5 * 60);

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// One account, from one network.
    Account,
    /// Every account, from one network.
    Network,
    /// Codes of devices, typed by one person.
    UserCode,
}

/// How long the next try has to wait after this many failures in a row: 1, 2, 4 .. seconds, at most 15 minutes.
#[must_use]
pub fn wait(counted: Counted, failures: u32) -> Duration {
    let free = match counted {
        Counted::Account => FREE_PER_ACCOUNT,
        Counted::Network => FREE_PER_NETWORK,
        Counted::UserCode if failures < FREE_USER_CODES => return Duration::ZERO,
        Counted::UserCode => return USER_CODE_WAIT,
    };
    match failures.checked_sub(free) {
        None => Duration::ZERO,
        Some(beyond) => Duration::from_secs(1 << beyond.min(10)).min(LONGEST),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_a_quarter_of_an_hour() {
        let seconds = |failures| wait(Counted::Account, failures).as_secs();
        assert_eq!([0, 2, 3, 4, 5, 12, 13, 1_000].map(seconds), [0, 0, 1, 2, 4, 512, 900, 900]);
        assert_eq!(wait(Counted::Network, 49), Duration::ZERO);
        assert_eq!(wait(Counted::Network, 50).as_secs(), 1);
    }
}
