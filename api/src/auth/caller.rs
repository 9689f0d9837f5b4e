//! Who asks: what a verified credential says, read once at the door of a request.

use badgecast_domain::{
    access::{Scope as TokenScope, Scopes},
    id::{BadgeId, ClientId, OrganizationId, TokenId, UserId},
    time::Moment,
    token::Claims,
};
use uuid::Uuid;

use super::{Actor, revocation::Standing, step_up::Proof, watch::Credential};
use crate::House;

/// Who bears a verified access token, API key or session cookie.
#[derive(Debug, Clone)]
pub struct Caller {
    actor: Actor,
    organization: OrganizationId,
    scopes: Scopes,
    token: TokenId,
    expires_at: Moment,
    standing: Standing,
    proof: Proof,
    bound: bool,
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
            standing: Standing::of(claims),
            proof: Proof::Token,
            bound: claims.cnf.is_some(),
        }
    }

    /// From an API key or a session whose row was looked up just now; `id` is that row's.
    #[must_use]
    pub(super) fn looked_up(
        actor: Actor,
        organization: OrganizationId,
        scopes: Scopes,
        (id, proof): (Uuid, Proof),
        (now, expires_at): (Moment, Moment),
    ) -> Self {
        let standing = Standing::looked_up(id, actor.uuid(), organization, now);
        let token = TokenId::from_uuid(id);
        Self { actor, organization, scopes, token, expires_at, standing, proof, bound: false }
    }

    pub(super) const fn proof(&self) -> Proof {
        self.proof
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

    /// The `jti` of the token, or the id of the API key or session.
    #[must_use]
    pub const fn token(&self) -> TokenId {
        self.token
    }

    /// What they showed.
    #[must_use]
    pub const fn credential(&self) -> Credential {
        match self.proof {
            Proof::Token => Credential::Token(self.token),
            Proof::ApiKey => Credential::ApiKey(self.token.uuid()),
            Proof::Session { .. } => Credential::Session(self.token.uuid()),
        }
    }

    /// Whether it is worth nothing without a key, which they showed to have.
    #[must_use]
    pub const fn is_bound(&self) -> bool {
        self.bound
    }

    #[must_use]
    pub const fn expires_at(&self) -> Moment {
        self.expires_at
    }

    /// Whether they may go on being served: asked by whoever serves a long answer.
    #[must_use]
    pub fn is_still_good(&self, house: &House) -> bool {
        house.now() < self.expires_at && !house.tokens.is_revoked(&self.standing)
    }
}
