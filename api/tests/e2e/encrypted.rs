//! With a certificate everything is encrypted, and browsers are told to keep it so.

use rcgen::{CertifiedKey, generate_simple_self_signed};

use crate::world::{Engine, World};

crate::stories! {
    with_a_certificate_the_api_speaks_https_and_nothing_else
}

async fn with_a_certificate_the_api_speaks_https_and_nothing_else(engine: Engine) {
    let folder = tempfile::tempdir().unwrap();
    let (chain, key) = (folder.path().join("chain.pem"), folder.path().join("key.pem"));
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(&chain, cert.pem()).unwrap();
    std::fs::write(&key, signing_key.serialize_pem()).unwrap();
    let world = World::with(engine, |config| config.tls = Some((chain, key))).await;
    let trusted = reqwest::Certificate::from_pem(cert.pem().as_bytes()).unwrap();
    let http = reqwest::Client::builder().no_proxy().tls_certs_only([trusted]).build().unwrap();
    let port = world.running.http.port();
    let answer = http.get(format!("https://localhost:{port}/healthz")).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["strict-transport-security"], "max-age=31536000");
    assert!(world.running.house.mqtt_url().starts_with("mqtts://"));
    let plain = world.http.get(world.url("/healthz")).send().await;
    assert!(plain.is_err() || plain.unwrap().status() == 400, "plaintext is not answered");
    world.close().await;
}
