//! The server as a stranger sees it: a base address and JSON over HTTP.
//!
//! Nothing of the server's own crates may enter; what is written here, anybody could write from the public contract.

use std::{fmt, time::Duration};

use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, Url, header};
use serde::{Deserialize, de::DeserializeOwned};

/// Longer than any answer should take, so a badge never hangs on a lost one.
const CALL_DEADLINE: Duration = Duration::from_secs(30);
/// The longest `Retry-After` that is obeyed.
const LONGEST_PATIENCE: Duration = Duration::from_secs(30);
/// How often a call that was put off (429, 503) is repeated.
const ATTEMPTS: u32 = 8;

/// A Badgecast server, reached over HTTP. Cheap to clone; clones share their connections.
#[derive(Debug, Clone)]
pub struct Server {
    base: Url,
    http: Client,
}

/// Why a call brought nothing.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    #[error("not an address of a server: {0}")]
    Address(String),
    /// No answer: refused, timed out or broken off.
    #[error("the server cannot be reached: {0}")]
    Unreachable(reqwest::Error),
    /// A problem document (RFC 9457), or another answer that is not a success.
    #[error("{0}")]
    Refused(Problem),
    #[error("an answer that does not keep the contract: {0}")]
    Unreadable(reqwest::Error),
}

impl CallError {
    /// Whether the server refused who asked (400, 401, 403), so that asking again the same way is no use.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused(problem) if matches!(problem.status, 400 | 401 | 403))
    }
}

/// What a server says instead of an answer; RFC 9457, or RFC 6749 section 5.2 from the token endpoint.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Problem {
    pub status: u16,
    pub title: Option<String>,
    pub detail: Option<String>,
    pub error: Option<String>,
    pub error_description: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status)?;
        let said = [&self.title, &self.detail, &self.error, &self.error_description];
        said.into_iter().flatten().try_for_each(|words| write!(f, " {words}"))
    }
}

impl Server {
    /// A server at a base address such as `http://127.0.0.1:8080`.
    ///
    /// # Errors
    /// The address is none, or the TLS roots of this machine cannot be read.
    pub fn at(address: &str) -> Result<Self, CallError> {
        let base = address.parse::<Url>().map_err(|fault| CallError::Address(fault.to_string()))?;
        if !matches!(base.scheme(), "http" | "https") || base.host().is_none() {
            return Err(CallError::Address("needs http:// or https:// and a host".to_owned()));
        }
        let mut http =
            Client::builder().no_proxy().timeout(CALL_DEADLINE).redirect(reqwest::redirect::Policy::none());
        if base.scheme() == "http" {
            // A machine without a certificate store can still talk plainly.
            http = http.tls_certs_only([]);
        }
        let http = http.build().map_err(CallError::Unreachable)?;
        Ok(Self { base, http })
    }

    /// The address of a path, or of a whole URL the server named itself.
    ///
    /// # Errors
    /// It is neither.
    pub fn url(&self, path: &str) -> Result<Url, CallError> {
        self.base.join(path).map_err(|fault| CallError::Address(fault.to_string()))
    }

    /// A request to a path under the base address.
    pub(crate) fn request(&self, method: Method, path: &str) -> Result<RequestBuilder, CallError> {
        Ok(self.http.request(method, self.url(path)?))
    }

    pub(crate) fn post(&self, url: Url) -> RequestBuilder {
        self.http.post(url)
    }
}

/// Sends until the server takes it up: 429 and 503 mean "later", and nothing was done.
pub(crate) async fn send(request: RequestBuilder) -> Result<Response, CallError> {
    let mut attempt = 1;
    loop {
        let again = request.try_clone();
        let answer =
            request_once(again.unwrap_or_else(|| unreachable!("bodies here are never streams"))).await?;
        let status = answer.status();
        if status.is_success() {
            return Ok(answer);
        }
        let later = matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
        if !later || attempt == ATTEMPTS {
            return Err(CallError::Refused(problem(answer).await));
        }
        let patience = retry_after(&answer).unwrap_or(Duration::from_millis(200 << attempt));
        tokio::time::sleep(patience.min(LONGEST_PATIENCE)).await;
        attempt += 1;
    }
}

/// Sends and reads the JSON answer.
pub(crate) async fn ask<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, CallError> {
    send(request).await?.json().await.map_err(CallError::Unreadable)
}

async fn request_once(request: RequestBuilder) -> Result<Response, CallError> {
    request.send().await.map_err(CallError::Unreachable)
}

async fn problem(answer: Response) -> Problem {
    let status = answer.status().as_u16();
    let said: Problem = answer.json().await.unwrap_or_default();
    Problem { status, ..said }
}

fn retry_after(answer: &Response) -> Option<Duration> {
    let seconds = answer.headers().get(header::RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}
