//! Errors of the OAuth endpoints, in the form their clients read: RFC 6749 section 5.2.

use std::borrow::Cow;

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
};
use serde_json::json;

use crate::{
    auth::{dpop::Wrong, tokens::CannotSign},
    problem::Problem,
    tables::Error,
};

/// The error codes we answer with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    InvalidRequest,
    InvalidClient,
    InvalidGrant,
    UnauthorizedClient,
    UnsupportedGrantType,
    UnsupportedResponseType,
    InvalidScope,
    /// RFC 9449 sections 5 and 8.
    InvalidDpopProof,
    UseDpopNonce,
    AccessDenied,
    /// RFC 8628 section 3.5.
    AuthorizationPending,
    SlowDown,
    ExpiredToken,
    /// OpenID Connect Core section 3.1.2.6.
    LoginRequired,
    ConsentRequired,
    TemporarilyUnavailable,
    ServerError,
}

impl Code {
    /// As it is written in `error`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidDpopProof => "invalid_dpop_proof",
            Self::UseDpopNonce => "use_dpop_nonce",
            Self::AccessDenied => "access_denied",
            Self::AuthorizationPending => "authorization_pending",
            Self::SlowDown => "slow_down",
            Self::ExpiredToken => "expired_token",
            Self::LoginRequired => "login_required",
            Self::ConsentRequired => "consent_required",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::ServerError => "server_error",
        }
    }

    const fn status(self) -> StatusCode {
        match self {
            Self::InvalidClient => StatusCode::UNAUTHORIZED,
            Self::TemporarilyUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

/// A refusal of an OAuth endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denied {
    pub code: Code,
    pub description: Cow<'static, str>,
}

impl Denied {
    pub fn new(code: Code, description: impl Into<Cow<'static, str>>) -> Self {
        Self { code, description: description.into() }
    }

    pub fn request(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::InvalidRequest, description)
    }

    pub fn grant(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::InvalidGrant, description)
    }

    /// The client is unknown, or did not prove itself; which of both is not said.
    #[must_use]
    pub const fn client() -> Self {
        Self {
            code: Code::InvalidClient,
            description: Cow::Borrowed("The client could not be authenticated"),
        }
    }

    /// The answer.
    #[must_use]
    pub fn answer(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.code.status());
        if self.code == Code::InvalidClient {
            response
                .insert_header((header::WWW_AUTHENTICATE, "Basic realm=\"badgecast\", charset=\"UTF-8\""));
        }
        if self.code == Code::TemporarilyUnavailable {
            response.insert_header((header::RETRY_AFTER, "1"));
        }
        response
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .insert_header((header::PRAGMA, "no-cache"))
            .json(json!({"error": self.code.name(), "error_description": self.description}))
    }
}

impl From<Error> for Denied {
    /// The database did not answer: nothing is known to be wrong with the request.
    fn from(error: Error) -> Self {
        tracing::error!(%error, "oauth request failed");
        Self::new(Code::TemporarilyUnavailable, "Try again in a moment")
    }
}

impl From<Wrong> for Denied {
    fn from(wrong: Wrong) -> Self {
        match wrong {
            Wrong::Unavailable(error) => error.into(),
            Wrong::Nonce => Self::new(Code::UseDpopNonce, wrong.to_string()),
            wrong => Self::new(Code::InvalidDpopProof, wrong.to_string()),
        }
    }
}

impl From<CannotSign> for Denied {
    /// Logged here, said without detail.
    fn from(error: CannotSign) -> Self {
        match error {
            CannotSign::Database(error) => error.into(),
            error => {
                tracing::error!(%error, "no token can be signed");
                Self::new(Code::ServerError, "No token can be issued right now")
            }
        }
    }
}

impl From<Wrong> for Problem {
    fn from(wrong: Wrong) -> Self {
        match wrong {
            Wrong::Unavailable(error) => error.into(),
            wrong => Self::unproven(wrong.code(), wrong.to_string()),
        }
    }
}

impl From<CannotSign> for Problem {
    fn from(error: CannotSign) -> Self {
        match error {
            CannotSign::Database(error) => error.into(),
            error => Self::internal(error),
        }
    }
}
