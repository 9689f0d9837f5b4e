//! The pseudo-locale: every vowel, n and s twice and with a mark, so a sentence is about two fifths longer and what was never
//! translated stands out.

use std::borrow::Cow;

pub(super) fn transform(text: &str) -> Cow<'_, str> {
    let marked = |c: char| match c {
        'a' => Some("áá"),
        'e' => Some("éé"),
        'i' => Some("íí"),
        'o' => Some("óó"),
        'u' => Some("úú"),
        'A' => Some("ÁÁ"),
        'E' => Some("ÉÉ"),
        'I' => Some("ÍÍ"),
        'O' => Some("ÓÓ"),
        'U' => Some("ÚÚ"),
        'n' => Some("ññ"),
        's' => Some("šš"),
        _ => None,
    };
    let mut long = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        match marked(c) {
            Some(marked) => long.push_str(marked),
            None => long.push(c),
        }
    }
    Cow::Owned(long)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_grows_by_about_two_fifths() {
        let text = "Show on my badge; takes turns with your own line until it is over";
        let long = transform(text).chars().count();
        let plain = text.chars().count();
        assert!(long * 10 >= plain * 13 && long * 10 <= plain * 16, "{plain} -> {long}");
    }
}
