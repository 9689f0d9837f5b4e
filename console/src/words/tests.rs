//! Every sentence, in every language, with everything it needs; and nothing else said anywhere.

use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::{ast, parser};

use super::*;

/// Each message of a language and the arguments it names.
fn messages(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let mut messages = BTreeMap::new();
    for (name, text) in files(language.folder()) {
        let parsed = parser::parse(text).unwrap_or_else(|(_, errors)| panic!("{name}: {errors:?}"));
        for entry in parsed.body {
            match entry {
                ast::Entry::Message(message) => {
                    let mut needs = BTreeSet::new();
                    pattern(message.value.as_ref().expect("a message has words"), &mut needs);
                    let id = message.id.name.clone();
                    assert!(messages.insert(id.clone(), needs).is_none(), "{name}: {id} is there twice");
                }
                ast::Entry::Junk { content } => panic!("{name}: {content}"),
                _ => {}
            }
        }
    }
    messages
}

fn pattern(pattern: &ast::Pattern<String>, needs: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        if let ast::PatternElement::Placeable { expression } = element {
            whole(expression, needs);
        }
    }
}

fn whole(expression: &ast::Expression<String>, needs: &mut BTreeSet<String>) {
    match expression {
        ast::Expression::Inline(expression) => inline(expression, needs),
        ast::Expression::Select { selector, variants } => {
            inline(selector, needs);
            variants.iter().for_each(|variant| pattern(&variant.value, needs));
        }
    }
}

fn inline(expression: &ast::InlineExpression<String>, needs: &mut BTreeSet<String>) {
    match expression {
        ast::InlineExpression::VariableReference { id } => {
            needs.insert(id.name.clone());
        }
        ast::InlineExpression::Placeable { expression } => whole(expression, needs),
        _ => {}
    }
}

#[test]
fn every_sentence_is_there_in_every_language_and_needs_the_same() {
    let english = messages(Language::English);
    assert!(english.len() > 40);
    for language in [Language::German, Language::Arabic] {
        let theirs = messages(language);
        for (key, needs) in &english {
            assert_eq!(theirs.get(key), Some(needs), "{key} in {}", language.tag());
        }
        for key in theirs.keys() {
            assert!(english.contains_key(key), "{key} is only in {}", language.tag());
        }
    }
}

#[test]
fn every_sentence_formats_with_every_argument() {
    for language in Language::ALL {
        let words = Words::of(language);
        for (key, needs) in messages(language) {
            for count in [0, 1, 2, 3, 11, 100] {
                for text in ["Amira", "أميرة"] {
                    let mut args = FluentArgs::new();
                    for need in &needs {
                        // Arguments that are counted are called so; the others are texts.
                        match need.as_str() {
                            "count" | "of" => args.set(need.clone(), count),
                            _ => args.set(need.clone(), text),
                        }
                    }
                    let message = words.bundle.get_message(&key).expect("it was listed");
                    let mut errors = Vec::new();
                    let said =
                        words.bundle.format_pattern(message.value().unwrap(), Some(&args), &mut errors);
                    assert!(errors.is_empty(), "{key} in {}: {errors:?}", language.tag());
                    assert!(!said.trim().is_empty() && !said.contains('{'), "{key}: {said}");
                }
            }
        }
    }
}

#[test]
fn the_pseudo_language_says_everything_longer() {
    let plain = Words::of(Language::English).say("skip-to-content").to_string();
    let pseudo = Words::of(Language::Pseudo).say("skip-to-content").to_string();
    assert!(pseudo.chars().count() > plain.chars().count());
}

#[test]
fn seconds_have_the_mark_of_the_language() {
    assert_eq!(Words::of(Language::English).seconds(649), "0.6");
    assert_eq!(Words::of(Language::German).seconds(12_950), "13,0");
}

/// What the sources say between quotes, after these calls, is a key.
fn keys_in(text: &str) -> impl Iterator<Item = &str> {
    ["say(\"", "Notice::of(\""].into_iter().flat_map(move |call| {
        text.match_indices(call).map(move |(at, _)| {
            let rest = &text[at + call.len()..];
            &rest[..rest.find('"').unwrap_or(0)]
        })
    })
}

fn sources(folder: &str, ending: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found
}

#[test]
fn every_key_a_template_or_a_view_says_exists_and_every_sentence_is_said() {
    let english = messages(Language::English);
    let mut spoken = sources("templates", ".html");
    spoken.extend(sources("src", ".rs").into_iter().filter(|(name, _)| !name.ends_with("tests.rs")));
    spoken.extend(sources("../api/src/routes/console", ".rs"));
    spoken.extend(sources("../api/src/oauth", ".rs"));
    for (name, text) in &spoken {
        for key in keys_in(text).filter(|key| !key.is_empty()) {
            assert!(english.contains_key(key), "{name} says {key:?}, which is no sentence");
        }
    }
    for key in english.keys() {
        let quoted = format!("\"{key}\"");
        assert!(spoken.iter().any(|(_, text)| text.contains(&quoted)), "nobody says {key}");
    }
}

/// The text of a template without markup and without what is filled in.
fn literal(template: &str) -> String {
    let mut text = String::new();
    // Blocks of classes are no words.
    let template = template.split("_class %}").enumerate().map(|(i, part)| match i {
        0 => part,
        _ => part.split_once("{% endblock %}").map_or(part, |(_, after)| after),
    });
    let template = template.collect::<Vec<_>>().join("_class %}");
    let mut rest = template.as_str();
    while let Some(at) = rest.find(['<', '{']) {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = match rest.get(..2) {
            Some("{{") => rest.find("}}").map(|at| at + 2),
            Some("{%") => rest.find("%}").map(|at| at + 2),
            Some("{#") => rest.find("#}").map(|at| at + 2),
            _ if rest.starts_with('<') => markup_end(rest, &mut text),
            _ => Some(1),
        };
        rest = &rest[end.expect("what begins in a template ends in it")..];
        text.push(' ');
    }
    text.push_str(rest);
    text
}

/// Where an element's tag ends; what its attributes say to people is added to `text`.
fn markup_end(rest: &str, text: &mut String) -> Option<usize> {
    let mut at = 1;
    let bytes = rest.as_bytes();
    let mut quote = None;
    while at < bytes.len() {
        match (bytes[at], quote) {
            (b'{', _) if matches!(bytes.get(at + 1), Some(b'{' | b'%')) => {
                let close = if bytes[at + 1] == b'{' { "}}" } else { "%}" };
                at += rest[at..].find(close)? + 1;
            }
            (b'"', None) => quote = Some(at + 1),
            (b'"', Some(from)) => {
                let before = rest[..from].trim_end_matches(['"', '=']);
                let name = before.rsplit([' ', '\n']).next().unwrap_or_default();
                if matches!(name, "alt" | "aria-label" | "title" | "placeholder") {
                    text.push_str(&literal(&rest[from..at]));
                    text.push(' ');
                }
                quote = None;
            }
            (b'>', None) => return Some(at + 1),
            _ => {}
        }
        at += 1;
    }
    None
}

#[test]
fn no_template_says_a_word_of_its_own() {
    for (name, template) in sources("templates", ".html") {
        let said = literal(&template);
        let word = said.split_whitespace().find(|word| word.chars().any(char::is_alphabetic));
        assert_eq!(word, None, "{name} says this itself");
        assert!(!template.contains(" style="), "{name} has a style of its own");
        assert!(!template.contains("<style") && !template.contains(" onclick"), "{name}");
    }
}
