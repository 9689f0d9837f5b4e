//! What waits to be shown on one session: at most the newest per layer.

use std::{collections::VecDeque, sync::Arc};

use badgecast_domain::id::BadgeId;

use super::shows::Notice;

/// How many layers may wait per badge of a session.
pub(super) const MAX_WAITING: usize = 32;

/// One show for one badge.
#[derive(Debug, Clone)]
pub(super) struct Shown {
    pub(super) badge: BadgeId,
    pub(super) notice: Arc<Notice>,
}

/// What became of a show that was added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Added {
    Queued,
    /// It took the place of an older one of its layer.
    Replaced,
    /// Another one, or itself, had to go.
    Dropped,
}

/// The shows that wait, oldest first. The first has its place inside, so a broadcast allocates nothing.
#[derive(Debug)]
pub(super) struct Waiting {
    first: Option<Shown>,
    more: VecDeque<Shown>,
}

impl Waiting {
    pub(super) const fn new() -> Self {
        Self { first: None, more: VecDeque::new() }
    }

    pub(super) fn add(&mut self, shown: Shown, max: usize) -> Added {
        let same = |old: &Shown| old.badge == shown.badge && old.notice.layer() == shown.notice.layer();
        if let Some(old) = self.first.iter_mut().chain(&mut self.more).find(|old| same(old)) {
            *old = shown;
            return Added::Replaced;
        }
        let mut added = Added::Queued;
        if self.len() >= max {
            added = Added::Dropped;
            if !self.drop_one() {
                return added;
            }
        }
        if self.first.is_none() {
            self.first = Some(shown);
        } else {
            self.more.push_back(shown);
        }
        added
    }

    pub(super) fn next(&mut self) -> Option<Shown> {
        let next = self.first.take()?;
        self.refill();
        Some(next)
    }

    pub(super) fn len(&self) -> usize {
        self.first.iter().len() + self.more.len()
    }

    /// Forgets what is for a badge that is no longer this session's.
    pub(super) fn forget(&mut self, badge: BadgeId) {
        self.more.retain(|shown| shown.badge != badge);
        if self.first.as_ref().is_some_and(|shown| shown.badge == badge) {
            self.first = None;
            self.refill();
        }
    }

    /// Makes room: the oldest goes that is neither an emergency nor the own layer. False when there is none.
    fn drop_one(&mut self) -> bool {
        if self.first.as_ref().is_some_and(|shown| !shown.notice.is_kept()) {
            self.first = None;
            self.refill();
            return true;
        }
        let place = self.more.iter().position(|shown| !shown.notice.is_kept());
        place.and_then(|at| self.more.remove(at)).is_some()
    }

    fn refill(&mut self) {
        if self.more.is_empty() {
            // A queue that was long once keeps no memory.
            self.more = VecDeque::new();
        } else {
            self.first = self.more.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use badgecast_domain::{
        display::Panel,
        id::LayerId,
        layer::{Kind, Level},
        time::Moment,
        wire::{self, Crc},
    };

    use super::{super::shows::Shows, *};

    fn shown(badge: BadgeId, id: LayerId, revision: u64, level: Level) -> Shown {
        let show = wire::Show::Layer(wire::Layer {
            kind: Kind::Announcement,
            id,
            revision,
            level,
            from: None,
            until: None,
            ttl_s: None,
            now: Moment::from_s(0),
            brightness: 100,
            messages: Vec::new(),
            crc: Crc(0),
        });
        let notice = Shows::on(Panel::P11x44, show).for_panel(Panel::P11x44).cloned().expect("just made");
        Shown { badge, notice }
    }

    fn drained(mut waiting: Waiting) -> Vec<LayerId> {
        std::iter::from_fn(|| waiting.next()).map(|shown| shown.notice.layer()).collect()
    }

    #[test]
    fn the_newest_of_a_layer_takes_the_place_of_the_older() {
        let badge = BadgeId::new();
        let (one, two) = (LayerId::new(), LayerId::new());
        let mut waiting = Waiting::new();
        assert_eq!(waiting.add(shown(badge, one, 1, Level::Normal), 32), Added::Queued);
        assert_eq!(waiting.add(shown(badge, two, 1, Level::Normal), 32), Added::Queued);
        assert_eq!(waiting.add(shown(badge, one, 2, Level::Normal), 32), Added::Replaced);
        // The same layer on another badge of a gateway is another thing.
        assert_eq!(waiting.add(shown(BadgeId::new(), one, 2, Level::Normal), 32), Added::Queued);
        assert_eq!(drained(waiting), [one, two, one]);
    }

    #[test]
    fn when_too_many_layers_wait_the_oldest_goes_but_no_emergency() {
        let badge = BadgeId::new();
        let ids: Vec<LayerId> = (0..4).map(|_| LayerId::new()).collect();
        let mut waiting = Waiting::new();
        waiting.add(shown(badge, ids[0], 1, Level::Emergency), 2);
        waiting.add(shown(badge, ids[1], 1, Level::Normal), 2);
        assert_eq!(waiting.add(shown(badge, ids[2], 1, Level::Emergency), 2), Added::Dropped);
        assert_eq!(waiting.add(shown(badge, ids[3], 1, Level::Normal), 2), Added::Dropped);
        assert_eq!(drained(waiting), [ids[0], ids[2]]);
    }

    #[test]
    fn what_is_for_a_lost_badge_is_forgotten() {
        let (kept, lost) = (BadgeId::new(), BadgeId::new());
        let mut waiting = Waiting::new();
        for badge in [lost, kept, lost] {
            waiting.add(shown(badge, LayerId::new(), 1, Level::Normal), 32);
        }
        waiting.forget(lost);
        assert_eq!(waiting.next().map(|shown| shown.badge), Some(kept));
        assert!(waiting.next().is_none());
    }
}
