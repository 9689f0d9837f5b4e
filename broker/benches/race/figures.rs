//! What was measured, round by round.

/// One thing that is measured, of one contender at one number of connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Figure {
    /// All are connected and subscribed, s.
    Connected,
    /// CPU for each of them, us.
    ConnectCpu,
    /// Memory for each of them, KB.
    Memory,
    /// The last client has the first message on its own topic, ms.
    First,
    /// CPU for each, us.
    FirstCpu,
    /// The last client has a broadcast, ms.
    Last,
    /// CPU for each delivery of it, us.
    DeliveryCpu,
    /// All clients closed at once; the server has closed the last of them, ms.
    Gone,
    /// CPU for each, us.
    GoneCpu,
    /// All are back; those of badgecast said hello and were sent their layer, s.
    Back,
    /// CPU for each, us.
    BackCpu,
    /// Memory for each of them then, KB.
    MemoryAfter,
}

impl Figure {
    pub(crate) const ALL: [Self; 12] = [
        Self::Connected,
        Self::ConnectCpu,
        Self::Memory,
        Self::First,
        Self::FirstCpu,
        Self::Last,
        Self::DeliveryCpu,
        Self::Gone,
        Self::GoneCpu,
        Self::Back,
        Self::BackCpu,
        Self::MemoryAfter,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Connected => "all connected, s",
            Self::ConnectCpu => "CPU per connect, us",
            Self::Memory => "KB per connection",
            Self::First => "first message to each, ms",
            Self::FirstCpu => "CPU per first, us",
            Self::Last => "to the last client, ms",
            Self::DeliveryCpu => "CPU per delivery, us",
            Self::Gone => "all gone, ms",
            Self::GoneCpu => "CPU per goodbye, us",
            Self::Back => "all back, s",
            Self::BackCpu => "CPU per return, us",
            Self::MemoryAfter => "KB then",
        }
    }

    pub(crate) const fn decimals(self) -> usize {
        match self {
            Self::First | Self::Last | Self::Gone => 0,
            Self::Connected | Self::Back => 2,
            _ => 1,
        }
    }
}

/// The samples of one contender, in the order in which they were taken.
#[derive(Debug, Clone, Default)]
pub(crate) struct Samples([Vec<f64>; Figure::ALL.len()]);

impl Samples {
    pub(crate) fn add(&mut self, figure: Figure, value: f64) {
        self.0[figure as usize].push(value);
    }

    /// Those of another round behind these.
    pub(crate) fn extend(&mut self, other: Self) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            mine.extend(theirs);
        }
    }

    pub(crate) fn of(&self, figure: Figure) -> &[f64] {
        &self.0[figure as usize]
    }

    pub(crate) fn median(&self, figure: Figure) -> Option<f64> {
        median(self.of(figure).to_vec())
    }

    /// The ratio to another's, sample by sample: neighbours in time are compared.
    pub(crate) fn ratios(&self, other: &Self, figure: Figure) -> Vec<f64> {
        self.of(figure).iter().zip(other.of(figure)).map(|(mine, theirs)| mine / theirs).collect()
    }
}

pub(crate) fn median(mut of: Vec<f64>) -> Option<f64> {
    of.sort_unstable_by(f64::total_cmp);
    of.get(of.len() / 2).copied()
}
