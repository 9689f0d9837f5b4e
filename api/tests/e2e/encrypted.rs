//! With a certificate everything is encrypted, and browsers are told to keep it so.

use crate::world::{Engine, World};

crate::stories! {
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
