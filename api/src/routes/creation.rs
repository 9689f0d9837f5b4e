//! Creations that may be repeated: `Idempotency-Key`.
//!
//! The key, the row it made and the answer are stored in one transaction, so a request that is sent again after a lost
//! answer makes nothing new and gets the same answer, secrets left out. Another body under the same key is refused.

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    dev::Payload,
    http::{StatusCode, header},
};
use badgecast_domain::time::Moment;
use serde_json::Value;

use crate::{
    House,
    auth::{Caller, Scope},
    problem::Problem,
    tables::{
        Tx,
        idempotency::{self, Reply},
    },
};

const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// What the request says about being a repetition.
#[derive(Debug)]
pub struct Creation {
    route: String,
    key: Option<String>,
}

impl FromRequest for Creation {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut keys = request.headers().get_all(IDEMPOTENCY_KEY).map(|value| value.to_str());
        let key = match (keys.next(), keys.next()) {
            (None, _) => Ok(None),
            (Some(Ok(key)), None) => Ok(Some(key)),
            _ => Err(bad_key()),
        };
        std::future::ready(key.and_then(|key| Self::with_key(request, key)))
    }
}

fn bad_key() -> Problem {
    Problem::bad_request("Idempotency-Key is one text of 1 to 200 characters")
}

impl Creation {
    /// The same for a form, which carries its key in a field.
    ///
    /// # Errors
    /// 400 for a key that is none.
    pub(super) fn with_key(request: &HttpRequest, key: Option<&str>) -> Result<Self, Problem> {
        if key.is_some_and(|key| !(1..=200).contains(&key.len())) {
            return Err(bad_key());
        }
        // The path, not its pattern: the same key may be used for two badges.
        let route = format!("{} {}", request.method(), request.path());
        Ok(Self { route, key: key.map(str::to_owned) })
    }

    /// The key for another thing that the same form may make beside.
    #[must_use]
    pub(super) fn beside(mut self, what: &str) -> Self {
        self.route.push(' ');
        self.route.push_str(what);
        self
    }
}

/// What was made.
#[derive(Debug)]
pub struct Made {
    pub status: StatusCode,
    pub location: Option<String>,
    pub body: Value,
    /// Members of the body that are said once and never stored.
    pub secrets: &'static [&'static str],
}

impl Made {
    /// 201 at `location`.
    #[must_use]
    pub fn created(location: String, body: Value) -> Self {
        Self { status: StatusCode::CREATED, location: Some(location), body, secrets: &[] }
    }
}

/// Creates once.
///
/// # Errors
/// What `make` answers; 422 for another body under a key that was used.
pub async fn once(
    house: &House,
    caller: &Caller,
    scope: &Scope,
    creation: Creation,
    digest: [u8; 32],
    make: impl AsyncFn(&Tx) -> Result<Made, Problem>,
) -> Result<HttpResponse, Problem> {
    Ok(answer(made_once(house, caller, scope, creation, digest, make).await?))
}

/// The same, for who answers in another form: with a page that shows what was made.
///
/// # Errors
/// As [`once`].
pub async fn made_once(
    house: &House,
    caller: &Caller,
    scope: &Scope,
    creation: Creation,
    digest: [u8; 32],
    make: impl AsyncFn(&Tx) -> Result<Made, Problem>,
) -> Result<Made, Problem> {
    let Creation { route, key } = creation;
    house
        .database
        .change(scope, async |tx: &Tx| {
            let Some(key) = &key else { return make(tx).await };
            let slot = idempotency::Slot { caller: caller.actor().uuid(), route: &route, key };
            let now = house.now();
            if let Some(earlier) = idempotency::find(tx, &slot, now).await? {
                return repeated(earlier, digest);
            }
            let made = make(tx).await?;
            idempotency::keep(tx, &slot, &stored(&made, digest, now)).await?;
            Ok(made)
        })
        .await
}

fn repeated(earlier: Reply, digest: [u8; 32]) -> Result<Made, Problem> {
    if earlier.digest != digest {
        return Err(Problem::invalid_field("", "This Idempotency-Key was used with another body"));
    }
    Ok(Made {
        status: StatusCode::from_u16(earlier.status).map_err(Problem::internal)?,
        location: earlier.location,
        body: serde_json::from_str(&earlier.body).map_err(Problem::internal)?,
        secrets: &[],
    })
}

fn stored(made: &Made, digest: [u8; 32], now: Moment) -> Reply {
    let mut body = made.body.clone();
    if let Some(members) = body.as_object_mut() {
        members.retain(|name, _| !made.secrets.contains(&name.as_str()));
    }
    Reply {
        digest,
        status: made.status.as_u16(),
        location: made.location.clone(),
        body: body.to_string(),
        created_at: now,
    }
}

/// The answer of the API.
pub fn answer(made: Made) -> HttpResponse {
    let mut response = HttpResponse::build(made.status);
    if let Some(location) = made.location {
        response.insert_header((header::LOCATION, location));
    }
    response.json(made.body)
}
