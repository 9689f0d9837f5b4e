//! Who asks: what a verified access token says, read once at the door of a request.

use badgecast_domain::{
    access::{Scope as TokenScope, Scopes},
    id::{BadgeId, ClientId, OrganizationId, TokenId, UserId},
    time::Moment,
    token::Claims,
};

use super::Actor;

/// The bearer of a verified access token.
#[derive(Debug, Clone)]
pub struct Caller {
    actor: Actor,
    organization: OrganizationId,
    scopes: Scopes,
    token: TokenId,
    expires_at: Moment,
}

impl Caller {
    /// From claims that were verified, revocation included. A subject that is its own client is a badge or an
    /// integration; any other subject is a person.
    #[must_use]
    pub fn of(claims: &Claims) -> Self {
        let own_client = claims.client_id == claims.sub.to_string();
        let actor = match own_client {
            true if claims.scope.contains(TokenScope::DeviceConnect) => {
                Actor::Badge(BadgeId::from_uuid(claims.sub))
            }
            true => Actor::Client(ClientId::from_uuid(claims.sub)),
            false => Actor::User(UserId::from_uuid(claims.sub)),
        };
        Self {
            actor,
            organization: claims.org,
            scopes: claims.scope,
            token: claims.jti,
            expires_at: Moment::from_s(claims.exp),
        }
    }

    #[must_use]
    pub const fn actor(&self) -> Actor {
        self.actor
    }

    #[must_use]
    pub const fn organization(&self) -> OrganizationId {
        self.organization
    }

    #[must_use]
    pub const fn scopes(&self) -> Scopes {
        self.scopes
    }

    #[must_use]
    pub const fn token(&self) -> TokenId {
        self.token
    }

    #[must_use]
    pub const fn expires_at(&self) -> Moment {
        self.expires_at
    }
}
