//! A badge's own key: what a badge proves itself with that has no secret anybody could copy from the server.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use badgecast_domain::{id::BadgeId, time::Moment};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, jwk::Jwk};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

/// What a statement is called in its header.
const TYPE: &str = "connect+jwt";
/// How long a statement may be shown.
const STATEMENT_LIFE: Duration = Duration::from_secs(5 * 60);

/// A P-256 key pair.
#[derive(Clone)]
pub(crate) struct Key {
    private: EncodingKey,
    jwk: Value,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

/// What a badge says of itself to be let in.
#[derive(Serialize)]
struct Statement<'a> {
    iss: BadgeId,
    sub: BadgeId,
    aud: &'a str,
    iat: i64,
    exp: i64,
    jti: Uuid,
}

impl Key {
    /// # Panics
    /// When the system has no randomness for a key.
    pub(crate) fn generate() -> Self {
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &SystemRandom::new())
            .expect("the system gives random bytes");
        let private = EncodingKey::from_ec_der(pkcs8.as_ref());
        let jwk = Jwk::from_encoding_key(&private, Algorithm::ES256).expect("it is a key of this algorithm");
        Self { private, jwk: json!(jwk) }
    }

    /// The public part.
    pub(crate) const fn jwk(&self) -> &Value {
        &self.jwk
    }

    /// A fresh statement for a server that calls itself `audience`; it counts once.
    ///
    /// # Panics
    /// Never: a key of this algorithm signs whatever is JSON.
    pub(crate) fn statement(&self, badge: BadgeId, audience: &str) -> String {
        let now = Moment::from(SystemTime::now());
        let mut header = Header::new(Algorithm::ES256);
        header.typ = Some(TYPE.to_owned());
        let exp = now.plus(STATEMENT_LIFE).s();
        let said =
            Statement { iss: badge, sub: badge, aud: audience, iat: now.s(), exp, jti: Uuid::now_v7() };
        encode(&header, &said, &self.private).expect("a key of this algorithm signs JSON")
    }
}
