//! `POST /api/v1/login`: the product's own sign-in, and what every other sign-in page calls too.
//!
//! Unknown people, wrong passwords and people without a password get the same answer after the same work.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use badgecast_domain::{
    access::Role,
    id::{OrganizationId, UserId},
    token::FIRST_PARTY_CLIENT,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::person::{self as tokens, Keys};
use crate::{
    House,
    auth::{
        password::{NotHashed, Password},
        peer::Place,
    },
    problem::Problem,
    routes::body::Body,
    tables::{
        Tx,
        login_failures::{self as failures, Attempt},
        people::{self, Person},
    },
};

/// Who wants in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLogin {
    email: String,
    #[schema(value_type = String)]
    password: Password,
}

impl std::fmt::Debug for NewLogin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewLogin(..)")
    }
}

/// The tokens of a login, and whose they are.
#[derive(Serialize, ToSchema)]
pub struct LoggedIn {
    access_token: String,
    /// Always `Bearer`.
    token_type: &'static str,
    /// Seconds.
    expires_in: i64,
    /// To be exchanged at `/oauth/token` with `client_id=badgecast`.
    refresh_token: String,
    user: LoggedInUser,
}

impl std::fmt::Debug for LoggedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoggedIn").field("user", &self.user.id).finish_non_exhaustive()
    }
}

/// The person who logged in.
#[derive(Debug, Serialize, ToSchema)]
pub struct LoggedInUser {
    #[schema(value_type = uuid::Uuid)]
    id: UserId,
    email: String,
    name: String,
    #[schema(value_type = String, example = "manager")]
    role: Role,
    #[schema(value_type = uuid::Uuid)]
    organization_id: OrganizationId,
}

#[utoipa::path(post, path = "/api/v1/login", tag = "login", summary = "Log in with email and password",
    request_body = NewLogin,
    responses((status = 200, body = LoggedIn), (status = 401, description = "The email or the password is wrong"),
        (status = 429, description = "Too many failures from here; Retry-After says how long to wait")))]
pub(crate) async fn login(
    house: Data<House>,
    request: HttpRequest,
    body: Body<NewLogin>,
) -> Result<HttpResponse, Problem> {
    let NewLogin { email, password } = body.value;
    let person = authenticate(&house, &request, &email, password).await?;
    let scope = person.role.scopes();
    let now = house.now();
    let begun = house
        .database
        .write(async |tx: &Tx| {
            let bearer = (FIRST_PARTY_CLIENT, Keys::default());
            tokens::begin(&house, tx, &person, bearer, scope, (now, now)).await
        })
        .await?;
    Ok(HttpResponse::Ok().json(LoggedIn {
        access_token: begun.issued.token.to_string(),
        token_type: "Bearer",
        expires_in: begun.issued.claims.exp - begun.issued.claims.iat,
        refresh_token: begun.refresh.reveal().to_owned(),
        user: LoggedInUser {
            id: person.id,
            email: person.email,
            name: person.name,
            role: person.role,
            organization_id: person.organization,
        },
    }))
}

/// The person behind an email and a password, who sends this request.
///
/// # Errors
/// 401 when one of them is wrong, 429 while this account has to wait in this network, 503 when too many log in.
pub async fn authenticate(
    house: &House,
    request: &HttpRequest,
    email: &str,
    password: Password,
) -> Result<Person, Problem> {
    let place = Place::of(request, &house.config.trusted_proxies);
    let attempt = Attempt::new(email, place.network.to_string());
    refuse_too_soon(house, &attempt).await?;
    let turn = house.passwords.turn().await.map_err(busy)?;
    // Again, now that it is our turn: guesses sent all at once have failed meanwhile.
    refuse_too_soon(house, &attempt).await?;
    let found = people::by_email(house.database.read(), email).await?;
    let (person, stored) = found.filter(|(person, _)| person.disabled_at.is_none()).unzip();
    let right = turn.is(password, stored.flatten()).await.map_err(busy)?;
    let now = house.now();
    match person {
        Some(person) if right => {
            house.database.write(async |tx: &Tx| failures::clear(tx, &attempt).await).await?;
            house.watch.signed_in(&person, place);
            Ok(person)
        }
        person => {
            let record = async |tx: &Tx| failures::record(tx, &attempt, now).await;
            let failures = house.database.write(record).await?;
            house.watch.failed(&failures, person.as_ref(), place.network);
            house.metrics.auth_failed("login");
            Err(Problem::bad_login())
        }
    }
}

async fn refuse_too_soon(house: &House, attempt: &Attempt) -> Result<(), Problem> {
    let now = house.now();
    match failures::blocked_until(house.database.read(), attempt, now).await? {
        Some(until) => {
            house.metrics.auth_failed("login_too_soon");
            Err(Problem::too_many(until.since(now)))
        }
        None => Ok(()),
    }
}

pub(crate) fn busy(error: NotHashed) -> Problem {
    match error {
        NotHashed::Busy => Problem::unavailable("Too many people log in right now"),
        NotHashed::Failed => Problem::internal("a password could not be hashed"),
    }
}
