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

    #[test]
    fn what_is_kept_is_found_by_filters_and_forgotten_with_its_badge() {
        let (organization, one, two) = (OrganizationId::new(), BadgeId::new(), BadgeId::new());
        let mut ledger = Ledger::default();
        let came = Presence { online: true, since: Moment::from_s(0), connection: ConnectionId::new() };
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
        ledger.forget(organization, one);
        assert!(!ledger.presence(organization, one, Presence { online: false, ..came }));
        assert!(!ledger.display(organization, one, Some(b"{}")));
        assert_eq!(found(&ledger, &format!("v1/orgs/{organization}/badges/#")), 1);
        ledger.forget(organization, two);
        assert!(ledger.organizations.is_empty());
    }
}
