//! Stolen, replayed and guessed credentials are noticed, told within a second, written down, and ended.

use std::{
    net::{IpAddr, Ipv4Addr},
    time::{Duration, Instant},
};

use badgecast::auth::watch::{Kind, Rules};
use badgecast_domain::access::{Role, Scope, Scopes};
use serde_json::{Value, json};

use crate::{
    watching::{read_until, watch},
    world::{Answer, Engine, PASSWORD, World, email},
};

crate::stories! {
    a_stolen_token_is_told_within_a_second
    a_stolen_token_is_told_and_ends_when_it_happens_again
    a_stolen_session_ends_with_its_cookie
    a_refresh_token_used_twice_and_a_revoked_token_are_told
    guesses_are_told_to_those_who_watch_and_climb_a_ladder
    a_sign_in_from_elsewhere_is_told_to_the_person
    a_key_used_from_elsewhere_ends_if_the_settings_say_so
    who_asks_too_often_has_to_wait
    only_those_concerned_are_told
    a_badges_token_is_watched_over_mqtt_too
}

/// Somebody with an address in a network of its own, as far as a loopback interface has those.
pub fn elsewhere(network: u8, user_agent: &str) -> reqwest::Client {
    let address = IpAddr::V4(Ipv4Addr::new(127, 0, network, 1));
    let http = reqwest::Client::builder().no_proxy().local_address(address).user_agent(user_agent);
    http.build().unwrap()
}

async fn me(world: &World, http: &reqwest::Client, token: &str) -> Answer {
    Answer::of(http.get(world.url("/api/v1/me")).bearer_auth(token).send().await.unwrap()).await
}

async fn log_in(world: &World, http: &reqwest::Client, email: &str, password: &str) -> Answer {
    let body = json!({ "email": email, "password": password });
    Answer::of(http.post(world.url("/api/v1/login")).json(&body).send().await.unwrap()).await
}

/// The events of this kind in the trail, newest first; waits for the first `count`.
pub async fn told(world: &World, kind: Kind, count: usize) -> Vec<Value> {
    let auditor = world.person(Role::Auditor).await;
    let path = format!("/api/v1/audit?action=security.{}", kind.name());
    world
        .until(kind.name(), async || {
            let items = auditor.get(&path).await.is(200).body["items"].as_array().unwrap().clone();
            (items.len() >= count).then_some(items)
        })
        .await
}

fn watching(change: impl FnOnce(&mut Rules)) -> Rules {
    let mut rules = Rules::default();
    change(&mut rules);
    rules
}

async fn a_stolen_token_is_told_within_a_second(engine: Engine) {
    let world = World::open(engine).await;
    let admin = world.person(Role::Admin).await;
    let mut fastest = Duration::MAX;
    // The fastest of three counts: the machine may have other things to do.
    for network in 1..=3 {
        let victim = world.manager().await;
        let (stream, thief) = (watch(&admin, None).await, elsewhere(network, "curl"));
        victim.get("/api/v1/me").await.is(200);
        let since = Instant::now();
        me(&world, &thief, victim.token.as_deref().unwrap()).await.is(200);
        read_until(stream.bytes_stream(), "two_networks").await;
        fastest = fastest.min(since.elapsed());
    }
    assert!(fastest < Duration::from_secs(1), "{fastest:?}");
    world.close().await;
}

async fn a_stolen_token_is_told_and_ends_when_it_happens_again(engine: Engine) {
    let rules = watching(|rules| (rules.repeats, rules.window) = (2, Duration::from_secs(3)));
    let world = World::with(engine, |config| config.watch = rules).await;
    let victim = world.manager().await;
    let token = victim.token.clone().unwrap();
    let stream = watch(&world.person(Role::Admin).await, None).await;
    let thief = elsewhere(9, "curl");
    let id = victim.get("/api/v1/me").await.text("/id");
    me(&world, &thief, &token).await.is(200);
    let said = read_until(stream.bytes_stream(), "two_networks").await;
    assert!(said.contains("event: security\n") && said.contains(&format!("\"about\":\"{id}\"")), "{said}");
    let events = told(&world, Kind::TwoNetworks, 1).await;
    assert_eq!((&events[0]["object_kind"], &events[0]["object_id"]), (&json!("user"), &json!(id)));
    let detail = events[0]["detail"].as_str().unwrap();
    assert!(detail.starts_with("reaction=alert token="), "{detail}");
    assert!(detail.ends_with(" network=127.0.9.0/24 before=127.0.0.0/24 count=1"), "{detail}");
    victim.get("/api/v1/me").await.is(200);
    // Once in each window; the second time, the whole login ends: thief, victim, and the refresh token.
    world
        .until("the end of the token", async || {
            let stolen = me(&world, &thief, &token).await;
            let own = victim.get("/api/v1/me").await;
            (stolen.status == 401 && own.status == 401).then_some(())
        })
        .await;
    let form =
        [("grant_type", "refresh_token"), ("refresh_token", &victim.refresh), ("client_id", "badgecast")];
    let refused = world.nobody().send(world.http.post(world.url("/oauth/token")).form(&form)).await;
    assert_eq!(refused.text("/error"), "invalid_grant");
    let events = told(&world, Kind::TwoNetworks, 2).await;
    assert!(events[0]["detail"].as_str().unwrap().starts_with("reaction=revoke token="), "{events:?}");
    world.manager().await.get("/api/v1/me").await.is(200);
    let metrics = world.nobody().get("/metrics").await.is(200).body;
    let counted = "badgecast_security_events_total{kind=\"two_networks\"} 2";
    assert!(metrics.as_str().unwrap().contains(counted), "{metrics}");
    world.close().await;
}

async fn a_stolen_session_ends_with_its_cookie(engine: Engine) {
    let rules = watching(|rules| rules.revoke = vec![Kind::SessionBrowser]);
    let world = World::with(engine, |config| config.watch = rules).await;
    let browser = elsewhere(0, "Firefox/151.0");
    let wish = json!({ "email": email(Role::Manager), "password": PASSWORD });
    let own = |request: reqwest::RequestBuilder| {
        request.header("sec-fetch-site", "same-origin").header("x-badgecast", "1")
    };
    let signed_in = own(browser.post(world.url("/api/v1/session")).json(&wish)).send().await.unwrap();
    let cookie = signed_in.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let ask = async |http: &reqwest::Client| {
        let request = own(http.get(world.url("/api/v1/me"))).header("cookie", &cookie);
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(ask(&browser).await, 200);
    let updated = elsewhere(0, "Firefox/152.0.1");
    assert_eq!(ask(&updated).await, 200, "a browser brought up to date is the same");
    let thief = elsewhere(0, "curl/8.14");
    assert_eq!(ask(&thief).await, 401);
    told(&world, Kind::SessionBrowser, 1).await;
    assert_eq!(ask(&browser).await, 401, "the session is over");
    world.close().await;
}

async fn a_refresh_token_used_twice_and_a_revoked_token_are_told(engine: Engine) {
    let world = World::open(engine).await;
    let manager = world.manager().await;
    let refresh = async |token: &str| {
        let form = [("grant_type", "refresh_token"), ("refresh_token", token), ("client_id", "badgecast")];
        world.nobody().send(world.http.post(world.url("/oauth/token")).form(&form)).await
    };
    let child = refresh(&manager.refresh).await.text("/refresh_token");
    refresh(&child).await;
    assert_eq!(refresh(&manager.refresh).await.text("/error"), "invalid_grant");
    let events = told(&world, Kind::RefreshReuse, 1).await;
    assert!(events[0]["detail"].as_str().unwrap().starts_with("reaction=revoke network="), "{events:?}");
    for _ in 0..5 {
        manager.get("/api/v1/me").await.is(401);
    }
    told(&world, Kind::RevokedToken, 1).await;
    // However often it is repeated, it is told once.
    let marker = world.log_in(&email(Role::Receptionist), PASSWORD).await;
    refresh(&marker.refresh).await;
    assert_eq!(told(&world, Kind::RevokedToken, 1).await.len(), 1);
    world.close().await;
}

async fn guesses_are_told_to_those_who_watch_and_climb_a_ladder(engine: Engine) {
    let rules = watching(|rules| (rules.guesses, rules.accounts) = (1, 4));
    let world = World::with(engine, |config| config.watch = rules).await;
    let guesser = elsewhere(66, "curl");
    for _ in 0..3 {
        log_in(&world, &guesser, &email(Role::Manager), "a guess").await.is(401);
    }
    let manager = world.manager().await.get("/api/v1/me").await.text("/id");
    let events = told(&world, Kind::LoginGuessing, 2).await;
    let counts: Vec<&str> =
        events.iter().map(|event| event["detail"].as_str().unwrap().rsplit(' ').next().unwrap()).collect();
    assert_eq!(counts, ["count=2", "count=1"], "the first, and every doubling");
    assert!(events.iter().all(|event| event["object_id"] == manager.as_str()));
    for name in ["one", "two", "three"] {
        log_in(&world, &guesser, &format!("{name}@test.example"), "a guess").await.is(401);
    }
    let stuffing = told(&world, Kind::CredentialStuffing, 1).await;
    assert_eq!(stuffing[0]["detail"], "reaction=alert network=127.0.66.0/24 count=4");
    assert_eq!(stuffing[0]["object_id"], Value::Null);
    world.close().await;
}

async fn a_sign_in_from_elsewhere_is_told_to_the_person(engine: Engine) {
    let world = World::open(engine).await;
    let (home, hotel) = (elsewhere(0, "Firefox/151"), elsewhere(7, "Firefox/152"));
    let manager = email(Role::Manager);
    let first = log_in(&world, &home, &manager, PASSWORD).await.is(200).text("/access_token");
    let stream = watch(&world.bearer(&first), None).await;
    log_in(&world, &home, &manager, PASSWORD).await.is(200);
    log_in(&world, &hotel, &manager, PASSWORD).await.is(200);
    read_until(stream.bytes_stream(), "new_network").await;
    let events = told(&world, Kind::NewNetwork, 1).await;
    assert_eq!(events[0]["detail"], "reaction=alert network=127.0.7.0/24");
    let phone = elsewhere(7, "Safari on a telephone");
    log_in(&world, &phone, &manager, PASSWORD).await.is(200);
    told(&world, Kind::NewBrowser, 1).await;
    // From now on they are known.
    log_in(&world, &phone, &manager, PASSWORD).await.is(200);
    log_in(&world, &elsewhere(8, "Firefox/151"), &manager, PASSWORD).await.is(200);
    assert_eq!(told(&world, Kind::NewNetwork, 2).await.len(), 2);
    assert_eq!(told(&world, Kind::NewBrowser, 1).await.len(), 1);
    world.close().await;
}

async fn a_key_used_from_elsewhere_ends_if_the_settings_say_so(engine: Engine) {
    let rules = watching(|rules| rules.revoke = vec![Kind::KeyNetwork]);
    let world = World::with(engine, |config| config.watch = rules).await;
    let admin = world.person(Role::Admin).await;
    let id = world.manager().await.get("/api/v1/me").await.text("/id");
    let wish = json!({ "name": "report", "scopes": "badges:read" });
    let key = admin.post(&format!("/api/v1/users/{id}/keys"), wish).await.is(201).text("/key");
    let script = elsewhere(0, "report/1");
    me(&world, &script, &key).await.is(200);
    me(&world, &script, &key).await.is(200);
    let thief = elsewhere(5, "curl");
    world
        .until("the end of the key", async || {
            let answer = me(&world, &thief, &key).await;
            (answer.status == 401).then_some(())
        })
        .await;
    let events = told(&world, Kind::KeyNetwork, 1).await;
    assert!(events[0]["detail"].as_str().unwrap().starts_with("reaction=revoke api_key="), "{events:?}");
    me(&world, &script, &key).await.is(401);
    world.close().await;
}

async fn who_asks_too_often_has_to_wait(engine: Engine) {
    let rules = watching(|rules| rules.requests_per_minute = 60);
    let world = World::with(engine, |config| config.watch = rules).await;
    let manager = world.manager().await;
    let mut refused = None;
    for asked in 1..=61 {
        let answer = manager.get("/api/v1/me").await;
        if answer.status == 429 {
            assert!(asked > 60, "refused at {asked}");
            refused = Some(answer.is(429));
        }
    }
    let wait: u64 = refused.expect("nobody was refused").header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    // Another login of the same person has to wait too, and nobody else.
    world.manager().await.get("/api/v1/me").await.is(429);
    let events = told(&world, Kind::RequestRate, 1).await;
    assert_eq!(events.len(), 1);
    world.close().await;
}

async fn only_those_concerned_are_told(engine: Engine) {
    let world = World::open(engine).await;
    let manager = world.manager().await;
    let admin = world.person(Role::Admin).await;
    let id = admin.get("/api/v1/me").await;
    let (id, organization) = (id.text("/id"), id.text("/organization_id"));
    let only_audit = world.minted(&id, &organization, Scopes::only(Scope::AuditRead));
    let unconcerned = watch(&manager, None).await;
    let concerned = watch(&world.person(Role::Receptionist).await, None).await;
    let auditing = watch(&world.bearer(&only_audit), None).await;
    let receptionist = email(Role::Receptionist);
    log_in(&world, &elsewhere(3, "a"), &receptionist, PASSWORD).await.is(200);
    read_until(concerned.bytes_stream(), "new_network").await;
    manager.announce("To the fleet").await;
    let said = read_until(auditing.bytes_stream(), "new_network").await;
    assert!(!said.contains("announcement"), "the trail is not the fleet: {said}");
    let said = read_until(unconcerned.bytes_stream(), "announcement").await;
    assert!(!said.contains("security"), "another person's events are none of a manager's: {said}");
    manager.get("/api/v1/audit?action=security.").await.is(403);
    let all = admin.get("/api/v1/audit?action=security.").await.is(200);
    let actions: Vec<&str> =
        all.body["items"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert!(
        !actions.is_empty() && actions.iter().all(|action| action.starts_with("security.")),
        "{actions:?}"
    );
    world.close().await;
}

async fn a_badges_token_is_watched_over_mqtt_too(engine: Engine) {
    use rumqttc::{AsyncClient, Event, MqttOptions, Packet};
    let rules = watching(|rules| rules.window = Duration::from_secs(60));
    let world = World::with(engine, |config| config.watch = rules).await;
    let (badge, _, token) = world.device().await;
    // The badge polls from its network; its token turns up at the MQTT door from another.
    let home = elsewhere(4, "badge/1");
    let show = home.get(world.url("/api/v1/me/show")).bearer_auth(&token).send().await.unwrap();
    assert_eq!(show.status(), 200);
    let mut options =
        MqttOptions::new(badge.to_string(), world.running.mqtt.ip().to_string(), world.running.mqtt.port());
    options.set_credentials(badge.to_string(), token);
    let (_client, mut connection) = AsyncClient::new(options, 10);
    let connected =
        async { while !matches!(connection.poll().await, Ok(Event::Incoming(Packet::ConnAck(_)))) {} };
    tokio::time::timeout(crate::world::PATIENCE, connected).await.unwrap();
    let events = told(&world, Kind::TwoNetworks, 1).await;
    assert_eq!(events[0]["object_id"], badge.to_string());
    world.close().await;
}
