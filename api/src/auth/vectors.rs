//! The examples of the RFCs, checked with the very functions our verifier stands on.

use jsonwebtoken::{
    Algorithm, DecodingKey,
    crypto::verify,
    jwk::{Jwk, ThumbprintHash},
};
use serde_json::json;

use super::{
    device_key::{DeviceKey, NotAKey},
    keys::Ring,
    verifier::{Refused, Verifier},
};

const PAYLOAD: &str =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

/// RFC 7515 appendix A.1: HS256. The library can; our server does not take it from anybody.
#[test]
fn the_hmac_example_is_verified_by_the_library_and_refused_by_us() {
    let (header, signature) =
        ("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    let jwk: Jwk = serde_json::from_value(json!({
        "kty": "oct",
        "k": "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
    }))
    .unwrap();
    let message = format!("{header}.{PAYLOAD}");
    let key = DecodingKey::from_jwk(&jwk).unwrap();
    assert!(verify(signature, message.as_bytes(), &key, Algorithm::HS256).unwrap());
    let whole = format!("{message}.{signature}");
    let judged = Verifier::new("joe").check(
        &whole,
        &Ring::default(),
        badgecast_domain::token::Audience::Api,
        badgecast_domain::time::Moment::from_s(1_300_819_000),
    );
    assert_eq!(judged, Err(Refused::Algorithm));
}

/// RFC 7515 appendix A.3: ES256.
#[test]
fn the_ecdsa_example_is_verified_and_a_changed_one_is_not() {
    let signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    let key = DeviceKey::parse(&json!({
        "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    }))
    .unwrap();
    let message = format!("eyJhbGciOiJFUzI1NiJ9.{PAYLOAD}");
    assert!(verify(signature, message.as_bytes(), key.public(), Algorithm::ES256).unwrap());
    let changed = message.replace("eyJpc3", "eyJpc4");
    assert!(!verify(signature, changed.as_bytes(), key.public(), Algorithm::ES256).unwrap());
}

/// RFC 7638 section 3.1.
#[test]
fn the_thumbprint_example_comes_out() {
    let jwk: Jwk = serde_json::from_value(json!({
        "kty": "RSA", "e": "AQAB", "alg": "RS256", "kid": "2011-04-29",
        "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
    }))
    .unwrap();
    let thumbprint = jwk.thumbprint(ThumbprintHash::SHA256).unwrap();
    assert_eq!(thumbprint, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

/// RFC 8037 appendix A.3 and A.4: Ed25519. The library can; devices prove themselves with P-256 here, so we refuse.
#[test]
fn the_ed25519_examples_are_verified_by_the_library_and_refused_by_us() {
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
    let key: Jwk = serde_json::from_value(jwk.clone()).unwrap();
    assert_eq!(
        key.thumbprint(ThumbprintHash::SHA256).unwrap(),
        "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    );
    let message = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    let signature = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    let public = DecodingKey::from_jwk(&key).unwrap();
    assert!(verify(signature, message.as_bytes(), &public, Algorithm::EdDSA).unwrap());
    assert_eq!(DeviceKey::parse(&jwk).unwrap_err(), NotAKey::Shape);
    assert!(super::signed::header(&format!("{message}.{signature}")).is_none());
}
