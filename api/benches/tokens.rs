//! What tokens cost: `cargo bench -p badgecast --bench tokens`.
//!
//! Verifying against the bare signature check; what watching every use adds; and what a flood of logins does to the rest of the API.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::{
    hint::black_box,
    net::Ipv4Addr,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use badgecast::{
    auth::{
        Caller, Scope, Tokens, password,
        peer::Network,
        tokens::{Grant, Settings},
        watch::{Rules, Watch},
    },
    config::Config,
    start,
    tables::{Database, Tx, organizations, people},
};
use badgecast_domain::{
    access::Role,
    id::{OrganizationId, UserId},
    time::Moment,
    token::Audience,
};
use jsonwebtoken::{Algorithm, DecodingKey, crypto::verify};
use serde_json::json;

const TOKENS: usize = 4_000;
const LOGINS: usize = 200;
const PASSWORD: &str = "correct horse battery staple";

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(verifying());
    runtime.block_on(flood());
}

async fn verifying() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = Database::sqlite(&folder.path().join("bench.sqlite")).await.expect("a database");
    let now = Moment::from(SystemTime::now());
    let settings = Settings { issuer: "https://badges.example".to_owned(), sealing: None, test_keys: false };
    let tokens = Tokens::open(database.read(), settings, now).await.expect("tokens");
    let key = DecodingKey::from_jwk(&tokens.jwks(now).keys[0]).expect("a key");
    let issue = || {
        let grant = Grant::person(UserId::new(), "badgecast", OrganizationId::new(), Role::Manager.scopes());
        tokens.issue(grant, now).expect("a token").token.to_string()
    };
    let issued: Vec<String> = (0..TOKENS).map(|_| issue()).collect();
    let bare = per_token(&issued, |token| {
        let (message, signature) = token.rsplit_once('.').expect("a token has dots");
        black_box(verify(signature, message.as_bytes(), &key, Algorithm::ES256)).is_ok()
    });
    let first = per_token(&issued, |token| tokens.verify(token, Audience::Api, now).is_ok());
    let second = per_token(&issued, |token| tokens.verify(token, Audience::Api, now).is_ok());
    println!("bare signature check   {bare:>10.2?} per token");
    println!(
        "first verification     {first:>10.2?} per token, {:.2} x",
        first.as_secs_f64() / bare.as_secs_f64()
    );
    println!("second, from the cache {second:>10.2?} per token");
    let (watch, _waiting) = Watch::new(Rules::default());
    let network = Network::of(Ipv4Addr::LOCALHOST.into());
    let claims: Vec<_> =
        issued.iter().map(|token| tokens.verify(token, Audience::Api, now).expect("a good token")).collect();
    let callers: Vec<Caller> = claims.iter().map(|claims| Caller::of(claims)).collect();
    for turn in ["first", "later"] {
        let since = Instant::now();
        assert!(callers.iter().all(|caller| watch.used(black_box(caller), network, now).is_ok()));
        let watched = since.elapsed() / u32::try_from(callers.len()).expect("few tokens");
        println!("watched, {turn} use     {watched:>10.2?} per use");
    }
}

fn per_token(tokens: &[String], check: impl Fn(&str) -> bool) -> Duration {
    let since = Instant::now();
    assert!(tokens.iter().all(|token| check(token)));
    since.elapsed() / u32::try_from(tokens.len()).expect("few tokens")
}

async fn flood() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = start(Config::on_loopback(folder.path())).await.expect("a server");
    let hash = password::hash_now(PASSWORD).expect("a hash");
    let house = Arc::clone(&running.house);
    let found = async |tx: &Tx| {
        let organization = organizations::create(tx, "Bench", house.now()).await?;
        let email = people::Email::try_from("a@bench.example".to_owned()).expect("an email");
        let new = people::New { email, name: "A".to_owned(), role: Role::Manager, password_hash: Some(hash) };
        people::create(tx, &Scope::house(organization), new, house.now()).await
    };
    let person = house.database.write(found).await.expect("a person");
    let grant = Grant::person(person.id, "badgecast", person.organization, Role::Manager.scopes());
    let token = house.tokens.issue(grant, house.now()).expect("a token").token.to_string();
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let url = |path: &str| format!("http://{}{path}", running.http);
    let asked = [url("/api/v1/me"), url("/api/v1/badges"), url("/api/v1/announcements")];
    let calm = p99(&http, &asked, &token, 500).await;
    let logins: Vec<_> = (0..LOGINS)
        .map(|_| {
            let login = json!({ "email": "a@bench.example", "password": PASSWORD });
            tokio::spawn(http.post(url("/api/v1/login")).json(&login).send())
        })
        .collect();
    let flooded = p99(&http, &asked, &token, 500).await;
    let busy = logins.iter().filter(|login| !login.is_finished()).count();
    let mut in_time = 0;
    for login in logins {
        in_time += usize::from(login.await.is_ok_and(|sent| sent.is_ok_and(|answer| answer.status() == 200)));
    }
    println!(
        "p99 of the other API   {calm:>10.2?} calm, {flooded:.2?} while {LOGINS} people log in ({in_time} did, {busy} still at the end)"
    );
    running.stop().await;
}

async fn p99(http: &reqwest::Client, urls: &[String], token: &str, requests: usize) -> Duration {
    let mut took = Vec::with_capacity(requests);
    for url in urls.iter().cycle().take(requests) {
        let since = Instant::now();
        let answer = http.get(url).bearer_auth(token).send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        took.push(since.elapsed());
    }
    took.sort_unstable();
    took[requests * 99 / 100]
}
