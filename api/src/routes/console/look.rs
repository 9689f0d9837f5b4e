//! `/look`: language and theme, for this browser.

use actix_web::{HttpResponse, cookie::time::Duration, web::Data};
use badgecast_console::{Language, Look, Notice, Theme};

use super::{
    Guest, Press,
    door::inside,
    see_other_saying,
    visit::{LOOK, small_cookie},
};
use crate::{House, auth::session, problem::Problem};

pub async fn change(house: Data<House>, press: Press<Guest>) -> Result<HttpResponse, Problem> {
    let Press { who, fields, .. } = press;
    let was = who.frame.look;
    let yes = |name, was| fields.get(name).map_or(was, |value| value == "yes");
    let look = Look {
        language: fields.get("language").and_then(Language::from_tag).unwrap_or(was.language),
        theme: fields.get("theme").and_then(Theme::from_name).unwrap_or(was.theme),
        moving: yes("moving", was.moving),
        keys: yes("keys", was.keys),
    };
    let back = inside(fields.get("back"));
    let mut response = see_other_saying(&house, back, &Notice::of("said-look"))?;
    let mut cookie = small_cookie(LOOK, look.to_string(), session::is_secure(&house));
    cookie.set_max_age(Duration::days(365));
    response.add_cookie(&cookie).map_err(Problem::internal)?;
    Ok(response)
}
