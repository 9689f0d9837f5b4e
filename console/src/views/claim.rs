//! Claim: the code a badge shows, who is joining, and the next one.

use askama::Template;
use badgecast_domain::{receipt, time::Moment};

use super::{Named, OwnerPicker};
use crate::{Frame, Led, parts};

/// The field of the code, and above it the badge that was claimed last.
#[derive(Debug, Template)]
#[template(path = "claim.html")]
pub struct Claim<'a> {
    pub frame: &'a Frame,
    /// What was typed.
    pub code: String,
    pub error: Option<ClaimError>,
    pub claimed: Option<Claimed>,
}

/// Why a code leads to no badge: each has its own sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimError {
    /// It has letters no badge shows, or not six.
    Impossible,
    /// No badge shows it; so many tries are left.
    Wrong { left: u64 },
    /// After too many wrong ones, no code is looked at until then.
    Wait { until: Moment },
    /// It was right, but too late: the badge shows a new one now.
    Expired,
    /// It became a badge of this organization already.
    Ours { code: String, name: String },
    /// It became a badge of another organization; which one is not said.
    Foreign,
    /// Somebody said no.
    Refused,
    /// It is no badge: a program that waits to be signed in.
    Program,
}

impl ClaimError {
    fn sentence(&self, frame: &Frame) -> String {
        match self {
            Self::Impossible => frame.say("claim-impossible").to_string(),
            Self::Wrong { left } => frame.say("claim-wrong").with("count", *left).to_string(),
            Self::Wait { until } => {
                frame.say("claim-wait").with("time", frame.stamp(*until).text()).to_string()
            }
            Self::Expired => frame.say("claim-expired").to_string(),
            Self::Ours { name, .. } => frame.say("claim-ours").with("name", name.as_str()).to_string(),
            Self::Foreign => frame.say("claim-foreign").to_string(),
            Self::Refused => frame.say("claim-refused").to_string(),
            Self::Program => frame.say("claim-program").to_string(),
        }
    }

    /// Where to go on instead: address and the key of what it is called.
    fn way(&self) -> Option<(String, &'static str)> {
        match self {
            Self::Ours { code, .. } => Some((format!("/badges/{code}"), "claim-see")),
            Self::Program => Some(("/device".to_owned(), "claim-device")),
            _ => None,
        }
    }
}

/// The badge that was claimed last, and how far it has come.
#[derive(Debug, Clone)]
pub struct Claimed {
    pub id: String,
    pub code: String,
    pub name: String,
    pub owner: Option<String>,
    pub led: Led,
    pub online: bool,
    pub state: receipt::State,
    /// Milliseconds from the claim until its first line was lit.
    pub shown_ms: Option<u64>,
    /// Until when it may be let go without being asked.
    pub release_until: Option<Moment>,
}

impl Claimed {
    /// The owner, if the badge is not called so itself.
    fn other_owner(&self) -> Option<&str> {
        self.owner.as_deref().filter(|owner| *owner != self.name)
    }

    fn sentence(&self, frame: &Frame) -> String {
        match (self.shown_ms, self.online) {
            (Some(ms), _) => frame.say("claim-shown-in").with("seconds", frame.seconds(ms)).to_string(),
            (None, true) => frame.say("claim-on-its-way").to_string(),
            (None, false) => frame.say("claim-waits-for-it").to_string(),
        }
    }

    fn tag(&self) -> parts::State {
        let state = match self.state {
            receipt::State::Pending if self.online => receipt::State::Sent,
            state => state,
        };
        parts::State(state)
    }
}

/// What is about to join.
#[derive(Debug, Template)]
#[template(path = "claim_join.html")]
pub struct Joining<'a> {
    pub frame: &'a Frame,
    pub code: String,
    /// Its panel as it is now: with the code.
    pub led: Led,
    pub model: Option<String>,
    pub firmware: Option<String>,
    pub panel: String,
    pub first_seen: Moment,
    /// When it last asked whether somebody has decided, if that is too long ago for a badge that is on.
    pub silent_since: Option<Moment>,
    pub until: Moment,
    pub network: String,
    /// Whether the person asks from the same network.
    pub same_network: bool,
    pub name: String,
    pub picker: OwnerPicker,
    pub groups: Vec<Named>,
    pub group: String,
    /// The key under which this claim counts once.
    pub key: String,
    /// What was wrong with the name, as a sentence.
    pub error: Option<String>,
}

impl Joining<'_> {
    fn is_group(&self, choice: &Named) -> bool {
        self.group == choice.value
    }
}

/// Those a typed name might mean, to be put into the page somebody types in.
#[derive(Debug, Template)]
#[template(path = "owners.html")]
pub struct Owners<'a> {
    pub frame: &'a Frame,
    pub picker: OwnerPicker,
}

#[cfg(test)]
mod tests {
    use badgecast_domain::{
        access::Role,
        display::{Document, Panel},
    };

    use super::*;
    use crate::{
        Language, Size,
        views::whole::{frame, whole},
    };

    fn errors() -> [ClaimError; 9] {
        [
            ClaimError::Impossible,
            ClaimError::Wrong { left: 3 },
            ClaimError::Wrong { left: 0 },
            ClaimError::Wait { until: Moment::from_s(1_795_690_300) },
            ClaimError::Expired,
            ClaimError::Ours { code: "B-7K2M".to_owned(), name: "Amira <H>".to_owned() },
            ClaimError::Foreign,
            ClaimError::Refused,
            ClaimError::Program,
        ]
    }

    #[test]
    fn every_wrong_code_has_its_own_sentence_in_every_language() {
        for language in Language::ALL {
            let frame = frame(Role::Manager, language);
            let mut said: Vec<String> = errors().iter().map(|error| error.sentence(&frame)).collect();
            said.sort();
            said.dedup();
            assert_eq!(said.len(), errors().len(), "{}", language.tag());
            for error in errors() {
                let code = "BCDFGH".to_owned();
                let html = whole(&Claim { frame: &frame, code, error: Some(error), claimed: None });
                assert!(html.contains("value=\"BCDFGH\"") && !html.contains("<H>"));
            }
        }
    }

    #[test]
    fn what_joins_is_told_with_its_panel() {
        let frame = frame(Role::Manager, Language::Arabic);
        let found = vec![Named { value: "1".to_owned(), name: "Amira".to_owned() }];
        let html = whole(&Joining {
            frame: &frame,
            code: "BCDFGH".to_owned(),
            led: Led::of(&Document::text("BCDFGH").unwrap(), Panel::P11x44, Size::Preview),
            model: Some("<b>Lobby</b>".to_owned()),
            firmware: None,
            panel: "11x44".to_owned(),
            first_seen: Moment::from_s(1_795_690_000),
            silent_since: Some(Moment::from_s(1_795_690_000)),
            until: Moment::from_s(1_795_690_300),
            network: "192.0.2.0/24".to_owned(),
            same_network: false,
            name: String::new(),
            picker: OwnerPicker { typed: "Ami".to_owned(), found, ..OwnerPicker::default() },
            groups: Vec::new(),
            group: String::new(),
            key: "key".to_owned(),
            error: None,
        });
        assert!(html.contains("alt=\"BCDFGH\"") && html.contains("&#60;b&#62;Lobby"));
        assert!(html.contains("value=\"1\" checked"), "the only one who is called so is meant");
    }
}
