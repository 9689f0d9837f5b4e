//! Announcements: whom they are for, and the states they pass through.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    id::{BadgeId, GroupId},
    layer::Validity,
    time::Moment,
};

/// Whom an announcement is for, inside one organization: everyone, or the union of groups, badges and tags.
///
/// It is resolved live, so badges that join later are included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audience {
    All,
    Some { groups: Vec<GroupId>, badges: Vec<BadgeId>, tags: Vec<String> },
}

/// How many groups, badges and tags an audience may name together.
pub const MAX_AUDIENCE: usize = 1_000;

/// How an audience is written: `{"all":true}`, or `groups`, `badges` and `tags`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AudienceForm {
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub all: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub badges: Vec<BadgeId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

/// Why an audience was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadAudience {
    #[error("an audience is {{\"all\":true}}, or names groups, badges or tags")]
    Nobody,
    #[error("{{\"all\":true}} stands alone, without groups, badges or tags")]
    AllAndSome,
    #[error("an audience names at most {MAX_AUDIENCE} groups, badges and tags")]
    TooMany,
    #[error("a tag has 1 to 64 characters and no control characters")]
    Tag,
}

/// True for a tag that may be given to a badge.
#[must_use]
pub fn is_tag(text: &str) -> bool {
    (1..=64).contains(&text.chars().count()) && !text.chars().any(char::is_control) && text.trim() == text
}

impl TryFrom<AudienceForm> for Audience {
    type Error = BadAudience;

    fn try_from(form: AudienceForm) -> Result<Self, BadAudience> {
        let AudienceForm { all, mut groups, mut badges, mut tags } = form;
        let named = groups.len() + badges.len() + tags.len();
        match (all, named) {
            (true, 0) => return Ok(Self::All),
            (true, _) => return Err(BadAudience::AllAndSome),
            (false, 0) => return Err(BadAudience::Nobody),
            (false, _) if named > MAX_AUDIENCE => return Err(BadAudience::TooMany),
            (false, _) => {}
        }
        if !tags.iter().all(|tag| is_tag(tag)) {
            return Err(BadAudience::Tag);
        }
        groups.sort_unstable();
        groups.dedup();
        badges.sort_unstable();
        badges.dedup();
        tags.sort_unstable();
        tags.dedup();
        Ok(Self::Some { groups, badges, tags })
    }
}

impl From<Audience> for AudienceForm {
    fn from(audience: Audience) -> Self {
        match audience {
            Audience::All => Self { all: true, ..Self::default() },
            Audience::Some { groups, badges, tags } => Self { all: false, groups, badges, tags },
        }
    }
}

impl Audience {
    /// Whether a badge with these groups and tags is meant.
    #[must_use]
    pub fn includes(&self, badge: BadgeId, of_groups: &[GroupId], of_tags: &[String]) -> bool {
        match self {
            Self::All => true,
            Self::Some { groups, badges, tags } => {
                badges.contains(&badge)
                    || groups.iter().any(|group| of_groups.contains(group))
                    || tags.iter().any(|tag| of_tags.contains(tag))
            }
        }
    }
}

/// The state of an announcement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Its time has not come; badges may hold it already.
    Scheduled,
    /// It is being shown.
    Active,
    /// Its time is over.
    Expired,
    /// Someone took it back.
    Withdrawn,
}

/// What may happen to an announcement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    /// `valid_from` has come.
    Begins,
    /// `valid_until` has come.
    Ends,
    /// Someone takes it back.
    Withdraw,
}

impl State {
    pub const ALL: [Self; 4] = [Self::Scheduled, Self::Active, Self::Expired, Self::Withdrawn];

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The one function that changes an announcement's state. What is over stays over.
    #[must_use]
    pub const fn after(self, event: Event) -> Self {
        match (self, event) {
            (Self::Expired | Self::Withdrawn, _) => self,
            (_, Event::Withdraw) => Self::Withdrawn,
            (_, Event::Ends) => Self::Expired,
            (Self::Scheduled | Self::Active, Event::Begins) => Self::Active,
        }
    }

    /// The state at `now` of an announcement that was or was not withdrawn.
    #[must_use]
    pub fn at(validity: &Validity, withdrawn_at: Option<Moment>, now: Moment) -> Self {
        let ended_first = |at: Moment| validity.is_over(at);
        match withdrawn_at {
            Some(at) if !ended_first(at) => Self::Scheduled.after(Event::Withdraw),
            _ if validity.is_over(now) => Self::Scheduled.after(Event::Ends),
            _ if validity.contains(now) => Self::Scheduled.after(Event::Begins),
            _ => Self::Scheduled,
        }
    }

    /// Whether badges are to hold it.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Scheduled | Self::Active)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_meets_every_event() {
        use State::{Active, Expired, Scheduled, Withdrawn};
        let events = [Event::Begins, Event::Ends, Event::Withdraw];
        let table = [
            (Scheduled, [Active, Expired, Withdrawn]),
            (Active, [Active, Expired, Withdrawn]),
            (Expired, [Expired; 3]),
            (Withdrawn, [Withdrawn; 3]),
        ];
        assert_eq!(table.map(|(state, _)| state), State::ALL);
        for (state, expected) in table {
            assert_eq!(events.map(|event| state.after(event)), expected, "{state}");
        }
    }

    #[test]
    fn the_state_follows_the_clock() {
        let at = Moment::from_s;
        let validity = Validity { from: Some(at(10)), until: Some(at(20)) };
        assert_eq!(State::at(&validity, None, at(9)), State::Scheduled);
        assert_eq!(State::at(&validity, None, at(10)), State::Active);
        assert_eq!(State::at(&validity, None, at(20)), State::Expired);
        assert_eq!(State::at(&validity, Some(at(15)), at(16)), State::Withdrawn);
        assert_eq!(State::at(&validity, Some(at(15)), at(25)), State::Withdrawn);
        assert_eq!(State::at(&validity, Some(at(21)), at(25)), State::Expired);
    }

    fn parse(json: &str) -> Result<Audience, String> {
        let form: AudienceForm = serde_json::from_str(json).map_err(|error| error.to_string())?;
        form.try_into().map_err(|error: BadAudience| error.to_string())
    }

    #[test]
    fn an_audience_is_everyone_or_a_union() {
        assert_eq!(parse(r#"{"all":true}"#), Ok(Audience::All));
        for wrong in
            [r"{}", r#"{"all":false}"#, r#"{"all":true,"tags":["a"]}"#, r#"{"tags":[""]}"#, r#"{"every":1}"#]
        {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
        let audience = parse(r#"{"tags":["ward 3","desk","desk"]}"#).unwrap();
        let tags = |tags: &[&str]| tags.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert!(audience.includes(BadgeId::new(), &[], &tags(&["desk"])));
        assert!(!audience.includes(BadgeId::new(), &[GroupId::new()], &tags(&["night"])));
        let Audience::Some { tags, .. } = audience else { panic!("not everyone") };
        assert_eq!(tags, ["desk", "ward 3"]);
    }
}
