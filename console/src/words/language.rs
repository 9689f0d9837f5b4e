//! The languages the console speaks. One joins when a speaker signs for it.

use unic_langid::LanguageIdentifier;

/// A language of the console; panels speak many more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    #[default]
    English,
    German,
    Arabic,
    /// English, longer and with marks: shows what was never translated and what does not fit. For tests and for
    /// those who translate; nobody is offered it.
    Pseudo,
}

impl Language {
    pub const ALL: [Self; 4] = [Self::English, Self::German, Self::Arabic, Self::Pseudo];
    /// Those people may choose from.
    pub const OFFERED: [Self; 3] = [Self::English, Self::German, Self::Arabic];

    /// BCP 47.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::Arabic => "ar",
            Self::Pseudo => "en-XA",
        }
    }

    /// What its speakers call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
            Self::Arabic => "العربية",
            Self::Pseudo => "Pseudo",
        }
    }

    /// The value of `dir`.
    #[must_use]
    pub const fn direction(self) -> &'static str {
        match self {
            Self::Arabic => "rtl",
            _ => "ltr",
        }
    }

    /// Where its sentences are.
    pub(super) const fn folder(self) -> &'static str {
        match self {
            Self::Pseudo => "en",
            language => language.tag(),
        }
    }

    pub(super) fn identifier(self) -> LanguageIdentifier {
        self.folder().parse().expect("our own tags are tags")
    }

    /// Numbers are written in western digits everywhere.
    pub(super) const fn decimal_mark(self) -> char {
        match self {
            Self::German => ',',
            _ => '.',
        }
    }

    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == tag)
    }

    /// The best of those offered, for an `Accept-Language` (RFC 9110 section 12.5.4).
    #[must_use]
    pub fn negotiate(accepted: &str) -> Self {
        let mut wishes: Vec<(Self, f32)> = accepted.split(',').filter_map(wish).collect();
        // Stable: of equal wishes the first counts.
        wishes.sort_by(|one, other| other.1.total_cmp(&one.1));
        wishes.first().map_or_else(Self::default, |(language, _)| *language)
    }
}

fn wish(part: &str) -> Option<(Language, f32)> {
    let (range, weight) = part.split_once(';').unwrap_or((part, "q=1"));
    let primary = range.trim().split('-').next()?.to_ascii_lowercase();
    let language = Language::OFFERED.into_iter().find(|language| language.tag() == primary)?;
    let weight: f32 = weight.trim().strip_prefix("q=")?.parse().ok()?;
    (weight > 0.0).then_some((language, weight))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browser_gets_the_language_it_likes_best_of_those_we_speak() {
        for (accepted, language) in [
            ("de-AT,de;q=0.9,en;q=0.8", Language::German),
            ("fr, ar;q=0.5, en;q=0.4", Language::Arabic),
            ("en;q=0, ar;q=0.1", Language::Arabic),
            ("en;q=0.8, de;q=0.8", Language::English),
            ("ja", Language::English),
            ("", Language::English),
            (";;q=,=", Language::English),
        ] {
            assert_eq!(Language::negotiate(accepted), language, "{accepted}");
        }
        assert_eq!(Language::from_tag("en-XA"), Some(Language::Pseudo));
    }
}
