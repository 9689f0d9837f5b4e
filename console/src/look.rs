//! How a person wants the console to look in this browser: a cookie, so that it works before anybody signed in.

use std::fmt;

use crate::Language;

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the device says.
    #[default]
    Auto,
    Light,
    Dark,
}

impl Theme {
    pub const ALL: [Self; 3] = [Self::Auto, Self::Light, Self::Dark];

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The key of its word.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Auto => "theme-auto",
            Self::Light => "theme-light",
            Self::Dark => "theme-dark",
        }
    }

    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.name() == name)
    }
}

/// The person's wishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    pub language: Language,
    pub theme: Theme,
    /// Whether pictures move without being asked to.
    pub moving: bool,
    /// Whether single keys do something (WCAG 2.1.4 wants a switch).
    pub keys: bool,
}

impl Look {
    /// From the cookie, and what the browser says it understands. What cannot be read is as if it were not there.
    #[must_use]
    pub fn read(cookie: Option<&str>, accept_language: Option<&str>) -> Self {
        let fallback = accept_language.map_or_else(Language::default, Language::negotiate);
        let mut look = Self { language: fallback, theme: Theme::Auto, moving: false, keys: true };
        for (name, value) in cookie.unwrap_or_default().split('&').filter_map(|pair| pair.split_once('=')) {
            match name {
                "language" => look.language = Language::from_tag(value).unwrap_or(look.language),
                "theme" => look.theme = Theme::from_name(value).unwrap_or(look.theme),
                "moving" => look.moving = value == "yes",
                "keys" => look.keys = value == "yes",
                _ => {}
            }
        }
        look
    }
}

impl fmt::Display for Look {
    /// As the cookie holds it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = |yes| if yes { "yes" } else { "no" };
        write!(
            f,
            "language={}&theme={}&moving={}&keys={}",
            self.language.tag(),
            self.theme.name(),
            word(self.moving),
            word(self.keys)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes_come_back_and_nonsense_is_ignored() {
        let look = Look { language: Language::Arabic, theme: Theme::Dark, moving: true, keys: false };
        assert_eq!(Look::read(Some(&look.to_string()), Some("de")), look);
        let none = Look::read(Some("language=xx&theme=&="), Some("de-AT, en;q=0.5"));
        assert_eq!((none.language, none.theme, none.keys), (Language::German, Theme::Auto, true));
        assert_eq!(Look::read(None, None).language, Language::English);
    }
}
