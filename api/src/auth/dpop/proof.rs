//! A DPoP proof by itself (RFC 9449 section 4): read, its signature checked, and compared with the request it came with.

use std::time::Duration;

use badgecast_domain::{time::Moment, token::Thumbprint};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use url::Url;

use super::Wrong;
use crate::auth::{device_key::DeviceKey, signed};

/// The `typ` of a proof.
const TYPE: &str = "dpop+jwt";

/// How long ago a proof may have been made.
const WINDOW: Duration = Duration::from_secs(2 * 60);
/// How far its maker's clock may be ahead of ours, and ours of another node's.
const SKEW: Duration = Duration::from_secs(60);

/// A proof with a good signature.
#[derive(Debug)]
pub(super) struct Proof {
    key: Thumbprint,
    claims: Claims,
}

#[derive(Debug, Deserialize)]
struct Claims {
    jti: String,
    htm: String,
    htu: String,
    iat: i64,
    ath: Option<String>,
    nonce: Option<String>,
}

/// The request a proof has to be about.
pub(super) struct Asked<'a> {
    pub(super) verb: &'a str,
    /// Without query and fragment.
    pub(super) url: &'a Url,
    /// The token it comes with; there is none at the token endpoint.
    pub(super) token: Option<&'a str>,
}

impl Proof {
    /// # Errors
    /// [`Wrong::Unsigned`].
    pub(super) fn read(jwt: &str) -> Result<Self, Wrong> {
        let header = signed::header(jwt).ok_or(Wrong::Unsigned)?;
        if header.typ.as_deref() != Some(TYPE) {
            return Err(Wrong::Unsigned);
        }
        let key = key(jwt).ok_or(Wrong::Unsigned)?;
        let claims = signed::claims(jwt, &key).ok_or(Wrong::Unsigned)?;
        Ok(Self { key: key.thumbprint().clone(), claims })
    }

    /// Everything but the nonce, and whether it was shown before.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub(super) fn check(&self, asked: &Asked<'_>, now: Moment) -> Result<(), Wrong> {
        let Claims { jti, htm, htu, iat, ath, .. } = &self.claims;
        if jti.is_empty() || jti.len() > 200 {
            return Err(Wrong::Id);
        }
        if htm != asked.verb {
            return Err(Wrong::Method);
        }
        if bare(htu).as_ref() != Some(asked.url) {
            return Err(Wrong::Address);
        }
        let made = Moment::from_s(*iat);
        if made < now.minus(WINDOW) || made > now.plus(SKEW) {
            return Err(Wrong::Age);
        }
        match (asked.token, ath) {
            (None, _) => Ok(()),
            (Some(token), Some(ath)) if is_hash(ath, token) => Ok(()),
            (Some(_), _) => Err(Wrong::Token),
        }
    }

    pub(super) const fn key(&self) -> &Thumbprint {
        &self.key
    }

    pub(super) fn id(&self) -> &str {
        &self.claims.jti
    }

    pub(super) fn nonce(&self) -> Option<&str> {
        self.claims.nonce.as_deref()
    }

    /// When it would be refused for its age by every node: so long its id is remembered.
    pub(super) fn counts_until(&self) -> Moment {
        Moment::from_s(self.claims.iat).plus(WINDOW + 2 * SKEW)
    }
}

/// The public key in the header. The library's own type would drop a private part in silence.
fn key(jwt: &str) -> Option<DeviceKey> {
    #[derive(Deserialize)]
    struct Header {
        jwk: Value,
    }
    let (header, _) = jwt.split_once('.')?;
    let header: Header = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
    DeviceKey::parse(&header.jwk).ok()
}

/// An address without query and fragment, in the one form of RFC 3986 section 6.2.2 and 6.2.3.
fn bare(address: &str) -> Option<Url> {
    let mut url = Url::parse(address).ok()?;
    url.set_query(None);
    url.set_fragment(None);
    Some(url)
}

/// RFC 9449 section 4.2.
fn is_hash(ath: &str, token: &str) -> bool {
    URL_SAFE_NO_PAD.encode(Sha256::digest(token)).as_bytes().ct_eq(ath.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9449 figures 2 and 12; the key is the same.
    const KEY: &str = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19";
    const AT_THE_TOKEN_ENDPOINT: &str = "eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";
    const WITH_A_TOKEN: &str = "eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA";
    const TOKEN: &str = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
    /// RFC 9449 figure 9.
    const THUMBPRINT: &str = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";

    fn judged(rest: &str, verb: &str, url: &str, token: Option<&str>, at: i64) -> Result<(), Wrong> {
        let proof = Proof::read(&format!("{KEY}.{rest}"))?;
        assert_eq!(proof.key().as_str(), THUMBPRINT);
        let url = Url::parse(url).unwrap();
        proof.check(&Asked { verb, url: &url, token }, Moment::from_s(at))
    }

    #[test]
    fn the_examples_of_the_rfc_are_proofs_of_their_requests_and_of_no_others() {
        let url = "https://server.example.com/token";
        let made = 1_562_262_616;
        judged(AT_THE_TOKEN_ENDPOINT, "POST", url, None, made).unwrap();
        let resource = "https://resource.example.org/protectedresource";
        judged(WITH_A_TOKEN, "GET", resource, Some(TOKEN), made + 2).unwrap();
        let wrong = |rest, verb, url, token, at| judged(rest, verb, url, token, at).unwrap_err().to_string();
        assert_eq!(wrong(AT_THE_TOKEN_ENDPOINT, "GET", url, None, made), Wrong::Method.to_string());
        assert_eq!(wrong(AT_THE_TOKEN_ENDPOINT, "POST", resource, None, made), Wrong::Address.to_string());
        assert_eq!(wrong(AT_THE_TOKEN_ENDPOINT, "POST", url, Some(TOKEN), made), Wrong::Token.to_string());
        assert_eq!(wrong(WITH_A_TOKEN, "GET", resource, Some("another"), made), Wrong::Token.to_string());
        for (at, good) in [(-60, true), (-61, false), (120, true), (121, false)] {
            assert_eq!(judged(AT_THE_TOKEN_ENDPOINT, "POST", url, None, made + at).is_ok(), good, "{at} s");
        }
    }

    /// The cache must not forget a proof that any node would still take.
    #[test]
    fn an_id_is_remembered_for_longer_than_its_proof_counts() {
        let proof = Proof::read(&format!("{KEY}.{AT_THE_TOKEN_ENDPOINT}")).unwrap();
        let made = Moment::from_s(1_562_262_616);
        assert!(proof.counts_until() >= made.plus(WINDOW + SKEW));
    }

    #[test]
    fn no_changed_byte_gets_through() {
        let whole = format!("{KEY}.{AT_THE_TOKEN_ENDPOINT}");
        for at in 0..whole.len() {
            let mut bytes = whole.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            let same = Proof::read(&changed).is_ok();
            assert!(!same || at == whole.len() - 1, "byte {at}");
            assert!(Proof::read(&whole[..at]).is_err(), "cut at {at}");
        }
    }
}
