//! Errors as people and programs see them: RFC 9457 problem documents. The only file that knows status codes of
//! failures.
//!
//! Lower rooms say what happened in their own words; here it is decided what the outside may learn. What only the
//! operator should read goes to the log with the request's id, which the document carries too.

pub mod oauth;

use std::{fmt, time::Duration};

use actix_web::{
    HttpResponse, HttpResponseBuilder, ResponseError,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
};
use badgecast_domain::{
    access::{Right, Scope},
    display::Fault,
};
use serde::Serialize;

use crate::{
    auth::dpop::ALGORITHM,
    tables::{self, Clash},
};

/// One thing that is wrong with the input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct InputError {
    /// Where in the body: a JSON pointer (RFC 6901); empty for the whole.
    pub pointer: String,
    /// What is wrong, in words.
    pub detail: String,
}

impl InputError {
    #[must_use]
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), detail: detail.into() }
    }
}

/// The body of every failed answer, `application/problem+json`.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub struct Document {
    /// `urn:badgecast:problem:<name>`, stable.
    pub r#type: String,
    /// The same for every problem of this type.
    pub title: String,
    pub status: u16,
    /// What happened this time.
    pub detail: String,
    /// Quote it when you ask the operator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// What is wrong with the input, if that is the problem.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<InputError>,
}

/// A request that was not fulfilled.
#[derive(Debug, Clone)]
pub struct Problem {
    kind: Kind,
    detail: String,
    errors: Vec<InputError>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    BadRequest,
    Unauthorized {
        challenge: Challenge,
    },
    StepUp {
        max_age: Duration,
    },
    Forbidden {
        scope: Option<Scope>,
    },
    ForeignForm,
    NotFound,
    MethodNotAllowed,
    NotAcceptable,
    Conflict,
    PreconditionFailed,
    TooLarge,
    UnsupportedMediaType,
    Unprocessable,
    TooManyRequests {
        retry_after: Duration,
    },
    Internal,
    Unavailable,
    /// Another transaction was in the way; to the outside as any other time the database does not do it.
    Clash,
}

/// What `WWW-Authenticate` of a 401 says: which schemes there are, or what was wrong in the one that was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Challenge {
    Any,
    /// RFC 6750 section 3.
    Bearer(&'static str),
    /// RFC 9449 section 7.1.
    Dpop(&'static str),
}

impl Kind {
    const fn words(&self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::BadRequest => (StatusCode::BAD_REQUEST, "bad-request", "The request cannot be read"),
            Self::Unauthorized { .. } => {
                (StatusCode::UNAUTHORIZED, "unauthorized", "A valid access token is needed")
            }
            Self::StepUp { .. } => (StatusCode::UNAUTHORIZED, "step-up", "A recent sign-in is needed"),
            Self::Forbidden { .. } => (StatusCode::FORBIDDEN, "forbidden", "The token does not allow this"),
            Self::ForeignForm => (StatusCode::FORBIDDEN, "foreign-form", "The form is not ours"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not-found", "There is no such thing"),
            Self::MethodNotAllowed => {
                (StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "Not with this verb")
            }
            Self::NotAcceptable => (StatusCode::NOT_ACCEPTABLE, "not-acceptable", "Not in that form"),
            Self::Conflict => (StatusCode::CONFLICT, "conflict", "It contradicts what is there"),
            Self::PreconditionFailed => {
                (StatusCode::PRECONDITION_FAILED, "precondition-failed", "Someone changed it meanwhile")
            }
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The body is too large"),
            Self::UnsupportedMediaType => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "The body has to be JSON")
            }
            Self::Unprocessable => {
                (StatusCode::UNPROCESSABLE_ENTITY, "invalid-input", "The input is not valid")
            }
            Self::TooManyRequests { .. } => {
                (StatusCode::TOO_MANY_REQUESTS, "too-many-requests", "Too many tries")
            }
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something went wrong here"),
            Self::Unavailable | Self::Clash => {
                (StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Not available right now")
            }
        }
    }
}

impl Problem {
    fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), errors: Vec::new() }
    }

    /// 400: not even readable.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(Kind::BadRequest, detail)
    }

    /// 401 for a request without a token.
    #[must_use]
    pub fn no_token() -> Self {
        let detail = "Send an access token: Authorization: Bearer <token>, or DPoP <token> with a proof";
        Self::new(Kind::Unauthorized { challenge: Challenge::Any }, detail)
    }

    /// 401 for a token that is expired, revoked, foreign or forged (RFC 6750 `invalid_token`).
    pub fn invalid_token(detail: impl Into<String>) -> Self {
        Self::new(Kind::Unauthorized { challenge: Challenge::Bearer("invalid_token") }, detail)
    }

    /// 401 for a token without the proof it needs (RFC 9449 section 7.1); `error` is as the RFC writes it.
    pub fn unproven(error: &'static str, detail: impl Into<String>) -> Self {
        Self::new(Kind::Unauthorized { challenge: Challenge::Dpop(error) }, detail)
    }

    /// 401 for an `Authorization` header in a scheme that is not served here.
    #[must_use]
    pub fn unknown_scheme() -> Self {
        let detail = "Only the schemes Bearer and DPoP are served; MAC was never finished, DPoP is its heir";
        Self::new(Kind::Unauthorized { challenge: Challenge::Any }, detail)
    }

    /// 401: the sign-in was too long ago for this (RFC 9470 section 3).
    #[must_use]
    pub fn step_up(max_age: Duration) -> Self {
        Self::new(Kind::StepUp { max_age }, "Sign in again: this needs a recent sign-in")
    }

    /// 401 for a login that failed; says nothing about which part was wrong.
    #[must_use]
    pub fn bad_login() -> Self {
        let any = Kind::Unauthorized { challenge: Challenge::Any };
        Self::new(any, "The email or the password is wrong")
    }

    /// 403: the token lacks the scope of `right`.
    #[must_use]
    pub fn forbidden(right: Right) -> Self {
        let detail = format!("This needs the scope {}", right.scope());
        Self::new(Kind::Forbidden { scope: Some(right.scope()) }, detail)
    }

    /// 403: the token lacks a scope that is no right of the access table.
    #[must_use]
    pub fn insufficient_scope(scope: Scope) -> Self {
        Self::new(Kind::Forbidden { scope: Some(scope) }, format!("This needs the scope {scope}"))
    }

    /// 403 for another reason than a missing scope.
    pub fn not_allowed(detail: impl Into<String>) -> Self {
        Self::new(Kind::Forbidden { scope: None }, detail)
    }

    /// 403: a form that another site sent, or might have sent.
    #[must_use]
    pub fn foreign_form() -> Self {
        Self::new(Kind::ForeignForm, "The form came from another site")
    }

    /// 404, for what does not exist and for what the caller may not know exists.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(Kind::NotFound, "Nothing here has this address, or it is not yours")
    }

    /// 405.
    #[must_use]
    pub fn method_not_allowed() -> Self {
        Self::new(
            Kind::MethodNotAllowed,
            "The Allow header of this answer, or the API reference, lists the verbs",
        )
    }

    /// 406.
    pub fn not_acceptable(detail: impl Into<String>) -> Self {
        Self::new(Kind::NotAcceptable, detail)
    }

    /// 409.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(Kind::Conflict, detail)
    }

    /// 412: `If-Match` names another revision than the current one.
    #[must_use]
    pub fn precondition_failed() -> Self {
        Self::new(Kind::PreconditionFailed, "Read it again, and decide which version is right")
    }

    /// 413.
    #[must_use]
    pub fn too_large(limit: usize) -> Self {
        Self::new(Kind::TooLarge, format!("At most {limit} bytes"))
    }

    /// 415.
    #[must_use]
    pub fn unsupported_media_type() -> Self {
        Self::new(Kind::UnsupportedMediaType, "Send Content-Type: application/json")
    }

    /// 422 with everything that is wrong.
    #[must_use]
    pub fn invalid(errors: Vec<InputError>) -> Self {
        let detail = match errors.as_slice() {
            [only] if only.pointer.is_empty() => only.detail.clone(),
            [only] => format!("{} {}", only.pointer, only.detail),
            many => format!("{} things are wrong", many.len()),
        };
        Self { errors, ..Self::new(Kind::Unprocessable, detail) }
    }

    /// 422 for one field.
    pub fn invalid_field(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::invalid(vec![InputError::new(pointer, detail)])
    }

    /// 422 for a display document that stands at `at` in the body.
    #[must_use]
    pub fn faulty_display(at: &str, faults: Vec<Fault>) -> Self {
        let error = |fault: Fault| InputError::new(format!("{at}{}", fault.pointer), fault.detail);
        Self::invalid(faults.into_iter().map(error).collect())
    }

    /// 429.
    #[must_use]
    pub fn too_many(retry_after: Duration) -> Self {
        let seconds = retry_after.as_millis().div_ceil(1_000).max(1);
        Self::new(Kind::TooManyRequests { retry_after }, format!("Try again in {seconds} s"))
    }

    /// 500. The cause goes to the log, never to the client.
    pub fn internal(cause: impl fmt::Display) -> Self {
        tracing::error!(error = %cause, "request failed");
        Self::new(Kind::Internal, "It is logged under this request's id")
    }

    /// 503: the database, or another thing we need, does not answer.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(Kind::Unavailable, detail)
    }

    /// What is wrong, for a page to quote: of an input, each fault.
    #[must_use]
    pub fn reason(&self) -> String {
        if self.errors.is_empty() {
            return self.detail.clone();
        }
        let fault =
            |error: &InputError| format!("{} {}", error.pointer.trim_start_matches('/'), error.detail);
        self.errors.iter().map(fault).collect::<Vec<_>>().join("; ")
    }

    /// What kind it is: the last part of the document's `type`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.kind.words().1
    }

    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.kind.words().0
    }

    /// Whether a sign-in of just now would help.
    #[must_use]
    pub const fn is_step_up(&self) -> bool {
        matches!(self.kind, Kind::StepUp { .. })
    }

    /// How long to wait before another try, if that is the problem.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self.kind {
            Kind::TooManyRequests { retry_after } => Some(retry_after),
            _ => None,
        }
    }

    /// The document, for one request.
    #[must_use]
    pub fn document(&self, request_id: Option<String>) -> Document {
        let (status, name, title) = self.kind.words();
        Document {
            r#type: format!("urn:badgecast:problem:{name}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: self.detail.clone(),
            request_id,
            errors: self.errors.clone(),
        }
    }

    /// The answer, for one request.
    #[must_use]
    pub fn answer(&self, request_id: Option<String>) -> HttpResponse {
        let (status, ..) = self.kind.words();
        let mut response = HttpResponseBuilder::new(status);
        if let Some(challenge) = self.challenge() {
            response.insert_header((header::WWW_AUTHENTICATE, challenge));
        }
        match self.kind {
            Kind::TooManyRequests { retry_after } => {
                let seconds = retry_after.as_millis().div_ceil(1_000).max(1).to_string();
                response.insert_header((header::RETRY_AFTER, seconds));
            }
            Kind::Unavailable | Kind::Clash => {
                response.insert_header((header::RETRY_AFTER, "1"));
            }
            _ => {}
        }
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        response.insert_header((header::CONTENT_TYPE, "application/problem+json"));
        // The document is made of strings and numbers: serializing it cannot fail.
        response.body(serde_json::to_string(&self.document(request_id)).unwrap_or_default())
    }

    /// `WWW-Authenticate`.
    fn challenge(&self) -> Option<HeaderValue> {
        let text = match self.kind {
            Kind::Unauthorized { challenge: Challenge::Any } => {
                format!("Bearer realm=\"badgecast\", DPoP algs=\"{ALGORITHM}\"")
            }
            Kind::Unauthorized { challenge: Challenge::Bearer(error) } => {
                format!(
                    "Bearer error=\"{error}\", error_description=\"{}\", realm=\"badgecast\"",
                    self.detail
                )
            }
            Kind::Unauthorized { challenge: Challenge::Dpop(error) } => {
                format!("DPoP error=\"{error}\", error_description=\"{}\", algs=\"{ALGORITHM}\"", self.detail)
            }
            Kind::StepUp { max_age } => format!(
                "Bearer error=\"insufficient_user_authentication\", error_description=\"{}\", max_age=\"{}\", realm=\"badgecast\"",
                self.detail,
                max_age.as_secs()
            ),
            Kind::Forbidden { scope: Some(scope) } => {
                format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\", realm=\"badgecast\"")
            }
            _ => return None,
        };
        HeaderValue::from_str(&text).ok()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (status, name, _) = self.kind.words();
        write!(f, "{} {name}: {}", status.as_u16(), self.detail)
    }
}

impl std::error::Error for Problem {}

impl Clash for Problem {
    fn is_clash(&self) -> bool {
        self.kind == Kind::Clash
    }
}

/// What is said when the database did not do it.
const UNCHANGED: &str = "The database does not answer; nothing was changed";

/// What the tables say, as the outside may learn it.
impl From<tables::Error> for Problem {
    fn from(error: tables::Error) -> Self {
        match error {
            tables::Error::NotFound => Self::not_found(),
            tables::Error::Conflict(detail) => Self::conflict(detail),
            tables::Error::Invalid { pointer, detail } => Self::invalid_field(pointer, detail),
            ref clash if clash.is_clash() => {
                tracing::debug!(error = %clash, "another transaction was in the way");
                Self::new(Kind::Clash, UNCHANGED)
            }
            tables::Error::Unavailable(cause) => {
                tracing::error!(error = %cause, "the database did not do it");
                Self::unavailable(UNCHANGED)
            }
            tables::Error::Corrupt(cause) => Self::internal(cause),
        }
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.kind.words().0
    }

    /// Without the request's id; [`crate::routes::envelope`] writes the answer again with it.
    fn error_response(&self) -> HttpResponse {
        self.answer(None)
    }
}
