//! What is done to a badge: it blinks, forgets, loses its credentials, gets a new claim code, or leaves.

use actix_web::{HttpResponse, http::StatusCode, web::Data};
use badgecast_console::{Notice, Place, views::Part};
use badgecast_domain::{access::Right, wire::Order};

use super::{Told, address, page};
use crate::{
    House,
    auth::Scope,
    problem::Problem,
    routes::{
        badges::issue_claim,
        body::At,
        console::{Press, Visitor, badges::named, see_other_saying},
        done::ended,
    },
    tables::{
        Tx,
        badges::{self, Badge},
    },
};

/// Who does it, to which badge.
async fn begin(
    house: &House,
    press: Press<Visitor>,
    at: &str,
) -> Result<(Visitor, Scope, Badge, bool), Problem> {
    let Press { who: visitor, fields, .. } = press;
    let scope = visitor.caller.may(Right::ManageBadges)?;
    let badge = named(house, &scope, at).await?;
    // From the page of claims one goes back there.
    let claiming = fields.get("back") == Some("claim");
    Ok((visitor, scope, badge, claiming))
}

async fn command(
    house: &House,
    (visitor, scope, badge, claiming): (Visitor, Scope, Badge, bool),
    (order, said): (Order, &str),
) -> Result<HttpResponse, Problem> {
    if !badge.online {
        let told = Told::wrong(Part::Command, visitor.frame.say("badge-not-on").to_string());
        return page(house, &visitor, &scope, badge, (StatusCode::CONFLICT, told)).await;
    }
    let give = async |tx: &Tx| badges::command(tx, &scope, badge.id, order, house.now()).await;
    house.database.change(&scope, give).await?;
    let back = if claiming { super::super::claim::after(badge.id) } else { address(&badge) };
    see_other_saying(house, &back, &Notice::of(said).about(badge.name))
}

/// It blinks, so that a person sees which it is.
pub async fn identify(
    house: Data<House>,
    press: Press<Visitor>,
    at: At<String>,
) -> Result<HttpResponse, Problem> {
    let begun = begin(&house, press, &at.0).await?;
    command(&house, begun, (Order::Identify, "said-blinks")).await
}

/// It forgets every layer, and is told again what it should hold.
pub async fn wipe(
    house: Data<House>,
    press: Press<Visitor>,
    at: At<String>,
) -> Result<HttpResponse, Problem> {
    let begun = begin(&house, press, &at.0).await?;
    command(&house, begun, (Order::Wipe, "said-wiped")).await
}

/// Its credentials and its connection end.
pub async fn revoke(
    house: Data<House>,
    press: Press<Visitor>,
    at: At<String>,
) -> Result<HttpResponse, Problem> {
    let (_, scope, badge, _) = begin(&house, press, &at.0).await?;
    let revoke = async |tx: &Tx| badges::revoke(tx, &scope, badge.id, house.now()).await;
    ended(&house, &scope, badge.id, revoke).await?;
    see_other_saying(&house, &address(&badge), &Notice::of("said-revoked").about(badge.name))
}

/// It leaves the organization.
pub async fn release(
    house: Data<House>,
    press: Press<Visitor>,
    at: At<String>,
) -> Result<HttpResponse, Problem> {
    let (_, scope, badge, claiming) = begin(&house, press, &at.0).await?;
    let retire = async |tx: &Tx| badges::retire(tx, &scope, badge.id, house.now()).await;
    ended(&house, &scope, badge.id, retire).await?;
    let back = if claiming { super::super::claim::PATH } else { Place::Badges.path() };
    see_other_saying(&house, back, &Notice::of("said-released").about(badge.name))
}

/// A new claim code, shown this once.
pub async fn claim_code(
    house: Data<House>,
    press: Press<Visitor>,
    at: At<String>,
) -> Result<HttpResponse, Problem> {
    let (visitor, scope, badge, _) = begin(&house, press, &at.0).await?;
    let issue = async |tx: &Tx| issue_claim(tx, &house, &scope, badge.id).await;
    let claim = house.database.change(&scope, issue).await?;
    let told = Told { claim_code: Some((claim.claim_code, claim.claim_expires_at)), ..Told::default() };
    page(&house, &visitor, &scope, badge, (StatusCode::OK, told)).await
}
