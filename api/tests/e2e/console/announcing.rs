//! Announcing and watching, by plain forms: whom it reaches, who shows it and who does not, and taking it back.

use badgecast_domain::access::Role;
use badgecast_simulator::{Setup, faults::Fault};
use serde_json::json;

use super::door::{open, sign_in};
use crate::{
    browser::Browser,
    world::{Engine, PATIENCE, World},
};

crate::stories! {
    a_group_a_tag_and_a_code_are_one_audience_and_the_page_says_what_the_api_says
    who_refuses_and_who_is_off_come_first_and_are_named
    an_emergency_is_asked_once_more_and_nobody_is_no_audience
}

const NEW: &str = "/announcements/new";

async fn a_group_a_tag_and_a_code_are_one_audience_and_the_page_says_what_the_api_says(engine: Engine) {
    let world = World::open(engine).await;
    let manager = world.manager().await;
    let badge = world.badge().await;
    let (in_group, ..) = world.device().await;
    let (tagged, ..) = world.device().await;
    let (left_out, ..) = world.device().await;
    let group = manager.post("/api/v1/groups", json!({ "name": "Front desk" })).await.text("/id");
    manager.put(&format!("/api/v1/groups/{group}/badges/{in_group}"), json!({})).await;
    manager.patch(&format!("/api/v1/badges/{tagged}"), json!({ "tags": ["level 2"] })).await.is(200);
    let code = manager.get(&format!("/api/v1/badges/{}", badge.id())).await.text("/code");
    let browser = Browser::new(&world);
    sign_in(&browser, Role::Manager).await;
    let page = open(&browser, &world.url(NEW)).await;
    page.says("Front desk").says("level 2");
    let key = page.field("key");
    let fields = [
        ("key", key.as_str()),
        ("text", "Fire <drill>"),
        ("level", "urgent"),
        ("to", "some"),
        ("group", group.as_str()),
        ("tag", "level 2"),
        ("codes", &code.to_lowercase()),
        ("lasts", "900"),
        ("deadline", "600"),
    ];
    let preview = browser.submit("/announcements/preview", &fields).await;
    preview.says("One is connected now.").says("are not: they get it when they return before");
    let sent = browser.submit(NEW, &fields).await;
    assert_eq!(sent.status, 303);
    let path = sent.header("location").to_owned();
    assert_eq!(browser.submit(NEW, &fields).await.header("location"), path, "pressed twice, announced once");
    let own = path.rsplit('/').next().unwrap().to_owned();
    world
        .until("it is shown", async || {
            let announcement = manager.get(&format!("/api/v1/announcements/{own}")).await;
            (announcement.number("/receipts/shown") == 1).then_some(())
        })
        .await;
    let announcement = manager.get(&format!("/api/v1/announcements/{own}")).await;
    let page = open(&browser, &world.url(&path)).await;
    for state in ["shown", "held", "sent", "pending", "refused"] {
        let count = announcement.number(&format!("/receipts/{state}"));
        page.says(&format!("<dd data-state=\"{state}\">{count}</dd>"));
    }
    page.says("Fire &#60;drill&#62;").says("Not showing it yet <span class=\"num\">2</span>");
    let only = open(&browser, &world.url(&format!("{path}?group={group}"))).await;
    let code_of = async |badge| manager.get(&format!("/api/v1/badges/{badge}")).await.text("/code");
    only.says(&format!("class=\"tile dim\" href=\"/badges/{}\"", code_of(in_group).await));
    assert!(!only.html.contains(&code_of(left_out).await), "who is not meant is not told");
    open(&browser, &world.url("/announcements")).await.says("Fire &#60;drill&#62;").says("Running");
    let wall = open(&browser, &world.url(&format!("/wall?group={group}"))).await;
    wall.says("aria-current=\"true\"");
    assert_eq!(wall.html.matches("class=\"tile").count(), 1);
    let again = format!("{path}/again");
    assert_eq!(browser.submit(&again, &[]).await.header("location"), path);
    let identify = format!("{path}/identify");
    let blink = [("badge", badge.id().to_string())];
    let blink: Vec<(&str, &str)> = blink.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(browser.submit(&identify, &blink).await.status, 303);
    assert_eq!(browser.submit(&format!("{path}/withdraw"), &[]).await.header("location"), path);
    open(&browser, &world.url(&path)).await.says("withdrawn");
    open(&browser, &world.url("/announcements")).await.says("Past").says("withdrawn");
    open(&browser, &world.url(&format!("{NEW}?from={own}"))).await.says("value=\"Fire &#60;drill&#62;\"");
    world.close().await;
}

async fn who_refuses_and_who_is_off_come_first_and_are_named(engine: Engine) {
    let world = World::open(engine).await;
    let manager = world.manager().await;
    let refusing = world.badge_with(Setup { fault: Some(Fault::Refusing), ..Setup::default() }).await;
    let showing = world.badge().await;
    let (off, ..) = world.device().await;
    let deadline = std::time::SystemTime::now() + std::time::Duration::from_secs(12);
    let deadline = badgecast_domain::time::Moment::from(deadline).to_string();
    let new = json!({ "audience": { "all": true }, "text": "Now", "receipt_deadline": deadline });
    let announcement = manager.post("/api/v1/announcements", new).await.is(202).text("/id");
    let own: badgecast_domain::id::AnnouncementId = announcement.parse().unwrap();
    showing.until("show it", PATIENCE, |state| state.has_shown(own.layer(), 1)).await.unwrap();
    let browser = Browser::new(&world);
    sign_in(&browser, Role::Auditor).await;
    let url = world.url(&format!("/announcements/{announcement}"));
    let page = world
        .until("two are named", async || {
            let page = open(&browser, &url).await;
            page.html.contains("Named at the deadline").then_some(page)
        })
        .await;
    page.says("Named at the deadline <span class=\"num\">2</span>").says("It refused:").says("It was never");
    assert!(!page.html.contains("action=\"/announcements"), "an auditor changes nothing");
    let code_of = async |badge| manager.get(&format!("/api/v1/badges/{badge}")).await.text("/code");
    let place = |html: &str, code: &str| html.rfind(code).unwrap();
    let (refusing, off, showing) =
        (code_of(refusing.id()).await, code_of(off).await, code_of(showing.id()).await);
    let wall = open(&browser, &world.url("/wall")).await.html;
    for html in [&page.html, &wall] {
        assert!(place(html, &refusing) < place(html, &off) && place(html, &off) < place(html, &showing));
    }
    world.close().await;
}

async fn an_emergency_is_asked_once_more_and_nobody_is_no_audience(engine: Engine) {
    let world = World::open(engine).await;
    let browser = Browser::new(&world);
    sign_in(&browser, Role::Manager).await;
    let emergency = [("text", "Leave now"), ("level", "emergency"), ("lasts", "")];
    let nobody = browser.submit(NEW, &emergency).await;
    assert_eq!(nobody.status, 422);
    nobody.says("You have no claimed badge yet");
    world.device().await;
    let asked = browser.submit(NEW, &emergency).await;
    assert_eq!(asked.status, 200);
    asked.says("aria-labelledby=\"really-h\" open").says("value=\"Leave now\"");
    let list = || async { world.manager().await.get("/api/v1/announcements").await };
    assert_eq!(list().await.body["items"].as_array().unwrap().len(), 0, "nothing was said");
    let sure = [emergency.as_slice(), &[("really", "yes")]].concat();
    assert_eq!(browser.submit(NEW, &sure).await.status, 303);
    assert_eq!(list().await.text("/items/0/level"), "emergency");
    for (wrong, sentence) in [
        (vec![("text", "Hi"), ("lasts", "")], "Say when it ends."),
        (vec![("text", ""), ("lasts", "60")], "Write what the badges should say."),
        (vec![("text", "Hi"), ("to", "some")], "Choose who shows it."),
        (vec![("text", "Hi"), ("until", "2001-01-01T00:00")], "It has to end after it starts"),
        (vec![("text", "Hi"), ("only", "mine")], "You own no badge"),
    ] {
        let page = browser.submit(NEW, &wrong).await;
        assert_eq!(page.status, 422, "{sentence}");
        page.says(sentence);
    }
    world.close().await;
}
