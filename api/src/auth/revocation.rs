//! Who and what was revoked, as every check of a token asks it: in memory, complete, never waiting.
//!
//! Two kinds of entry: a single token, by `jti`, until it would have expired anyway; and a moment at or before which
//! every token of a user, badge, client or organization is refused (compared with the millisecond inside the `jti`).
//! Entries only ever grow: of two moments the larger counts. A family has no claim of its own; ending one denies the
//! tokens it gave, one by one. The rows are the truth; this follows them.

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
};

use badgecast_domain::{
    id::{BadgeId, ClientId, FamilyId, OrganizationId, TokenId, UserId},
    time::Moment,
    token::{Claims, FIRST_PARTY_CLIENT},
};
use tokio::sync::watch;
use uuid::Uuid;

/// Whose tokens are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Whom {
    Token(TokenId),
    User(UserId),
    Client(ClientId),
    Badge(BadgeId),
    Family(FamilyId),
    Organization(OrganizationId),
}

impl Whom {
    /// The word for it in rows.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Token(_) => "token",
            Self::User(_) => "user",
            Self::Client(_) => "client",
            Self::Badge(_) => "badge",
            Self::Family(_) => "family",
            Self::Organization(_) => "organization",
        }
    }

    #[must_use]
    pub const fn subject(self) -> Uuid {
        match self {
            Self::Token(id) => id.uuid(),
            Self::User(id) => id.uuid(),
            Self::Client(id) => id.uuid(),
            Self::Badge(id) => id.uuid(),
            Self::Family(id) => id.uuid(),
            Self::Organization(id) => id.uuid(),
        }
    }

    /// From a row.
    #[must_use]
    pub fn of(kind: &str, subject: Uuid) -> Option<Self> {
        Some(match kind {
            "token" => Self::Token(subject.into()),
            "user" => Self::User(subject.into()),
            "client" => Self::Client(subject.into()),
            "badge" => Self::Badge(subject.into()),
            "family" => Self::Family(subject.into()),
            "organization" => Self::Organization(subject.into()),
            _ => return None,
        })
    }
}

/// What someone's right to be served rests on: each of these ids may be revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The token, its subject, its client and its organization. Ids of every kind are UUIDs of their own, so they
    /// need no kinds here.
    ids: [Uuid; 4],
    /// The moment a revocation is compared with.
    since: Moment,
}

impl Standing {
    /// Of an access token: since it was issued. The product's own client cannot be revoked.
    #[must_use]
    pub fn of(claims: &Claims) -> Self {
        let client = match claims.client_id.as_str() {
            FIRST_PARTY_CLIENT => None,
            id => id.parse::<ClientId>().ok().map(ClientId::uuid),
        };
        Self {
            ids: [claims.jti.uuid(), claims.sub, client.unwrap_or(claims.sub), claims.org.uuid()],
            // The verifier takes no token without a millisecond; should one get here, any revocation denies it.
            since: claims.jti.issued_ms().map_or(Moment::default(), Moment::from_ms),
        }
    }

    /// Of an API key or a session, whose row was looked up just now.
    #[must_use]
    pub fn looked_up(id: Uuid, subject: Uuid, organization: OrganizationId, now: Moment) -> Self {
        Self { ids: [id, subject, subject, organization.uuid()], since: now }
    }
}

/// One revocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revocation {
    pub whom: Whom,
    pub organization: OrganizationId,
    /// Tokens issued at or before this are refused.
    pub not_before: Moment,
    /// When no such token can live any more, and the entry may be forgotten.
    pub keep_until: Moment,
}

/// Every revocation that still matters.
#[derive(Debug)]
pub struct Revocations {
    known: RwLock<HashMap<Uuid, Entry>>,
    count: watch::Sender<u64>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    not_before: Moment,
    keep_until: Moment,
}

impl Default for Revocations {
    fn default() -> Self {
        Self { known: RwLock::default(), count: watch::Sender::new(0) }
    }
}

impl Revocations {
    /// True when what this standing rests on was revoked.
    #[must_use]
    pub fn deny(&self, standing: &Standing) -> bool {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        standing.ids.iter().any(|id| known.get(id).is_some_and(|entry| standing.since <= entry.not_before))
    }

    /// Takes in revocations, and tells all who wait in [`Self::watch`] when any was new. Answers the new ones.
    pub fn learn(&self, revocations: &[Revocation]) -> Vec<Revocation> {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let fresh: Vec<Revocation> = revocations
            .iter()
            .filter(|revocation| {
                let subject = revocation.whom.subject();
                known.get(&subject).is_none_or(|entry| entry.not_before < revocation.not_before)
            })
            .copied()
            .collect();
        for Revocation { whom, not_before, keep_until, .. } in &fresh {
            known.insert(whom.subject(), Entry { not_before: *not_before, keep_until: *keep_until });
        }
        drop(known);
        if !fresh.is_empty() {
            self.count.send_modify(|count| *count += 1);
        }
        fresh
    }

    /// Drops what no living token could meet any more.
    pub fn forget(&self, now: Moment) {
        self.known.write().unwrap_or_else(PoisonError::into_inner).retain(|_, entry| entry.keep_until > now);
    }

    /// Changes whenever something new was revoked: whoever serves on an old check then checks again.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.count.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use badgecast_domain::{access::Scopes, token::Audience};

    use super::*;

    fn token_of(client: ClientId, user: UserId, org: OrganizationId) -> Claims {
        Claims {
            iss: String::new(),
            aud: vec![Audience::Api],
            sub: user.uuid(),
            exp: 0,
            iat: 0,
            jti: TokenId::new(),
            client_id: client.to_string(),
            scope: Scopes::NONE,
            org,
            cnf: None,
        }
    }

    fn revocation(whom: Whom, organization: OrganizationId, not_before: Moment) -> Revocation {
        Revocation { whom, organization, not_before, keep_until: not_before.plus(Duration::from_secs(3_600)) }
    }

    #[test]
    fn each_way_to_revoke_denies_its_own_tokens_only() {
        let (client, user, org) = (ClientId::new(), UserId::new(), OrganizationId::new());
        let token = token_of(client, user, org);
        let issued = Moment::from_ms(token.jti.issued_ms().unwrap());
        let other = token_of(ClientId::new(), UserId::new(), OrganizationId::new());
        for whom in [
            Whom::Token(token.jti),
            Whom::User(user),
            Whom::Badge(BadgeId::from_uuid(user.uuid())),
            Whom::Client(client),
            Whom::Organization(org),
        ] {
            let revocations = Revocations::default();
            revocations.learn(&[revocation(whom, org, issued)]);
            assert!(revocations.deny(&Standing::of(&token)), "{whom:?}");
            assert!(!revocations.deny(&Standing::of(&other)), "{whom:?}");
        }
    }

    #[test]
    fn tokens_issued_at_or_before_the_moment_are_denied_and_later_ones_count() {
        let (client, user, org) = (ClientId::new(), UserId::new(), OrganizationId::new());
        let token = token_of(client, user, org);
        let issued = Moment::from_ms(token.jti.issued_ms().unwrap());
        let denies = |not_before| {
            let revocations = Revocations::default();
            revocations.learn(&[revocation(Whom::User(user), org, not_before)]);
            revocations.deny(&Standing::of(&token))
        };
        assert!(denies(issued));
        assert!(!denies(issued.minus(Duration::from_millis(1))));
    }

    #[test]
    fn an_older_revocation_never_takes_back_a_newer_one() {
        let (client, user, org) = (ClientId::new(), UserId::new(), OrganizationId::new());
        let token = token_of(client, user, org);
        let issued = Moment::from_ms(token.jti.issued_ms().unwrap());
        let revocations = Revocations::default();
        let newer = revocation(Whom::User(user), org, issued);
        let older = revocation(Whom::User(user), org, issued.minus(Duration::from_secs(1)));
        assert_eq!(revocations.learn(&[newer]), [newer]);
        assert_eq!(revocations.learn(&[older, newer]), []);
        assert!(revocations.deny(&Standing::of(&token)));
    }

    #[test]
    fn whoever_waits_is_told_and_what_no_longer_matters_is_forgotten() {
        let (user, org) = (UserId::new(), OrganizationId::new());
        let revocations = Revocations::default();
        let mut watch = revocations.watch();
        let entry = revocation(Whom::User(user), org, Moment::from_s(1_000));
        revocations.learn(&[entry]);
        assert!(watch.has_changed().unwrap());
        watch.mark_unchanged();
        revocations.learn(&[entry]);
        assert!(!watch.has_changed().unwrap());
        revocations.forget(entry.keep_until);
        assert!(revocations.known.read().unwrap().is_empty());
    }
}
