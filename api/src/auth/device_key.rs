//! Public keys that devices and clients bring along: P-256, as a JWK (RFC 7517) or `did:key`, known by its thumbprint
//! (RFC 7638).

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ParsedPublicKey};
use badgecast_domain::token::Thumbprint;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{Jwk, ThumbprintHash},
};
use serde_json::{Value, json};

use super::did::{self, POINT_BYTES};

/// A public key someone proves themselves with.
#[derive(Debug, Clone)]
pub struct DeviceKey {
    jwk: Jwk,
    public: DecodingKey,
    thumbprint: Thumbprint,
    did: String,
}

/// Not a public key we take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAKey {
    #[error("is a JWK with kty EC, crv P-256, x and y, or a did:key of one")]
    Shape,
    #[error("is not the did:key of a P-256 key; other methods are not resolved")]
    Did,
    #[error("holds the private part; keep that on the device")]
    Private,
    #[error("is not a point on P-256")]
    Point,
}

impl DeviceKey {
    /// From a JWK, of which members that say nothing about the key are dropped, or from the text of a `did:key`.
    ///
    /// # Errors
    /// See [`NotAKey`].
    pub fn parse(key: &Value) -> Result<Self, NotAKey> {
        if let Value::String(did) = key {
            return Self::of_point(&did::point(did).ok_or(NotAKey::Did)?);
        }
        let member = |name: &str| key.get(name).and_then(Value::as_str);
        if key.get("d").is_some() {
            return Err(NotAKey::Private);
        }
        if member("kty") != Some("EC") || member("crv") != Some("P-256") {
            return Err(NotAKey::Shape);
        }
        let usable = member("use").is_none_or(|key_use| key_use == "sig");
        let (Some(x), Some(y), true) = (member("x"), member("y"), usable) else { return Err(NotAKey::Shape) };
        let coordinate = |text: &str| <[u8; 32]>::try_from(URL_SAFE_NO_PAD.decode(text).ok()?).ok();
        let (Some(x), Some(y)) = (coordinate(x), coordinate(y)) else { return Err(NotAKey::Shape) };
        let mut point = [4; POINT_BYTES];
        point[1..33].copy_from_slice(&x);
        point[33..].copy_from_slice(&y);
        Self::of_point(&point)
    }

    fn of_point(point: &[u8; POINT_BYTES]) -> Result<Self, NotAKey> {
        ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).map_err(|_| NotAKey::Point)?;
        let public = DecodingKey::from_ec_der(point);
        let jwk = Jwk::from_decoding_key(&public, Some(Algorithm::ES256)).map_err(|_| NotAKey::Point)?;
        let thumbprint = jwk.thumbprint(ThumbprintHash::SHA256).map_err(|_| NotAKey::Point)?;
        let thumbprint = thumbprint.try_into().map_err(|_| NotAKey::Point)?;
        Ok(Self { jwk, public, thumbprint, did: did::of(point) })
    }

    /// From a form's field: a JWK in JSON, or a `did:key` as it is.
    ///
    /// # Errors
    /// See [`NotAKey`].
    pub fn from_text(text: &str) -> Result<Self, NotAKey> {
        if text.starts_with("did:") { Self::parse(&Value::from(text)) } else { Self::from_json(text) }
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

    #[must_use]
    pub const fn thumbprint(&self) -> &Thumbprint {
        &self.thumbprint
    }

    /// The key as an identifier: `did:key:z..`.
    #[must_use]
    pub fn did(&self) -> &str {
        &self.did
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
        assert_eq!(key.thumbprint().as_str().len(), 43);
        assert!(!key.json().contains("mine"));
        assert_eq!(DeviceKey::from_json(&key.json()).unwrap().thumbprint(), key.thumbprint());
        let by_did = DeviceKey::from_text(key.did()).unwrap();
        assert_eq!((by_did.thumbprint(), by_did.json()), (key.thumbprint(), key.json()));
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
        assert_eq!(DeviceKey::parse(&json!("did:web:badges.example")).unwrap_err(), NotAKey::Did);
        assert_eq!(DeviceKey::parse(&json!("{}")).unwrap_err(), NotAKey::Did);
    }
}
