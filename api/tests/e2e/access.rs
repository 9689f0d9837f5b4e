//! The access table, walked: every route, every role, every single scope, and whose badge it is.

use badgecast_domain::access::{Role, Scope, Scopes};
use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{Answer, Engine, Person, World, email};

crate::stories! {
    every_route_answers_each_scope_what_the_table_says
    a_role_may_what_its_scopes_may_and_own_means_own
    a_token_that_is_wrong_in_any_way_opens_nothing
}

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum May {
    /// Anyone, without a token.
    Anyone,
    /// Anyone who shows who they are.
    Known,
    /// Whoever's token carries one of these.
    With(&'static [Scope]),
    /// Not decided by a token: the request proves itself otherwise, or is a page for people.
    Otherwise,
}

/// Every route of the API and who may use it: the access table of the design, once more, by hand.
#[rustfmt::skip]
const TABLE: &[(&str, &str, May)] = {
    use May::{Anyone, Known, Otherwise, With};
    use Scope::{AnnouncementsWrite, AuditRead, BadgesOwn, BadgesRead, BadgesWrite, DeviceConnect, UsersAdmin};
    &[
        ("get", "/healthz", Anyone),
        ("get", "/readyz", Anyone),
        ("get", "/metrics", Otherwise),
        ("post", "/api/v1/login", Otherwise),
        ("post", "/api/v1/session", Otherwise),
        ("delete", "/api/v1/session", Otherwise),
        ("post", "/api/v1/claims", Otherwise),
        ("post", "/oauth/token", Otherwise),
        ("post", "/oauth/nonce", Anyone),
        ("post", "/oauth/revoke", Otherwise),
        ("post", "/oauth/introspect", Otherwise),
        ("post", "/oauth/device_authorization", Otherwise),
        ("get", "/oauth/userinfo", Otherwise),
        ("get", "/oauth/jwks.json", Anyone),
        ("get", "/.well-known/openid-configuration", Anyone),
        ("get", "/api/v1/me", Known),
        ("get", "/api/v1/organization", Known),
        ("patch", "/api/v1/organization", With(&[UsersAdmin])),
        ("get", "/api/v1/me/badge", With(&[BadgesRead, BadgesOwn])),
        ("get", "/api/v1/me/sessions", Known),
        ("delete", "/api/v1/me/sessions/{id}", Known),
        ("get", "/api/v1/me/show", With(&[DeviceConnect])),
        ("post", "/api/v1/me/acks", With(&[DeviceConnect])),
        ("get", "/api/v1/users", With(&[UsersAdmin])),
        ("post", "/api/v1/users", With(&[UsersAdmin])),
        ("get", "/api/v1/users/{id}", With(&[UsersAdmin])),
        ("patch", "/api/v1/users/{id}", With(&[UsersAdmin])),
        ("delete", "/api/v1/users/{id}", With(&[UsersAdmin])),
        ("get", "/api/v1/users/{id}/keys", With(&[UsersAdmin])),
        ("post", "/api/v1/users/{id}/keys", With(&[UsersAdmin])),
        ("delete", "/api/v1/users/{id}/keys/{key}", With(&[UsersAdmin])),
        ("get", "/api/v1/clients", With(&[UsersAdmin])),
        ("post", "/api/v1/clients", With(&[UsersAdmin])),
        ("delete", "/api/v1/clients/{id}", With(&[UsersAdmin])),
        ("get", "/api/v1/people", With(&[BadgesWrite])),
        ("get", "/api/v1/badges", With(&[BadgesRead])),
        ("post", "/api/v1/badges", With(&[BadgesWrite])),
        ("get", "/api/v1/badges/{id}", With(&[BadgesRead])),
        ("patch", "/api/v1/badges/{id}", With(&[BadgesWrite])),
        ("delete", "/api/v1/badges/{id}", With(&[BadgesWrite])),
        ("get", "/api/v1/badges/{id}/display", With(&[BadgesRead, BadgesOwn])),
        ("put", "/api/v1/badges/{id}/display", With(&[BadgesWrite, BadgesOwn])),
        ("get", "/api/v1/badges/{id}/preview.gif", With(&[BadgesRead, BadgesOwn])),
        ("get", "/api/v1/badges/{id}/preview.png", With(&[BadgesRead, BadgesOwn])),
        ("get", "/api/v1/badges/{id}/showing", With(&[BadgesRead, BadgesOwn])),
        ("get", "/api/v1/badges/{id}/program.bin", With(&[BadgesRead, BadgesOwn])),
        ("post", "/api/v1/preview", With(&[BadgesRead, BadgesOwn])),
        ("post", "/api/v1/badges/{id}/revoke", With(&[BadgesWrite])),
        ("post", "/api/v1/badges/{id}/command", With(&[BadgesWrite])),
        ("post", "/api/v1/badges/{id}/claim-code", With(&[BadgesWrite])),
        ("get", "/api/v1/gateways", With(&[BadgesRead])),
        ("post", "/api/v1/gateways", With(&[BadgesWrite])),
        ("get", "/api/v1/gateways/{id}", With(&[BadgesRead])),
        ("patch", "/api/v1/gateways/{id}", With(&[BadgesWrite])),
        ("delete", "/api/v1/gateways/{id}", With(&[BadgesWrite])),
        ("post", "/api/v1/gateways/{id}/revoke", With(&[BadgesWrite])),
        ("post", "/api/v1/gateways/{id}/claim-code", With(&[BadgesWrite])),
        ("get", "/api/v1/gateways/{id}/badges", With(&[BadgesRead])),
        ("post", "/api/v1/gateways/{id}/badges", With(&[BadgesWrite])),
        ("put", "/api/v1/gateways/{id}/badges", With(&[BadgesWrite])),
        ("put", "/api/v1/gateways/{id}/badges/{badge}", With(&[BadgesWrite])),
        ("delete", "/api/v1/gateways/{id}/badges/{badge}", With(&[BadgesWrite])),
        ("get", "/api/v1/groups", With(&[BadgesRead])),
        ("post", "/api/v1/groups", With(&[BadgesWrite])),
        ("get", "/api/v1/groups/{id}", With(&[BadgesRead])),
        ("patch", "/api/v1/groups/{id}", With(&[BadgesWrite])),
        ("delete", "/api/v1/groups/{id}", With(&[BadgesWrite])),
        ("get", "/api/v1/groups/{id}/badges", With(&[BadgesRead])),
        ("post", "/api/v1/groups/{id}/badges", With(&[BadgesWrite])),
        ("put", "/api/v1/groups/{id}/badges", With(&[BadgesWrite])),
        ("put", "/api/v1/groups/{id}/badges/{badge}", With(&[BadgesWrite])),
        ("delete", "/api/v1/groups/{id}/badges/{badge}", With(&[BadgesWrite])),
        ("get", "/api/v1/announcements", With(&[BadgesRead])),
        ("post", "/api/v1/announcements", With(&[AnnouncementsWrite])),
        ("get", "/api/v1/announcements/{id}", With(&[BadgesRead])),
        ("delete", "/api/v1/announcements/{id}", With(&[AnnouncementsWrite])),
        ("get", "/api/v1/announcements/{id}/receipts", With(&[BadgesRead])),
        ("get", "/api/v1/events", With(&[BadgesRead, BadgesOwn, AuditRead])),
        ("get", "/api/v1/audit", With(&[AuditRead])),
    ]
};

/// A body that passes parsing where one is needed, and an id that nothing has: what is left to judge is who asks.
async fn ask(person: &Person<'_>, verb: &str, route: &str) -> Answer {
    let path = ["{id}", "{key}", "{badge}"]
        .iter()
        .fold(route.to_owned(), |path, part| path.replace(part, "018f0000-0000-7000-8000-000000000000"));
    let request = person.request(Method::from_bytes(verb.to_uppercase().as_bytes()).unwrap(), &path);
    let body = match route.trim_end_matches("/{id}").rsplit('/').next().unwrap_or_default() {
        "users" if verb == "post" => json!({ "email": "a@b.example", "role": "auditor" }),
        "keys" => json!({ "name": "n", "scopes": "badges:read" }),
        "clients" => json!({ "name": "n", "scopes": "badges:read", "grants": ["client_credentials"] }),
        "acks" => json!({ "acks": [] }),
        "badges" if route.ends_with("{id}/badges") => json!({ "badges": [] }),
        "command" => json!({ "command": "identify" }),
        "announcements" => json!({ "audience": { "all": true }, "text": "t" }),
        "display" | "preview" => json!({ "text": "t" }),
        "gateways" if verb == "patch" => json!({ "name": "n" }),
        "groups" => json!({ "name": "n" }),
        _ => json!({}),
    };
    let request = if matches!(verb, "get" | "delete") { request } else { request.json(&body) };
    let response = request.send().await.unwrap();
    // An event stream has no end to wait for.
    if response.headers().get("content-type").is_some_and(|value| value == "text/event-stream") {
        return Answer { status: response.status(), headers: response.headers().clone(), body: Value::Null };
    }
    Answer::of(response).await
}

async fn every_route_answers_each_scope_what_the_table_says(engine: Engine) {
    let world = World::with(engine, |config| config.test_keys = true).await;
    let document = world.nobody().get("/openapi.json").await.is(200).body;
    let paths = document["paths"].as_object().unwrap();
    for (path, verbs) in paths {
        for verb in verbs.as_object().unwrap().keys() {
            let written = TABLE.iter().any(|(known, route, _)| known == verb && route == path);
            assert!(written, "{verb} {path} is missing from the table");
        }
    }
    let admin = world.person(Role::Admin).await.get("/api/v1/me").await;
    let (admin, organization) = (admin.text("/id"), admin.text("/organization_id"));
    let mut wrong = Vec::new();
    for scope in Scope::ALL {
        let token = world.minted(&admin, &organization, Scopes::only(scope));
        let person = world.bearer(&token);
        for (verb, route, may) in TABLE {
            let exists = paths.get(*route).is_some_and(|verbs| verbs.get(*verb).is_some());
            if !exists || *may == May::Otherwise {
                continue;
            }
            let answer = ask(&person, verb, route).await;
            let allowed = match may {
                May::With(scopes) => scopes.contains(&scope),
                _ => true,
            };
            // A person's token never acts as a badge, whatever it says.
            let allowed = allowed && *may != May::With(&[Scope::DeviceConnect]);
            let forbidden = answer.status == 403;
            if forbidden == allowed {
                wrong.push(format!("{scope}: {verb} {route} answered {} {}", answer.status, answer.body));
            }
            if forbidden {
                assert!(answer.header("www-authenticate").contains("insufficient_scope"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    for (verb, route, may) in TABLE {
        let exists = paths.get(*route).is_some_and(|verbs| verbs.get(*verb).is_some());
        if exists && matches!(may, May::Known | May::With(_)) {
            let answer = ask(&world.nobody(), verb, route).await.is(401);
            assert!(answer.header("www-authenticate").starts_with("Bearer"), "{verb} {route}");
        }
    }
    world.close().await;
}

async fn a_role_may_what_its_scopes_may_and_own_means_own(engine: Engine) {
    let world = World::open(engine).await;
    let ((mine, ..), (other, ..)) = (world.device().await, world.device().await);
    world.give_to_receptionist(mine).await;
    for role in Role::ALL {
        let person = world.log_in(&email(role), crate::world::PASSWORD).await;
        assert_eq!(person.get("/api/v1/me").await.text("/scope"), role.scopes().to_string());
        let put = async |badge| {
            let body = json!({ "text": "Hello" });
            person.put(&format!("/api/v1/badges/{badge}/display"), body).await.status.as_u16()
        };
        let get = async |badge| person.get(&format!("/api/v1/badges/{badge}/display")).await.status.as_u16();
        let seen = (get(mine).await, get(other).await, put(mine).await, put(other).await);
        let expected = match role {
            Role::Admin | Role::Manager => (200, 200, 200, 200),
            Role::Receptionist => (200, 404, 200, 404),
            Role::Auditor => (200, 200, 403, 403),
        };
        assert_eq!(seen, expected, "{role}");
    }
    world.close().await;
}

async fn a_token_that_is_wrong_in_any_way_opens_nothing(engine: Engine) {
    use badgecast::auth::{mint::Wrong, tokens::Grant};
    let world = World::with(engine, |config| config.test_keys = true).await;
    let me = world.person(Role::Admin).await.get("/api/v1/me").await;
    let (user, organization) =
        (me.text("/id").parse().unwrap(), me.text("/organization_id").parse().unwrap());
    let house = &world.running.house;
    let mint = |wrong| {
        let grant = Grant::person(user, "badgecast", organization, Role::Admin.scopes());
        house.tokens.mint(grant, wrong, house.now()).unwrap()
    };
    world.bearer(&mint(None)).get("/api/v1/me").await.is(200);
    for wrong in [Wrong::Expired, Wrong::Audience, Wrong::Issuer, Wrong::Kid, Wrong::Signature, Wrong::Type] {
        let answer = world.bearer(&mint(Some(wrong))).get("/api/v1/me").await.is(401);
        assert!(answer.header("www-authenticate").contains("error=\"invalid_token\""), "{wrong:?}");
    }
    let good = mint(None);
    let form = world.http.post(world.url("/api/v1/badges")).form(&[("access_token", &good)]);
    world.nobody().send(form).await.is(401);
    world.nobody().get(&format!("/api/v1/me?access_token={good}")).await.is(400);
    let normal = World::open(engine).await;
    normal.bearer(&good).get("/api/v1/me").await.is(401);
    normal.close().await;
    world.close().await;
}
