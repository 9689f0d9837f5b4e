//! Tokens for people: a login begins a family, and every access token it gives is noted, so that ending the family
//! ends them.

use badgecast_domain::{access::Scopes, time::Moment, token::Thumbprint};
use sea_orm::ConnectionTrait;

use crate::{
    House,
    auth::{
        refresh::{self, Login},
        secret::Secret,
        tokens::{CannotSign, Grant, Issued},
    },
    tables::{
        people::Person,
        refresh::{self as families, Family},
    },
};

/// The keys that tokens are bound to (RFC 9449 section 5); none for the bearer's own sake.
#[derive(Debug, Clone, Default)]
pub(super) struct Keys {
    pub(super) access: Option<Thumbprint>,
    pub(super) refresh: Option<Thumbprint>,
}

/// What a fresh login is given.
#[derive(Debug)]
pub(super) struct Begun {
    pub(super) family: Family,
    pub(super) issued: Issued,
    pub(super) refresh: Secret,
}

/// Begins a family for a person who proved who they are.
///
/// # Errors
/// No key to sign with, or the database does not answer.
pub(super) async fn begin(
    house: &House,
    tx: &impl ConnectionTrait,
    person: &Person,
    (client_id, keys): (&str, Keys),
    scope: Scopes,
    (auth_time, now): (Moment, Moment),
) -> Result<Begun, CannotSign> {
    let login = Login {
        organization: person.organization,
        user: person.id,
        client_id: client_id.to_owned(),
        scope,
        key: keys.refresh,
        auth_time,
    };
    let (family, refresh) = refresh::begin(tx, login, now).await?;
    let issued = issue(house, tx, &family, scope, keys.access, now).await?;
    Ok(Begun { family, issued, refresh })
}

/// An access token of a family. What only lets a client know the person stays out of it: userinfo asks the family.
///
/// # Errors
/// No key to sign with, or the database does not answer.
pub(super) async fn issue(
    house: &House,
    tx: &impl ConnectionTrait,
    family: &Family,
    scope: Scopes,
    key: Option<Thumbprint>,
    now: Moment,
) -> Result<Issued, CannotSign> {
    let scope = scope.without(Scopes::IDENTITY);
    let grant = Grant::person(family.user, &family.client_id, family.organization, scope);
    let issued = house.tokens.issue(grant.bound_to(key), now)?;
    families::note_access(tx, family.id, issued.claims.jti, Moment::from_s(issued.claims.exp)).await?;
    Ok(issued)
}
