//! Our messages at QoS 1 that the client has not acknowledged.

/// The most that are sent without an acknowledgement, whatever the client would take. What waits behind them is the
/// newest of each layer, so a larger window would only make a slow badge show older news.
pub(crate) const WINDOW: usize = 16;

/// Packet identifiers in flight. Acknowledgements come in any order.
#[derive(Debug)]
pub(crate) struct InFlight {
    ids: [u16; WINDOW],
    /// How many at most.
    window: u8,
    next: u16,
}

impl InFlight {
    /// A window for a client with this Receive Maximum.
    pub(crate) fn new(receive_maximum: u16) -> Self {
        let window = u8::try_from(receive_maximum).unwrap_or(u8::MAX).min(WINDOW as u8);
        Self { ids: [0; WINDOW], window, next: 0 }
    }

    pub(crate) fn has_room(&self) -> bool {
        self.free().is_some()
    }

    /// A packet identifier for the next message, or `None` when the window is full.
    pub(crate) fn begin(&mut self) -> Option<u16> {
        let free = self.free()?;
        loop {
            self.next = self.next.wrapping_add(1);
            if self.next != 0 && !self.ids.contains(&self.next) {
                self.ids[free] = self.next;
                return Some(self.next);
            }
        }
    }

    /// Takes an acknowledgement; false when nothing waited for it.
    pub(crate) fn end(&mut self, id: u16) -> bool {
        let place = self.ids.iter_mut().find(|held| id != 0 && **held == id);
        place.map(|held| *held = 0).is_some()
    }

    fn free(&self) -> Option<usize> {
        self.ids[..usize::from(self.window)].iter().position(|held| *held == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_is_the_smaller_of_both() {
        let mut flight = InFlight::new(2);
        assert_eq!((flight.begin(), flight.begin(), flight.begin()), (Some(1), Some(2), None));
        assert!(flight.end(2) && !flight.end(2) && !flight.end(0));
        assert_eq!(flight.begin(), Some(3));
        let mut wide = InFlight::new(u16::MAX);
        assert_eq!(std::iter::from_fn(|| wide.begin()).count(), WINDOW);
    }

    #[test]
    fn an_identifier_in_flight_is_not_used_again() {
        let mut flight = InFlight::new(2);
        assert_eq!(flight.begin(), Some(1));
        for _ in 0..70_000 {
            let id = flight.begin().expect("one is free");
            assert!(id > 1);
            assert!(flight.end(id));
        }
    }
}
