//! `/access`: where the person is signed in, their keys, and, for admins, the programs that act here.

use actix_web::{HttpResponse, http::StatusCode, web::Data};
use badgecast_console::{
    Notice, Place,
    views::{Access, ClientRow, Door, KeyRow, MadeSecret, SessionRow},
};
use badgecast_domain::{
    access::{Right, Scope as TokenScope, Scopes},
    id::ClientId,
};
use uuid::Uuid;

use super::{Press, Visitor, press::Fields, see_other_saying};
use crate::{
    House,
    auth::session,
    problem::Problem,
    routes::{
        body::At,
        clients::{self as registering, NewClient},
        creation::Made,
        keys,
    },
    tables::{Tx, api_keys, clients, sessions},
};

const PATH: &str = Place::Access.path();

/// What a page says besides how things are.
#[derive(Default)]
struct Told {
    made: Option<MadeSecret>,
    error: Option<(Door, String)>,
}

pub async fn show(house: Data<House>, visitor: Visitor) -> Result<HttpResponse, Problem> {
    page(&house, &visitor, (StatusCode::OK, Told::default())).await
}

async fn page(
    house: &House,
    visitor: &Visitor,
    (status, told): (StatusCode, Told),
) -> Result<HttpResponse, Problem> {
    // A remembered sign-in is for the own badge alone.
    if visitor.frame.viewer.as_ref().is_some_and(|viewer| viewer.remembered) {
        return Err(Problem::not_allowed("A remembered sign-in is for the own badge only"));
    }
    let (db, now, person) = (house.database.read(), house.now(), &visitor.person);
    let current = visitor.caller.token().uuid();
    let signed_in = sessions::of_user(db, person.id, now).await?;
    let keys = api_keys::of_user(db, person.organization, person.id).await?;
    let clients = match visitor.caller.may(Right::ManagePeople) {
        Ok(scope) => clients::list(db, scope.organization()).await?,
        Err(_) => Vec::new(),
    };
    let mut frame = visitor.frame.clone().at(Place::Access);
    frame.path = PATH.to_owned();
    let names = |scopes: Scopes| scopes.iter().map(|scope| scope.name().to_owned()).collect();
    let view = Access {
        frame: &frame,
        sessions: signed_in.into_iter().map(|row| session(row, current)).collect(),
        keys: keys.into_iter().map(key).collect(),
        key_scopes: names(person.role.scopes()),
        clients: clients.into_iter().map(client).collect(),
        client_scopes: names(Scopes::PEOPLE.without(Scopes::only(TokenScope::DeviceConnect))),
        made: told.made,
        error: told.error,
        key: Uuid::now_v7().to_string(),
    };
    visitor.page_as(status, &view)
}

fn session(row: sessions::Session, current: Uuid) -> SessionRow {
    SessionRow {
        id: row.id.to_string(),
        current: row.id == current,
        remembered: row.remembered,
        device: device(&row.user_agent),
        network: row.network,
        signed_in_at: row.created_at,
        last_used_at: row.last_used_at,
        ends_at: row.expires_at,
    }
}

/// The browser and the system a `User-Agent` names; nothing when it names none we know.
fn device(user_agent: &str) -> String {
    let first = |known: &[(&str, &'static str)]| {
        known.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
    };
    let browser = first(&[
        ("Firefox/", "Firefox"),
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = first(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ]);
    [browser, system].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn key(row: api_keys::ApiKey) -> KeyRow {
    KeyRow {
        id: row.id.to_string(),
        name: row.name,
        scopes: row.scopes.to_string(),
        created_at: row.created_at,
        expires_at: row.expires_at,
        last_used_at: row.last_used_at,
        revoked: row.revoked_at.is_some(),
    }
}

fn client(row: clients::Client) -> ClientRow {
    ClientRow {
        id: row.id.to_string(),
        name: row.name,
        asks_people: row.grants.iter().any(|grant| grant == "authorization_code"),
        scopes: row.scopes.to_string(),
        created_at: row.created_at,
        disabled: row.disabled_at.is_some(),
    }
}

pub async fn end_own_session(
    house: Data<House>,
    press: Press<Visitor>,
    at: At<Uuid>,
) -> Result<HttpResponse, Problem> {
    let whose = (press.who.person.organization, press.who.person.id);
    house.database.write(async |tx: &Tx| session::end(&house, tx, whose, at.0).await).await?;
    see_other_saying(&house, PATH, &Notice::of("said-session-ended"))
}

/// What a form wants its key or program to do.
fn scopes(fields: &Fields) -> Scopes {
    let wanted = fields.all("scope").filter_map(|name| name.parse::<TokenScope>().ok());
    wanted.fold(Scopes::NONE, |all, scope| all.or(Scopes::only(scope)))
}

/// A page that shows what was made, or says why it was not.
async fn shown(
    house: &House,
    visitor: &Visitor,
    (door, name): (Door, String),
    made: Result<Made, Problem>,
) -> Result<HttpResponse, Problem> {
    match made {
        Ok(made) => {
            let text = |member: &str| made.body[member].as_str().map(str::to_owned);
            let (id, secret) = match door {
                Door::Key => (None, text("key")),
                Door::Client => (text("id"), text("client_secret")),
            };
            let told = Told { made: Some(MadeSecret { door, name, id, secret }), error: None };
            page(house, visitor, (StatusCode::OK, told)).await
        }
        Err(problem) if matches!(problem.status().as_u16(), 409 | 422) => {
            let sentence = match (door, problem.status()) {
                (Door::Key, StatusCode::CONFLICT) => visitor.frame.say("access-two-keys").to_string(),
                _ => visitor.frame.say("access-bad").with("reason", problem.reason()).to_string(),
            };
            let told = Told { made: None, error: Some((door, sentence)) };
            page(house, visitor, (problem.status(), told)).await
        }
        Err(problem) => Err(problem),
    }
}

pub async fn make_key(house: Data<House>, press: Press<Visitor>) -> Result<HttpResponse, Problem> {
    let Press { who: visitor, fields, creation, digest } = press;
    let (name, days) = (fields.text("name").trim().to_owned(), fields.get("days").map(str::parse));
    let wanted = keys::NewKey::new(name.clone(), scopes(&fields), days.and_then(Result::ok));
    let made = keys::made(&house, &visitor.caller, visitor.person.id, creation, (wanted, digest)).await;
    shown(&house, &visitor, (Door::Key, name), made).await
}

pub async fn revoke_key(
    house: Data<House>,
    press: Press<Visitor>,
    at: At<Uuid>,
) -> Result<HttpResponse, Problem> {
    let visitor = press.who;
    keys::end(&house, &visitor.caller, visitor.person.id, at.0).await?;
    see_other_saying(&house, PATH, &Notice::of("said-key-revoked"))
}

pub async fn register_client(house: Data<House>, press: Press<Visitor>) -> Result<HttpResponse, Problem> {
    let Press { who: visitor, fields, creation, digest } = press;
    let name = fields.text("name").trim().to_owned();
    let wanted = match fields.get("kind") {
        Some("asks") => {
            let uris = fields.all("redirect_uri").filter(|uri| !uri.is_empty()).map(str::to_owned);
            NewClient::asking_people(name.clone(), scopes(&fields), uris.collect())
        }
        _ => NewClient::acting(name.clone(), scopes(&fields)),
    };
    let made = registering::made(&house, &visitor.caller, creation, (wanted, digest)).await;
    shown(&house, &visitor, (Door::Client, name), made).await
}

pub async fn disable_client(
    house: Data<House>,
    press: Press<Visitor>,
    at: At<ClientId>,
) -> Result<HttpResponse, Problem> {
    registering::end(&house, &press.who.caller, at.0).await?;
    see_other_saying(&house, PATH, &Notice::of("said-client-disabled"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_called_what_people_call_it() {
        for (user_agent, name) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36",
                "Chrome · Linux",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1",
                "Safari · iPhone",
            ),
            ("Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox · Windows"),
            ("curl/8", ""),
        ] {
            assert_eq!(device(user_agent), name);
        }
    }
}
