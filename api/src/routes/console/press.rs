//! A form that was sent: small, urlencoded, and ours.
//!
//! It counts when the browser says that a page of this very origin sent it (`Sec-Fetch-Site`, or `Origin`), or, where a
//! browser says neither, when it carries the token that only a page of this session has.

use std::{future::Future, pin::Pin};

use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload, http::header, web::Data};
use sha2::{Digest as _, Sha256};
use url::form_urlencoded;
use zeroize::Zeroizing;

use crate::{
    House,
    auth::session,
    problem::Problem,
    routes::{
        body::{MAX_BODY_BYTES, read},
        creation::Creation,
    },
};

/// The field of the token.
const TOKEN: &str = "form";
/// The field of the key that is minted with a form, so that pressing twice does it once.
const KEY: &str = "key";

/// Found on a request whose form was looked at and is ours.
#[derive(Debug)]
pub(super) struct Ours;

/// The fields of a form; wiped when dropped, for one may be a password.
pub struct Fields(Vec<(String, Zeroizing<String>)>);

impl Fields {
    /// Of a form's body, or of a query.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        let pairs = form_urlencoded::parse(bytes);
        Self(pairs.map(|(name, value)| (name.into_owned(), Zeroizing::new(value.into_owned()))).collect())
    }

    /// Every field with its value, in the order of the form.
    pub fn each(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The first value of a field; empty ones count as left out.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let named = self.0.iter().filter(|(field, _)| field == name);
        named.map(|(_, value)| value.as_str()).find(|value| !value.is_empty())
    }

    /// Every value of a field.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// The value of a field as it was typed, or nothing.
    #[must_use]
    pub fn text(&self, name: &str) -> String {
        self.get(name).unwrap_or_default().to_owned()
    }

    #[must_use]
    pub fn is_checked(&self, name: &str) -> bool {
        self.get(name).is_some()
    }
}

impl std::fmt::Debug for Fields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// A form of ours, and who sent it: a [`Visitor`](super::Visitor), or a [`Guest`](super::Guest).
#[derive(Debug)]
pub struct Press<W> {
    pub who: W,
    pub fields: Fields,
    /// For what may be made only once, see [`crate::routes::creation`].
    pub creation: Creation,
    /// SHA-256 of what was sent, by which a repetition is recognized.
    pub digest: [u8; 32],
}

impl<W: FromRequest<Error = Problem> + 'static> FromRequest for Press<W> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let house = request
                .app_data::<Data<House>>()
                .ok_or_else(|| Problem::internal("a route without a house"))?;
            let content_type = request.headers().get(header::CONTENT_TYPE);
            let essence = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
            if !essence.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded") {
                return Err(Problem::bad_request("Send application/x-www-form-urlencoded"));
            }
            let bytes = read(payload, MAX_BODY_BYTES).await?;
            let digest = Sha256::digest(&bytes).into();
            let fields = Fields::read(&bytes);
            if !is_ours(house, &request, &fields) {
                return Err(Problem::foreign_form());
            }
            let creation = Creation::with_key(&request, fields.get(KEY))?;
            request.extensions_mut().insert(Ours);
            let who = W::from_request(&request, &mut Payload::None).await?;
            Ok(Self { who, fields, creation, digest })
        })
    }
}

fn is_ours(house: &House, request: &HttpRequest, fields: &Fields) -> bool {
    if session::is_own(house, request) {
        return true;
    }
    // A browser that knows where a form came from is believed; only one that does not is asked for the token.
    !request.headers().contains_key("sec-fetch-site")
        && fields.get(TOKEN).is_some_and(|token| session::is_form_token(house, request, token))
}
