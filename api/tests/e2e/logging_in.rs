//! People log in, stay logged in, and are slowed down when they guess.

use std::{
    net::Ipv4Addr,
    time::{Duration, Instant},
};

use badgecast::{
    auth::{
        Scope, password,
        refresh::{Login, begin},
        step_up,
    },
    tables::{Tx, organizations, people},
};
use badgecast_domain::access::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{Answer, Engine, PASSWORD, Person, World, email};

crate::stories! {
    a_login_is_refreshed_and_a_token_used_twice_ends_it
    refreshing_may_narrow_and_never_widen
    nobody_learns_who_exists
    guesses_have_to_wait_and_nobody_else_does
    a_new_password_or_role_ends_what_the_old_one_gave
    administration_needs_a_sign_in_of_this_very_hour
    the_password_and_implicit_grants_do_not_exist
}

async fn refresh(world: &World, token: &str, extra: &[(&str, &str)]) -> Answer {
    let form =
        [&[("grant_type", "refresh_token"), ("refresh_token", token), ("client_id", "badgecast")], extra];
    let request = world.http.post(world.url("/oauth/token")).form(&form.concat());
    world.nobody().send(request).await
}

async fn a_login_is_refreshed_and_a_token_used_twice_ends_it(engine: Engine) {
    let world = World::open(engine).await;
    let manager = world.manager().await;
    let first = refresh(&world, &manager.refresh, &[]).await;
    assert_eq!(first.header("cache-control"), "no-store");
    let (child, access) = (first.text("/refresh_token"), first.text("/access_token"));
    let second = refresh(&world, &child, &[]).await.text("/refresh_token");
    world.bearer(&access).get("/api/v1/me").await.is(200);
    // The child was used, so the window for a lost answer is shut: whoever shows the first one stole it.
    let reused = refresh(&world, &manager.refresh, &[]).await;
    assert_eq!((reused.status.as_u16(), reused.text("/error").as_str()), (400, "invalid_grant"));
    assert_eq!(refresh(&world, &second, &[]).await.text("/error"), "invalid_grant");
    world.bearer(&access).get("/api/v1/me").await.is(401);
    manager.get("/api/v1/me").await.is(401);
    // The account is not locked: only that login is over.
    world.manager().await.get("/api/v1/me").await.is(200);
    world.close().await;
}

async fn refreshing_may_narrow_and_never_widen(engine: Engine) {
    let world = World::open(engine).await;
    let manager = world.manager().await;
    let wider = refresh(&world, &manager.refresh, &[("scope", "badges:read users:admin")]).await;
    assert_eq!(wider.text("/error"), "invalid_scope");
    let narrow = refresh(&world, &manager.refresh, &[("scope", "badges:read")]).await;
    assert_eq!(narrow.text("/scope"), "badges:read");
    let reader = narrow.text("/access_token");
    world.bearer(&reader).get("/api/v1/badges").await.is(200);
    world.bearer(&reader).post("/api/v1/badges", json!({})).await.is(403);
    let again = refresh(&world, &narrow.text("/refresh_token"), &[]).await;
    assert_eq!(again.text("/scope"), "badges:read badges:write badges:own announcements:write");
    let foreign = [("grant_type", "refresh_token"), ("refresh_token", "x"), ("client_id", "nobody")];
    let request = world.http.post(world.url("/oauth/token")).form(&foreign);
    assert_eq!(world.nobody().send(request).await.text("/error"), "invalid_client");
    world.close().await;
}

/// Who may be behind an address that does not get in.
#[derive(Debug, Clone, Copy)]
enum Stranger {
    Unknown,
    /// With another password.
    Known,
    Disabled,
    /// Somebody who was never given a password.
    WithoutPassword,
}

impl Stranger {
    const ALL: [Self; 4] = [Self::Unknown, Self::Known, Self::Disabled, Self::WithoutPassword];

    fn email(self) -> String {
        format!("{self:?}@test.example").to_lowercase()
    }
}

/// How often each of them is tried.
const TRIES: u8 = 21;

async fn nobody_learns_who_exists(engine: Engine) {
    // Each try comes from a network of its own, so that none has to wait for an earlier one.
    let world = World::with(engine, |config| config.trusted_proxies = vec![Ipv4Addr::LOCALHOST.into()]).await;
    for stranger in [Stranger::Known, Stranger::Disabled, Stranger::WithoutPassword] {
        add(&world, stranger).await;
    }
    let mut took: [Vec<Duration>; 4] = Default::default();
    let mut bodies: Vec<Value> = Vec::new();
    for round in 0..TRIES {
        // In turns, so that whatever else this machine does slows all of them alike.
        for (kind, stranger) in Stranger::ALL.into_iter().enumerate() {
            let wrong = json!({ "email": stranger.email(), "password": "not the password" });
            let from = Ipv4Addr::new(10, 1 + round, u8::try_from(kind).unwrap(), 1);
            let request = world.nobody().request(Method::POST, "/api/v1/login");
            let since = Instant::now();
            let answer =
                world.nobody().send(request.header("x-forwarded-for", from.to_string()).json(&wrong)).await;
            took[kind].push(since.elapsed());
            let mut body = answer.is(401).body;
            body["request_id"] = Value::Null;
            bodies.push(body);
        }
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");
    let medians = took.map(|mut took| {
        took.sort_unstable();
        took[took.len() / 2]
    });
    // Without the work for a password that is not there, an answer takes a tenth; a busy machine alone does not do that.
    let (fastest, slowest) = (medians.iter().min().unwrap(), medians.iter().max().unwrap());
    assert!(slowest.as_secs_f64() < 3.0 * fastest.as_secs_f64(), "{medians:?}");
    world.close().await;
}

async fn add(world: &World, stranger: Stranger) {
    let house = &world.running.house;
    let password_hash = match stranger {
        Stranger::WithoutPassword => None,
        _ => Some(tokio::task::spawn_blocking(|| password::hash_now(PASSWORD).unwrap()).await.unwrap()),
    };
    let new = people::New {
        email: people::Email::try_from(stranger.email()).unwrap(),
        name: "Somebody".to_owned(),
        role: Role::Receptionist,
        password_hash,
    };
    let add = async |tx: &Tx| {
        let organization = organizations::all(tx).await?[0].id;
        people::create(tx, &Scope::house(organization), new, house.now()).await
    };
    let person = house.database.write(add).await.unwrap();
    if matches!(stranger, Stranger::Disabled) {
        let gone = format!("/api/v1/users/{}", person.id);
        world.person(Role::Admin).await.delete(&gone).await.is(204);
    }
}

async fn guess(nobody: &Person<'_>, email: &str) -> Answer {
    nobody.post("/api/v1/login", json!({ "email": email, "password": "a guess" })).await
}

async fn guesses_have_to_wait_and_nobody_else_does(engine: Engine) {
    let world = World::open(engine).await;
    let nobody = world.nobody();
    for _ in 0..3 {
        guess(&nobody, &email(Role::Manager)).await.is(401);
    }
    let slowed = guess(&nobody, &email(Role::Manager)).await.is(429);
    assert_eq!(slowed.header("retry-after"), "1");
    // Also with the right password: it might be a guess as well.
    let right = json!({ "email": email(Role::Manager), "password": PASSWORD });
    nobody.post("/api/v1/login", right.clone()).await.is(429);
    world.person(Role::Receptionist).await.get("/api/v1/me").await.is(200);
    world
        .until("the manager's turn", async || {
            let answer = nobody.post("/api/v1/login", right.clone()).await;
            (answer.status == 200).then_some(())
        })
        .await;
    // The right password wiped the slate.
    guess(&nobody, &email(Role::Manager)).await.is(401);
    world.close().await;
}

async fn a_new_password_or_role_ends_what_the_old_one_gave(engine: Engine) {
    let world = World::open(engine).await;
    let admin = world.person(Role::Admin).await;
    for change in [json!({ "password": "another good password" }), json!({ "role": "auditor" })] {
        let password = if change["role"].is_null() { PASSWORD } else { "another good password" };
        let manager = world.log_in(&email(Role::Manager), password).await;
        let id = manager.get("/api/v1/me").await.text("/id");
        admin.patch(&format!("/api/v1/users/{id}"), change).await.is(200);
        manager.get("/api/v1/me").await.is(401);
        assert_eq!(refresh(&world, &manager.refresh, &[]).await.text("/error"), "invalid_grant");
    }
    let demoted = world.log_in(&email(Role::Manager), "another good password").await;
    demoted.post("/api/v1/badges", json!({})).await.is(403);
    world.close().await;
}

async fn administration_needs_a_sign_in_of_this_very_hour(engine: Engine) {
    let world = World::open(engine).await;
    let admin = world.person(Role::Admin).await;
    let me = admin.get("/api/v1/me").await;
    let house = &world.running.house;
    let login = Login {
        organization: me.text("/organization_id").parse().unwrap(),
        user: me.text("/id").parse().unwrap(),
        client_id: "badgecast".to_owned(),
        scope: Role::Admin.scopes(),
        auth_time: house.now().minus(step_up::MAX_AGE + Duration::from_secs(1)),
        key: None,
    };
    let begin = async |tx: &Tx| begin(tx, login, house.now()).await;
    let (_, token) = house.database.write(begin).await.unwrap();
    let continued = refresh(&world, token.reveal(), &[]).await.text("/access_token");
    let long_ago = world.bearer(&continued);
    long_ago.get("/api/v1/users").await.is(200);
    let user = format!("/api/v1/users/{}", me.text("/id"));
    let client = json!({ "name": "X", "scopes": "badges:read", "grants": ["client_credentials"] });
    let person = json!({ "email": "x@test.example", "name": "X", "role": "auditor", "password": PASSWORD });
    for (path, body) in [
        ("/api/v1/users", person),
        ("/api/v1/clients", client),
        (&format!("{user}/keys"), json!({ "name": "X", "scopes": "badges:read" })),
    ] {
        let refused = long_ago.post(path, body.clone()).await.is(401).header("www-authenticate");
        assert!(refused.contains("error=\"insufficient_user_authentication\""), "{refused}");
        assert!(refused.contains("max_age=\"3600\""), "{refused}");
        admin.post(path, body).await.is(201);
    }
    world.close().await;
}

async fn the_password_and_implicit_grants_do_not_exist(engine: Engine) {
    let world = World::open(engine).await;
    let form = [("grant_type", "password"), ("username", "a"), ("password", "b"), ("client_id", "badgecast")];
    let answer = world.nobody().send(world.http.post(world.url("/oauth/token")).form(&form)).await;
    assert_eq!(answer.text("/error"), "unsupported_grant_type");
    let metadata = world.nobody().get("/.well-known/oauth-authorization-server").await.is(200).body;
    assert_eq!(metadata["response_types_supported"], json!(["code"]));
    assert_eq!(metadata["code_challenge_methods_supported"], json!(["S256"]));
    let grants = metadata["grant_types_supported"].as_array().unwrap();
    assert!(!grants.contains(&json!("password")) && !grants.contains(&json!("implicit")), "{grants:?}");
    world.close().await;
}
