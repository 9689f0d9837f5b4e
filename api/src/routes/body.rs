//! Bodies, queries and headers as they come through the door: read, capped, checked, typed.

use std::{fmt, future::Future, pin::Pin, str::FromStr, time::Duration};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{self, HeaderMap, HeaderName},
    web::Bytes,
};
use badgecast_domain::object::Object;
use futures_util::StreamExt as _;
use serde::{
    Deserialize,
    de::{DeserializeOwned, IgnoredAny},
};
use sha2::{Digest as _, Sha256};

use crate::problem::{InputError, Problem};

/// The largest JSON body.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// How long a client may take to send its body.
const BODY_PATIENCE: Duration = Duration::from_secs(15);

type Reading<T> = Pin<Box<dyn Future<Output = Result<T, Problem>>>>;

/// A JSON body of the shape `T`.
#[derive(Debug)]
pub struct Body<T> {
    pub value: T,
    /// SHA-256 of the bytes, by which a repeated request is recognized.
    pub digest: [u8; 32],
}

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = Problem;
    type Future = Reading<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = is_json(request.headers());
        let payload = payload.take();
        Box::pin(async move {
            if !is_json {
                return Err(Problem::unsupported_media_type());
            }
            let bytes = read(payload, MAX_BODY_BYTES).await?;
            Ok(Self { value: parse(&bytes)?, digest: Sha256::digest(&bytes).into() })
        })
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// Reads a whole body.
///
/// # Errors
/// 413 beyond `limit`, 400 when the client stops in the middle.
pub async fn read(mut payload: Payload, limit: usize) -> Result<Bytes, Problem> {
    let all = async {
        let mut body = Vec::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| Problem::bad_request("The body ended in the middle"))?;
            if body.len() + chunk.len() > limit {
                return Err(Problem::too_large(limit));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Bytes::from(body))
    };
    let slow = |_| Problem::bad_request("The body took too long to arrive");
    tokio::time::timeout(BODY_PATIENCE, all).await.map_err(slow)?
}

/// Parses JSON; what does not fit is named by its pointer.
///
/// # Errors
/// 400 for what is not JSON, 422 for JSON of another shape.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // First whether it is JSON at all, then whether it is of our shape: each has its own answer.
    let _: IgnoredAny = serde_json::from_slice(bytes)
        .map_err(|error| Problem::bad_request(format!("The body is not JSON: {error}")))?;
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let Object(value) = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let pointer = pointer(error.path());
        Problem::invalid(vec![InputError::new(pointer, without_place(error.inner()))])
    })?;
    Ok(value)
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let step = |segment: &Segment| match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
        Segment::Enum { variant } => format!("/{variant}"),
        Segment::Unknown => String::new(),
    };
    path.iter().map(step).collect()
}

/// serde_json ends its messages with a line and column, which the pointer says better.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

/// A query string of the shape `T`; unknown parameters are refused if `T` says so.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Query<T> {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let parsed = actix_web::web::Query::<T>::from_query(request.query_string());
        let refused = |error| Problem::bad_request(format!("The query cannot be read: {error}"));
        std::future::ready(parsed.map(|query| Self(query.into_inner())).map_err(refused))
    }
}

/// An id in the path; what is not an id names nothing (404).
#[derive(Debug, Clone, Copy)]
pub struct At<T>(pub T);

impl<T: FromStr + 'static> FromRequest for At<T> {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = request.match_info().get("id").and_then(|text| text.parse().ok());
        std::future::ready(id.map(Self).ok_or_else(Problem::not_found))
    }
}

/// The most rows of one page.
pub const MAX_PAGE: u64 = 200;

/// `?limit=&after=`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    limit: Option<u64>,
    after: Option<String>,
}

impl Page {
    #[must_use]
    pub const fn new(limit: Option<u64>, after: Option<String>) -> Self {
        Self { limit, after }
    }

    /// How many rows: 50 when left out, at most 200.
    ///
    /// # Errors
    /// 400 for zero and for more.
    pub fn limit(&self) -> Result<u64, Problem> {
        match self.limit.unwrap_or(50) {
            limit @ 1..=MAX_PAGE => Ok(limit),
            _ => Err(Problem::bad_request(format!("limit is 1 to {MAX_PAGE}"))),
        }
    }

    /// The cursor of the last row of the page before: what `next` said.
    ///
    /// # Errors
    /// 400 for a text that no page ever said.
    pub fn after<T: FromStr>(&self) -> Result<Option<T>, Problem> {
        let parse = |text: &String| {
            text.parse().map_err(|_| Problem::bad_request("after is a next of an earlier page"))
        };
        self.after.as_ref().map(parse).transpose()
    }
}

/// A list: `{"items":[],"next":null}`.
#[derive(Debug, serde::Serialize)]
pub struct List<T> {
    pub items: Vec<T>,
    /// The `after` of the next page, or null when this was the last.
    pub next: Option<String>,
}

impl<T> List<T> {
    /// From up to `limit + 1` rows: the one too many only says that there is a next page.
    pub fn page<C: fmt::Display>(mut rows: Vec<T>, limit: u64, cursor: impl Fn(&T) -> C) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|row| cursor(row).to_string());
        Self { items: rows, next }
    }

    pub fn map<U>(self, make: impl FnMut(T) -> U) -> List<U> {
        List { items: self.items.into_iter().map(make).collect(), next: self.next }
    }
}

/// `If-Match` (RFC 9110 section 13.1.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IfMatch {
    /// Not sent, or `*`.
    Anything,
    /// One of these entity tags.
    Tags(Vec<String>),
}

impl IfMatch {
    /// # Errors
    /// 412 when the current tag is none of those named.
    pub fn check(&self, current: &str) -> Result<(), Problem> {
        match self {
            Self::Anything => Ok(()),
            Self::Tags(tags) if tags.iter().any(|tag| tag == current) => Ok(()),
            Self::Tags(_) => Err(Problem::precondition_failed()),
        }
    }
}

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(tags(request.headers(), &header::IF_MATCH).map(|tags| match tags {
            None => Self::Anything,
            Some(tags) if tags.iter().any(|tag| tag == "*") => Self::Anything,
            Some(tags) => Self::Tags(tags),
        }))
    }
}

/// `If-None-Match` (RFC 9110 section 13.1.2): weak comparison.
#[derive(Debug, Clone, Default)]
pub struct IfNoneMatch(Vec<String>);

impl IfNoneMatch {
    #[must_use]
    pub fn has(&self, current: &str) -> bool {
        self.0.iter().any(|tag| tag == "*" || tag.trim_start_matches("W/") == current)
    }
}

impl FromRequest for IfNoneMatch {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(
            tags(request.headers(), &header::IF_NONE_MATCH).map(|tags| Self(tags.unwrap_or_default())),
        )
    }
}

fn tags(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Vec<String>>, Problem> {
    let mut found = None;
    for value in headers.get_all(name) {
        let text = value.to_str().map_err(|_| Problem::bad_request(format!("{name} is not text")))?;
        let tags: &mut Vec<String> = found.get_or_insert_default();
        for tag in text.split(',').map(str::trim).filter(|tag| !tag.is_empty()) {
            let opaque = tag.trim_start_matches("W/");
            if tag != "*" && !(opaque.len() >= 2 && opaque.starts_with('"') && opaque.ends_with('"')) {
                return Err(Problem::bad_request(format!("{name} is * or a list of quoted entity tags")));
            }
            tags.push(tag.to_owned());
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use serde_json::{Value, json};

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Form {
        #[expect(dead_code, reason = "only parsing is tested")]
        list: Vec<u8>,
    }

    fn errors(json: &str) -> Value {
        let problem = parse::<Form>(json.as_bytes()).unwrap_err().document(None);
        json!([problem.status, problem.errors])
    }

    #[test]
    fn wrong_shapes_are_named_by_their_pointer_and_what_is_no_json_is_400() {
        assert_eq!(errors(r#"{"list":[1,"x"]}"#)[1][0]["pointer"], "/list/1");
        assert_eq!(errors(r#"{"lost":1}"#)[0], 422);
        assert_eq!(errors("[[1]]")[0], 422, "a list is no object");
        assert_eq!(errors(r#"{"list":null}"#)[1][0]["pointer"], "/list");
        assert_eq!(errors(r#"{"list":[1]"#)[0], 400);
        assert_eq!(errors(r#"{"list":[1]} {}"#)[0], 400);
        assert_eq!(errors("")[0], 400);
    }

    #[test]
    fn entity_tags_are_compared_whole() {
        let read = |value: &str| {
            let request = TestRequest::default().insert_header((header::IF_MATCH, value)).to_http_request();
            IfMatch::from_request(&request, &mut Payload::None).into_inner()
        };
        assert!(read("\"2\", \"3\"").unwrap().check("\"3\"").is_ok());
        assert!(read("\"2\"").unwrap().check("\"3\"").is_err());
        assert!(read("W/\"3\"").unwrap().check("\"3\"").is_err(), "If-Match compares strongly");
        assert!(read("*").unwrap().check("\"3\"").is_ok());
        assert!(read("3").is_err());
    }

    #[test]
    fn a_page_knows_whether_another_follows() {
        let page = List::page(vec![1, 2, 3], 2, |row| *row);
        assert_eq!((page.items, page.next), (vec![1, 2], Some("2".to_owned())));
        let last = List::page(vec![1, 2], 2, |row| *row);
        assert_eq!(last.next, None);
    }
}
