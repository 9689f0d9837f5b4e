//! Choosing whose badge it is: a name that is typed, and those the server finds for it.

use super::Named;

/// The field of an owner.
#[derive(Debug, Clone, Default)]
pub struct OwnerPicker {
    /// What was typed.
    pub typed: String,
    /// Who might be meant.
    pub found: Vec<Named>,
    /// The one that was chosen: the value of one of `found`.
    pub chosen: String,
    /// There are more than those found.
    pub more: bool,
    /// What was wrong, as a sentence.
    pub error: Option<String>,
}

impl OwnerPicker {
    /// Somebody who is the owner already.
    #[must_use]
    pub fn of(person: Named) -> Self {
        Self {
            typed: person.name.clone(),
            chosen: person.value.clone(),
            found: vec![person],
            ..Self::default()
        }
    }

    pub(crate) fn is_chosen(&self, choice: &Named) -> bool {
        choice.value == self.chosen
            || (self.chosen.is_empty() && self.found.len() == 1 && self.error.is_none())
    }
}
