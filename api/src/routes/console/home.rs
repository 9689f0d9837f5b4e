//! `/`: everyone begins where their work is.

use actix_web::HttpResponse;
use badgecast_console::Place;
use badgecast_domain::access::Right;

use super::{Visitor, see_other};

pub async fn home(visitor: Visitor) -> HttpResponse {
    let place = if visitor.frame.may(Right::ReadFleet) { Place::Wall } else { Place::MyBadge };
    see_other(place.path())
}
