//! Every page for every role: what the access table says, once more, and what every page owes its reader.

use badgecast_domain::access::Role;

use super::door::{open, sign_in};
use crate::{
    browser::Browser,
    world::{Engine, World},
};

crate::stories! {
    every_page_opens_for_the_roles_it_is_for_and_is_whole
}

/// What a role gets: the page, a sentence, or the way elsewhere.
const OPEN: u16 = 200;
const SENTENCE: u16 = 403;

/// Pages, and what admin, manager, receptionist and auditor get.
#[rustfmt::skip]
const PAGES: &[(&str, [u16; 4])] = &[
    ("/sign-in", [OPEN, OPEN, OPEN, OPEN]),
    ("/me", [OPEN, OPEN, OPEN, SENTENCE]),
    ("/wall", [OPEN, OPEN, SENTENCE, OPEN]),
    ("/announcements", [OPEN, OPEN, SENTENCE, OPEN]),
    ("/announcements/new", [OPEN, OPEN, SENTENCE, SENTENCE]),
    ("/badges", [OPEN, OPEN, SENTENCE, OPEN]),
    ("/badges?q=x&state=off", [OPEN, OPEN, SENTENCE, OPEN]),
    ("/claim", [OPEN, OPEN, SENTENCE, SENTENCE]),
    ("/groups", [OPEN, OPEN, SENTENCE, OPEN]),
    ("/search?q=a", [OPEN, OPEN, SENTENCE, OPEN]),
    ("/people", [OPEN, SENTENCE, SENTENCE, SENTENCE]),
    ("/access", [OPEN, OPEN, OPEN, OPEN]),
    ("/audit?verify=yes", [OPEN, SENTENCE, SENTENCE, OPEN]),
    ("/settings", [OPEN, OPEN, OPEN, OPEN]),
];

async fn every_page_opens_for_the_roles_it_is_for_and_is_whole(engine: Engine) {
    let world = World::open(engine).await;
    for (index, role) in Role::ALL.into_iter().enumerate() {
        let browser = Browser::new(&world);
        sign_in(&browser, role).await;
        for (path, expected) in PAGES {
            let page = open(&browser, &world.url(path)).await;
            assert_eq!(page.status.as_u16(), expected[index], "{role} at {path}");
            assert!([OPEN, SENTENCE].contains(&expected[index]), "a page answers with words");
            is_whole(&page.html, &format!("{role} at {path}"));
            assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"));
        }
    }
    world.close().await;
}

/// One heading, a language, a way past the navigation, ids that name one thing, and no style of its own.
#[track_caller]
fn is_whole(html: &str, what: &str) {
    assert_eq!(html.matches("<h1").count(), 1, "one heading: {what}");
    assert!(html.contains("<html lang=\"") && html.contains(" dir=\""), "{what}");
    assert!(html.contains("href=\"#main\"") && html.contains("id=\"main\""), "{what}");
    assert!(!html.contains(" style=") && !html.contains("<style"), "{what}");
    let mut ids: Vec<&str> = html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    ids.sort_unstable();
    let all = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), all, "ids are there once: {what}");
}
