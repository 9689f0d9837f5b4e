//! API keys of a person, made and revoked by an admin. A key is shown once.

use std::time::Duration;

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use badgecast_domain::{
    access::{Right, Scopes},
    id::UserId,
    time::Moment,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    body::{At, Body, List},
    creation::{self, Creation, Made},
};
use crate::{
    House,
    auth::{Caller, api_key, revocation::Whom},
    problem::Problem,
    tables::{
        Tx,
        api_keys::{self, ApiKey, Owner},
        audit, people,
    },
};

/// A key to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    name: String,
    /// What it may do, separated by spaces: no more than its person.
    #[schema(value_type = String)]
    scopes: Scopes,
    /// Days until it ends, at most 366.
    expires_in_days: Option<u16>,
}

impl NewKey {
    pub(super) const fn new(name: String, scopes: Scopes, expires_in_days: Option<u16>) -> Self {
        Self { name, scopes, expires_in_days }
    }
}

/// A key, without what it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Key {
    id: Uuid,
    name: String,
    #[schema(value_type = String)]
    scopes: Scopes,
    #[schema(value_type = String, format = DateTime)]
    created_at: Moment,
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Moment>,
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Moment>,
    revoked: bool,
}

impl From<ApiKey> for Key {
    fn from(row: ApiKey) -> Self {
        let ApiKey { id, name, scopes, created_at, expires_at, last_used_at, revoked_at, .. } = row;
        Self { id, name, scopes, created_at, expires_at, last_used_at, revoked: revoked_at.is_some() }
    }
}

#[utoipa::path(post, path = "/api/v1/users/{id}/keys", tag = "users", summary = "Make an API key",
    description = "Answers the key itself once, as `key`. Two may live at a time, so that one can take the other's place.",
    request_body = NewKey, responses((status = 201, body = Key), (status = 409, description = "Two live already")))]
pub async fn make(
    house: Data<House>,
    caller: Caller,
    at: At<UserId>,
    creation: Creation,
    body: Body<NewKey>,
) -> Result<HttpResponse, Problem> {
    Ok(creation::answer(made(&house, &caller, at.0, creation, (body.value, body.digest)).await?))
}

/// Makes a key of a person, and answers it with what it is.
pub(super) async fn made(
    house: &House,
    caller: &Caller,
    user: UserId,
    creation: Creation,
    (new, digest): (NewKey, [u8; 32]),
) -> Result<Made, Problem> {
    let scope = caller.may(Right::ManagePeople)?;
    caller.stepped_up(house).await?;
    let NewKey { name, scopes, expires_in_days } = new;
    if !(1..=200).contains(&name.chars().count()) {
        return Err(Problem::invalid_field("/name", "has 1 to 200 characters"));
    }
    let days = expires_in_days.map(u64::from);
    if days.is_some_and(|days| !(1..=366).contains(&days)) {
        return Err(Problem::invalid_field("/expires_in_days", "is 1 to 366"));
    }
    let person = people::find(house.database.read(), &scope, user).await?;
    if scopes.is_empty() || !person.role.scopes().covers(scopes) {
        return Err(Problem::invalid_field("/scopes", "are some of those the person's role has"));
    }
    let (now, secret) = (house.now(), api_key::ApiKey::random());
    let key = ApiKey {
        id: Uuid::now_v7(),
        organization: scope.organization(),
        owner: Owner::User(user),
        name,
        scopes,
        created_at: now,
        expires_at: days.map(|days| now.plus(Duration::from_secs(days * 24 * 60 * 60))),
        last_used_at: None,
        revoked_at: None,
    };
    creation::made_once(house, caller, &scope, creation, digest, async |tx: &Tx| {
        api_keys::insert(tx, &key, &secret.hash()).await?;
        audit::append(tx, &scope, "key.make", Some(("user", user.uuid())), None, now).await?;
        let mut body = json!(Key::from(key.clone()));
        body["key"] = json!(secret.reveal());
        let location = format!("/api/v1/users/{user}/keys/{}", key.id);
        Ok(Made { secrets: &["key"], ..Made::created(location, body) })
    })
    .await
}

#[utoipa::path(get, path = "/api/v1/users/{id}/keys", tag = "users", summary = "List a person's API keys",
    responses((status = 200, description = "{items, next}", body = Key)))]
pub async fn list(house: Data<House>, caller: Caller, at: At<UserId>) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::ManagePeople)?;
    people::find(house.database.read(), &scope, at.0).await?;
    let rows = api_keys::of_user(house.database.read(), scope.organization(), at.0).await?;
    Ok(HttpResponse::Ok().json(List { items: rows.into_iter().map(Key::from).collect(), next: None }))
}

#[utoipa::path(delete, path = "/api/v1/users/{id}/keys/{key}", tag = "users", summary = "Revoke an API key",
    responses((status = 204), (status = 404, body = crate::problem::Document)))]
pub async fn revoke(
    house: Data<House>,
    caller: Caller,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (user, key) = path.into_inner();
    let user: UserId = user.parse().map_err(|_| Problem::not_found())?;
    let key: Uuid = key.parse().map_err(|_| Problem::not_found())?;
    end(&house, &caller, user, key).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Ends a key of a person, and what it holds open.
pub(super) async fn end(house: &House, caller: &Caller, user: UserId, key: Uuid) -> Result<(), Problem> {
    let scope = caller.may(Right::ManagePeople)?;
    caller.stepped_up(house).await?;
    let (organization, now) = (scope.organization(), house.now());
    house
        .database
        .write(async |tx: &Tx| {
            api_keys::revoke(tx, organization, user, key, now).await?;
            // What the key holds open ends too.
            house.tokens.revoke(tx, organization, Whom::Token(key.into()), now).await?;
            audit::append(tx, &scope, "key.revoke", Some(("user", user.uuid())), None, now).await?;
            Ok::<_, Problem>(())
        })
        .await
}
