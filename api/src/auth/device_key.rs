//! Public keys that devices and clients bring along: P-256, as a JWK (RFC 7517), known by its thumbprint (RFC 7638).

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ParsedPublicKey};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{Jwk, ThumbprintHash},
};
use serde_json::{Value, json};

/// A public key someone proves themselves with.
#[derive(Debug, Clone)]
pub struct DeviceKey {
    jwk: Jwk,
    public: DecodingKey,
    thumbprint: String,
}

/// Not a public key we take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAKey {
    #[error("is a JWK with kty EC, crv P-256, x and y")]
    Shape,
    #[error("holds the private part; keep that on the device")]
    Private,
    #[error("is not a point on P-256")]
    Point,
}

impl DeviceKey {
    /// From a JWK. Members that say nothing about the key are dropped.
    ///
    /// # Errors
    /// See [`NotAKey`].
    pub fn parse(jwk: &Value) -> Result<Self, NotAKey> {
        let member = |name: &str| jwk.get(name).and_then(Value::as_str);
        if jwk.get("d").is_some() {
            return Err(NotAKey::Private);
        }
        if member("kty") != Some("EC") || member("crv") != Some("P-256") {
            return Err(NotAKey::Shape);
        }
        let usable = member("use").is_none_or(|key_use| key_use == "sig");
        let (Some(x), Some(y), true) = (member("x"), member("y"), usable) else { return Err(NotAKey::Shape) };
        let coordinate = |text: &str| URL_SAFE_NO_PAD.decode(text).ok().filter(|bytes| bytes.len() == 32);
        let (Some(x), Some(y)) = (coordinate(x), coordinate(y)) else { return Err(NotAKey::Shape) };
        let point = [&[4][..], &x, &y].concat();
        ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &point).map_err(|_| NotAKey::Point)?;
        let public = DecodingKey::from_ec_der(&point);
        let jwk = Jwk::from_decoding_key(&public, Some(Algorithm::ES256)).map_err(|_| NotAKey::Point)?;
        let thumbprint = jwk.thumbprint(ThumbprintHash::SHA256).map_err(|_| NotAKey::Point)?;
        Ok(Self { jwk, public, thumbprint })
    }

    /// From what [`Self::json`] wrote.
    ///
    /// # Errors
    /// See [`NotAKey`].
    pub fn from_json(json: &str) -> Result<Self, NotAKey> {
        Self::parse(&serde_json::from_str(json).map_err(|_| NotAKey::Shape)?)
    }

    /// The key as it is stored.
    #[must_use]
    pub fn json(&self) -> String {
        json!(self.jwk).to_string()
    }

    /// SHA-256 in base64url, 43 characters.
    #[must_use]
    pub fn thumbprint(&self) -> &str {
        &self.thumbprint
    }

    pub(crate) const fn public(&self) -> &DecodingKey {
        &self.public
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7515 appendix A.3.
    fn rfc_key() -> Value {
        json!({
            "kty": "EC", "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        })
    }

    #[test]
    fn a_key_is_stored_without_ornament_and_read_again() {
        let mut jwk = rfc_key();
        jwk["kid"] = json!("mine");
        let key = DeviceKey::parse(&jwk).unwrap();
        assert_eq!(key.thumbprint().len(), 43);
        assert!(!key.json().contains("mine"));
        assert_eq!(DeviceKey::from_json(&key.json()).unwrap().thumbprint(), key.thumbprint());
    }

    #[test]
    fn what_is_no_public_key_on_the_curve_is_refused() {
        let with = |member: &str, value: Value| {
            let mut jwk = rfc_key();
            jwk[member] = value;
            DeviceKey::parse(&jwk).unwrap_err()
        };
        assert_eq!(with("d", json!("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI")), NotAKey::Private);
        assert_eq!(with("crv", json!("P-384")), NotAKey::Shape);
        assert_eq!(with("kty", json!("oct")), NotAKey::Shape);
        assert_eq!(with("use", json!("enc")), NotAKey::Shape);
        assert_eq!(with("x", json!("AAAA")), NotAKey::Shape);
        assert_eq!(with("x", rfc_key()["y"].clone()), NotAKey::Point);
        assert_eq!(DeviceKey::parse(&json!([])).unwrap_err(), NotAKey::Shape);
    }
}
