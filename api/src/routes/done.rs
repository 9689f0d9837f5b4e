//! Changes that answer nothing but that they are made.

use actix_web::HttpResponse;

use crate::{
    House,
    auth::Scope,
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
