//! The waiting room: sockets that are not logged in, in all and per address.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError, atomic::Ordering::Relaxed},
};

use crate::desk::Desk;

/// Counts who waits.
#[derive(Debug, Clone)]
pub(crate) struct WaitingRoom {
    desk: Desk,
    max: usize,
    max_per_address: usize,
    addresses: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// One place in the waiting room; given back when dropped.
#[derive(Debug)]
pub(crate) struct Ticket {
    room: WaitingRoom,
    address: IpAddr,
}

impl WaitingRoom {
    pub(crate) fn new(desk: Desk, max: usize, max_per_address: usize) -> Self {
        Self { desk, max, max_per_address, addresses: Arc::default() }
    }

    /// A place for a socket from this address; `None`, and counted, when there is none.
    pub(crate) fn enter(&self, address: IpAddr) -> Option<Ticket> {
        let address = network(address);
        if self.desk.waiting().load(Relaxed) >= self.max {
            self.desk.tally().closed_too_many_waiting.one();
            return None;
        }
        let mut addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        let here = addresses.entry(address).or_default();
        if *here >= self.max_per_address {
            self.desk.tally().closed_too_many_of_address.one();
            return None;
        }
        *here += 1;
        self.desk.waiting().fetch_add(1, Relaxed);
        Some(Ticket { room: self.clone(), address })
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.room.desk.waiting().fetch_sub(1, Relaxed);
        let mut addresses = self.room.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(here) = addresses.get_mut(&self.address) {
            *here -= 1;
            if *here == 0 {
                addresses.remove(&self.address);
            }
        }
    }
}

/// What counts as one address: one of IPv4, a /64 of IPv6, which every host can fill by itself.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.into(),
        IpAddr::V6(v6) => std::net::Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_cannot_fill_the_room() {
        let desk = Desk::default();
        let room = WaitingRoom::new(desk.clone(), 3, 2);
        let (one, two): (IpAddr, IpAddr) = ([10, 0, 0, 1].into(), [10, 0, 0, 2].into());
        let held = [room.enter(one), room.enter(one)];
        assert!(held.iter().all(Option::is_some) && room.enter(one).is_none());
        let other = room.enter(two);
        assert!(other.is_some() && room.enter(two).is_none());
        drop(held);
        assert!(room.enter(one).is_some());
        drop(other);
        let figures = desk.figures();
        assert_eq!((figures.waiting, figures.closed_too_many_waiting), (0, 1));
        assert_eq!(figures.closed_too_many_of_address, 1);
    }

    #[test]
    fn a_host_of_ipv6_is_one_address_however_many_it_has() {
        assert_eq!(network("2001:db8::1".parse().unwrap()), network("2001:db8::ffff:1".parse().unwrap()));
        assert_ne!(network("2001:db8::1".parse().unwrap()), network("2001:db8:0:1::1".parse().unwrap()));
        assert_eq!(network("::ffff:10.0.0.1".parse().unwrap()), IpAddr::from([10, 0, 0, 1]));
    }
}
