//! `/settings`: how it looks for this person, and, for admins, what the server was told when it started.

use actix_web::{HttpResponse, web::Data};
use badgecast_console::{
    Place,
    views::{Setting, Settings},
};
use badgecast_domain::access::Right;

use super::Visitor;
use crate::{House, problem::Problem, tables::organizations};

pub async fn show(house: Data<House>, visitor: Visitor) -> Result<HttpResponse, Problem> {
    let organization = organizations::find(house.database.read(), visitor.person.organization).await?;
    let frame = visitor.frame.clone().at(Place::Settings);
    let admin = visitor.caller.may(Right::ManagePeople).is_ok();
    let configured = if admin { configured(&house, &frame) } else { Vec::new() };
    visitor.page(&Settings { frame: &frame, organization: organization.name, configured })
}

/// What may be shown of it: never a secret, and of the database only its kind.
fn configured(house: &House, frame: &badgecast_console::Frame) -> Vec<Setting> {
    let config = &house.config;
    let database = if config.database_url.is_some() { "PostgreSQL" } else { "SQLite" };
    let tls = match &config.tls {
        Some((chain, _)) => chain.display().to_string(),
        None => frame.say("settings-plain").to_string(),
    };
    let on = |yes: bool| frame.say(if yes { "settings-on" } else { "settings-off" }).to_string();
    let setting = |key, value| Setting { key, value };
    vec![
        setting("settings-address", house.base_url()),
        setting("settings-mqtt", house.mqtt_url()),
        setting("settings-database", database.to_owned()),
        setting("settings-data", config.data.display().to_string()),
        setting("settings-tls", tls),
        setting("settings-encryption", on(config.secret_key.is_some())),
        setting("settings-version", env!("CARGO_PKG_VERSION").to_owned()),
    ]
}
