//! The authorization endpoint (RFC 6749 section 4.1, RFC 7636, RFC 9207): what a client asks of a person.
//!
//! Until client and redirect address are known to belong together nothing is sent anywhere: the person sees the error.
//! From then on errors go back to the client. Only `response_type=code` with PKCE S256 exists here; what the implicit
//! grant asked for is refused as an unsupported response type.

use actix_web::{HttpResponse, http::header};
use badgecast_domain::{
    access::{Scope, Scopes},
    id::ClientId,
    token::Thumbprint,
};
use url::Url;

use super::form::Form;
use crate::{
    House,
    problem::oauth::{Code, Denied},
    tables::clients::{self, Client},
};

/// Where it stands.
pub(super) const PATH: &str = "/oauth/authorize";

/// The longest `state` and `nonce`, in bytes.
const MAX_ECHO_BYTES: usize = 512;

/// A request that may be put before a person.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) client: Client,
    pub(super) redirect_uri: String,
    pub(super) scope: Scopes,
    pub(super) state: Option<String>,
    pub(super) nonce: Option<String>,
    pub(super) challenge: String,
    /// `dpop_jkt` (RFC 9449 section 10).
    pub(super) key: Option<Thumbprint>,
    pub(super) prompt: Prompt,
    /// Seconds since the sign-in that are tolerated.
    pub(super) max_age: Option<u64>,
}

/// What the client wants the person to be asked (OpenID Connect Core 3.1.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Prompt {
    #[default]
    Default,
    /// Nothing: answer with an error instead.
    None,
    /// Sign in again.
    Login,
}

/// A request that may not.
#[derive(Debug)]
pub(super) enum Refused {
    /// To be told to the person; the redirect address cannot be trusted.
    Here(Denied),
    /// To be told to the client.
    There { redirect_uri: String, state: Option<String>, denied: Denied },
}

impl From<Denied> for Refused {
    fn from(denied: Denied) -> Self {
        Self::Here(denied)
    }
}

impl Request {
    /// # Errors
    /// See [`Refused`].
    pub(super) async fn read(house: &House, form: &Form) -> Result<Self, Refused> {
        let id: ClientId = form.need("client_id")?.parse().map_err(|_| unknown_client())?;
        let client = clients::find(house.database.read(), id)
            .await
            .map_err(Denied::from)?
            .ok_or_else(unknown_client)?;
        let redirect_uri = form.need("redirect_uri")?.to_owned();
        if !client.redirect_uris.iter().any(|registered| is_registered(registered, &redirect_uri)) {
            return Err(Denied::request("redirect_uri is not one the application registered").into());
        }
        let state = form.get("state").map(str::to_owned);
        match Self::judge(form, client, &redirect_uri) {
            Ok(request) => Ok(request),
            Err(denied) => Err(Refused::There { redirect_uri, state, denied }),
        }
    }

    fn judge(form: &Form, client: Client, redirect_uri: &str) -> Result<Self, Denied> {
        if form.need("response_type")? != "code" {
            return Err(Denied::new(Code::UnsupportedResponseType, "Only response_type=code is served"));
        }
        if !client.grants.iter().any(|grant| grant == "authorization_code") {
            return Err(Denied::new(Code::UnauthorizedClient, "This application may not ask people"));
        }
        if form.get("request").is_some() || form.get("request_uri").is_some() {
            return Err(Denied::request("Request objects are not served"));
        }
        if form.get("response_mode").is_some_and(|mode| mode != "query") {
            return Err(Denied::request("Only response_mode=query is served"));
        }
        let challenge = form.need("code_challenge")?.to_owned();
        if form.get("code_challenge_method") != Some("S256") || challenge.len() != 43 {
            return Err(Denied::request("PKCE with code_challenge_method=S256 is needed"));
        }
        let key = form.get("dpop_jkt").map(|text| Thumbprint::try_from(text.to_owned())).transpose();
        let key = key.map_err(|error| Denied::request(format!("dpop_jkt {error}")))?;
        let scope = match form.get("scope") {
            Some(text) => {
                text.parse().map_err(|_| Denied::new(Code::InvalidScope, "There is no such scope"))?
            }
            None => client.scopes.without(Scopes::IDENTITY),
        };
        if !client.scopes.or(Scopes::IDENTITY).covers(scope) || scope.contains(Scope::DeviceConnect) {
            return Err(Denied::new(Code::InvalidScope, "The application may not ask for that much"));
        }
        let echo = |name: &str| match form.get(name) {
            Some(text) if text.len() > MAX_ECHO_BYTES => Err(Denied::request("state or nonce is too long")),
            text => Ok(text.map(str::to_owned)),
        };
        let prompt = match form.get("prompt") {
            None | Some("consent") => Prompt::Default,
            Some("none") => Prompt::None,
            Some("login" | "login consent" | "select_account") => Prompt::Login,
            Some(_) => return Err(Denied::request("There is no such prompt")),
        };
        let max_age =
            form.get("max_age").map(|text| text.parse().map_err(|_| Denied::request("max_age is seconds")));
        Ok(Self {
            client,
            redirect_uri: redirect_uri.to_owned(),
            scope,
            state: echo("state")?,
            nonce: echo("nonce")?,
            challenge,
            key,
            prompt,
            max_age: max_age.transpose()?,
        })
    }
}

fn unknown_client() -> Denied {
    Denied::request("There is no such application")
}

/// Whether an address is the registered one: the same text, except that an application on the person's own machine
/// may listen on any port (RFC 8252 section 7.3).
fn is_registered(registered: &str, asked: &str) -> bool {
    if registered == asked {
        return true;
    }
    let (Ok(mut registered), Ok(asked_url)) = (Url::parse(registered), Url::parse(asked)) else {
        return false;
    };
    let loopback = matches!(registered.host_str(), Some("127.0.0.1" | "[::1]"));
    loopback
        && registered.scheme() == "http"
        && registered.set_port(asked_url.port()).is_ok()
        && registered.as_str() == asked
}

/// Whether an application may register this address.
#[must_use]
pub fn may_register(redirect_uri: &str) -> bool {
    let Ok(url) = Url::parse(redirect_uri) else { return false };
    if redirect_uri.len() > 500 || redirect_uri.contains(['*', ' ']) || url.fragment().is_some() {
        return false;
    }
    // What a person reads has to be what a browser reads: https://evil.example\@app.example leads to evil.example.
    let bare = url.as_str().strip_suffix('/').unwrap_or_default();
    if url.as_str() != redirect_uri && bare != redirect_uri {
        return false;
    }
    match url.scheme() {
        "https" => url.host_str().is_some() && url.username().is_empty() && url.password().is_none(),
        "http" => {
            matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost")) && url.username().is_empty()
        }
        // A private scheme is a domain name turned round (RFC 8252 section 7.1).
        scheme => scheme.contains('.'),
    }
}

/// Sends the browser back to the client, with the issuer's name (RFC 9207).
#[must_use]
pub(super) fn back(
    house: &House,
    redirect_uri: &str,
    state: Option<&str>,
    answer: &[(&str, &str)],
) -> HttpResponse {
    let Ok(mut url) = Url::parse(redirect_uri) else { return Denied::request("redirect_uri").answer() };
    {
        let mut pairs = url.query_pairs_mut();
        for (name, value) in answer {
            pairs.append_pair(name, value);
        }
        if let Some(state) = state {
            pairs.append_pair("state", state);
        }
        pairs.append_pair("iss", house.tokens.issuer());
    }
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, url.as_str()))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .finish()
}

/// Tells the client why not.
#[must_use]
pub(super) fn back_denied(
    house: &House,
    redirect_uri: &str,
    state: Option<&str>,
    denied: &Denied,
) -> HttpResponse {
    let answer = [("error", denied.code.name()), ("error_description", denied.description.as_ref())];
    back(house, redirect_uri, state, &answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_address_matches_to_the_letter() {
        let registered = "https://app.example/cb?x=1";
        assert!(is_registered(registered, registered));
        for other in [
            "https://app.example/cb",
            "https://app.example/cb?x=1&y=2",
            "https://app.example/cb?x=1#a",
            "https://app.example:443/cb?x=1",
            "https://APP.example/cb?x=1",
            "https://app.example/cb/../cb?x=1",
            "https://app.example.evil.example/cb?x=1",
            "http://app.example/cb?x=1",
        ] {
            assert!(!is_registered(registered, other), "{other}");
        }
    }

    #[test]
    fn an_application_on_the_same_machine_may_listen_on_any_port() {
        assert!(is_registered("http://127.0.0.1/cb", "http://127.0.0.1:49152/cb"));
        assert!(is_registered("http://[::1]:1/cb", "http://[::1]:2/cb"));
        assert!(!is_registered("http://127.0.0.1/cb", "http://127.0.0.1:1/other"));
        assert!(!is_registered("http://127.0.0.1/cb", "http://127.0.0.1@evil.example/cb"));
        assert!(!is_registered("http://localhost/cb", "http://localhost:1/cb"));
        assert!(!is_registered("https://127.0.0.1/cb", "https://127.0.0.1:1/cb"));
    }

    #[test]
    fn only_safe_addresses_may_be_registered() {
        for good in
            ["https://app.example/cb", "https://app.example", "http://127.0.0.1/cb", "com.example.app:/cb"]
        {
            assert!(may_register(good), "{good}");
        }
        for bad in [
            "http://app.example/cb",
            "https://app.example/#cb",
            "https://*.example/cb",
            "https://user:pass@app.example/",
            "https://evil.example\\@app.example/",
            "https:///cb",
            "https:app.example/cb",
            "https://app.example/a/../cb",
            "HTTPS://app.example/cb",
            "javascript:alert(1)",
            "data:text/html,x",
            "/cb",
            "",
        ] {
            assert!(!may_register(bad), "{bad}");
        }
    }
}
