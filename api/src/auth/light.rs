//! Light tokens: what a badge's access token says, as a CWT (RFC 8392) of about a hundred characters.
//!
//! Made of COSE (RFC 9052) either with a MAC, which only we can check (`COSE_Mac0`, HMAC 256/64), or with a signature,
//! which everybody can (`COSE_Sign1`, ES256, under a key of `/oauth/jwks.json`). They are for badges alone and say three
//! things: `sub`, the badge's id as base64url of its 16 bytes; `exp`; and `cti`, the 16 bytes of the `jti`, which tells
//! when it was issued. The rest of what an access token says is the same for every badge, or looked up: issuer and key
//! are one, the audience is `mqtt` and `api`, the scope `device:connect`, the organization that of the badge. So there
//! are no private claims. The MAC's key is derived from the signing key of the same `kid`: kept, sealed and rotated
//! with it.
//!
//! A token counts only if it is, byte for byte, what we would have written. So there is no second encoding of one, no
//! header, tag or claim more, and nothing to argue about.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use aws_lc_rs::hmac;
use badgecast_domain::{
    access::{Scope, Scopes},
    id::{BadgeId, OrganizationId, TokenId},
    time::Moment,
    token::{Audience, Claims},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use coset::{
    CborSerializable as _, CoseMac0, CoseMac0Builder, CoseSign1, CoseSign1Builder, Header, HeaderBuilder,
    MacContext, ProtectedHeader, SignatureContext, TaggedCborSerializable as _,
    cwt::{ClaimsSet, ClaimsSetBuilder, Timestamp},
    iana::Algorithm,
    mac_structure_data, sig_structure_data,
};
use jsonwebtoken::crypto;
use subtle::ConstantTimeEq as _;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{
    Refused, Tokens,
    keys::SigningKey,
    revocation::Standing,
    tokens::{CannotSign, Grant, Issued},
    verifier::{for_audience, in_time},
};
use crate::{House, tables::clients};

/// The longest light token that is looked at, in characters. A signed one has 182.
const MAX_CHARACTERS: usize = 256;
/// The tag of a CWT (RFC 8392 section 6), encoded.
const CWT_TAG: [u8; 2] = [0xd8, 0x3d];
/// The head of an HMAC-SHA-256 (RFC 9053 section 3.1, HMAC 256/64).
const MAC_BYTES: usize = 8;

/// How a light token is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `cwt-mac0`: `COSE_Mac0`, HMAC 256/64.
    Mac0,
    /// `cwt-sign1`: `COSE_Sign1`, ES256.
    Sign1,
}

impl Form {
    /// The form a token request names in `token_format`.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        match name {
            "cwt-mac0" => Some(Self::Mac0),
            "cwt-sign1" => Some(Self::Sign1),
            _ => None,
        }
    }

    /// The first characters of every token of this form: those of its two tags.
    const fn head(self) -> &'static str {
        match self {
            Self::Mac0 => "2D3R",
            Self::Sign1 => "2D3S",
        }
    }
}

/// The form of a light token; none if it is a token of another kind.
pub(crate) fn form(token: &str) -> Option<Form> {
    [Form::Mac0, Form::Sign1].into_iter().find(|form| token.starts_with(form.head()) && token.len() > 64)
}

/// What a light token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Said {
    badge: BadgeId,
    /// Seconds since 1970.
    exp: i64,
    jti: TokenId,
}

/// The claims of an access token of any kind, light or not, if it counts.
///
/// # Errors
/// Why it does not count.
pub(crate) async fn verify(
    house: &House,
    token: &str,
    audience: Audience,
    now: Moment,
) -> Result<Arc<Claims>, Refused> {
    let Some(form) = form(token) else { return house.tokens.verify(token, audience, now) };
    let claims = signed(house, form, token, audience, now).await?;
    let revoked = house.tokens.is_revoked(&Standing::of(&claims));
    if revoked { Err(Refused::Revoked) } else { Ok(claims) }
}

/// The claims of a token of any kind that would count, had it not been revoked: to know whose it was.
pub(crate) async fn revoked(
    house: &House,
    token: &str,
    audience: Audience,
    now: Moment,
) -> Option<Arc<Claims>> {
    let Some(form) = form(token) else { return house.tokens.revoked(token, audience, now) };
    let claims = signed(house, form, token, audience, now).await.ok()?;
    house.tokens.is_revoked(&Standing::of(&claims)).then_some(claims)
}

async fn signed(
    house: &House,
    form: Form,
    token: &str,
    audience: Audience,
    now: Moment,
) -> Result<Arc<Claims>, Refused> {
    let said = house.tokens.read_light(form, token, now)?;
    let organization = clients::organization_of_badge(house.database.read(), said.badge).await?;
    let claims = said.claims(house.tokens.issuer(), organization.ok_or(Refused::Revoked)?);
    in_time(&claims, now)?;
    for_audience(&claims, audience)?;
    Ok(Arc::new(claims))
}

impl Tokens {
    /// Issues a badge's access token in this form.
    ///
    /// # Errors
    /// [`CannotSign::NoKey`].
    pub fn issue_light(&self, grant: Grant, form: Form, now: Moment) -> Result<Issued, CannotSign> {
        let claims = self.unsigned(grant, now);
        let said = Said { badge: BadgeId::from_uuid(claims.sub), exp: claims.exp, jti: claims.jti };
        let ring = self.ring();
        let key = ring.signing(now).ok_or(CannotSign::NoKey)?;
        let protection = said.protect(form, key);
        let token = protection.and_then(|bytes| said.written(form, key.kid(), &bytes));
        let token = token.ok_or_else(|| CannotSign::Damaged { kid: key.kid().to_owned() })?;
        Ok(Issued { token: Zeroizing::new(URL_SAFE_NO_PAD.encode(token)), claims })
    }

    /// What a token says, if one of our keys made it.
    fn read_light(&self, form: Form, token: &str, now: Moment) -> Result<Said, Refused> {
        if token.len() > MAX_CHARACTERS {
            return Err(Refused::TooLong);
        }
        let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| Refused::Malformed)?;
        let (kid, said, protection) = parts(form, &bytes).ok_or(Refused::Malformed)?;
        if said.written(form, &kid, &protection).as_deref() != Some(&bytes) {
            return Err(Refused::Header);
        }
        let ring = self.ring();
        let key = ring.find(&kid, now).ok_or(Refused::Key)?;
        if said.is_protected(form, key, &protection) { Ok(said) } else { Err(Refused::Signature) }
    }
}

/// The `kid`, the claims, and the MAC or signature; nothing is checked yet.
fn parts(form: Form, bytes: &[u8]) -> Option<(String, Said, Vec<u8>)> {
    let cose = bytes.strip_prefix(&CWT_TAG)?;
    let (unprotected, payload, protection) = match form {
        Form::Mac0 => {
            let CoseMac0 { unprotected, payload, tag, .. } = CoseMac0::from_tagged_slice(cose).ok()?;
            (unprotected, payload, tag)
        }
        Form::Sign1 => {
            let CoseSign1 { unprotected, payload, signature, .. } =
                CoseSign1::from_tagged_slice(cose).ok()?;
            (unprotected, payload, signature)
        }
    };
    Some((String::from_utf8(unprotected.key_id).ok()?, Said::read(&payload?)?, protection))
}

impl Said {
    fn read(payload: &[u8]) -> Option<Self> {
        let ClaimsSet { subject, expiration_time, cwt_id, .. } = ClaimsSet::from_slice(payload).ok()?;
        let Some(Timestamp::WholeSeconds(exp)) = expiration_time else { return None };
        let badge = Uuid::from_slice(&URL_SAFE_NO_PAD.decode(subject?).ok()?).ok()?;
        let jti = Uuid::from_slice(&cwt_id?).ok()?;
        Some(Self { badge: BadgeId::from_uuid(badge), exp, jti: TokenId::from_uuid(jti) })
    }

    fn payload(&self) -> Option<Vec<u8>> {
        let claims = ClaimsSetBuilder::new()
            .subject(URL_SAFE_NO_PAD.encode(self.badge.uuid().as_bytes()))
            .expiration_time(Timestamp::WholeSeconds(self.exp))
            .cwt_id(self.jti.uuid().as_bytes().to_vec());
        claims.build().to_vec().ok()
    }

    /// The whole token: the one way in which it is written.
    fn written(&self, form: Form, kid: &str, protection: &[u8]) -> Option<Vec<u8>> {
        let named = HeaderBuilder::new().key_id(kid.as_bytes().to_vec()).build();
        let payload = self.payload()?;
        let cose = match form {
            Form::Mac0 => CoseMac0Builder::new()
                .protected(protected(form))
                .unprotected(named)
                .payload(payload)
                .tag(protection.to_vec())
                .build()
                .to_tagged_vec(),
            Form::Sign1 => CoseSign1Builder::new()
                .protected(protected(form))
                .unprotected(named)
                .payload(payload)
                .signature(protection.to_vec())
                .build()
                .to_tagged_vec(),
        };
        Some([&CWT_TAG[..], &cose.ok()?].concat())
    }

    /// What the MAC or the signature is made over (RFC 9052 sections 4.4 and 6.3).
    fn protected_bytes(&self, form: Form) -> Option<Vec<u8>> {
        let payload = self.payload()?;
        let header = ProtectedHeader { original_data: None, header: protected(form) };
        Some(match form {
            Form::Mac0 => mac_structure_data(MacContext::CoseMac0, header, &[], &payload),
            Form::Sign1 => sig_structure_data(SignatureContext::CoseSign1, header, None, &[], &payload),
        })
    }

    fn protect(&self, form: Form, key: &SigningKey) -> Option<Vec<u8>> {
        let bytes = self.protected_bytes(form)?;
        match form {
            Form::Mac0 => Some(hmac::sign(key.macs(), &bytes).as_ref()[..MAC_BYTES].to_vec()),
            Form::Sign1 => {
                let signature = crypto::sign(&bytes, key.private(), jsonwebtoken::Algorithm::ES256).ok()?;
                URL_SAFE_NO_PAD.decode(signature).ok()
            }
        }
    }

    fn is_protected(&self, form: Form, key: &SigningKey, protection: &[u8]) -> bool {
        let Some(bytes) = self.protected_bytes(form) else { return false };
        match form {
            Form::Mac0 => hmac::sign(key.macs(), &bytes).as_ref()[..MAC_BYTES].ct_eq(protection).into(),
            Form::Sign1 => {
                let signature = URL_SAFE_NO_PAD.encode(protection);
                let es256 = jsonwebtoken::Algorithm::ES256;
                crypto::verify(&signature, &bytes, key.public(), es256).is_ok_and(|signed| signed)
            }
        }
    }

    /// The same, as any access token of a badge says it.
    fn claims(self, issuer: &str, org: OrganizationId) -> Claims {
        Claims {
            iss: issuer.to_owned(),
            aud: vec![Audience::Mqtt, Audience::Api],
            sub: self.badge.uuid(),
            exp: self.exp,
            iat: self.jti.issued_ms().map_or(0, |ms| Moment::from_ms(ms).s()),
            jti: self.jti,
            client_id: self.badge.to_string(),
            scope: Scopes::only(Scope::DeviceConnect),
            org,
            cnf: None,
        }
    }
}

fn protected(form: Form) -> Header {
    let algorithm = match form {
        Form::Mac0 => Algorithm::HMAC_256_64,
        Form::Sign1 => Algorithm::ES256,
    };
    HeaderBuilder::new().algorithm(algorithm).build()
}
