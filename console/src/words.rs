//! Sentences for people, in their language (Project Fluent). A folder per language, a file per subject.
//!
//! A key that is missing in a language, or a message that does not format, fails a test, not a page. What people named
//! stands between isolation marks, so that a name in another script does not turn its sentence round.

mod language;
mod pseudo;

use std::{fmt, sync::LazyLock};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use rust_embed::Embed;

pub use language::Language;

/// The sentences, as they are checked in.
#[derive(Embed)]
#[folder = "words/"]
struct Files;

/// All sentences of one language.
pub struct Words {
    pub language: Language,
    bundle: FluentBundle<FluentResource>,
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Words({})", self.language.tag())
    }
}

static ALL: LazyLock<Vec<Words>> = LazyLock::new(|| Language::ALL.into_iter().map(Words::load).collect());

/// The files of a language: name and text.
fn files(folder: &str) -> impl Iterator<Item = (String, String)> + use<'_> {
    let names = Files::iter().filter(move |name| name.split('/').next() == Some(folder));
    names.filter_map(|name| {
        let text = String::from_utf8(Files::get(&name)?.data.into_owned()).ok()?;
        Some((name.into_owned(), text))
    })
}

impl Words {
    /// The sentences of this language.
    #[must_use]
    pub fn of(language: Language) -> &'static Self {
        &ALL[language as usize]
    }

    fn load(language: Language) -> Self {
        let mut bundle = FluentBundle::new_concurrent(vec![language.identifier()]);
        if language == Language::Pseudo {
            bundle.set_transform(Some(pseudo::transform));
        }
        for (_, text) in files(language.folder()) {
            // What a file says wrong is found by the tests; the rest of it is still good.
            let resource = FluentResource::try_new(text).unwrap_or_else(|(resource, _)| resource);
            bundle.add_resource_overriding(resource);
        }
        Self { language, bundle }
    }

    /// A sentence; give it what it needs with [`Said::with`].
    #[must_use]
    pub fn say(&self, key: &str) -> Said<'_> {
        Said { words: self, key: key.to_owned(), args: FluentArgs::new() }
    }

    /// Whether there is such a sentence.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.bundle.has_message(key)
    }

    /// Seconds with one decimal, as this language writes them: `0.6` or `0,6`.
    #[must_use]
    pub fn seconds(&self, ms: u64) -> String {
        let tenths = ms.saturating_add(50) / 100;
        format!("{}{}{}", tenths / 10, self.language.decimal_mark(), tenths % 10)
    }
}

/// A sentence that is being said. It is written when it is displayed.
pub struct Said<'w> {
    words: &'w Words,
    key: String,
    args: FluentArgs<'w>,
}

impl<'w> Said<'w> {
    /// Gives the sentence a number or a text.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<FluentValue<'w>>) -> Self {
        self.args.set(name, value);
        self
    }
}

impl fmt::Debug for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Said({})", self.key)
    }
}

impl fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = self.words.bundle.get_message(&self.key).and_then(|message| message.value());
        let Some(pattern) = message else { return f.write_str(&self.key) };
        let mut errors = Vec::new();
        f.write_str(&self.words.bundle.format_pattern(pattern, Some(&self.args), &mut errors))
    }
}

#[cfg(test)]
mod tests;
