//! How a badge is let in at the MQTT door with something better or lighter than a JWT of ours: a statement its own key
//! signed, or a light token.

use std::time::Duration;

use badgecast::auth::watch::Kind;
use badgecast_domain::id::BadgeId;
use badgecast_simulator::Setup;
use reqwest::Method;
use rumqttc::v5::{
    AsyncClient, ConnectionError, Event, EventLoop, MqttOptions, StateError,
    mqttbytes::{
        QoS,
        v5::{ConnectReturnCode, DisconnectReasonCode, Packet},
    },
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    signer::{Prover, Signer},
    thieves::told,
    world::{Answer, Engine, PATIENCE, World},
};

crate::stories! {
    a_badge_connects_with_its_own_signature_and_a_revocation_ends_it
    every_wrong_statement_is_refused
    a_statement_counts_once_and_a_restart_does_not_change_that
    a_badge_in_1970_connects_with_a_nonce
    a_simulated_badge_signs_its_way_in_again_and_again
    a_connection_is_renewed_by_a_statement
    a_light_token_opens_what_a_badges_token_opens
    a_light_token_ends_like_any_other
    a_key_is_shown_as_an_identifier_and_no_identifier_is_looked_up
}

const OWN: (&str, &str) = ("grant_type", "client_credentials");

/// A badge that brought its own key.
struct Keyed {
    id: BadgeId,
    signer: Signer,
    issuer: String,
    claim: Value,
}

impl Keyed {
    async fn new(world: &World) -> Self {
        let signer = Signer::new();
        let code = world.registered().await.text("/claim_code");
        let claim = json!({ "claim_code": code, "public_key": signer.jwk(), "panel": "11x44" });
        let claimed = world.nobody().post("/api/v1/claims", claim.clone()).await.is(201);
        assert!(claimed.body.get("client_secret").is_none());
        let issuer = world.running.house.tokens.issuer().to_owned();
        Self { id: claimed.text("/badge_id").parse().unwrap(), signer, issuer, claim }
    }

    /// What a good statement says.
    fn claims(&self, world: &World) -> Value {
        let now = world.running.house.now().s();
        let id = self.id.to_string();
        json!({ "iss": id, "sub": id, "aud": self.issuer, "iat": now, "exp": now + 300, "jti": Uuid::now_v7() })
    }

    fn signed(&self, claims: &Value) -> String {
        self.signer.sign(&json!({ "typ": "connect+jwt", "alg": "ES256" }), claims)
    }

    fn statement(&self, world: &World) -> String {
        self.signed(&self.claims(world))
    }
}

/// An open connection, or what the door answered.
async fn connect(
    world: &World,
    id: BadgeId,
    password: &str,
) -> Result<(AsyncClient, EventLoop), ConnectReturnCode> {
    let mut options = MqttOptions::new(id.to_string(), "127.0.0.1", world.running.mqtt.port());
    options.set_credentials(id.to_string(), password).set_keep_alive(Duration::from_secs(60));
    let (client, mut events) = AsyncClient::new(options, 10);
    let first = tokio::time::timeout(PATIENCE, events.poll()).await.expect("the door says nothing");
    match first {
        Ok(Event::Incoming(Packet::ConnAck(_))) => Ok((client, events)),
        Err(ConnectionError::ConnectionRefused(code)) => Err(code),
        other => panic!("{other:?}"),
    }
}

/// What the door says to somebody it does not let in.
async fn refused(world: &World, id: BadgeId, password: &str) -> ConnectReturnCode {
    connect(world, id, password).await.err().expect("it was let in")
}

/// Why the server ends a connection.
async fn ended(events: &mut EventLoop) -> DisconnectReasonCode {
    let look = async {
        loop {
            match events.poll().await {
                Ok(_) => {}
                Err(ConnectionError::MqttState(StateError::ServerDisconnect { reason_code, .. })) => {
                    return reason_code;
                }
                Err(other) => panic!("{other:?}"),
            }
        }
    };
    tokio::time::timeout(PATIENCE, look).await.expect("the connection goes on")
}

/// Waits for the next packet of a kind.
async fn until<T>(events: &mut EventLoop, mut kind: impl FnMut(Packet) -> Option<T>) -> T {
    let look = async {
        loop {
            if let Event::Incoming(packet) = events.poll().await.unwrap()
                && let Some(found) = kind(packet)
            {
                return found;
            }
        }
    };
    tokio::time::timeout(PATIENCE, look).await.expect("it never came")
}

async fn nonce(world: &World) -> String {
    let answer = world.nobody().send(world.nobody().request(Method::POST, "/oauth/nonce")).await.is(200);
    assert_eq!(answer.header("dpop-nonce"), answer.text("/nonce"));
    answer.text("/nonce")
}

async fn a_badge_connects_with_its_own_signature_and_a_revocation_ends_it(engine: Engine) {
    let world = World::open(engine).await;
    let badge = Keyed::new(&world).await;
    let (client, mut events) = connect(&world, badge.id, &badge.statement(&world)).await.unwrap();
    client.subscribe("v1/me/show", QoS::AtLeastOnce).await.unwrap();
    until(&mut events, |packet| matches!(packet, Packet::SubAck(_)).then_some(())).await;
    let manager = world.manager().await;
    let display = format!("/api/v1/badges/{}/display", badge.id);
    manager.put(&display, json!({ "text": "Hello" })).await.is(200);
    until(&mut events, |packet| matches!(packet, Packet::Publish(_)).then_some(())).await;
    // Whoever has connected needs no claim code any more, and neither does whoever found it.
    world.nobody().post("/api/v1/claims", badge.claim.clone()).await.is(404);
    // Whoever only sees the network traffic of another badge, or has the secret of one, is not this badge.
    let (other, _, token) = world.device().await;
    assert_eq!(refused(&world, badge.id, &token).await, ConnectReturnCode::NotAuthorized);
    assert_eq!(refused(&world, other, &badge.statement(&world)).await, ConnectReturnCode::NotAuthorized);
    let answer = manager.post(&format!("/api/v1/badges/{}/revoke", badge.id), json!({})).await;
    assert!(answer.status.is_success(), "{}", answer.body);
    assert_eq!(ended(&mut events).await, DisconnectReasonCode::AdministrativeAction);
    let again = refused(&world, badge.id, &badge.statement(&world)).await;
    assert_eq!(again, ConnectReturnCode::NotAuthorized);
    world.close().await;
}

async fn every_wrong_statement_is_refused(engine: Engine) {
    let world = World::open(engine).await;
    let badge = Keyed::new(&world).await;
    let now = world.running.house.now().s();
    let claim = |name: &str, value: Value| {
        let mut claims = badge.claims(&world);
        claims[name] = value;
        badge.signed(&claims)
    };
    let header = |header: Value| badge.signer.sign(&header, &badge.claims(&world));
    let (other, ..) = world.device().await;
    let forged = Signer::new().sign(&json!({ "typ": "connect+jwt", "alg": "ES256" }), &badge.claims(&world));
    let jwk = json!({ "typ": "connect+jwt", "alg": "ES256", "crit": ["jwk"], "jwk": badge.signer.jwk() });
    let longer = |from: i64, to: i64| {
        let mut claims = badge.claims(&world);
        (claims["iat"], claims["exp"]) = (json!(from), json!(to));
        badge.signed(&claims)
    };
    #[rustfmt::skip]
    let cases = [
        ("a forgery", forged),
        ("a client assertion", header(json!({ "typ": "JWT", "alg": "ES256" }))),
        ("no typ", header(json!({ "alg": "ES256" }))),
        ("a DPoP proof", header(json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": badge.signer.jwk() }))),
        ("an access token's typ", header(json!({ "typ": "at+jwt", "alg": "ES256" }))),
        ("alg none", header(json!({ "typ": "connect+jwt", "alg": "none" }))),
        ("something critical", header(jwk)),
        ("for somebody else", claim("aud", json!("https://elsewhere.example"))),
        ("for us and somebody else", claim("aud", json!([badge.issuer, "https://elsewhere.example"]))),
        ("for nobody", claim("aud", Value::Null)),
        ("about another badge", claim("sub", json!(other))),
        ("by another badge", claim("iss", json!(other))),
        ("about a badge there is not", claim("sub", json!(Uuid::now_v7()))),
        ("without jti", claim("jti", Value::Null)),
        ("with an empty jti", claim("jti", json!(""))),
        ("without iat", claim("iat", Value::Null)),
        ("without exp", claim("exp", Value::Null)),
        ("too long a life", longer(now, now + 301)),
        ("no life", longer(now, now)),
        ("a life backwards", longer(i64::MAX, i64::MIN)),
        ("over for longer than clocks are wrong", longer(now - 1_000, now - 700)),
        ("ahead of any clock", longer(now + 700, now + 1_000)),
        ("with a nonce that was never given", claim("nonce", json!("AAABmr0AAAAAAAAAAAAAAAAAAAAAAAAA"))),
        ("with an empty nonce", claim("nonce", json!(""))),
    ];
    for (what, statement) in cases {
        let refused = connect(&world, badge.id, &statement).await.err();
        assert!(
            matches!(
                refused,
                Some(ConnectReturnCode::NotAuthorized | ConnectReturnCode::BadUserNamePassword)
            ),
            "{what}: {refused:?}"
        );
    }
    // A statement is for the MQTT door, and no access token.
    let shown = world.bearer(&badge.statement(&world)).get("/api/v1/me/show").await.is(401);
    assert!(shown.header("www-authenticate").contains("invalid_token"));
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    let statement = badge.statement(&world);
    let form = [OWN, ("client_assertion_type", kind), ("client_assertion", &*statement)];
    let asked = world.nobody().send(world.http.post(world.url("/oauth/token")).form(&form)).await;
    assert_eq!(asked.text("/error"), "invalid_client");
    // Ten minutes wrong either way is how badges' clocks are.
    for off in [-590, 590] {
        connect(&world, badge.id, &longer(now + off, now + off + 300)).await.unwrap();
    }
    connect(&world, badge.id, &claim("aud", json!([world.running.house.mqtt_url()]))).await.unwrap();
    world.close().await;
}

async fn a_statement_counts_once_and_a_restart_does_not_change_that(engine: Engine) {
    let world = World::with(engine, |config| {
        config.public_url = Some("http://badges.example".to_owned());
    })
    .await;
    let badge = Keyed::new(&world).await;
    let (used, unused) = (badge.statement(&world), badge.statement(&world));
    connect(&world, badge.id, &used).await.unwrap();
    assert_eq!(refused(&world, badge.id, &used).await, ConnectReturnCode::NotAuthorized);
    let world = world.restarted().await;
    assert_eq!(refused(&world, badge.id, &used).await, ConnectReturnCode::NotAuthorized);
    connect(&world, badge.id, &unused).await.unwrap();
    assert_eq!(told(&world, Kind::ReplayedProof, 1).await[0]["object_id"], json!(badge.id));
    world.close().await;
}

async fn a_badge_in_1970_connects_with_a_nonce(engine: Engine) {
    let world = World::open(engine).await;
    let badge = Keyed::new(&world).await;
    let mut claims = badge.claims(&world);
    (claims["iat"], claims["exp"]) = (json!(30), json!(330));
    let refused = refused(&world, badge.id, &badge.signed(&claims)).await;
    assert_eq!(refused, ConnectReturnCode::NotAuthorized);
    claims["nonce"] = json!(nonce(&world).await);
    let statement = badge.signed(&claims);
    connect(&world, badge.id, &statement).await.unwrap();
    assert!(connect(&world, badge.id, &statement).await.is_err(), "once");
    world.close().await;
}

async fn a_simulated_badge_signs_its_way_in_again_and_again(engine: Engine) {
    let world = World::open(engine).await;
    let badge = world.badge_with(Setup { keyed: true, ..Setup::default() }).await;
    let manager = world.manager().await;
    let seen = manager.get(&format!("/api/v1/badges/{}", badge.id())).await.is(200);
    assert!(seen.text("/key/did").starts_with("did:key:"));
    badge.go_offline();
    world.until("it is gone", async || (!world.running.house.desk.holds(badge.id())).then_some(())).await;
    badge.come_back();
    badge.until_connected(PATIENCE).await.unwrap();
    let announcement = manager.announce("Lunch").await;
    world
        .until("it is shown", async || {
            let answer = manager.get(&announcement).await.is(200);
            (answer.body["receipts"]["shown"] == 1).then_some(())
        })
        .await;
    badge.stop().await;
    world.close().await;
}

async fn a_connection_is_renewed_by_a_statement(engine: Engine) {
    let world = World::open(engine).await;
    let badge = Keyed::new(&world).await;
    let (client, mut events) = connect(&world, badge.id, &badge.statement(&world)).await.unwrap();
    let again = badge.statement(&world);
    client.publish("v1/me/token", QoS::AtLeastOnce, false, again.clone()).await.unwrap();
    until(&mut events, |packet| matches!(packet, Packet::PubAck(_)).then_some(())).await;
    assert!(world.running.house.desk.holds(badge.id));
    // The same one a second time ends the connection.
    client.publish("v1/me/token", QoS::AtLeastOnce, false, again).await.unwrap();
    assert_eq!(ended(&mut events).await, DisconnectReasonCode::NotAuthorized);
    world.close().await;
}

/// A badge's access token in this form.
async fn light(world: &World, (id, secret): (BadgeId, &str), form: &str) -> Answer {
    let request = world.http.post(world.url("/oauth/token")).basic_auth(id, Some(secret));
    world.nobody().send(request.form(&[OWN, ("token_format", form)])).await
}

async fn a_light_token_opens_what_a_badges_token_opens(engine: Engine) {
    let world = World::open(engine).await;
    let (id, secret, _) = world.device().await;
    let (other, ..) = world.device().await;
    for (form, longest) in [("cwt-mac0", 110), ("cwt-sign1", 190)] {
        let given = light(&world, (id, &secret), form).await.is(200);
        let token = given.text("/access_token");
        assert!(token.len() <= longest, "{form}: {}", token.len());
        assert!((54 * 60..=60 * 60).contains(&given.number("/expires_in")));
        let bearer = world.bearer(&token);
        bearer.get("/api/v1/me/show").await.is(200);
        bearer.post("/api/v1/me/acks", json!({ "acks": [] })).await.is(204);
        bearer.get("/api/v1/badges").await.is(403);
        bearer.get("/api/v1/me").await.is(403);
        let (client, mut events) = connect(&world, id, &token).await.unwrap();
        assert_eq!(refused(&world, other, &token).await, ConnectReturnCode::NotAuthorized);
        let fresh = light(&world, (id, &secret), form).await.text("/access_token");
        client.publish("v1/me/token", QoS::AtLeastOnce, false, fresh).await.unwrap();
        until(&mut events, |packet| matches!(packet, Packet::PubAck(_)).then_some(())).await;
        assert!(world.running.house.desk.holds(id));
    }
    assert_eq!(light(&world, (id, &secret), "cwt").await.text("/error"), "invalid_request");
    // For badges alone, and not bound to a key.
    let prover = Prover::new(&world);
    let form = [OWN, ("token_format", "cwt-mac0")];
    let bound = prover.token(Some((&id.to_string(), &secret)), &form).await;
    assert_eq!(bound.text("/error"), "invalid_request");
    let client = json!({ "name": "Panel", "grants": ["client_credentials"], "scopes": "badges:read" });
    let admin = world.person(badgecast_domain::access::Role::Admin).await;
    let client = admin.post("/api/v1/clients", client).await.is(201);
    let (id, secret) = (client.text("/id"), client.text("/client_secret"));
    let refused = light(&world, (id.parse().unwrap(), &secret), "cwt-mac0").await;
    assert_eq!(refused.text("/error"), "invalid_request");
    world.close().await;
}

async fn a_light_token_ends_like_any_other(engine: Engine) {
    let mut world = World::open(engine).await;
    let (id, secret, _) = world.device().await;
    let mut tokens = Vec::new();
    for form in ["cwt-mac0", "cwt-sign1"] {
        for _ in 0..2 {
            tokens.push(light(&world, (id, &secret), form).await.text("/access_token"));
        }
    }
    // A new key signs from now on; what the old one made still counts, also after a restart.
    let house = world.running.house.clone();
    house.tokens.rotate(house.database.read(), house.now()).await.unwrap();
    drop(house);
    world = world.restarted().await;
    let show = async |world: &World, token: &str| world.bearer(token).get("/api/v1/me/show").await;
    for token in &tokens {
        show(&world, token).await.is(200);
    }
    for (token, kept) in [(&tokens[0], &tokens[1]), (&tokens[2], &tokens[3])] {
        let request = world.http.post(world.url("/oauth/revoke")).basic_auth(id, Some(&secret));
        let revoked = world.nobody().send(request.form(&[("token", token)])).await;
        assert_eq!(revoked.status, 200);
        show(&world, token).await.is(401);
        show(&world, kept).await.is(200);
    }
    assert_eq!(refused(&world, id, &tokens[0]).await, ConnectReturnCode::Banned);
    let (_client, mut events) = connect(&world, id, &tokens[1]).await.unwrap();
    world.manager().await.post(&format!("/api/v1/badges/{id}/revoke"), json!({})).await;
    assert_eq!(ended(&mut events).await, DisconnectReasonCode::AdministrativeAction);
    for token in &tokens {
        show(&world, token).await.is(401);
        assert_eq!(refused(&world, id, token).await, ConnectReturnCode::Banned);
    }
    world.close().await;
}

async fn a_key_is_shown_as_an_identifier_and_no_identifier_is_looked_up(engine: Engine) {
    let world = World::open(engine).await;
    let badge = Keyed::new(&world).await;
    let manager = world.manager().await;
    let seen = manager.get(&format!("/api/v1/badges/{}", badge.id)).await.is(200);
    let did = seen.text("/key/did");
    assert!(did.starts_with("did:key:zDna"), "{did}");
    assert_eq!(seen.text("/key/thumbprint"), badge.signer.thumbprint());
    // The identifier is the key: another badge may be claimed with it instead of the JWK.
    let claim = async |key: &str| {
        let code = world.registered().await.text("/claim_code");
        world.nobody().post("/api/v1/claims", json!({ "claim_code": code, "public_key": key })).await
    };
    let twin = claim(&did).await.is(201).text("/badge_id");
    let twin = manager.get(&format!("/api/v1/badges/{twin}")).await.is(200);
    assert_eq!(twin.body["key"], seen.body["key"]);
    let (secret, ..) = world.device().await;
    assert_eq!(manager.get(&format!("/api/v1/badges/{secret}")).await.body["key"], Value::Null);
    for elsewhere in [
        format!("did:web:127.0.0.1%3A{}", world.running.http.port()),
        "did:ion:EiClkZMDxPKqC9c-umQfTkR8vvZ9JPhl_xLDI9Nfk38w5w".to_owned(),
        "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK".to_owned(),
        format!("{did}#key"),
        "http://127.0.0.1/key".to_owned(),
    ] {
        let refused = claim(&elsewhere).await.is(422);
        assert_eq!(refused.text("/errors/0/pointer"), "/public_key", "{elsewhere}");
    }
    world.close().await;
}
