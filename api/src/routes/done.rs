//! Changes that answer nothing but that they are made.

use actix_web::HttpResponse;
use badgecast_domain::id::BadgeId;

use crate::{
    House,
    auth::{Scope, revocation::Whom},
    problem::Problem,
    tables::{Error, Tx},
};

/// Makes a change in its organization's turn: 204.
///
/// # Errors
/// Those of `work`.
pub async fn done(
    house: &House,
    scope: &Scope,
    work: impl AsyncFn(&Tx) -> Result<(), Error>,
) -> Result<HttpResponse, Problem> {
    house.database.change(scope, work).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The same, and with it the end of a device's tokens and its connection.
///
/// # Errors
/// Those of `work`.
pub async fn ended(
    house: &House,
    scope: &Scope,
    device: BadgeId,
    work: impl AsyncFn(&Tx) -> Result<(), Error>,
) -> Result<HttpResponse, Problem> {
    let ending = async |tx: &Tx| {
        work(tx).await?;
        house.tokens.revoke(tx, scope.organization(), Whom::Badge(device), house.now()).await
    };
    done(house, scope, ending).await
}
