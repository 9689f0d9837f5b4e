//! What is retained for integrations: each badge's presence and display.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use badgecast_domain::{
    id::{BadgeId, ConnectionId, OrganizationId},
    time::Moment,
    topic::{self, Seen},
};
use rumqttd::protocol::matches;

use super::Elsewhere;

#[derive(Debug, Default)]
pub(super) struct Ledger {
    organizations: HashMap<OrganizationId, HashMap<BadgeId, Kept>>,
    /// Badges that are retired: whatever is said of them afterwards, their connection's end first of all, is not kept.
    retired: HashSet<BadgeId>,
}

#[derive(Debug, Default)]
struct Kept {
    presence: Option<Presence>,
    display: Option<Arc<[u8]>>,
}

/// Whether a badge is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Presence {
    pub(super) online: bool,
    pub(super) since: Moment,
    /// The connection it came, or went, with.
    pub(super) connection: ConnectionId,
    /// Whether that is one of another process.
    pub(super) elsewhere: bool,
}

impl Presence {
    pub(super) fn json(&self) -> Vec<u8> {
        let Self { online, since, .. } = self;
        format!(r#"{{"online":{online},"since":"{since}"}}"#).into_bytes()
    }
}

/// A retained message.
pub(super) type Retained = (String, Arc<[u8]>);

impl Ledger {
    /// Keeps who came or went; false when an older connection went, or a retired badge's, which is no news.
    pub(super) fn presence(
        &mut self,
        organization: OrganizationId,
        badge: BadgeId,
        presence: Presence,
    ) -> bool {
        if self.retired.contains(&badge) {
            return false;
        }
        let kept = &mut self.kept(organization, badge).presence;
        let stale = |newer: Presence| newer.connection != presence.connection && !presence.online;
        if kept.is_some_and(stale) {
            return false;
        }
        *kept = Some(presence);
        true
    }

    /// Keeps that these badges, and no others, are connected to other processes; answers what is news.
    pub(super) fn elsewhere(
        &mut self,
        organization: OrganizationId,
        badges: &[Elsewhere],
        now: Moment,
    ) -> Vec<(BadgeId, Presence)> {
        let mut news = Vec::new();
        let there: HashSet<BadgeId> = badges.iter().map(|other| other.badge).collect();
        for (badge, kept) in self.organizations.get_mut(&organization).into_iter().flatten() {
            let Some(known) = &mut kept.presence else { continue };
            if known.online && known.elsewhere && !there.contains(badge) {
                *known = Presence { online: false, since: now, ..*known };
                news.push((*badge, *known));
            }
        }
        for &Elsewhere { badge, connection, since } in badges {
            // A badge that moves is on two connections for a while: the newer counts, also when it is gone already. One that
            // was thought gone with its node may have been asleep.
            let counts = |known: Presence| {
                known.connection < connection || (!known.online && known.connection == connection)
            };
            if !self.retired.contains(&badge) && self.kept(organization, badge).presence.is_none_or(counts) {
                let presence = Presence { online: true, since, connection, elsewhere: true };
                self.kept(organization, badge).presence = Some(presence);
                news.push((badge, presence));
            }
        }
        news
    }

    /// Keeps what a badge shows; false when it is retired.
    pub(super) fn display(
        &mut self,
        organization: OrganizationId,
        badge: BadgeId,
        json: Option<&[u8]>,
    ) -> bool {
        let serves = !self.retired.contains(&badge);
        if serves {
            self.kept(organization, badge).display = json.map(Arc::from);
        }
        serves
    }

    /// For good: ids are never given twice.
    pub(super) fn forget(&mut self, organization: OrganizationId, badge: BadgeId) {
        self.retired.insert(badge);
        if let Some(badges) = self.organizations.get_mut(&organization) {
            badges.remove(&badge);
            if badges.is_empty() {
                self.organizations.remove(&organization);
            }
        }
    }

    /// Whether this was retained once, and is not any more.
    pub(super) fn is_stale(&self, topic: &str, payload: &[u8]) -> bool {
        let Some((organization, badge, what)) = topic::speaks_of(topic) else { return false };
        let kept = self.organizations.get(&organization).and_then(|badges| badges.get(&badge));
        let newest: Option<Arc<[u8]>> = match what {
            Seen::Presence => kept.and_then(|kept| kept.presence).map(|presence| presence.json().into()),
            Seen::Display => kept.and_then(|kept| kept.display.clone()),
            Seen::Ack | Seen::Telemetry => return false,
        };
        newest.as_deref().unwrap_or_default() != payload
    }

    /// Everything retained that a filter covers.
    pub(super) fn matching(&self, organization: OrganizationId, filter: &str) -> Vec<Retained> {
        let mut found = Vec::new();
        for (badge, kept) in self.organizations.get(&organization).into_iter().flatten() {
            let mut keep = |what, payload: Option<Arc<[u8]>>| {
                let topic = topic::seen(organization, *badge, what);
                if let Some(payload) = payload
                    && matches(&topic, filter)
                {
                    found.push((topic, payload));
                }
            };
            keep(Seen::Presence, kept.presence.map(|presence| presence.json().into()));
            keep(Seen::Display, kept.display.clone());
        }
        found
    }

    fn kept(&mut self, organization: OrganizationId, badge: BadgeId) -> &mut Kept {
        self.organizations.entry(organization).or_default().entry(badge).or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn came() -> Presence {
        let (since, connection) = (Moment::from_s(0), ConnectionId::new());
        Presence { online: true, since, connection, elsewhere: false }
    }

    #[test]
    fn who_is_connected_elsewhere_is_there_until_nobody_has_seen_it() {
        let (organization, badge) = (OrganizationId::new(), BadgeId::new());
        let mut ledger = Ledger::default();
        let look = |ledger: &mut Ledger, there: &[ConnectionId]| {
            let since = Moment::from_s(1);
            let there: Vec<Elsewhere> =
                there.iter().map(|connection| Elsewhere { badge, connection: *connection, since }).collect();
            let news = ledger.elsewhere(organization, &there, Moment::from_s(2));
            news.iter().map(|(_, presence)| presence.online).collect::<Vec<bool>>()
        };
        let (first, here, last) = (ConnectionId::new(), came(), ConnectionId::new());
        assert_eq!(look(&mut ledger, &[first]), [true]);
        assert_eq!(look(&mut ledger, &[first]), [false; 0], "that is known");
        // It comes here; its old place does not know yet, and says so late.
        assert!(ledger.presence(organization, badge, here));
        assert_eq!(look(&mut ledger, &[first]), [false; 0]);
        assert_eq!(look(&mut ledger, &[]), [false; 0]);
        // It moves on, and only then its connection here is found dead.
        assert_eq!(look(&mut ledger, &[last]), [true]);
        assert!(!ledger.presence(organization, badge, Presence { online: false, ..here }));
        assert_eq!(look(&mut ledger, &[]), [false]);
        // Its node was only asleep.
        assert_eq!(look(&mut ledger, &[last]), [true]);
        ledger.forget(organization, badge);
        assert_eq!(look(&mut ledger, &[last]), [false; 0]);
    }

    #[test]
    fn what_is_kept_is_found_by_filters_and_forgotten_with_its_badge() {
        let (organization, one, two) = (OrganizationId::new(), BadgeId::new(), BadgeId::new());
        let mut ledger = Ledger::default();
        let came = came();
        for badge in [one, two] {
            assert!(ledger.presence(organization, badge, came));
        }
        // A connection that was replaced goes late.
        let stale = Presence { online: false, connection: ConnectionId::new(), ..came };
        assert!(!ledger.presence(organization, one, stale));
        ledger.display(organization, one, Some(b"{}"));
        let found = |ledger: &Ledger, filter: &str| ledger.matching(organization, filter).len();
        assert_eq!(found(&ledger, &format!("v1/orgs/{organization}/badges/#")), 3);
        assert_eq!(found(&ledger, &format!("v1/orgs/{organization}/badges/+/presence")), 2);
        assert_eq!(found(&ledger, &format!("v1/orgs/{organization}/badges/{one}/display")), 1);
        let display = topic::seen(organization, one, Seen::Display);
        let stale = |ledger: &Ledger| [&b"{}"[..], b"{1}", b""].map(|json| ledger.is_stale(&display, json));
        assert_eq!(stale(&ledger), [false, true, true]);
        assert!(!ledger.is_stale(&topic::seen(organization, one, Seen::Ack), b"{}"));
        ledger.forget(organization, one);
        assert_eq!(stale(&ledger), [true, true, false]);
        assert!(!ledger.presence(organization, one, Presence { online: false, ..came }));
        assert!(!ledger.display(organization, one, Some(b"{}")));
        assert_eq!(found(&ledger, &format!("v1/orgs/{organization}/badges/#")), 1);
        ledger.forget(organization, two);
        assert!(ledger.organizations.is_empty());
    }
}
