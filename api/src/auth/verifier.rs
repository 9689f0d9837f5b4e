//! The one place where an access token is checked (RFC 8725, RFC 9068 section 4).
//!
//! The library's defaults are kinder than we are: it allows a minute past the end, accepts tokens that lack the
//! claims it was told to compare, and ignores `typ` and `crit`. So the header has to be exactly ours, the algorithm
//! comes from our own key record, every claim is required, and time is checked here. What a revocation says is
//! asked afterwards, by [`Tokens::verify`](super::Tokens::verify), for cached tokens too.

use std::time::Duration;

use badgecast_domain::{
    time::Moment,
    token::{Audience, BADGE_TTL, Claims, TYPE},
};
use jsonwebtoken::{Algorithm, Header, crypto::verify, dangerous::insecure_decode_claims, decode_header};
use serde::Deserialize;

use super::keys::Ring;
use crate::tables::Error;

/// The longest token that is looked at, in bytes. Ours are shorter; the rest is room for the future.
pub(super) const MAX_BYTES: usize = 4 * 1024;

/// How far the clocks of two nodes may be apart.
pub(super) const LEEWAY: Duration = Duration::from_secs(5);

/// The longest life a token may claim.
const LONGEST: Duration = BADGE_TTL;

/// Why a token does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refused {
    #[error("the token is not a JWT this server issues")]
    Malformed,
    #[error("the token is too long")]
    TooLong,
    #[error("the token is not signed with ES256")]
    Algorithm,
    #[error("the token's header holds what no access token's header holds")]
    Header,
    #[error("the token is not an access token")]
    Type,
    #[error("the token is signed by an unknown key")]
    Key,
    #[error("the token's signature is wrong")]
    Signature,
    #[error("the token lacks a claim, or one is of the wrong form")]
    Claims,
    #[error("the token is from another issuer")]
    Issuer,
    #[error("the token is for another audience")]
    Audience,
    #[error("the token is expired")]
    Expired,
    #[error("the token is not valid yet")]
    NotYet,
    #[error("the token claims a longer life than any we issue")]
    Lifetime,
    #[error("the token was revoked")]
    Revoked,
    #[error("the statement was shown before")]
    Replayed,
    #[error("the statement holds a nonce that is not ours or too old")]
    Nonce,
    #[error("the database does not answer")]
    Unavailable,
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        tracing::warn!(%error, "a token could not be looked up");
        Self::Unavailable
    }
}

impl Refused {
    /// The value of `reason` in `badgecast_auth_failures_total`.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::TooLong => "too_long",
            Self::Algorithm => "algorithm",
            Self::Header => "header",
            Self::Type => "type",
            Self::Key => "key",
            Self::Signature => "signature",
            Self::Claims => "claims",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::Expired => "expired",
            Self::NotYet => "not_yet",
            Self::Lifetime => "lifetime",
            Self::Revoked => "revoked",
            Self::Replayed => "replayed",
            Self::Nonce => "nonce",
            Self::Unavailable => "unavailable",
        }
    }
}

/// Checks tokens of one issuer.
#[derive(Debug)]
pub(super) struct Verifier {
    issuer: String,
}

/// We never say it, but what is signed is heeded (RFC 7519 section 4.1.5).
#[derive(Deserialize)]
struct NotBefore {
    nbf: Option<i64>,
}

impl Verifier {
    #[must_use]
    pub(super) fn new(issuer: &str) -> Self {
        Self { issuer: issuer.to_owned() }
    }

    /// The claims of a token that is ours, for this audience, and valid now. Says nothing about revocation.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub(super) fn check(
        &self,
        token: &str,
        ring: &Ring,
        audience: Audience,
        now: Moment,
    ) -> Result<Claims, Refused> {
        if token.len() > MAX_BYTES {
            return Err(Refused::TooLong);
        }
        let header = decode_header(token).map_err(|_| Refused::Malformed)?;
        let kid = exactly_ours(header)?;
        let key = ring.find(&kid, now).ok_or(Refused::Key)?;
        // The library's pieces one by one: its `decode` would read the header three times and the claims twice.
        let (message, signature) = token.rsplit_once('.').ok_or(Refused::Malformed)?;
        match verify(signature, message.as_bytes(), key.public(), Algorithm::ES256) {
            Ok(true) => {}
            Ok(false) => return Err(Refused::Signature),
            Err(_) => return Err(Refused::Malformed),
        }
        let claims: Claims = insecure_decode_claims(token).map_err(|_| Refused::Claims)?;
        if claims.iss != self.issuer {
            return Err(Refused::Issuer);
        }
        let NotBefore { nbf } = insecure_decode_claims(token).map_err(|_| Refused::Claims)?;
        if nbf.is_some_and(|nbf| nbf > now.plus(LEEWAY).s()) {
            return Err(Refused::NotYet);
        }
        in_time(&claims, now)?;
        for_audience(&claims, audience)?;
        Ok(claims)
    }
}

/// The `kid` of a header that says `alg`, `typ` and `kid` as we write them, and nothing else: no `crit`, no `b64`,
/// no key or address of a key that the sender chose.
fn exactly_ours(header: Header) -> Result<String, Refused> {
    if header.alg != Algorithm::ES256 {
        return Err(Refused::Algorithm);
    }
    if header.typ.as_deref() != Some(TYPE) {
        return Err(Refused::Type);
    }
    let kid = header.kid.clone().ok_or(Refused::Key)?;
    if header == ours(&kid) { Ok(kid) } else { Err(Refused::Header) }
}

/// The header of every access token we issue.
pub(super) fn ours(kid: &str) -> Header {
    let mut header = Header::new(Algorithm::ES256);
    header.typ = Some(TYPE.to_owned());
    header.kid = Some(kid.to_owned());
    header
}

/// A cached token ages too: the caller asks this again on every use.
pub(super) fn in_time(claims: &Claims, now: Moment) -> Result<(), Refused> {
    let leeway = LEEWAY.as_secs().cast_signed();
    let life = claims.exp.checked_sub(claims.iat).ok_or(Refused::Claims)?;
    if life <= 0 || claims.jti.issued_ms().is_none() {
        return Err(Refused::Claims);
    }
    if life > LONGEST.as_secs().cast_signed() {
        return Err(Refused::Lifetime);
    }
    if claims.iat > now.s().saturating_add(leeway) {
        return Err(Refused::NotYet);
    }
    if claims.exp.saturating_add(leeway) <= now.s() {
        return Err(Refused::Expired);
    }
    Ok(())
}

pub(super) fn for_audience(claims: &Claims, audience: Audience) -> Result<(), Refused> {
    if claims.aud.contains(&audience) { Ok(()) } else { Err(Refused::Audience) }
}

#[cfg(test)]
mod tests {
    use badgecast_domain::{
        access::{Role, Scope, Scopes},
        id::{OrganizationId, TokenId},
        token::{self, Confirmation},
    };
    use jsonwebtoken::{EncodingKey, encode};
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;
    use crate::auth::keys::{SigningKey, Term, Use, generate};

    const ISSUER: &str = "https://badges.example";

    struct Bench {
        key: SigningKey,
        ring: Ring,
        verifier: Verifier,
        now: Moment,
    }

    fn bench() -> Bench {
        let now = Moment::from(std::time::SystemTime::now());
        let key =
            SigningKey::new(Use::Normal, Term { activates_at: now, retires_at: None }, &generate()).unwrap();
        Bench { ring: Ring::new(vec![key.clone()]), key, verifier: Verifier::new(ISSUER), now }
    }

    impl Bench {
        fn claims(&self) -> Value {
            json!({
                "iss": ISSUER, "aud": ["mqtt", "api"], "sub": Uuid::now_v7(), "exp": self.now.s() + 900,
                "iat": self.now.s(), "jti": TokenId::new(), "client_id": "badgecast",
                "scope": "badges:read", "org": OrganizationId::new(),
            })
        }

        fn sign(&self, header: &Header, claims: &Value) -> String {
            encode(header, claims, self.key.private()).unwrap()
        }

        fn check(&self, header: &Header, claims: &Value) -> Result<Claims, Refused> {
            self.verifier.check(&self.sign(header, claims), &self.ring, Audience::Api, self.now)
        }

        fn header(&self) -> Header {
            ours(self.key.kid())
        }
    }

    #[test]
    fn our_own_token_counts() {
        let bench = bench();
        let claims = bench.check(&bench.header(), &bench.claims()).unwrap();
        assert_eq!(claims.scope, Scopes::only(Scope::BadgesRead));
    }

    #[test]
    fn a_token_that_lacks_any_claim_is_refused() {
        let bench = bench();
        for claim in ["iss", "aud", "sub", "exp", "iat", "jti", "client_id", "scope", "org"] {
            let mut claims = bench.claims();
            claims.as_object_mut().unwrap().remove(claim);
            assert_eq!(bench.check(&bench.header(), &claims), Err(Refused::Claims), "{claim}");
        }
    }

    #[test]
    fn a_claim_of_the_wrong_form_is_refused() {
        let bench = bench();
        for (claim, value, refused) in [
            ("iss", json!("https://else.example"), Refused::Issuer),
            ("iss", json!([ISSUER, "https://else.example"]), Refused::Claims),
            ("aud", json!("console"), Refused::Claims),
            ("aud", json!([]), Refused::Audience),
            ("aud", json!("mqtt"), Refused::Audience),
            ("sub", json!("me"), Refused::Claims),
            ("exp", json!(1.5e300), Refused::Claims),
            ("exp", json!(-1), Refused::Claims),
            ("exp", json!(i64::MAX), Refused::Lifetime),
            ("exp", json!(bench.now.s() + 3_601), Refused::Lifetime),
            ("exp", json!(bench.now.s()), Refused::Claims),
            ("iat", json!(bench.now.s() + 6), Refused::NotYet),
            ("iat", json!(i64::MIN), Refused::Claims),
            ("jti", json!(Uuid::nil()), Refused::Claims),
            ("nbf", json!(bench.now.s() + 60), Refused::NotYet),
            ("scope", json!("everything"), Refused::Claims),
            ("org", json!(7), Refused::Claims),
        ] {
            let mut claims = bench.claims();
            claims[claim] = value.clone();
            assert_eq!(bench.check(&bench.header(), &claims), Err(refused), "{claim}: {value}");
        }
    }

    #[test]
    fn a_header_with_anything_more_is_refused() {
        let bench = bench();
        let claims = bench.claims();
        let with = |change: &dyn Fn(&mut Header)| {
            let mut header = bench.header();
            change(&mut header);
            bench.check(&header, &claims).unwrap_err()
        };
        assert_eq!(with(&|h| h.typ = Some("JWT".into())), Refused::Type);
        assert_eq!(with(&|h| h.typ = Some("rt+jwt".into())), Refused::Type);
        assert_eq!(with(&|h| h.typ = None), Refused::Type);
        assert_eq!(with(&|h| h.kid = None), Refused::Key);
        assert_eq!(with(&|h| h.kid = Some("kkkkkkkk".into())), Refused::Key);
        assert_eq!(with(&|h| h.crit = Some(vec!["exp".into()])), Refused::Header);
        assert_eq!(with(&|h| h.jku = Some("https://else.example".into())), Refused::Header);
        assert_eq!(with(&|h| h.x5u = Some("https://else.example".into())), Refused::Header);
        assert_eq!(with(&|h| h.jwk = bench.ring.public(bench.now).keys.pop()), Refused::Header);
        assert_eq!(with(&|h| h.extras.insert("b64", false)), Refused::Header);
        assert_eq!(with(&|h| h.cty = Some("JWT".into())), Refused::Header);
    }

    /// RFC 8725 sections 2.1 and 3.1: the public key of a ring is no HMAC secret, and `none` is no algorithm.
    #[test]
    fn no_other_algorithm_is_taken() {
        let bench = bench();
        let public = EncodingKey::from_secret(bench.key.public().try_get_as_bytes().unwrap());
        let mut header = bench.header();
        header.alg = Algorithm::HS256;
        let confused = encode(&header, &bench.claims(), &public).unwrap();
        assert_eq!(
            bench.verifier.check(&confused, &bench.ring, Audience::Api, bench.now),
            Err(Refused::Algorithm)
        );
        // {"alg":"none","typ":"at+jwt"}
        let unsigned = format!(
            "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.{}.",
            bench.sign(&bench.header(), &bench.claims()).split('.').nth(1).unwrap()
        );
        assert_eq!(
            bench.verifier.check(&unsigned, &bench.ring, Audience::Api, bench.now),
            Err(Refused::Malformed)
        );
    }

    #[test]
    fn a_token_is_good_until_five_seconds_past_its_end() {
        let bench = bench();
        let token = bench.sign(&bench.header(), &bench.claims());
        let at = |s| {
            bench
                .verifier
                .check(&token, &bench.ring, Audience::Api, Moment::from_s(bench.now.s() + s))
                .map(|_| ())
        };
        assert_eq!(at(904), Ok(()));
        assert_eq!(at(905), Err(Refused::Expired));
        assert_eq!(at(-5), Ok(()));
        assert_eq!(at(-6), Err(Refused::NotYet));
    }

    #[test]
    fn no_changed_byte_gets_through() {
        let bench = bench();
        let token = bench.sign(&bench.header(), &bench.claims());
        for at in 0..token.len() {
            for with in [b'A', b'.', b'_', b'\n', 0xC3] {
                let mut bytes = token.clone().into_bytes();
                if bytes[at] == with {
                    continue;
                }
                bytes[at] = with;
                let changed = String::from_utf8_lossy(&bytes);
                let checked = bench.verifier.check(&changed, &bench.ring, Audience::Api, bench.now);
                assert!(checked.is_err(), "byte {at} as {with}");
            }
            let cut = bench.verifier.check(&token[..at], &bench.ring, Audience::Api, bench.now);
            assert!(cut.is_err(), "cut at {at}");
        }
    }

    #[test]
    fn too_long_is_not_even_looked_at() {
        let bench = bench();
        let token = "a".repeat(MAX_BYTES + 1);
        assert_eq!(
            bench.verifier.check(&token, &bench.ring, Audience::Api, bench.now),
            Err(Refused::TooLong)
        );
    }

    /// A registered application that acts for an admin has the longest names; an issuer of up to 28 bytes leaves
    /// room for them, and one of 48 bytes for everything a device or our own login is given.
    #[test]
    fn the_longest_token_we_issue_fits_a_small_device() {
        let bench = bench();
        let key = Confirmation { jkt: "j".repeat(43).try_into().unwrap() };
        let bytes = |issuer, client_id: &str, aud: &[Audience], scope, cnf: Option<&Confirmation>| {
            let claims = Claims {
                iss: "i".repeat(issuer),
                aud: aud.to_vec(),
                sub: Uuid::now_v7(),
                exp: 4_102_444_800,
                iat: 4_102_441_200,
                jti: TokenId::new(),
                client_id: client_id.to_owned(),
                scope,
                org: OrganizationId::new(),
                cnf: cnf.cloned(),
            };
            encode(&bench.header(), &claims, bench.key.private()).unwrap().len()
        };
        let id = Uuid::now_v7().to_string();
        let device = Scopes::only(Scope::DeviceConnect);
        let longest = token::MAX_ISSUER_BYTES;
        let (api, both) = (&[Audience::Api][..], &[Audience::Mqtt, Audience::Api][..]);
        let (own, admin) = (token::FIRST_PARTY_CLIENT, Role::Admin.scopes());
        let sizes = [
            bytes(longest, &id, both, device, None),
            bytes(longest, own, api, admin, None),
            bytes(28, &id, api, admin, None),
            // What a device is given for its key, which is for the API alone.
            bytes(38, &id, api, device, Some(&key)),
        ];
        assert!(sizes.iter().all(|size| *size < token::MAX_BYTES), "{sizes:?}");
        let bound = [bytes(longest, own, api, admin, Some(&key)), bytes(28, &id, api, admin, Some(&key))];
        assert!(bound.iter().all(|size| *size < token::MAX_BOUND_BYTES), "{bound:?}");
    }
}
