//! What was filled into the form, as what it means.

use std::time::Duration;

use badgecast_console::{
    Frame,
    views::{Choice, Draft, Line, Times},
};
use badgecast_domain::{
    announcement::Audience,
    display::{Document, DocumentForm},
    id::{BadgeCode, BadgeId, GroupId},
    layer::Level,
    time::Moment,
};

use crate::{
    routes::console::{line, press::Fields},
    tables::groups::Group,
};

/// The form as it was sent.
#[derive(Debug, Clone, Default)]
pub(super) struct Written {
    pub draft: Draft,
    groups: Vec<GroupId>,
    tags: Vec<String>,
    /// Codes of badges, and what was typed and is none.
    pub codes: Vec<BadgeCode>,
    no_code: Option<String>,
}

/// When it is shown and when receipts are due.
pub(super) struct Moments {
    pub from: Option<Moment>,
    pub until: Option<Moment>,
    pub deadline: Moment,
}

impl Written {
    /// An address without fields is the empty form.
    pub(super) fn of(fields: &Fields) -> Self {
        let empty = Draft::default();
        let or = |name: &str, otherwise: String| match fields.all(name).next() {
            Some(value) => value.to_owned(),
            None => otherwise,
        };
        let Line { text, moves, speed } = line::written(fields);
        let mut written = Self {
            draft: Draft {
                text,
                second: fields.text("second").trim().to_owned(),
                moves,
                speed,
                blink: fields.is_checked("blink"),
                border: fields.is_checked("border"),
                level: fields.get("level").and_then(Level::from_name).unwrap_or_default(),
                everyone: fields.get("to") != Some("some"),
                codes: fields.text("codes"),
                starts: fields.text("starts"),
                lasts: or("lasts", empty.lasts),
                until: fields.text("until"),
                deadline: or("deadline", empty.deadline),
                play: fields.is_checked("play"),
            },
            groups: fields.all("group").filter_map(|id| id.parse().ok()).collect(),
            tags: fields.all("tag").map(str::to_owned).collect(),
            codes: Vec::new(),
            no_code: None,
        };
        written.read_codes();
        written
    }

    /// `b-7k2m, 9Q3F` are two codes.
    fn read_codes(&mut self) {
        let typed = self.draft.codes.split([' ', ',', ';', '\t', '\n']).filter(|code| !code.is_empty());
        for code in typed {
            let upper = code.to_uppercase();
            let whole = if upper.starts_with("B-") { upper } else { format!("B-{upper}") };
            match BadgeCode::try_from(whole) {
                Ok(code) => self.codes.push(code),
                Err(_) => self.no_code = Some(code.to_owned()),
            }
        }
    }

    /// Only to the badge of this code.
    pub(super) fn only(&mut self, code: &str) {
        self.draft.everyone = false;
        self.draft.codes = code.to_owned();
        self.read_codes();
    }

    /// Begins with what another announcement said.
    pub(super) fn begin_with(&mut self, document: &Document) {
        let first =
            Document { messages: document.messages.iter().take(1).cloned().collect(), ..document.clone() };
        let Line { text, moves, speed } = line::of(&first);
        let message = document.messages.first();
        self.draft.text = text;
        self.draft.moves = moves;
        self.draft.speed = speed;
        self.draft.blink = message.is_some_and(|message| message.blink);
        self.draft.border = message.is_some_and(|message| message.border);
        self.draft.second = document.messages.get(1).map(|message| message.plain_text()).unwrap_or_default();
    }

    /// A code that names none of these badges.
    pub(super) fn strange_code(&self, known: &[(BadgeCode, BadgeId)]) -> Option<String> {
        let unknown = |code: &&BadgeCode| !known.iter().any(|(known, _)| known == *code);
        self.no_code.clone().or_else(|| self.codes.iter().find(unknown).map(BadgeCode::to_string))
    }

    /// Some badges; `None` if nothing was chosen.
    pub(super) fn audience(&self, badges: Vec<BadgeId>) -> Option<Audience> {
        let (groups, tags) = (self.groups.clone(), self.tags.clone());
        let any = !groups.is_empty() || !tags.is_empty() || !badges.is_empty();
        any.then_some(Audience::Some { groups, badges, tags })
    }

    pub(super) fn groups(&self, groups: Vec<Group>) -> Vec<Choice> {
        let choice = |group: Group| Choice {
            chosen: self.groups.contains(&group.id),
            value: group.id.to_string(),
            name: group.name,
            badges: group.badges,
        };
        groups.into_iter().map(choice).collect()
    }

    pub(super) fn tags(&self, tags: Vec<(String, u64)>) -> Vec<Choice> {
        let choice = |(tag, badges): (String, u64)| Choice {
            chosen: self.tags.contains(&tag),
            value: tag.clone(),
            name: tag,
            badges,
        };
        tags.into_iter().map(choice).collect()
    }

    /// The display, in the short form if that says it all.
    pub(super) fn said(&self) -> (Option<String>, Option<DocumentForm>) {
        let form = self.form();
        match form.text {
            Some(text) => (Some(text), None),
            None => (None, Some(form)),
        }
    }

    pub(super) fn form(&self) -> DocumentForm {
        let draft = &self.draft;
        let line = Line { text: draft.text.clone(), moves: draft.moves, speed: draft.speed };
        let plain = line.is_plain() && !draft.blink && !draft.border && draft.second.is_empty();
        if plain {
            return line::form(&line);
        }
        let second = (!draft.second.is_empty()).then(|| Line { text: draft.second.clone(), ..line.clone() });
        let messages = std::iter::once(line).chain(second).map(|line| {
            let mut message = line::message(&line);
            (message.blink, message.border) = (draft.blink, draft.border);
            message
        });
        DocumentForm { messages: Some(messages.collect()), ..DocumentForm::default() }
    }

    /// From when, and until when: `None` for at once, and for until it is withdrawn.
    ///
    /// # Errors
    /// The key of what is wrong.
    pub(super) fn moments(&self, frame: &Frame, now: Moment) -> Result<Moments, &'static str> {
        let draft = &self.draft;
        let read = |text: &str| match text {
            "" => Ok(None),
            text => frame.clock.from_input(text).map(Some).ok_or("announce-wrong-until"),
        };
        let seconds = |text: &str| text.parse().ok().map(Duration::from_secs);
        let from = read(&draft.starts)?.filter(|from| *from > now);
        let start = from.unwrap_or(now);
        let until = read(&draft.until)?.or_else(|| seconds(&draft.lasts).map(|lasts| start.plus(lasts)));
        if until.is_none() && draft.level != Level::Emergency {
            return Err("announce-wrong-end");
        }
        let deadline = seconds(&draft.deadline).ok_or("announce-wrong-deadline")?;
        Ok(Moments { from, until, deadline: start.plus(deadline) })
    }

    /// The same in words, as far as it can be read.
    pub(super) fn times(&self, frame: &Frame, now: Moment) -> Times {
        let Ok(Moments { from, until, .. }) = self.moments(frame, now) else { return Times::default() };
        let words = |at: Moment| frame.stamp(at).text();
        Times { from: from.map(words), until: until.map(words) }
    }
}

#[cfg(test)]
mod tests {
    use badgecast_console::{Clock, Look};

    use super::*;

    fn written(query: &str) -> Written {
        Written::of(&Fields::read(query.as_bytes()))
    }

    fn frame() -> Frame {
        let clock = Clock { now: Moment::from_s(0), offset_min: None };
        Frame::new(Look::read(None, None), clock, "/")
    }

    #[test]
    fn an_end_is_needed_unless_it_is_an_emergency() {
        let now = Moment::from_s(1_795_000_000);
        let asked = |query| written(query).moments(&frame(), now);
        assert_eq!(asked("").map(|times| times.until), Ok(Some(now.plus(Duration::from_secs(1_800)))));
        assert_eq!(asked("lasts=&level=urgent").map(|_| ()), Err("announce-wrong-end"));
        assert_eq!(asked("lasts=&level=emergency").map(|times| times.until), Ok(None));
        assert_eq!(asked("until=tomorrow").map(|_| ()), Err("announce-wrong-until"));
        let later = asked("starts=2099-01-01T10:00&lasts=60").unwrap();
        assert_eq!(later.until, later.from.map(|from| from.plus(Duration::from_secs(60))));
    }

    #[test]
    fn codes_are_read_as_people_type_them() {
        let typed = written("to=some&codes=b-7k2m%2C+9q3f+B-2222");
        assert_eq!(
            typed.codes.iter().map(BadgeCode::as_str).collect::<Vec<_>>(),
            ["B-7K2M", "B-9Q3F", "B-2222"]
        );
        assert_eq!(written("codes=hello").strange_code(&[]).as_deref(), Some("hello"));
    }

    #[test]
    fn a_plain_text_is_said_in_the_short_form() {
        assert_eq!(written("text=Hi").said().0.as_deref(), Some("Hi"));
        let (text, display) = written("text=Hi&second=there&blink=yes").said();
        assert_eq!(text, None);
        let messages = display.unwrap().messages.unwrap();
        assert_eq!(messages.len(), 2);
        assert!(messages.iter().all(|message| message.blink));
    }
}
