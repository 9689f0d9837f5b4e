//! Requests of OAuth endpoints: `application/x-www-form-urlencoded`, small, each parameter at most once.
//!
//! Parameters nobody asks for are ignored and empty ones count as left out, as RFC 6749 section 3.2 demands.

use std::{future::Future, pin::Pin};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header, web};
use zeroize::Zeroizing;

use crate::{House, auth::session, problem::oauth::Denied, routes::body::read};

/// The largest form.
const MAX_BYTES: usize = 16 * 1024;

/// The parameters of a request; their values are wiped when dropped.
#[derive(Default)]
pub(crate) struct Form(Vec<(String, Zeroizing<String>)>);

impl Form {
    /// From a query string or a body.
    ///
    /// # Errors
    /// `invalid_request` when it cannot be read or says something twice.
    pub(super) fn parse(text: &str) -> Result<Self, Denied> {
        let pairs = web::Query::<Vec<(String, String)>>::from_query(text)
            .map_err(|_| Denied::request("The parameters cannot be read"))?
            .into_inner();
        let mut form = Self::default();
        for (name, value) in pairs {
            if form.0.iter().any(|(other, _)| *other == name) {
                return Err(Denied::request("A parameter is there twice"));
            }
            form.0.push((name, Zeroizing::new(value)));
        }
        Ok(form)
    }

    /// The value of a parameter, if it is there and not empty.
    #[must_use]
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let value = self.0.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str());
        value.filter(|value| !value.is_empty())
    }

    /// # Errors
    /// `invalid_request` when it is missing.
    pub(super) fn need(&self, name: &'static str) -> Result<&str, Denied> {
        self.get(name).ok_or_else(|| Denied::request(format!("The parameter {name} is missing")))
    }
}

impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// A form in the body of a POST. What is wrong with it is told by the handler, in the words of OAuth.
#[derive(Debug)]
pub(crate) struct Posted(pub(super) Result<Form, Denied>);

impl Posted {
    /// The form, if one of our own pages sent it: a person's browser also sends what other sites tell it to.
    ///
    /// # Errors
    /// `invalid_request` when it cannot be read or comes from elsewhere.
    pub(super) fn of_our_own(self, house: &House, request: &HttpRequest) -> Result<Form, Denied> {
        let form = self.0?;
        if !session::is_own(house, request) {
            return Err(Denied::request("The form came from another site"));
        }
        Ok(form)
    }
}

impl FromRequest for Posted {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Self::Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = content_type.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
        let is_form = essence.eq_ignore_ascii_case("application/x-www-form-urlencoded");
        // Secrets in a URL end up in logs and histories.
        let has_query = !request.query_string().is_empty();
        let payload = payload.take();
        Box::pin(async move {
            if !is_form {
                return Ok(Self(Err(Denied::request("Send application/x-www-form-urlencoded"))));
            }
            if has_query {
                return Ok(Self(Err(Denied::request("Send the parameters in the body, not in the URL"))));
            }
            let form = match read(payload, MAX_BYTES).await.as_deref().map(std::str::from_utf8) {
                Ok(Ok(text)) => Form::parse(text),
                Ok(Err(_)) => Err(Denied::request("The parameters are not UTF-8")),
                Err(_) => Err(Denied::request("The parameters are too many or did not arrive")),
            };
            Ok(Self(form))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_there_once_or_not_at_all() {
        let form = Form::parse("grant_type=client_credentials&scope=&extra=1").unwrap();
        assert_eq!(form.get("grant_type"), Some("client_credentials"));
        assert_eq!(form.get("scope"), None);
        assert_eq!(form.need("code").unwrap_err(), Denied::request("The parameter code is missing"));
        assert!(Form::parse("a=1&a=1").is_err());
        assert!(Form::parse("").unwrap().get("a").is_none());
    }

    #[test]
    fn values_are_never_printed() {
        let form = Form::parse("client_secret=hunter2").unwrap();
        assert_eq!(format!("{form:?}"), "{\"client_secret\"}");
    }
}
