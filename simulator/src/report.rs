//! What a run of the simulator came to.

use std::fmt;

use serde::Serialize;

use crate::{account::Receipts, fleet::Fleet};

/// The last word of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    pub badges: usize,
    pub connected: u64,
    /// How often a badge lost its connection and came back.
    pub reconnects: u64,
    /// Layers stored, of every kind.
    pub held: u64,
    /// Layers lit, of every kind.
    pub lit: u64,
    pub refused: u64,
    pub unreadable: u64,
    /// The most often one badge lit the same revision of a layer as something new; more than 1 is a fault.
    pub most_times_lit: u32,
    /// Of the newest announcement: badges it is meant for, as the server counts, or that stored it.
    pub targeted: u64,
    pub shown: u64,
    pub p50_ms: Option<u64>,
    pub p99_ms: Option<u64>,
}

impl Report {
    /// With the server's receipts of an announcement, or, without, by what the fleet itself saw of the newest: there
    /// times count from the first badge that stored it.
    #[must_use]
    pub fn of(fleet: &Fleet, receipts: Option<&Receipts>) -> Self {
        let count = fleet.tally().count();
        let lit = fleet.badges().map(|badge| badge.look(|state| state.journal.most_times_lit()));
        let mut report = Self {
            badges: fleet.members().len(),
            connected: count.connected,
            reconnects: count.connects.saturating_sub(fleet.members().len() as u64),
            held: count.held,
            lit: count.shown,
            refused: count.refused,
            unreadable: count.unreadable,
            most_times_lit: lit.max().unwrap_or(0),
            targeted: 0,
            shown: 0,
            p50_ms: None,
            p99_ms: None,
        };
        if let Some(receipts) = receipts {
            (report.targeted, report.shown) = (receipts.targeted, receipts.shown);
            (report.p50_ms, report.p99_ms) = (receipts.p50_ms, receipts.p99_ms);
        } else if let Some((_, spread)) = fleet.tally().newest() {
            (report.targeted, report.shown) = (spread.held as u64, spread.shown() as u64);
            let ms = |percent| Some(spread.percentile(percent)?.as_millis() as u64);
            (report.p50_ms, report.p99_ms) = (ms(50), ms(99));
        }
        report
    }

    /// Whether everyone meant has shown it.
    #[must_use]
    pub const fn all_shown(&self) -> bool {
        self.targeted > 0 && self.shown == self.targeted
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "badges      {}, {} connected, {} reconnects",
            self.badges, self.connected, self.reconnects
        )?;
        writeln!(f, "layers      {} held, {} lit, {} refused", self.held, self.lit, self.refused)?;
        write!(f, "newest      {} of {} shown", self.shown, self.targeted)?;
        for (name, ms) in [("p50", self.p50_ms), ("p99", self.p99_ms)] {
            if let Some(ms) = ms {
                write!(f, ", {name} {ms} ms")?;
            }
        }
        Ok(())
    }
}
