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
        ("the CWT tag in three bytes", with(&[&[0xd9, 0, 0x3d, 0xd1, 0x84], protected, &named, body, tag])),
        ("the tag of a signature", with(&[&[0xd8, 0x3d, 0xd2, 0x84], protected, &named, body, tag])),
        ("a list without end", with(&[head, &[0x9f], protected, &named, body, tag, &[0xff]])),
        ("a list of five", with(&[head, &[0x85], protected, &named, body, tag, &[0xf6]])),
        ("a length in two bytes", with(&[head, &[0x84], protected, &named, &[0x59, 0, 0x31], &payload, tag])),
        ("a payload without end", with(&[head, &[0x84], protected, &named, &[0x5f], body, &[0xff], tag])),
        ("no payload", with(&[head, &[0x84], protected, &named, &[0xf6], tag])),
        ("a header without end", with(&[head, &[0x84], protected, &[0xbf], &named[1..], &[0xff], body, tag])),
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
        let protected = ProtectedHeader { original_data: Some(header.clone()), header: Header::default() };
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
        ("half a second", ClaimsSet { expiration_time: Some(Timestamp::FractionalSeconds(1.5)), ..ours() }),
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
