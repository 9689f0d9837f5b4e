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

#[cfg(test)]
mod tests {
    use badgecast_domain::token::BADGE_TTL;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::auth::{
        device_key::DeviceKey,
        keys::{Term, Use, generate},
    };

    fn key() -> SigningKey {
        SigningKey::new(Use::Normal, Term { activates_at: Moment::default(), retires_at: None }, &generate())
            .unwrap()
    }

    fn said() -> Said {
        let jti = TokenId::new();
        let exp = Moment::from_ms(jti.issued_ms().unwrap()).s() + BADGE_TTL.as_secs().cast_signed();
        Said { badge: BadgeId::new(), exp, jti }
    }

    fn token(form: Form, said: &Said, key: &SigningKey) -> Vec<u8> {
        said.written(form, key.kid(), &said.protect(form, key).unwrap()).unwrap()
    }

    /// As [`Tokens::read_light`], with a ring of one key.
    fn read(bytes: &[u8], key: &SigningKey) -> Option<Said> {
        let text = URL_SAFE_NO_PAD.encode(bytes);
        let form = form(&text)?;
        let (kid, said, protection) = parts(form, bytes)?;
        let same = said.written(form, &kid, &protection)? == bytes;
        (same && kid == key.kid() && said.is_protected(form, key, &protection)).then_some(said)
    }

    #[test]
    fn what_is_written_is_read_again_and_is_small() {
        let (key, said) = (key(), said());
        for (form, bytes, characters) in [(Form::Mac0, 79, 106), (Form::Sign1, 136, 182)] {
            let token = token(form, &said, &key);
            assert_eq!(read(&token, &key), Some(said));
            assert_eq!(token.len(), bytes, "{form:?}");
            let text = URL_SAFE_NO_PAD.encode(&token);
            assert_eq!(text.len(), characters, "{form:?}");
            assert_eq!(super::form(&text), Some(form));
        }
        assert_eq!(form("2D3Rshort"), None);
        assert_eq!(form(&"a".repeat(100)), None);
    }

    #[test]
    fn no_changed_bit_and_no_other_key_gets_through() {
        let (key, said) = (key(), said());
        for form in [Form::Mac0, Form::Sign1] {
            let good = token(form, &said, &key);
            assert_eq!(read(&good, &self::key()), None);
            for at in 0..good.len() {
                for bit in 0..8 {
                    let mut changed = good.clone();
                    changed[at] ^= 1 << bit;
                    assert_eq!(read(&changed, &key), None, "{form:?} byte {at} bit {bit}");
                }
                assert_eq!(read(&good[..at], &key), None, "{form:?} cut at {at}");
            }
            assert_eq!(read(&[&good[..], &[0]].concat(), &key), None, "something behind it");
        }
    }

    /// Other encodings of the same, under a MAC that is right for what they say: whoever had the key could write them.
    #[test]
    fn another_encoding_of_a_good_token_is_refused() {
        let (key, said) = (key(), said());
        let mac = said.protect(Form::Mac0, &key).unwrap();
        let payload = said.payload().unwrap();
        let good = token(Form::Mac0, &said, &key);
        let kid = key.kid().as_bytes();
        let named = [&[0xa1, 0x04, 0x48][..], kid].concat();
        let with = |parts: &[&[u8]]| parts.concat();
        let (head, body) = (&[0xd8, 0x3d, 0xd1][..], &[&[0x58, 0x31][..], &payload].concat()[..]);
        let (protected, tag) = (&[0x43, 0xa1, 0x01, 0x04][..], &[&[0x48][..], &mac].concat()[..]);
        assert_eq!(with(&[head, &[0x84], protected, &named, body, tag]), good, "written by hand");
        let cases: [(&str, Vec<u8>); 13] = [
            ("no CWT tag", with(&[&[0xd1, 0x84], protected, &named, body, tag])),
            ("no COSE tag", with(&[&[0xd8, 0x3d, 0x84], protected, &named, body, tag])),
            ("the CWT tag twice", with(&[&[0xd8, 0x3d], head, &[0x84], protected, &named, body, tag])),
            (
                "the CWT tag in three bytes",
                with(&[&[0xd9, 0, 0x3d, 0xd1, 0x84], protected, &named, body, tag]),
            ),
            ("the tag of a signature", with(&[&[0xd8, 0x3d, 0xd2, 0x84], protected, &named, body, tag])),
            ("a list without end", with(&[head, &[0x9f], protected, &named, body, tag, &[0xff]])),
            ("a list of five", with(&[head, &[0x85], protected, &named, body, tag, &[0xf6]])),
            (
                "a length in two bytes",
                with(&[head, &[0x84], protected, &named, &[0x59, 0, 0x31], &payload, tag]),
            ),
            ("a payload without end", with(&[head, &[0x84], protected, &named, &[0x5f], body, &[0xff], tag])),
            ("no payload", with(&[head, &[0x84], protected, &named, &[0xf6], tag])),
            (
                "a header without end",
                with(&[head, &[0x84], protected, &[0xbf], &named[1..], &[0xff], body, tag]),
            ),
            (
                "a header more",
                with(&[head, &[0x84], protected, &[0xa2], &named[1..], &[0x05, 0x41, 0], body, tag]),
            ),
            ("no kid", with(&[head, &[0x84], protected, &[0xa0], body, tag])),
        ];
        for (what, bytes) in cases {
            assert_eq!(read(&bytes, &key), None, "{what}");
        }
        // Headers that are protected change the MAC: made anew, by the key itself, and still refused.
        for (what, header) in [
            ("HMAC 256/256", vec![0xa1, 0x01, 0x05]),
            ("ES256 under a MAC", vec![0xa1, 0x01, 0x26]),
            ("no algorithm", vec![]),
            ("crit", vec![0xa2, 0x01, 0x04, 0x02, 0x81, 0x01]),
            ("the algorithm in two bytes", vec![0xa1, 0x01, 0x18, 0x04]),
            ("the algorithm by name", vec![0xa1, 0x01, 0x63, b'H', b'S', b'2']),
        ] {
            let protected =
                ProtectedHeader { original_data: Some(header.clone()), header: Header::default() };
            let over = mac_structure_data(MacContext::CoseMac0, protected, &[], &payload);
            let mac = hmac::sign(key.macs(), &over);
            let length = u8::try_from(header.len()).unwrap();
            let tag = [&[0x48][..], &mac.as_ref()[..8]].concat();
            let bytes = with(&[head, &[0x84, 0x40 | length], &header, &named, body, &tag]);
            assert_eq!(read(&bytes, &key), None, "{what}");
        }
    }

    /// Claims that are not ours, under a right MAC.
    #[test]
    fn claims_that_are_not_exactly_ours_are_refused() {
        let (key, good) = (key(), said());
        let named = HeaderBuilder::new().key_id(key.kid().as_bytes().to_vec()).build();
        let ours = || ClaimsSet::from_slice(&good.payload().unwrap()).unwrap();
        let cases = [
            ("an issuer", ClaimsSet { issuer: Some("me".to_owned()), ..ours() }),
            ("an audience", ClaimsSet { audience: Some("api".to_owned()), ..ours() }),
            ("nbf", ClaimsSet { not_before: Some(Timestamp::WholeSeconds(0)), ..ours() }),
            ("no subject", ClaimsSet { subject: None, ..ours() }),
            ("a UUID as text", ClaimsSet { subject: Some(good.badge.to_string()), ..ours() }),
            ("no end", ClaimsSet { expiration_time: None, ..ours() }),
            (
                "half a second",
                ClaimsSet { expiration_time: Some(Timestamp::FractionalSeconds(1.5)), ..ours() },
            ),
            ("no id", ClaimsSet { cwt_id: None, ..ours() }),
            ("a short id", ClaimsSet { cwt_id: Some(vec![1]), ..ours() }),
        ];
        for (what, claims) in cases {
            let mac = |data: &[u8]| hmac::sign(key.macs(), data).as_ref()[..MAC_BYTES].to_vec();
            let cose = CoseMac0Builder::new()
                .protected(protected(Form::Mac0))
                .unprotected(named.clone())
                .payload(claims.to_vec().unwrap())
                .create_tag(&[], mac)
                .build();
            let bytes = [&CWT_TAG[..], &cose.to_tagged_vec().unwrap()].concat();
            assert_eq!(read(&bytes, &key), None, "{what}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_sent_is_answered(head in 0_usize..5, bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let heads: [&[u8]; 5] = [&[], &[0xd8, 0x3d, 0xd1], &[0xd8, 0x3d, 0xd1, 0x84, 0x43, 0xa1, 0x01, 0x04],
                &[0xd8, 0x3d, 0xd2, 0x84], &[0xd8, 0x3d, 0xd2, 0x84, 0x43, 0xa1, 0x01, 0x26]];
            let bytes = [heads[head], &bytes].concat();
            for form in [Form::Mac0, Form::Sign1] {
                if let Some((kid, said, protection)) = parts(form, &bytes) {
                    prop_assert!(!said.is_protected(form, &key(), &protection), "{kid}");
                }
            }
        }

        #[test]
        fn a_token_with_pieces_of_another_is_refused(at in 0_usize..79, length in 1_usize..79) {
            let key = key();
            let (one, other) = (token(Form::Mac0, &said(), &key), token(Form::Mac0, &said(), &key));
            let end = (at + length).min(one.len());
            let mixed = [&one[..at], &other[at..end], &one[end..]].concat();
            prop_assert!(mixed == one || mixed == other || read(&mixed, &key).is_none());
        }
    }

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    }

    /// What the claims of the RFC's examples say (RFC 8392 appendix A.1).
    fn assert_is_the_example(claims: &[u8]) {
        let claims = ClaimsSet::from_slice(claims).unwrap();
        assert_eq!(claims.issuer.as_deref(), Some("coap://as.example.com"));
        assert_eq!(claims.subject.as_deref(), Some("erikw"));
        assert_eq!(claims.audience.as_deref(), Some("coap://light.example.com"));
        assert_eq!(claims.expiration_time, Some(Timestamp::WholeSeconds(1_444_064_944)));
        assert_eq!(claims.issued_at, Some(Timestamp::WholeSeconds(1_443_944_944)));
        assert_eq!(claims.cwt_id, Some(vec![0x0b, 0x71]));
    }

    /// RFC 8392 appendix A.3: signed with ES256, by the library our own verifier stands on.
    #[test]
    fn the_signed_example_of_the_rfc_is_verified_and_is_no_token_of_ours() {
        let bytes = hex("d28443a10126a104524173796d6d657472696345434453413235365850a701756\
            36f61703a2f2f61732e6578616d706c652e636f6d02656572696b77037818636f61703a2f2f6c696768742e6578616d70\
            6c652e636f6d041a5612aeb0051a5610d9f0061a5610d9f007420b7158405427c1ff28d23fbad1f29c4c7c6a555e601d6\
            fa29f9179bc3d7438bacaca5acd08c8d4d4f96131680c429a01f85951ecee743a52b9b63632c57209120e1c9e30");
        let sign1 = CoseSign1::from_tagged_slice(&bytes).unwrap();
        let coordinate = |text| URL_SAFE_NO_PAD.encode(hex(text));
        let key = DeviceKey::parse(&json!({
            "kty": "EC", "crv": "P-256",
            "x": coordinate("143329cce7868e416927599cf65a34f3ce2ffda55a7eca69ed8919a394d42f0f"),
            "y": coordinate("60f7f1a780d8a783bfb7a2dd6b2796e8128dbbcef9d3d168db9529971a36e7b9"),
        }))
        .unwrap();
        let signed = sign1.verify_signature(&[], |signature, data| {
            let signature = URL_SAFE_NO_PAD.encode(signature);
            crypto::verify(&signature, data, key.public(), jsonwebtoken::Algorithm::ES256)
                .unwrap()
                .then_some(())
                .ok_or(())
        });
        assert_eq!(signed, Ok(()));
        assert_is_the_example(&sign1.payload.unwrap());
        assert!(parts(Form::Sign1, &[&CWT_TAG[..], &bytes].concat()).is_none());
    }

    /// RFC 8392 appendix A.4: HMAC 256/64, with the CWT tag.
    #[test]
    fn the_maced_example_of_the_rfc_is_verified_and_is_no_token_of_ours() {
        let bytes = hex("d83dd18443a10104a1044c53796d6d65747269633235365850a70175636f61703a\
            2f2f61732e6578616d706c652e636f6d02656572696b77037818636f61703a2f2f6c696768742e6578616d706c652e636\
            f6d041a5612aeb0051a5610d9f0061a5610d9f007420b7148093101ef6d789200");
        let mac0 = CoseMac0::from_tagged_slice(bytes.strip_prefix(&CWT_TAG).unwrap()).unwrap();
        let key = hmac::Key::new(
            hmac::HMAC_SHA256,
            &hex("403697de87af64611c1d32a05dab0fe1fcb715a86ab435f1ec99192d79569388"),
        );
        let maced = mac0.verify_payload_tag(
            &[],
            || (),
            |tag, data| {
                let ours = hmac::sign(&key, data);
                (ours.as_ref()[..MAC_BYTES] == *tag).then_some(()).ok_or(())
            },
        );
        assert_eq!(maced, Ok(()));
        assert_is_the_example(&mac0.payload.unwrap());
        assert!(parts(Form::Mac0, &bytes).is_none());
    }
}
