//! What an access token shall say, before it is signed.

use std::time::Duration;

use badgecast_domain::{
    access::{Scope, Scopes},
    id::{BadgeId, ClientId, OrganizationId, UserId},
    token::{Audience, BADGE_TTL, BADGE_TTL_JITTER_PERCENT, PERSON_TTL, Thumbprint},
};
use uuid::Uuid;

/// What an access token shall say.
#[derive(Debug, Clone)]
pub struct Grant {
    pub subject: Uuid,
    pub client_id: String,
    pub organization: OrganizationId,
    pub scope: Scopes,
    pub audience: &'static [Audience],
    pub ttl: Duration,
    /// The key whose holder alone may use it.
    pub key: Option<Thumbprint>,
}

impl Grant {
    /// For a person, acting through a client.
    #[must_use]
    pub fn person(user: UserId, client_id: &str, organization: OrganizationId, scope: Scopes) -> Self {
        Self {
            subject: user.uuid(),
            client_id: client_id.to_owned(),
            organization,
            scope,
            audience: &[Audience::Api],
            ttl: PERSON_TTL,
            key: None,
        }
    }

    /// For a badge or a gateway: a little less than an hour, so that a fleet does not come back all at once.
    #[must_use]
    pub fn badge(badge: BadgeId, organization: OrganizationId) -> Self {
        let jitter = rand::random_range(0..=BADGE_TTL.as_secs() * BADGE_TTL_JITTER_PERCENT / 100);
        Self {
            subject: badge.uuid(),
            client_id: badge.to_string(),
            organization,
            scope: Scopes::only(Scope::DeviceConnect),
            audience: &[Audience::Mqtt, Audience::Api],
            ttl: BADGE_TTL - Duration::from_secs(jitter),
            key: None,
        }
    }

    /// For an integration that acts for itself. It may watch over MQTT what it may read.
    #[must_use]
    pub fn client(client: ClientId, organization: OrganizationId, scope: Scopes) -> Self {
        let reads = scope.contains(Scope::BadgesRead);
        Self {
            subject: client.uuid(),
            client_id: client.to_string(),
            organization,
            scope,
            audience: if reads { &[Audience::Mqtt, Audience::Api] } else { &[Audience::Api] },
            ttl: PERSON_TTL,
            key: None,
        }
    }

    /// Bound to a key, if there is one. MQTT knows no proof of possession, so a bound token is for the API alone.
    #[must_use]
    pub fn bound_to(self, key: Option<Thumbprint>) -> Self {
        let audience: &'static [Audience] = if key.is_some() { &[Audience::Api] } else { self.audience };
        Self { key, audience, ..self }
    }
}
