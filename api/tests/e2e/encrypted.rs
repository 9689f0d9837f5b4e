//! With a certificate everything is encrypted, and browsers are told to keep it so.

use std::net::SocketAddr;

use crate::{
    process::free_address,
    world::{Engine, World},
};

crate::stories! {
    the_issuer_is_where_the_metadata_is_found_with_and_without_a_certificate
    with_a_certificate_the_api_speaks_https_and_nothing_else
}

async fn with_a_certificate_the_api_speaks_https_and_nothing_else(engine: Engine) {
    let (world, _) = World::encrypted(engine).await;
    let answer = world.http.get(world.url("/healthz")).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["strict-transport-security"], "max-age=31536000");
    assert!(world.running.house.mqtt_url().starts_with("mqtts://"));
    let plain = format!("http://{}/healthz", world.running.http);
    let plain = reqwest::Client::builder().no_proxy().build().unwrap().get(plain).send().await;
    assert!(plain.is_err() || plain.unwrap().status() == 400, "plaintext is not answered");
    world.close().await;
}

async fn the_issuer_is_where_the_metadata_is_found_with_and_without_a_certificate(engine: Engine) {
    let address: SocketAddr = free_address().parse().unwrap();
    let (world, _) = World::encrypted_with(engine, |config| config.http = address).await;
    assert_eq!(issuer(&world).await, format!("https://{address}"));
    let old = world.manager().await.token.unwrap();
    // The address is kept, but not how it was spoken to.
    let world = world.restarted_after(async |config| config.tls = None).await;
    assert_eq!(issuer(&world).await, format!("http://{address}"));
    world.bearer(&old).get("/api/v1/me").await.is(401);
    world.manager().await.get("/api/v1/me").await.is(200);
    world.close().await;
}

/// What the metadata say, as far as both kinds agree.
async fn issuer(world: &World) -> String {
    let openid = world.nobody().get("/.well-known/openid-configuration").await.is(200);
    let oauth = world.nobody().get("/.well-known/oauth-authorization-server").await.is(200);
    assert_eq!(oauth.body["issuer"], openid.body["issuer"]);
    assert!(openid.text("/token_endpoint").starts_with(&openid.text("/issuer")));
    openid.text("/issuer")
}
