//! `authorization_code`: a code becomes tokens once (RFC 6749 section 4.1.3, RFC 7636 section 4.6).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::{
    form::Form,
    id_token,
    party::{Asker, Party},
    person::{self as tokens, Keys},
    token::{TokenResponse, may},
};
use crate::{
    House,
    auth::{
        Actor,
        peer::Network,
        secret::hash,
        watch::{Event, Kind, Reaction},
    },
    problem::oauth::{Code, Denied},
    tables::{
        Tx,
        authorization_codes::{self as codes, Code as Row},
        people,
    },
};

/// Exchanges a code. One that is used again ends everything it gave, and that is stored although the request fails.
pub(super) async fn exchange(
    house: &House,
    form: &Form,
    asker: &Asker,
    network: Network,
) -> Result<TokenResponse, Denied> {
    let Party::Client(client) = &asker.party else {
        return Err(Denied::new(Code::UnauthorizedClient, "This client cannot ask people"));
    };
    if !may(client, "authorization_code") {
        return Err(Denied::new(Code::UnauthorizedClient, "This client cannot ask people"));
    }
    let (shown, verifier) = (hash(form.need("code")?), form.need("code_verifier")?);
    let (redirect_uri, now) = (form.need("redirect_uri")?, house.now());
    let given = house
        .database
        .write(async |tx: &Tx| {
            let Some(code) = codes::lock(tx, &shown).await? else { return Err(no_such_code()) };
            if code.client != client.id {
                return Err(no_such_code());
            }
            if code.used_at.is_some() {
                if let Some(family) = code.family {
                    house.tokens.revoke_family(tx, code.organization, family, "code reuse", now).await?;
                }
                return Ok(Err((code.organization, code.user)));
            }
            if code.expires_at <= now
                || code.redirect_uri != redirect_uri
                || !proves(verifier, &code.challenge)
                || (code.key.is_some() && code.key != asker.key)
            {
                return Err(no_such_code());
            }
            let refreshes = may(client, "refresh_token");
            give(house, tx, (refreshes, asker.keys()), &shown, code).await.map(Ok)
        })
        .await?;
    given.map_err(|(organization, user)| {
        tracing::warn!(client.id = %client.id, "an authorization code was used twice");
        house.metrics.auth_failed("code_reuse");
        let event = Event::about(Kind::CodeReuse, organization, Actor::User(user)).from(network);
        house.watch.notice(event.answered(Reaction::Revoke));
        Denied::grant("The code was used before; what it gave is revoked")
    })
}

async fn give(
    house: &House,
    tx: &Tx,
    (refreshes, keys): (bool, Keys),
    shown: &[u8; 32],
    code: Row,
) -> Result<TokenResponse, Denied> {
    let now = house.now();
    let person = people::of_token(tx, code.organization, code.user).await?;
    if person.disabled_at.is_some() {
        return Err(Denied::grant("This person may not log in any more"));
    }
    let client_id = code.client.to_string();
    let begun =
        tokens::begin(house, tx, &person, (&client_id, keys), code.scope, (code.auth_time, now)).await?;
    codes::use_up(tx, shown, begun.family.id, now).await?;
    let mut response = TokenResponse::new(&begun.issued, code.scope, refreshes.then_some(&begun.refresh));
    if code.scope.contains(badgecast_domain::access::Scope::OpenId) {
        let about = id_token::About {
            user: code.user,
            client_id: &client_id,
            auth_time: code.auth_time,
            nonce: code.nonce.as_deref(),
            access_token: &begun.issued.token,
        };
        response.id_token = Some(house.tokens.sign_id_token(&about, now)?);
    }
    Ok(response)
}

fn no_such_code() -> Denied {
    Denied::grant("The code is unknown, expired, or does not belong to this request")
}

/// RFC 7636 section 4.6, S256.
fn proves(verifier: &str, challenge: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    if !(43..=128).contains(&verifier.len()) || !verifier.bytes().all(allowed) {
        return false;
    }
    let computed = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
    computed.as_bytes().ct_eq(challenge.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636 appendix B.
    #[test]
    fn the_verifier_of_the_rfc_proves_its_challenge() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assert!(proves(verifier, challenge));
        assert!(!proves(challenge, challenge), "plain is not S256");
        assert!(!proves(&verifier[..42], challenge));
        assert!(!proves(&format!("{verifier}é"), challenge));
    }
}
