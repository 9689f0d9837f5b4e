//! Claims: a new badge or gateway becomes a member with the code it was given.

use std::fmt;

use actix_web::{HttpResponse, http::StatusCode, web::Data};
use badgecast_domain::{
    display::Panel,
    id::{BadgeId, OrganizationId},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{badges::checked_name, body::Body};
use crate::{
    House,
    auth::{device_key::DeviceKey, secret::Secret},
    claim_code::ClaimCode,
    problem::Problem,
    tables::{Tx, claims},
};

/// What a new badge says.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewClaim {
    claim_code: String,
    /// An ES256 public key as a JWK or did:key; with one the badge signs its token requests and gets no secret.
    #[schema(value_type = Option<Value>)]
    public_key: Option<Value>,
    model: Option<String>,
    #[schema(value_type = Option<String>)]
    panel: Option<Panel>,
    firmware: Option<String>,
}

/// What a claimed badge needs to know.
#[derive(Serialize, ToSchema)]
pub struct Claimed {
    /// Also its OAuth `client_id`, MQTT client id and user name.
    #[schema(value_type = uuid::Uuid)]
    badge_id: BadgeId,
    /// Said once; only its hash is stored. Left out when the badge brought a key.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
    /// Where it gets its access tokens.
    token_endpoint: String,
    /// Where it connects: `mqtt://host:port`.
    mqtt: String,
}

#[utoipa::path(post, path = "/api/v1/claims", tag = "badges", summary = "Claim a badge or gateway, said by itself",
    description = "Needs no token: the code is the proof. It works again until the badge has fetched its first token.",
    request_body = NewClaim,
    responses((status = 201, body = Claimed), (status = 404, description = "No such code, or it is used up or too old"),
        (status = 422, body = crate::problem::Document)))]
pub async fn claim(house: Data<House>, body: Body<NewClaim>) -> Result<HttpResponse, Problem> {
    let form = body.value;
    let code: ClaimCode = form.claim_code.parse().map_err(|error: crate::claim_code::NotAClaimCode| {
        Problem::invalid_field("/claim_code", error.to_string())
    })?;
    let key = form.public_key.map(|jwk| DeviceKey::parse(&jwk)).transpose();
    let key = key.map_err(|error| Problem::invalid_field("/public_key", error.to_string()))?;
    let key = key.map(|key| claims::Key { jwk: key.json(), thumbprint: key.thumbprint().to_string() });
    let secret = key.is_none().then(Secret::random);
    let new = claims::Claimed {
        secret_hash: secret.as_ref().map(Secret::hash),
        key,
        model: form.model.map(|model| checked_name("/model", model)).transpose()?,
        panel: form.panel,
        firmware: form.firmware.map(|firmware| checked_name("/firmware", firmware)).transpose()?,
    };
    let redeem = || async |tx: &Tx| claims::redeem(tx, &code.hash(), &new, house.now()).await;
    let claimed: Option<(BadgeId, OrganizationId)> = house.database.write_again(redeem).await?;
    let Some((badge, organization)) = claimed else {
        house.metrics.auth_failed("claim_code");
        return Err(Problem::not_found());
    };
    tracing::info!(badge.id = %badge, organization.id = %organization, "device claimed");
    Ok(HttpResponse::build(StatusCode::CREATED).json(Claimed {
        badge_id: badge,
        client_secret: secret.map(|secret| secret.reveal().to_owned()),
        token_endpoint: format!("{}/oauth/token", house.base_url()),
        mqtt: house.mqtt_url(),
    }))
}

impl fmt::Debug for Claimed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Claimed({})", self.badge_id)
    }
}
