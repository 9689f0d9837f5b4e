//! The pages of the authorization server: views of the console, for whoever is asked something here.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use badgecast_console::{
    Frame,
    parts::Hidden,
    views::{SignIn, Trouble},
};
use badgecast_domain::access::{Scope, Scopes};
use url::Url;

use super::form::Form;
use crate::{
    House,
    problem::{Problem, oauth::Denied},
    routes::console::{Guest, door::why_not},
};

/// A page that is being asked for.
pub(super) struct Page(pub(super) Guest);

impl Page {
    /// # Errors
    /// Those of the database.
    pub(super) async fn of(house: &House, request: &HttpRequest) -> Result<Self, Problem> {
        Guest::of(house, request).await.map(Self)
    }

    pub(super) const fn frame(&self) -> &Frame {
        &self.0.frame
    }

    /// A sentence in the person's language.
    pub(super) fn say(&self, key: &str) -> String {
        self.frame().say(key).to_string()
    }

    /// A page that only says something; `key` is the heading, `{key}-why` the sentence.
    ///
    /// # Errors
    /// The view cannot be written.
    pub(super) fn says(
        &self,
        status: StatusCode,
        key: &str,
        sentence: String,
    ) -> Result<HttpResponse, Problem> {
        self.trouble(status, key, sentence, None)
    }

    /// What an application did wrong: the person cannot help it.
    ///
    /// # Errors
    /// The view cannot be written.
    pub(super) fn broken(&self, denied: &Denied) -> Result<HttpResponse, Problem> {
        let detail = Some(denied.description.to_string());
        let sentence = self.say("consent-broken-why");
        self.trouble(StatusCode::BAD_REQUEST, "consent-broken", sentence, detail)
    }

    fn trouble(
        &self,
        status: StatusCode,
        key: &str,
        sentence: String,
        detail: Option<String>,
    ) -> Result<HttpResponse, Problem> {
        let heading = self.say(key);
        let frame = self.frame();
        self.0.page_as(status, &Trouble { frame, heading, sentence, detail, request_id: None, way: None })
    }

    /// The fields of a sign-in; `hidden` goes along with them.
    ///
    /// # Errors
    /// The view cannot be written.
    pub(super) fn sign_in(
        &self,
        action: &str,
        hidden: Vec<Hidden>,
        error: Option<String>,
    ) -> Result<HttpResponse, Problem> {
        self.sign_in_as(StatusCode::OK, action, hidden, (error, String::new()))
    }

    /// The same after somebody was not let in.
    ///
    /// # Errors
    /// It is nothing the person could do anything about.
    pub(super) fn not_let_in(
        &self,
        problem: &Problem,
        action: &str,
        hidden: Vec<Hidden>,
        email: &str,
    ) -> Result<HttpResponse, Problem> {
        let error = why_not(self.frame(), problem)?;
        self.sign_in_as(problem.status(), action, hidden, (Some(error), email.to_owned()))
    }

    fn sign_in_as(
        &self,
        status: StatusCode,
        action: &str,
        hidden: Vec<Hidden>,
        (error, email): (Option<String>, String),
    ) -> Result<HttpResponse, Problem> {
        let frame = self.frame();
        let view = SignIn { frame, action, hidden, error, email, may_stay: false, again: false };
        self.0.page_as(status, &view)
    }

    /// Scopes in words people understand.
    pub(super) fn wishes(&self, scopes: Scopes) -> Vec<String> {
        scopes.iter().map(|scope| self.say(meaning(scope))).collect()
    }
}

/// The fields of a form that go along with the next one.
pub(super) fn carried(form: &Form, names: &[&str]) -> Vec<Hidden> {
    let field = |name: &&str| form.get(name).map(|value| Hidden::new(*name, value));
    names.iter().filter_map(field).collect()
}

/// Where a form may lead besides us: browsers hold a form's redirects against the page's policy, too.
pub(super) fn beyond(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let origin = url.origin();
    Some(if origin.is_tuple() { origin.ascii_serialization() } else { format!("{}:", url.scheme()) })
}

/// The key of a scope's meaning.
const fn meaning(scope: Scope) -> &'static str {
    match scope {
        Scope::BadgesRead => "scope-badges-read",
        Scope::BadgesWrite => "scope-badges-write",
        Scope::BadgesOwn => "scope-badges-own",
        Scope::AnnouncementsWrite => "scope-announcements-write",
        Scope::UsersAdmin => "scope-users-admin",
        Scope::AuditRead => "scope-audit-read",
        Scope::DeviceConnect => "scope-device-connect",
        Scope::OpenId => "scope-openid",
        Scope::Profile => "scope-profile",
        Scope::Email => "scope-email",
        Scope::OfflineAccess => "scope-offline-access",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_may_lead_back_to_the_application_and_nowhere_else() {
        for (address, origin) in [
            ("https://app.example/cb?x=1", "https://app.example"),
            ("http://127.0.0.1:49152/cb", "http://127.0.0.1:49152"),
            ("com.example.app:/cb", "com.example.app:"),
        ] {
            assert_eq!(beyond(address).as_deref(), Some(origin));
        }
        assert_eq!(beyond("/cb"), None);
    }
}
