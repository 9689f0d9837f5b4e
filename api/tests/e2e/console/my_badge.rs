//! Your badge, by plain forms: sent, shown, taken back, and never over somebody else's change.

use badgecast_domain::access::Role;
use serde_json::json;

use super::door::{open, sign_in};
use crate::{
    browser::{Browser, Page},
    world::{Engine, PASSWORD, PATIENCE, World, email},
};

crate::stories! {
    a_line_is_sent_shown_and_taken_back_by_plain_forms
    nobody_writes_over_what_they_have_not_seen
    what_nobody_could_read_is_not_sent
    a_remembered_sign_in_opens_the_own_badge_and_nothing_else
}

async fn send(browser: &Browser<'_>, page: &Page, text: &str) -> Page {
    browser.submit("/me", &[("text", text), ("revision", &page.field("revision"))]).await
}

async fn a_line_is_sent_shown_and_taken_back_by_plain_forms(engine: Engine) {
    let world = World::open(engine).await;
    let badge = world.badge().await;
    let browser = Browser::new(&world);
    sign_in(&browser, Role::Receptionist).await;
    let me = world.url("/me");
    open(&browser, &me).await.says("You have no badge yet.");
    world.give_to_receptionist(badge.id()).await;
    let page = open(&browser, &me).await;
    page.says("Your badge has no line yet");
    for (revision, text) in ["Amira", "Amira <b>H.</b>"].into_iter().enumerate() {
        let page = open(&browser, &me).await;
        assert_eq!(page.field("revision"), revision.to_string());
        let sent = send(&browser, &page, text).await;
        assert_eq!((sent.status.as_u16(), sent.header("location")), (303, "/me"));
        let own = badge.id().own_layer();
        let revision = revision as u64 + 1;
        badge.until("show it", PATIENCE, |state| state.has_shown(own, revision)).await.unwrap();
    }
    let page = world.until("say it is shown", async || {
        let page = open(&browser, &me).await;
        page.html.contains("On your badge now").then_some(page)
    });
    let page = page.await;
    page.says("Amira &#60;b&#62;H.&#60;/b&#62;");
    assert!(!page.html.contains("<b>H."), "what people say is no markup");
    let same = send(&browser, &page, "Amira <b>H.</b>").await;
    assert_eq!(same.status, 303, "the same again is nothing new");
    let back = [("to", page.field("to")), ("revision", page.field("revision"))];
    let back: Vec<(&str, &str)> = back.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(browser.submit("/me/back", &back).await.status, 303);
    let display = format!("/api/v1/badges/{}/display", badge.id());
    let display = world.manager().await.get(&display).await.is(200);
    assert_eq!(
        (display.number("/revision"), display.text("/display/messages/0/segments/0/text").as_str()),
        (3, "Amira")
    );
    world.close().await;
}

async fn nobody_writes_over_what_they_have_not_seen(engine: Engine) {
    let world = World::open(engine).await;
    let (badge, ..) = world.device().await;
    world.give_to_receptionist(badge).await;
    let browser = Browser::new(&world);
    sign_in(&browser, Role::Receptionist).await;
    let manager = world.manager().await;
    let display = format!("/api/v1/badges/{badge}/display");
    manager.put(&display, json!({ "text": "Reception" })).await.is(200);
    let page = open(&browser, &world.url("/me")).await;
    manager.put(&display, json!({ "text": "Theirs" })).await.is(200);
    let conflict = send(&browser, &page, "Mine").await;
    assert_eq!(conflict.status, 412);
    conflict.says("Somebody changed your line meanwhile").says("alt=\"Mine\"").says("alt=\"Theirs\"");
    assert_eq!(manager.get(&display).await.number("/revision"), 2, "nothing was overwritten");
    assert_eq!(send(&browser, &conflict, "Mine").await.status, 303, "now they have seen it");
    assert_eq!(manager.get(&display).await.number("/revision"), 3);
    world.close().await;
}

async fn what_nobody_could_read_is_not_sent(engine: Engine) {
    let world = World::open(engine).await;
    let (badge, ..) = world.device().await;
    world.give_to_receptionist(badge).await;
    let browser = Browser::new(&world);
    sign_in(&browser, Role::Receptionist).await;
    let page = open(&browser, &world.url("/me")).await;
    let refused = send(&browser, &page, "\u{10fffd}").await;
    assert_eq!(refused.status, 422);
    refused.says("No LED picture for any of it").says("value=\"\u{10fffd}\"");
    assert_eq!(send(&browser, &page, "").await.status, 422);
    let preview = browser.submit("/me/preview", &[("text", "Amira")]).await;
    preview.says("This is how it will look").says("Not sent yet").says("src=\"data:image/png");
    let moving = browser.submit("/me/preview", &[("text", "Amira"), ("moving", "yes")]).await;
    moving.says("Not sent yet").says("src=\"data:image/gif");
    let display = format!("/api/v1/badges/{badge}/display");
    assert_eq!(world.manager().await.get(&display).await.number("/revision"), 0);
    world.close().await;
}

async fn a_remembered_sign_in_opens_the_own_badge_and_nothing_else(engine: Engine) {
    let world = World::open(engine).await;
    let manager = world.manager().await;
    let browser = Browser::new(&world);
    let email = email(Role::Manager);
    let fields = [("email", email.as_str()), ("password", PASSWORD), ("remember", "yes"), ("next", "/me")];
    let sent = browser.submit("/sign-in", &fields).await;
    assert_eq!(sent.status, 303);
    assert!(
        sent.headers.get_all("set-cookie").iter().any(|set| set.to_str().unwrap().contains("said-no-badge"))
    );
    let (badge, ..) = world.device().await;
    let id = manager.get("/api/v1/me").await.text("/id");
    manager.patch(&format!("/api/v1/badges/{badge}"), json!({ "owner_id": id })).await.is(200);
    let sent = browser.submit("/sign-in", &fields).await;
    let cookie = sent.headers.get_all("set-cookie").iter().find_map(|set| {
        let set = set.to_str().unwrap();
        set.contains("Max-Age=7776000").then_some(set)
    });
    assert!(cookie.is_some(), "for 90 days");
    open(&browser, &world.url("/me")).await.says("signed in for your badge only");
    assert_eq!(open(&browser, &world.url("/")).await.header("location"), "/me", "not the manager's wall");
    let device = open(&browser, &world.url("/device")).await;
    device.says("name=\"password\"");
    world.close().await;
}
