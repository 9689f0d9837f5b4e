//! A key pair as a device or client has one, and what it signs.

use std::sync::Mutex;

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::world::{Answer, World};

pub struct Signer(EcdsaKeyPair);

impl Signer {
    pub fn new() -> Self {
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &SystemRandom::new()).unwrap();
        Self(EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref()).unwrap())
    }

    pub fn jwk(&self) -> Value {
        let point = self.0.public_key().as_ref();
        let coordinate = |bytes| URL_SAFE_NO_PAD.encode(bytes);
        json!({ "kty": "EC", "crv": "P-256", "x": coordinate(&point[1..33]), "y": coordinate(&point[33..]) })
    }

    /// RFC 7638.
    pub fn thumbprint(&self) -> String {
        let jwk = self.jwk();
        let members = format!(r#"{{"crv":"P-256","kty":"EC","x":{},"y":{}}}"#, jwk["x"], jwk["y"]);
        URL_SAFE_NO_PAD.encode(Sha256::digest(members))
    }

    /// With any header, also one that no library would write.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let signature = self.0.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// A client that proves its key with every request (RFC 9449), and keeps the newest nonce.
pub struct Prover<'w> {
    world: &'w World,
    pub signer: Signer,
    /// Where the server believes to be.
    base: String,
    nonce: Mutex<Option<String>>,
}

impl<'w> Prover<'w> {
    pub fn new(world: &'w World) -> Self {
        Self { world, signer: Signer::new(), base: world.running.house.base_url(), nonce: Mutex::default() }
    }

    pub fn header(&self) -> Value {
        json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": self.signer.jwk() })
    }

    /// What a good proof says.
    pub fn claims(&self, verb: &str, path: &str, token: Option<&str>) -> Value {
        json!({
            "jti": Uuid::now_v7(), "htm": verb, "htu": format!("{}{path}", self.base),
            "iat": self.world.running.house.now().s(), "nonce": *self.nonce.lock().unwrap(),
            "ath": token.map(|token| URL_SAFE_NO_PAD.encode(Sha256::digest(token))),
        })
    }

    pub fn proof(&self, verb: &str, path: &str, token: Option<&str>) -> String {
        self.signer.sign(&self.header(), &self.claims(verb, path, token))
    }

    /// Sends a request with these proofs as they are, and learns the nonce.
    pub async fn send(&self, request: reqwest::RequestBuilder, proofs: &[String]) -> Answer {
        let request = proofs.iter().fold(request, |request, proof| request.header("dpop", proof));
        let answer = Answer::of(request.send().await.unwrap()).await;
        if let Some(nonce) = answer.headers.get("dpop-nonce") {
            *self.nonce.lock().unwrap() = Some(nonce.to_str().unwrap().to_owned());
        }
        answer
    }

    /// Reads something with a token bound to this key.
    pub async fn get(&self, path: &str, token: &str) -> Answer {
        let request =
            self.world.http.get(self.world.url(path)).header("authorization", format!("DPoP {token}"));
        self.send(request, &[self.proof("GET", path, Some(token))]).await
    }

    /// Asks for a token; the first answer is often only a nonce.
    pub async fn token(&self, proof: Option<(&str, &str)>, form: &[(&str, &str)]) -> Answer {
        let ask = async || {
            let request = self.world.http.post(self.world.url("/oauth/token")).form(form);
            let request = match proof {
                Some((id, secret)) => request.basic_auth(id, Some(secret)),
                None => request,
            };
            self.send(request, &[self.proof("POST", "/oauth/token", None)]).await
        };
        let first = ask().await;
        if first.body["error"] == "use_dpop_nonce" { ask().await } else { first }
    }
}
