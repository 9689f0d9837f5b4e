//! OAuth clients: integrations that act for themselves, and applications that ask people. An admin registers them;
//! nobody registers themselves.

use actix_web::{HttpResponse, web::Data};
use badgecast_domain::{
    access::{Right, Scope, Scopes},
    id::ClientId,
    time::Moment,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{
    body::{At, Body, List},
    creation::{self, Creation, Made},
};
use crate::{
    House,
    auth::{Caller, device_key::DeviceKey, revocation::Whom, secret::Secret},
    oauth,
    problem::Problem,
    tables::{Tx, audit, clients},
};

/// Grants a client may be registered for.
const GRANTS: [&str; 4] = ["authorization_code", "refresh_token", "client_credentials", oauth::device::GRANT];
const MAX_ADDRESSES: usize = 10;

/// A client to register.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewClient {
    name: String,
    /// False for applications that cannot keep a secret.
    #[serde(default = "yes")]
    confidential: bool,
    /// An ES256 public key as a JWK or did:key: the client signs assertions (`private_key_jwt`) and gets no secret.
    #[schema(value_type = Option<Value>)]
    public_key: Option<Value>,
    /// Where people may be sent back to, to the letter.
    #[serde(default)]
    redirect_uris: Vec<String>,
    /// Web origins whose scripts may read our answers, such as https://app.example
    #[serde(default)]
    origins: Vec<String>,
    /// The most its tokens may carry, separated by spaces.
    #[schema(value_type = String)]
    scopes: Scopes,
    /// Its tokens are always bound to a key: every token request needs a DPoP proof (RFC 9449 section 5.2).
    #[serde(default)]
    dpop_bound_access_tokens: bool,
    grants: Vec<String>,
}

impl NewClient {
    /// One that acts for itself, with a secret.
    pub(super) fn acting(name: String, scopes: Scopes) -> Self {
        let grants = vec!["client_credentials".to_owned()];
        Self { name, scopes, grants, ..Self::bare() }
    }

    /// One that asks people, who come back to one of these addresses.
    pub(super) fn asking_people(name: String, scopes: Scopes, redirect_uris: Vec<String>) -> Self {
        let grants = vec!["authorization_code".to_owned(), "refresh_token".to_owned()];
        Self { name, scopes, grants, redirect_uris, ..Self::bare() }
    }

    const fn bare() -> Self {
        Self {
            name: String::new(),
            confidential: true,
            public_key: None,
            redirect_uris: Vec::new(),
            origins: Vec::new(),
            scopes: Scopes::NONE,
            grants: Vec::new(),
            dpop_bound_access_tokens: false,
        }
    }
}

const fn yes() -> bool {
    true
}

/// A registered client.
#[derive(Debug, Serialize, ToSchema)]
pub struct Client {
    /// Its `client_id`.
    #[schema(value_type = uuid::Uuid)]
    id: ClientId,
    name: String,
    confidential: bool,
    redirect_uris: Vec<String>,
    origins: Vec<String>,
    #[schema(value_type = String)]
    scopes: Scopes,
    dpop_bound_access_tokens: bool,
    grants: Vec<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Moment,
    disabled: bool,
}

impl From<clients::Client> for Client {
    fn from(row: clients::Client) -> Self {
        let clients::Client {
            id,
            name,
            confidential,
            redirect_uris,
            origins,
            scopes,
            key_bound,
            grants,
            created_at,
            ..
        } = row;
        let disabled = row.disabled_at.is_some();
        Self {
            id,
            name,
            confidential,
            redirect_uris,
            origins,
            scopes,
            dpop_bound_access_tokens: key_bound,
            grants,
            created_at,
            disabled,
        }
    }
}

#[utoipa::path(post, path = "/api/v1/clients", tag = "clients", summary = "Register a client",
    description = "Answers client_secret once, if the client is confidential and brought no key.",
    request_body = NewClient, responses((status = 201, body = Client)))]
pub async fn register(
    house: Data<House>,
    caller: Caller,
    creation: Creation,
    body: Body<NewClient>,
) -> Result<HttpResponse, Problem> {
    Ok(creation::answer(made(&house, &caller, creation, (body.value, body.digest)).await?))
}

/// Registers a client, and answers it with its secret.
pub(super) async fn made(
    house: &House,
    caller: &Caller,
    creation: Creation,
    (new, digest): (NewClient, [u8; 32]),
) -> Result<Made, Problem> {
    let scope = caller.may(Right::ManagePeople)?;
    caller.stepped_up(house).await?;
    let (client, secret) = checked(new, house)?;
    let client = clients::Client { organization: scope.organization(), ..client };
    creation::made_once(house, caller, &scope, creation, digest, async |tx: &Tx| {
        clients::insert(tx, &client).await?;
        let object = Some(("client", client.id.uuid()));
        audit::append(tx, &scope, "client.register", object, None, house.now()).await?;
        let location = format!("/api/v1/clients/{}", client.id);
        let mut body = json!(Client::from(client.clone()));
        if let Some(secret) = &secret {
            body["client_secret"] = json!(secret.reveal());
        }
        Ok(Made { secrets: &["client_secret"], ..Made::created(location, body) })
    })
    .await
}

fn checked(new: NewClient, house: &House) -> Result<(clients::Client, Option<Secret>), Problem> {
    let NewClient {
        name,
        confidential,
        public_key,
        redirect_uris,
        origins,
        scopes,
        dpop_bound_access_tokens: key_bound,
        grants,
    } = new;
    let length = name.chars().count();
    if !(1..=200).contains(&length) {
        return Err(Problem::invalid_field("/name", "has 1 to 200 characters"));
    }
    if let Some(at) = grants.iter().position(|grant| !GRANTS.contains(&grant.as_str())) {
        return Err(Problem::invalid_field(
            format!("/grants/{at}"),
            format!("is one of {}", GRANTS.join(", ")),
        ));
    }
    let asks_people = grants.iter().any(|grant| grant == "authorization_code");
    if asks_people == redirect_uris.is_empty() || redirect_uris.len() > MAX_ADDRESSES {
        let rule = format!("has 1 to {MAX_ADDRESSES} addresses with authorization_code, none without");
        return Err(Problem::invalid_field("/redirect_uris", rule));
    }
    if let Some(at) = redirect_uris.iter().position(|uri| !oauth::may_register(uri)) {
        let rule =
            "is https, http on 127.0.0.1, or a private scheme with a dot, without fragment or wildcard";
        return Err(Problem::invalid_field(format!("/redirect_uris/{at}"), rule));
    }
    let is_origin = |origin: &String| {
        url::Url::parse(origin).is_ok_and(|url| {
            matches!(url.scheme(), "http" | "https") && url.origin().ascii_serialization() == *origin
        })
    };
    if origins.len() > MAX_ADDRESSES || !origins.iter().all(is_origin) {
        return Err(Problem::invalid_field("/origins", "are origins such as https://app.example"));
    }
    if !confidential && (public_key.is_some() || grants.iter().any(|grant| grant == "client_credentials")) {
        return Err(Problem::invalid_field(
            "/confidential",
            "has to be true to act for itself or to hold a key",
        ));
    }
    if scopes.contains(Scope::DeviceConnect) {
        return Err(Problem::invalid_field("/scopes", "device:connect is for badges only"));
    }
    let key = public_key.map(|jwk| DeviceKey::parse(&jwk)).transpose();
    let key = key.map_err(|error| Problem::invalid_field("/public_key", error.to_string()))?;
    let secret = (confidential && key.is_none()).then(Secret::random);
    let client = clients::Client {
        id: ClientId::new(),
        organization: badgecast_domain::id::OrganizationId::from_uuid(uuid::Uuid::nil()),
        name,
        confidential,
        secret_hash: secret.as_ref().map(|secret| secret.hash().to_vec()),
        public_key: key.map(|key| key.json()),
        redirect_uris,
        origins,
        scopes,
        key_bound,
        grants,
        created_at: house.now(),
        disabled_at: None,
    };
    Ok((client, secret))
}

#[utoipa::path(get, path = "/api/v1/clients", tag = "clients", summary = "List clients",
    responses((status = 200, description = "{items, next}", body = Client)))]
pub async fn list(house: Data<House>, caller: Caller) -> Result<HttpResponse, Problem> {
    let scope = caller.may(Right::ManagePeople)?;
    let rows = clients::list(house.database.read(), scope.organization()).await?;
    Ok(HttpResponse::Ok().json(List { items: rows.into_iter().map(Client::from).collect(), next: None }))
}

#[utoipa::path(delete, path = "/api/v1/clients/{id}", tag = "clients", summary = "Disable a client for good",
    description = "Its tokens, and those people gave it, stop counting at once.",
    responses((status = 204), (status = 404, body = crate::problem::Document)))]
pub async fn disable(house: Data<House>, caller: Caller, at: At<ClientId>) -> Result<HttpResponse, Problem> {
    end(&house, &caller, at.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Disables a client; what it holds open ends.
pub(super) async fn end(house: &House, caller: &Caller, id: ClientId) -> Result<(), Problem> {
    let scope = caller.may(Right::ManagePeople)?;
    caller.stepped_up(house).await?;
    let (organization, now) = (scope.organization(), house.now());
    house
        .database
        .write(async |tx: &Tx| {
            if !clients::disable(tx, organization, id, now).await? {
                return Err(Problem::not_found());
            }
            house.tokens.revoke(tx, organization, Whom::Client(id), now).await?;
            audit::append(tx, &scope, "client.disable", Some(("client", id.uuid())), None, now).await?;
            Ok(())
        })
        .await
}
