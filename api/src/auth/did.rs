//! `did:key` (W3C CCG, the did:key method): an identifier that says its own public key, so nobody has to be asked.
//!
//! P-256 alone: multicodec 0x1200 and the compressed point, in base58btc. No other method is read. `did:web` and its
//! kind have to be fetched from an address the sender chose, and that is a way into our network, not an identity.

use aws_lc_rs::{
    encoding::{AsDer as _, PublicKeyX509Der},
    signature::{ECDSA_P256_SHA256_FIXED, ParsedPublicKey},
};

/// What every identifier of a key begins with: the method, and base58btc's letter in multibase.
const HEAD: &str = "did:key:z";
/// Multicodec `p256-pub`, 0x1200 as a varint.
const P256: [u8; 2] = [0x80, 0x24];
/// An uncompressed point: a byte that says so, x and y (SEC 1 section 2.3.3).
pub(super) const POINT_BYTES: usize = 65;
const COMPRESSED_BYTES: usize = 33;
/// Longer than any identifier of a P-256 key.
const MAX_CHARACTERS: usize = 64;

/// The identifier of a point.
pub(super) fn of(point: &[u8; POINT_BYTES]) -> String {
    let sign = 2 | (point[POINT_BYTES - 1] & 1);
    let bytes = [&P256[..], &[sign], &point[1..COMPRESSED_BYTES]].concat();
    format!("{HEAD}{}", bs58::encode(bytes).into_string())
}

/// The point of an identifier: one on the curve, written in the one way there is.
pub(super) fn point(did: &str) -> Option<[u8; POINT_BYTES]> {
    if did.len() > MAX_CHARACTERS {
        return None;
    }
    let bytes = bs58::decode(did.strip_prefix(HEAD)?).into_vec().ok()?;
    let compressed = bytes.strip_prefix(&P256)?;
    if compressed.len() != COMPRESSED_BYTES {
        return None;
    }
    let key = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, compressed).ok()?;
    // The library gives the whole point only as the end of a SubjectPublicKeyInfo.
    let info: PublicKeyX509Der<'_> = key.as_der().ok()?;
    let point: [u8; POINT_BYTES] = *info.as_ref().last_chunk()?;
    (point[0] == 4 && of(&point) == did).then_some(point)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The did:key method, test vectors for P-256.
    const EXAMPLES: [&str; 2] = [
        "did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169",
        "did:key:zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv",
    ];

    #[test]
    fn the_examples_of_the_method_are_read_and_written_again() {
        for did in EXAMPLES {
            assert_eq!(of(&point(did).unwrap()), did);
        }
    }

    #[test]
    fn nothing_but_a_p256_key_is_read() {
        let good = EXAMPLES[0];
        for wrong in [
            "",
            "did:key:",
            "did:key:z",
            "did:web:badges.example",
            "did:web:169.254.169.254",
            "did:ion:EiClkZMDxPKqC9c-umQfTkR8vvZ9JPhl_xLDI9Nfk38w5w",
            // Ed25519, X25519, secp256k1, P-384
            "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
            "did:key:z6LSeu9HkTHSfLLeUs2nnzUSNedgDUevfNQgQjQC23ZCit6F",
            "did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme",
            "did:key:z82Lm1MpAkeJcix9K8TMiLd5NMAhnwkjjCBeWHXyu3U4oT2MVJJKXkcVBgjGhnLBn2Kaau9",
            // Another base, more behind it, a fragment, a query
            &good.replace(":z", ":m"),
            &format!("{good}1"),
            &format!("{good}#{}", &good[8..]),
            &format!("{good}?service=files"),
            &good.to_uppercase(),
            &format!(" {good}"),
        ] {
            assert_eq!(point(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_sent_is_read_or_refused_and_never_read_two_ways(text in "did:key:z[1-9A-HJ-NP-Za-km-z]{0,60}") {
            if let Some(point) = point(&text) {
                prop_assert_eq!(of(&point), text);
            }
        }
    }
}
