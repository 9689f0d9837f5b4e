//! Who sits where: the desk's indexes.
//!
//! Everything is found by a map look-up; only an audience walks the organization it belongs to.

use std::{collections::HashMap, sync::Arc};

use badgecast_domain::{
    announcement::Audience,
    display::Panel,
    id::{BadgeId, GroupId, OrganizationId, TokenId},
};

use super::{Whom, seat::Seat};
use crate::gate::Member;

/// A badge that can be spoken to, and through which session.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) panel: Panel,
    groups: Box<[GroupId]>,
    tags: Box<[String]>,
    pub(crate) seat: Arc<Seat>,
}

impl Entry {
    fn new(member: Member, seat: &Arc<Seat>) -> Self {
        Self {
            panel: member.panel,
            groups: member.groups.into_boxed_slice(),
            tags: member.tags.into_boxed_slice(),
            seat: Arc::clone(seat),
        }
    }

    pub(super) fn is_in(&self, audience: &Audience, badge: BadgeId) -> bool {
        audience.includes(badge, &self.groups, &self.tags)
    }
}

#[derive(Debug, Default)]
pub(super) struct Roll {
    /// One seat per badge or gateway that is connected.
    clients: HashMap<BadgeId, Arc<Seat>>,
    /// The token each of them was last admitted with.
    tokens: HashMap<TokenId, Arc<Seat>>,
    /// The badges that gateways speak for.
    spoken_for: HashMap<BadgeId, OrganizationId>,
    /// Integrations, by client and MQTT client id: one client may read several times.
    readers: HashMap<(BadgeId, String), Arc<Seat>>,
    /// Every badge that can be spoken to.
    organizations: HashMap<OrganizationId, HashMap<BadgeId, Entry>>,
}

impl Roll {
    pub(super) fn connections(&self) -> usize {
        self.clients.len()
    }

    pub(super) fn badge(&self, badge: BadgeId) -> Option<&Entry> {
        let direct = self.clients.get(&badge).map(|seat| seat.organization);
        let organization = direct.or_else(|| self.spoken_for.get(&badge).copied())?;
        self.organizations.get(&organization)?.get(&badge)
    }

    /// Walks the badges of an audience.
    pub(super) fn audience(
        &self,
        organization: OrganizationId,
        audience: &Audience,
        mut each: impl FnMut(BadgeId, &Entry),
    ) {
        let Some(all) = self.organizations.get(&organization) else { return };
        match audience {
            // Named badges are looked up: a walk would cost the fleet times the names.
            Audience::Some { groups, badges, tags } if groups.is_empty() && tags.is_empty() => {
                for badge in badges {
                    if let Some(entry) = all.get(badge) {
                        each(*badge, entry);
                    }
                }
            }
            Audience::All | Audience::Some { .. } => {
                for (badge, entry) in all {
                    if entry.is_in(audience, *badge) {
                        each(*badge, entry);
                    }
                }
            }
        }
    }

    pub(super) fn seats(&self, whom: Whom) -> Vec<Arc<Seat>> {
        match whom {
            Whom::Badge(badge) => match self.clients.get(&badge) {
                Some(seat) => vec![Arc::clone(seat)],
                None => self.readers.values().filter(|seat| seat.client == badge).cloned().collect(),
            },
            Whom::Token(token) => self.tokens.get(&token).cloned().into_iter().collect(),
            Whom::Organization(organization) => {
                self.all().filter(|seat| seat.organization == organization).cloned().collect()
            }
            Whom::All => self.all().cloned().collect(),
        }
    }

    fn all(&self) -> impl Iterator<Item = &Arc<Seat>> {
        self.clients.values().chain(self.readers.values())
    }

    pub(super) fn readers(&self) -> usize {
        self.readers.len()
    }

    /// Seats an integration, and answers the one it takes over from.
    pub(super) fn enter_reader(&mut self, seat: &Arc<Seat>, name: &str, token: TokenId) -> Option<Arc<Seat>> {
        self.tokens.insert(token, Arc::clone(seat));
        self.readers.insert((seat.client, name.to_owned()), Arc::clone(seat))
    }

    pub(super) fn leave_reader(&mut self, seat: &Arc<Seat>, token: TokenId) {
        if self.tokens.get(&token).is_some_and(|held| Arc::ptr_eq(held, seat)) {
            self.tokens.remove(&token);
        }
        self.readers.retain(|_, held| !Arc::ptr_eq(held, seat));
    }

    /// Seats a client, and answers the one it takes over from.
    pub(super) fn enter(
        &mut self,
        seat: &Arc<Seat>,
        token: TokenId,
        members: Vec<Member>,
    ) -> Option<Arc<Seat>> {
        let old = self.clients.insert(seat.client, Arc::clone(seat));
        if let Some(old) = &old {
            self.unlist(old);
        }
        self.tokens.insert(token, Arc::clone(seat));
        for member in members {
            self.list(member, seat);
        }
        old
    }

    pub(super) fn leave(&mut self, seat: &Arc<Seat>, token: TokenId) {
        if self.tokens.get(&token).is_some_and(|held| Arc::ptr_eq(held, seat)) {
            self.tokens.remove(&token);
        }
        if self.clients.get(&seat.client).is_some_and(|held| Arc::ptr_eq(held, seat)) {
            self.clients.remove(&seat.client);
            self.unlist(seat);
        }
    }

    pub(super) fn renewed(&mut self, seat: &Arc<Seat>, old: TokenId, new: TokenId) {
        if self.tokens.get(&old).is_some_and(|held| Arc::ptr_eq(held, seat)) {
            self.tokens.remove(&old);
        }
        self.tokens.insert(new, Arc::clone(seat));
    }

    pub(super) fn retag(&mut self, member: Member) -> Option<Member> {
        let badge = member.badge;
        let direct = self.clients.get(&member.badge).map(|seat| seat.organization);
        let organization = direct.or_else(|| self.spoken_for.get(&badge).copied())?;
        let entry = self.organizations.get_mut(&organization)?.get_mut(&badge)?;
        let seat = Arc::clone(&entry.seat);
        let old = std::mem::replace(entry, Entry::new(member, &seat));
        Some(Member { badge, panel: old.panel, groups: old.groups.into_vec(), tags: old.tags.into_vec() })
    }

    /// A gateway speaks for these badges, and no others.
    pub(super) fn assign(&mut self, gateway: BadgeId, badges: Vec<Member>) {
        let Some(seat) = self.clients.get(&gateway).cloned() else { return };
        self.unlist(&seat);
        let now: Vec<BadgeId> = badges.iter().map(|member| member.badge).collect();
        for member in badges {
            self.list(member, &seat);
        }
        seat.assign(&now);
    }

    fn list(&mut self, member: Member, seat: &Arc<Seat>) {
        let badge = member.badge;
        let direct = badge == seat.client;
        // A badge that is connected itself speaks for itself.
        if !direct && self.clients.contains_key(&badge) {
            return;
        }
        if !direct {
            self.spoken_for.insert(badge, seat.organization);
        }
        let all = self.organizations.entry(seat.organization).or_default();
        all.insert(badge, Entry::new(member, seat));
    }

    /// Takes every badge of this seat off the list.
    fn unlist(&mut self, seat: &Arc<Seat>) {
        let Some(all) = self.organizations.get_mut(&seat.organization) else { return };
        if seat.is_badge() {
            if all.get(&seat.client).is_some_and(|entry| Arc::ptr_eq(&entry.seat, seat)) {
                all.remove(&seat.client);
            }
        } else {
            for badge in seat.badges() {
                if all.get(&badge).is_some_and(|entry| Arc::ptr_eq(&entry.seat, seat)) {
                    all.remove(&badge);
                    self.spoken_for.remove(&badge);
                }
            }
        }
        if all.is_empty() {
            self.organizations.remove(&seat.organization);
        }
    }
}
