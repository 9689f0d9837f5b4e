//! A browser as far as our pages can tell: it keeps the session's cookie, says where a request comes from, fills in
//! forms, and follows no redirect by itself.

use std::sync::Mutex;

use reqwest::{
    Method, Response, StatusCode,
    header::{self, HeaderMap},
};
use url::Url;

use crate::world::World;

pub struct Browser<'w> {
    world: &'w World,
    http: reqwest::Client,
    cookie: Mutex<Option<String>>,
}

/// A page that came back.
pub struct Page {
    pub status: StatusCode,
    pub html: String,
    /// Where the browser is sent, if that is a whole address.
    pub location: Option<Url>,
    pub headers: HeaderMap,
}

impl Page {
    #[track_caller]
    pub fn says(&self, text: &str) -> &Self {
        assert!(self.html.contains(text), "no {text:?} in {} {}", self.status, self.html);
        self
    }

    /// A header of the answer.
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name}: {:?}", self.headers)).to_str().unwrap()
    }

    /// The value of a field the page carries along.
    #[track_caller]
    pub fn field(&self, name: &str) -> String {
        let start = format!("name=\"{name}\" value=\"");
        let (_, rest) = self.html.split_once(&start).unwrap_or_else(|| panic!("no {name} in {}", self.html));
        rest.split('"').next().unwrap().to_owned()
    }

    /// A parameter of the address the browser is sent to.
    #[track_caller]
    pub fn sent(&self, name: &str) -> Option<String> {
        let location = self.location.as_ref().unwrap_or_else(|| panic!("sent nowhere: {}", self.html));
        location.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }
}

impl<'w> Browser<'w> {
    pub fn new(world: &'w World) -> Self {
        let no_redirects = reqwest::redirect::Policy::none();
        let http = reqwest::Client::builder().no_proxy().redirect(no_redirects).build().unwrap();
        Self { world, http, cookie: Mutex::default() }
    }

    pub async fn open(&self, url: &str) -> Page {
        self.send(self.request(Method::GET, url)).await
    }

    /// Sends a form from our own page.
    pub async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let request =
            self.request(Method::POST, &self.world.url(path)).header("sec-fetch-site", "same-origin");
        self.send(request.form(fields)).await
    }

    pub fn request(&self, method: Method, url: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, url).header(header::USER_AGENT, "Story/1.0");
        match &*self.cookie.lock().unwrap() {
            Some(cookie) => request.header(header::COOKIE, cookie),
            None => request,
        }
    }

    pub fn cookie(&self) -> Option<String> {
        self.cookie.lock().unwrap().clone()
    }

    pub async fn send(&self, request: reqwest::RequestBuilder) -> Page {
        let response = request.send().await.unwrap();
        self.keep_cookie(&response);
        let (status, headers) = (response.status(), response.headers().clone());
        let location =
            headers.get(header::LOCATION).and_then(|value| Url::parse(value.to_str().unwrap()).ok());
        Page { status, html: response.text().await.unwrap(), location, headers }
    }

    fn keep_cookie(&self, response: &Response) {
        for set in response.headers().get_all(header::SET_COOKIE) {
            let set = set.to_str().unwrap();
            for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
                assert!(set.contains(part), "{part} in {set}");
            }
            assert!(!set.contains("Domain"), "{set}");
            assert_eq!(set.starts_with("__Host-"), set.contains("Secure"), "{set}");
            if set.starts_with("sid=") || set.starts_with("__Host-sid=") {
                *self.cookie.lock().unwrap() = set.split(';').next().map(str::to_owned);
            }
        }
    }
}
