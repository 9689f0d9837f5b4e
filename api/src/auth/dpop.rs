//! DPoP (RFC 9449): whoever uses a token shows that they hold the key it is bound to, anew with every request.
//!
//! The one place where a proof is checked, for the token endpoint and for every route. A proof is a statement signed by
//! the key it carries, about this very request: method, address, token, a nonce of ours, and an id that counts once.
//! The ids are rows, so a proof is not shown twice to two nodes or after a restart either.

mod proof;

use actix_web::{
    HttpMessage as _, HttpRequest,
    http::{
        Method,
        header::{HeaderName, HeaderValue},
    },
};
use badgecast_domain::token::Thumbprint;
use url::Url;

use self::proof::{Asked, Proof};
use crate::{
    House,
    tables::{Error, Tx, replay},
};

/// Carries the proof.
const DPOP: HeaderName = HeaderName::from_static("dpop");
/// Carries the next nonce.
pub(crate) const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");
/// The one algorithm, as metadata and challenges say it.
pub(crate) const ALGORITHM: &str = "ES256";

/// Why a proof does not count.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Wrong {
    #[error("the request needs one DPoP header with a proof")]
    Missing,
    #[error("there are several DPoP headers")]
    Several,
    #[error("the proof is no dpop+jwt signed with ES256 by the public key in its header")]
    Unsigned,
    #[error("the proof is for another method (htm)")]
    Method,
    #[error("the proof is for another address (htu)")]
    Address,
    #[error("the proof was made too long ago or ahead of time (iat)")]
    Age,
    #[error("the proof has no id of 1 to 200 bytes (jti)")]
    Id,
    #[error("the proof is for another token (ath)")]
    Token,
    #[error("the proof was shown before")]
    Replayed,
    #[error("the proof needs a nonce of this server that is not too old")]
    Nonce,
    #[error("the token is bound to another key")]
    Key,
    #[error(transparent)]
    Unavailable(#[from] Error),
}

impl Wrong {
    /// The value of `error` (RFC 9449 sections 7.1, 8 and 9).
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Nonce => "use_dpop_nonce",
            Self::Key => "invalid_token",
            _ => "invalid_dpop_proof",
        }
    }

    /// The value of `reason` in `badgecast_auth_failures_total`.
    pub(crate) const fn reason(&self) -> &'static str {
        match self {
            Self::Nonce => "dpop_nonce",
            Self::Replayed => "dpop_replay",
            Self::Key => "dpop_key",
            Self::Unavailable(_) => "unavailable",
            _ => "dpop_proof",
        }
    }
}

/// The nonce that goes out with the answer to a request.
pub(crate) struct Offer(pub(crate) HeaderValue);

/// The method a request was sent with, where we serve it under another.
pub(crate) struct SentAs(pub(crate) Method);

/// The key a request at the token endpoint shows, if it shows one.
///
/// # Errors
/// There is a proof that does not count.
pub(crate) async fn shown(house: &House, request: &HttpRequest) -> Result<Option<Thumbprint>, Wrong> {
    match header(request) {
        Ok(proof) => judge(house, request, proof, None).await.map(Some),
        Err(Wrong::Missing) => Ok(None),
        Err(wrong) => Err(wrong),
    }
}

/// Whether a request with this token shows the key it is bound to.
///
/// # Errors
/// It does not.
pub(crate) async fn with_token(
    house: &House,
    request: &HttpRequest,
    token: &str,
    bound_to: &Thumbprint,
) -> Result<(), Wrong> {
    let key = judge(house, request, header(request)?, Some(token)).await?;
    if key == *bound_to { Ok(()) } else { Err(Wrong::Key) }
}

/// The proof of a request.
fn header(request: &HttpRequest) -> Result<&str, Wrong> {
    let mut values = request.headers().get_all(DPOP);
    let value = values.next().ok_or(Wrong::Missing)?;
    if values.next().is_some() {
        return Err(Wrong::Several);
    }
    value.to_str().map_err(|_| Wrong::Unsigned)
}

/// Checks a proof, and notes that it was shown. The answer carries a fresh nonce, however the check ends.
async fn judge(
    house: &House,
    request: &HttpRequest,
    proof: &str,
    token: Option<&str>,
) -> Result<Thumbprint, Wrong> {
    let now = house.now();
    let offer = house.tokens.nonce(now).ok().and_then(|nonce| HeaderValue::try_from(nonce).ok());
    if let Some(nonce) = offer {
        request.extensions_mut().insert(Offer(nonce));
    }
    let verb = request.extensions().get::<SentAs>().map(|sent| sent.0.clone());
    let verb = verb.as_ref().unwrap_or(request.method());
    let url = Url::parse(&format!("{}{}", house.base_url(), request.path())).map_err(|_| Wrong::Address)?;
    let proof = Proof::read(proof)?;
    proof.check(&Asked { verb: verb.as_str(), url: &url, token }, now)?;
    if !proof.nonce().is_some_and(|nonce| house.tokens.is_fresh(nonce, now)) {
        return Err(Wrong::Nonce);
    }
    let (who, id, until) = (format!("dpop {}", proof.key()), proof.id().to_owned(), proof.counts_until());
    let first = house.database.write(async |tx: &Tx| replay::first_time(tx, &who, &id, until).await).await?;
    if first { Ok(proof.key().clone()) } else { Err(Wrong::Replayed) }
}
