//! Who asks at an OAuth endpoint, proven: HTTP Basic (RFC 6749 section 2.3.1), a signed assertion (RFC 7523), or
//! nothing, for clients that cannot keep a secret.

use actix_web::{
    HttpRequest,
    http::header::{self, HeaderMap},
};
use badgecast_domain::{
    id::{BadgeId, ClientId, OrganizationId},
    time::Moment,
    token::{FIRST_PARTY_CLIENT, Thumbprint},
};
use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    assertion::{self, Worth},
    device,
    form::Form,
    person::Keys,
};
use crate::{
    House,
    auth::{
        Actor,
        dpop::{self, Wrong},
        peer, secret,
    },
    problem::oauth::Denied,
    tables::clients::{self, Client, Device},
};

/// A client that was identified, and authenticated if it can be.
#[derive(Debug, Clone)]
pub(super) enum Party {
    /// The product's own login; a public client.
    Own,
    /// A badge nobody has claimed yet; it may only wait to be claimed.
    NewBadge,
    /// A registered client. A confidential one has proven itself.
    Client(Box<Client>),
    /// A badge or gateway that has proven itself.
    Device(Device),
}

/// Who asks for a token: the client, and the key it holds, if it showed one (RFC 9449).
#[derive(Debug)]
pub(super) struct Asker {
    pub(super) party: Party,
    pub(super) key: Option<Thumbprint>,
    /// A moment before anything about them was looked up: tokens are of that moment, so that a revocation meanwhile
    /// ends them.
    pub(super) since: Moment,
}

impl Asker {
    /// # Errors
    /// Those of [`Party::of`], and of a proof that does not count; or there has to be one, and there is none.
    pub(super) async fn of(house: &House, request: &HttpRequest, form: &Form) -> Result<Self, Denied> {
        let since = house.now();
        let party = Party::of(house, request, form).await?;
        let shown = dpop::shown(house, request).await;
        let key = shown.inspect_err(|wrong| {
            house.metrics.auth_failed(wrong.reason());
            if let (Wrong::Replayed, Some(whose)) = (wrong, party.whose()) {
                replayed(house, request, whose);
            }
        })?;
        match &party {
            Party::Client(client) if client.key_bound && key.is_none() => Err(Wrong::Missing.into()),
            _ => Ok(Self { party, key, since }),
        }
    }

    pub(super) fn id(&self) -> String {
        self.party.id()
    }

    /// What the tokens it is given are bound to. A confidential client proves itself at each refresh anyway, and may
    /// change its key; a public one has nothing but its key.
    pub(super) fn keys(&self) -> Keys {
        let confidential = matches!(&self.party, Party::Client(client) if client.confidential);
        Keys { access: self.key.clone(), refresh: self.key.clone().filter(|_| !confidential) }
    }
}

/// How the client means to prove itself.
enum Proof<'a> {
    Secret(String),
    Assertion(&'a str),
    None,
}

impl Party {
    /// Who sent this form.
    ///
    /// # Errors
    /// `invalid_client` for whoever is unknown or did not prove itself, `invalid_request` for two proofs at once.
    pub(super) async fn of(house: &House, request: &HttpRequest, form: &Form) -> Result<Self, Denied> {
        let (id, proof) = claimed(request.headers(), form)?;
        let now = house.now();
        if id == FIRST_PARTY_CLIENT {
            return if matches!(proof, Proof::None) { Ok(Self::Own) } else { Err(Denied::client()) };
        }
        if id == device::NEW_BADGE {
            return if matches!(proof, Proof::None) { Ok(Self::NewBadge) } else { Err(Denied::client()) };
        }
        let client: ClientId = id.parse().map_err(|_| Denied::client())?;
        let db = house.database.read();
        if let Some(client) = clients::find(db, client).await? {
            let proven = match (&proof, client.confidential) {
                (Proof::None, false) => true,
                (proof, true) => {
                    let known = Known {
                        id: &id,
                        whose: (client.organization, Actor::Client(client.id)),
                        secret_hash: client.secret_hash.as_deref(),
                        public_key: client.public_key.as_deref(),
                    };
                    proven(house, request, proof, &known, now).await?
                }
                _ => false,
            };
            return if proven { Ok(Self::Client(Box::new(client))) } else { Err(Denied::client()) };
        }
        let device =
            clients::device(db, BadgeId::from_uuid(client.uuid())).await?.ok_or_else(Denied::client)?;
        let known = Known {
            id: &id,
            whose: (device.organization, Actor::Badge(device.id)),
            secret_hash: device.secret_hash.as_deref(),
            public_key: device.public_key.as_deref(),
        };
        if proven(house, request, &proof, &known, now).await? {
            Ok(Self::Device(device))
        } else {
            Err(Denied::client())
        }
    }

    /// Whose it is and who it is, if it is anyone's.
    fn whose(&self) -> Option<(OrganizationId, Actor)> {
        match self {
            Self::Own | Self::NewBadge => None,
            Self::Client(client) => Some((client.organization, Actor::Client(client.id))),
            Self::Device(device) => Some((device.organization, Actor::Badge(device.id))),
        }
    }

    /// The `client_id`.
    #[must_use]
    pub(super) fn id(&self) -> String {
        match self {
            Self::Own => FIRST_PARTY_CLIENT.to_owned(),
            Self::NewBadge => device::NEW_BADGE.to_owned(),
            Self::Client(client) => client.id.to_string(),
            Self::Device(device) => device.id.to_string(),
        }
    }
}

/// Who a client says it is, and by what we would know it.
struct Known<'a> {
    id: &'a str,
    whose: (OrganizationId, Actor),
    secret_hash: Option<&'a [u8]>,
    public_key: Option<&'a str>,
}

async fn proven(
    house: &House,
    request: &HttpRequest,
    proof: &Proof<'_>,
    known: &Known<'_>,
    now: Moment,
) -> Result<bool, Denied> {
    match (proof, known.secret_hash, known.public_key) {
        (Proof::Secret(shown), Some(hash), _) => Ok(secret::matches(shown, hash)),
        (Proof::Assertion(jwt), _, Some(key)) => {
            let worth = assertion::check(house, jwt, known.id, key, now).await?;
            if worth == Worth::Replayed {
                replayed(house, request, known.whose);
            }
            Ok(worth == Worth::Good)
        }
        _ => Ok(false),
    }
}

/// Somebody shows what somebody has shown before.
fn replayed(house: &House, request: &HttpRequest, (organization, actor): (OrganizationId, Actor)) {
    let network = peer::network(request, &house.config.trusted_proxies);
    house.watch.replayed(organization, actor, network, house.now());
}

/// The id the client gives itself, and its proof.
fn claimed<'a>(headers: &HeaderMap, form: &'a Form) -> Result<(String, Proof<'a>), Denied> {
    if form.get("client_secret").is_some() {
        return Err(Denied::request(
            "Send the secret with HTTP Basic (client_secret_basic), not in the body",
        ));
    }
    let named = form.get("client_id");
    let basic =
        headers.get(header::AUTHORIZATION).map(|value| basic(value.as_bytes()).ok_or_else(Denied::client));
    let assertion = form.get("client_assertion");
    match (basic.transpose()?, assertion) {
        (Some(_), Some(_)) => Err(Denied::request("The client proves itself in two ways at once")),
        (Some((id, secret)), None) => match named {
            Some(named) if named != id => Err(Denied::request("client_id is another client's")),
            _ => Ok((id, Proof::Secret(secret))),
        },
        (None, Some(jwt)) => {
            if form.get("client_assertion_type") != Some(assertion::TYPE) {
                return Err(Denied::request("client_assertion_type is not one we know"));
            }
            let id = assertion::subject(jwt).ok_or_else(Denied::client)?;
            match named {
                Some(named) if named != id => Err(Denied::request("client_id is another client's")),
                _ => Ok((id, Proof::Assertion(jwt))),
            }
        }
        (None, None) => Ok((named.ok_or_else(Denied::client)?.to_owned(), Proof::None)),
    }
}

/// `Basic` credentials; both parts are form-urlencoded before they are joined (RFC 6749 section 2.3.1).
fn basic(header: &[u8]) -> Option<(String, String)> {
    let (scheme, encoded) = std::str::from_utf8(header).ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = zeroize::Zeroizing::new(String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?);
    let (id, secret) = decoded.split_once(':')?;
    Some((urldecoded(id)?, urldecoded(secret)?))
}

fn urldecoded(part: &str) -> Option<String> {
    if part.contains(['&', '=']) {
        return None;
    }
    let form = Form::parse(&format!("v={part}")).ok()?;
    form.get("v").filter(|value| !value.contains(char::REPLACEMENT_CHARACTER)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_credentials_are_decoded_twice() {
        let header = |text: &str| format!("Basic {}", STANDARD.encode(text)).into_bytes();
        assert_eq!(basic(&header("a%2Db:c%5Fd+e")), Some(("a-b".into(), "c_d e".into())));
        assert_eq!(basic(&header("a:b:c")), Some(("a".into(), "b:c".into())));
        for wrong in ["a", "", ":b", "a:", "a&x=1:b", "a:%FF"] {
            assert_eq!(basic(&header(wrong)), None, "{wrong}");
        }
        assert_eq!(basic(b"Bearer abc"), None);
        assert_eq!(basic(b"Basic !!!"), None);
    }
}
