//! The ways in which badges go wrong, by name.
//!
//! A fault distorts what a badge says or when. What it lights is never touched; a refusing badge lights nothing.

use std::{fmt, str::FromStr, time::Duration};

use badgecast_domain::{
    time::Moment,
    wire::{Ack, Crc, Holds},
};

/// What is wrong with a badge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// Acknowledges [`SLOWNESS`] late.
    Slow,
    /// Never acknowledges.
    Silent,
    /// Refuses every layer, with a reason.
    Refusing,
    /// Loses its connection again and again.
    Flapping,
    /// Dates its acknowledgements by a clock that is years off.
    WrongClock,
    /// Reports a CRC that is not that of the pixels it lit.
    LyingCrc,
}

/// How late a slow badge acknowledges.
pub const SLOWNESS: Duration = Duration::from_secs(3);
/// The longest a flapping badge stays connected.
pub const LONGEST_FLAP: Duration = Duration::from_secs(5);

/// No fault has this name, or its share is not a number from 0 to 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a fault is NAME=SHARE with a share from 0 to 1 and one of: slow silent refusing flapping wrong_clock lying_crc"
)]
pub struct UnknownFault;

impl Fault {
    pub const ALL: [Self; 6] =
        [Self::Slow, Self::Silent, Self::Refusing, Self::Flapping, Self::WrongClock, Self::LyingCrc];

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Slow => "slow",
            Self::Silent => "silent",
            Self::Refusing => "refusing",
            Self::Flapping => "flapping",
            Self::WrongClock => "wrong_clock",
            Self::LyingCrc => "lying_crc",
        }
    }

    /// What becomes of an acknowledgement, and how late it leaves.
    #[must_use]
    pub fn distort_ack(self, ack: Ack) -> Option<(Ack, Duration)> {
        let now = Duration::ZERO;
        match self {
            Self::Slow => Some((ack, SLOWNESS)),
            Self::Silent => None,
            Self::WrongClock => Some((Ack { at: Some(Moment::default()), ..ack }, now)),
            Self::LyingCrc => Some((Ack { crc: ack.crc.map(lie), ..ack }, now)),
            Self::Refusing | Self::Flapping => Some((ack, now)),
        }
    }

    /// What becomes of a line in `hello`, which settles receipts too.
    #[must_use]
    pub fn distort_holds(self, holds: Holds) -> Holds {
        match self {
            Self::Silent => Holds { outcome: None, ..holds },
            Self::LyingCrc => Holds { crc: holds.crc.map(lie), ..holds },
            Self::Slow | Self::Refusing | Self::Flapping | Self::WrongClock => holds,
        }
    }
}

const fn lie(crc: Crc) -> Crc {
    Crc(!crc.0)
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A fault and the share of a fleet that has it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    pub fault: Fault,
    /// 0 to 1.
    pub share: f64,
}

impl FromStr for Share {
    type Err = UnknownFault;

    /// `slow=0.1`
    fn from_str(text: &str) -> Result<Self, UnknownFault> {
        let (name, share) = text.split_once('=').ok_or(UnknownFault)?;
        let fault = Fault::ALL.into_iter().find(|fault| fault.name() == name).ok_or(UnknownFault)?;
        let share = share.parse().ok().filter(|share| (0.0..=1.0).contains(share)).ok_or(UnknownFault)?;
        Ok(Self { fault, share })
    }
}

/// Which badge of a fleet has which fault: the first so many the first, the next so many the second, ..
#[must_use]
pub fn deal(shares: &[Share], badges: usize) -> Vec<Option<Fault>> {
    let mut dealt = Vec::with_capacity(badges);
    for Share { fault, share } in shares {
        let room = badges - dealt.len();
        let count = (badges as f64 * share).round() as usize;
        dealt.extend(std::iter::repeat_n(Some(*fault), count.min(room)));
    }
    dealt.resize(badges, None);
    dealt
}

#[cfg(test)]
mod tests {
    use badgecast_domain::{id::LayerId, wire::Outcome};

    use super::*;

    #[test]
    fn every_fault_distorts_in_its_own_way() {
        let at = Some(Moment::from_s(1_795_000_000));
        let held = Ack {
            id: LayerId::new(),
            revision: 1,
            outcome: Outcome::Held,
            crc: Some(Crc(7)),
            reason: None,
            at,
        };
        let said = |fault: Fault| fault.distort_ack(held.clone());
        assert_eq!(said(Fault::Slow), Some((held.clone(), SLOWNESS)));
        assert_eq!(said(Fault::Silent), None);
        assert_eq!(said(Fault::Flapping), Some((held.clone(), Duration::ZERO)));
        assert_eq!(said(Fault::LyingCrc).and_then(|(ack, _)| ack.crc), Some(Crc(!7)));
        assert_ne!(said(Fault::WrongClock).and_then(|(ack, _)| ack.at), held.at);
    }

    #[test]
    fn hello_gives_no_fault_away() {
        let holds =
            Holds { id: LayerId::new(), revision: 1, outcome: Some(Outcome::Shown), crc: Some(Crc(7)) };
        assert_eq!(Fault::Silent.distort_holds(holds).outcome, None);
        assert_eq!(Fault::LyingCrc.distort_holds(holds).crc, Some(Crc(!7)));
        assert_eq!(Fault::Slow.distort_holds(holds), holds);
    }

    #[test]
    fn faults_are_named_with_a_share() {
        assert_eq!("slow=0.25".parse(), Ok(Share { fault: Fault::Slow, share: 0.25 }));
        for wrong in ["", "slow", "slow=", "slow=2", "slow=-1", "slow=NaN", "sloth=0.5"] {
            assert_eq!(wrong.parse::<Share>(), Err(UnknownFault), "{wrong}");
        }
    }

    #[test]
    fn shares_are_dealt_and_never_exceed_the_fleet() {
        let shares = |list: &[(Fault, f64)]| -> Vec<Share> {
            list.iter().map(|&(fault, share)| Share { fault, share }).collect()
        };
        let dealt = deal(&shares(&[(Fault::Slow, 0.2), (Fault::Silent, 0.1)]), 10);
        assert_eq!(dealt[..4], [Some(Fault::Slow), Some(Fault::Slow), Some(Fault::Silent), None]);
        assert_eq!(dealt.len(), 10);
        let dealt = deal(&shares(&[(Fault::Slow, 1.0), (Fault::Silent, 1.0)]), 3);
        assert_eq!(dealt, [Some(Fault::Slow); 3]);
    }
}
