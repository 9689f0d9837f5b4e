//! Badges, groups, people, keys and the audit trail by plain forms, on both engines: what the pages ask the tables.

use badgecast_domain::access::Role;
use reqwest::Method;
use serde_json::json;

use super::door::{open, sign_in};
use crate::{
    browser::{Browser, Page},
    world::{Engine, World},
};

crate::stories! {
    a_badge_is_found_changed_and_let_go
    a_key_is_shown_by_both_its_names
    groups_are_made_filled_and_dissolved
    an_admin_adds_changes_and_disables_people
    keys_and_programs_are_made_once_and_end
    the_audit_trail_is_read_checked_and_saved
    a_code_leads_to_its_badge_or_to_its_own_sentence
}

async fn signed_in(world: &World, role: Role) -> Browser<'_> {
    let browser = Browser::new(world);
    assert_eq!(sign_in(&browser, role).await.status, 303);
    browser
}

/// Opens a page of the console that has to be there.
async fn page(browser: &Browser<'_>, world: &World, path: &str) -> Page {
    let page = open(browser, &world.url(path)).await;
    assert_eq!(page.status, 200, "{path}: {}", page.html);
    page
}

/// Sends a form that is taken; where it leads.
async fn done(browser: &Browser<'_>, path: &str, fields: &[(&str, &str)]) -> String {
    let page = browser.submit(path, fields).await;
    assert_eq!(page.status, 303, "{path}: {}", page.html);
    page.header("location").to_owned()
}

async fn a_badge_is_found_changed_and_let_go(engine: Engine) {
    let world = World::open(engine).await;
    let badge = world.badge().await;
    let id = badge.id().to_string();
    let code = world.manager().await.get(&format!("/api/v1/badges/{id}")).await.is(200).text("/code");
    let path = format!("/badges/{code}");
    let browser = signed_in(&world, Role::Manager).await;
    page(&browser, &world, &format!("/badges?q={}", code.to_lowercase())).await.says(&code);
    page(&browser, &world, "/badges?q=nobody").await.says("No badge is like that.");
    page(&browser, &world, "/badges?state=on").await.says(&code);
    assert!(!page(&browser, &world, "/badges?state=unclaimed").await.html.contains(&code));

    let line = [("text", "Amira"), ("moves", "left"), ("speed", "6"), ("revision", "0")];
    let written = browser.submit(&format!("{path}/line/preview"), &line).await;
    written.says("value=\"left\" checked").says("alt=\"Amira\"").says("it moves past");
    assert_eq!(done(&browser, &format!("{path}/line"), &line).await, path);
    assert_eq!(done(&browser, &format!("{path}/line"), &line).await, path, "the same twice is once");
    let message = world.manager().await.get(&format!("/api/v1/badges/{id}/display")).await.is(200);
    assert_eq!(message.number("/revision"), 1);
    assert_eq!(
        (message.text("/display/messages/0/effect").as_str(), message.number("/display/messages/0/speed")),
        ("left", 6)
    );
    let late = browser.submit(&format!("{path}/line"), &[("text", "Late"), ("revision", "0")]).await;
    assert_eq!(late.status, 412);
    late.says("Somebody changed the line meanwhile").says("alt=\"Late\"").says("value=\"Late\"");
    let nothing = browser.submit(&format!("{path}/line"), &[("text", "\u{10fffd}"), ("revision", "1")]).await;
    assert_eq!(nothing.status, 422);
    nothing.says("No LED picture for any of it");
    page(&browser, &world, &path)
        .await
        .says("Amira")
        .says("It takes its turn.")
        .says("value=\"left\" checked");

    let owner = [("name", "Desk"), ("owner-name", "receptionist"), ("tags", "west, north")];
    done(&browser, &path, &owner).await;
    page(&browser, &world, "/badges?q=receptionist").await.says("Desk");
    page(&browser, &world, "/badges?tag=west").await.says("Desk");
    let nobody = browser.submit(&path, &[("name", "Desk"), ("owner-name", "Zzz")]).await;
    assert_eq!(nobody.status, 422);
    nobody.says("Nobody here is called that.");
    let other = world.registered().await.text("/code");
    let taken = browser.submit(&format!("/badges/{other}"), &owner).await;
    assert_eq!(taken.status, 409);
    taken.says("This person owns another badge already.");

    done(&browser, &format!("{path}/identify"), &[]).await;
    done(&browser, &format!("{path}/revoke"), &[]).await;
    let off = async || {
        let answer = browser.submit(&format!("{path}/identify"), &[]).await;
        (answer.status == 409).then_some(answer)
    };
    world.until("the revoked badge is off", off).await.says("It is off");
    let shown = browser.submit(&format!("{path}/claim-code"), &[]).await;
    assert_eq!(shown.status, 200);
    shown.says("It is shown only now.");
    let auditor = signed_in(&world, Role::Auditor).await;
    let looked = page(&auditor, &world, &path).await;
    looked.says("You can look, not change.");
    assert!(!looked.html.contains(&format!("{path}/revoke")), "no dead buttons");
    assert_eq!(auditor.submit(&format!("{path}/release"), &[]).await.status, 403);
    assert_eq!(done(&browser, &format!("{path}/release"), &[]).await, "/badges");
    assert_eq!(open(&browser, &world.url(&path)).await.status, 404);
    badge.stop().await;
    world.close().await;
}

async fn a_key_is_shown_by_both_its_names(engine: Engine) {
    let world = World::open(engine).await;
    let registered = world.registered().await;
    // The did:key method, a test vector for P-256.
    let did = "did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169";
    let claim = json!({ "claim_code": registered.text("/claim_code"), "public_key": did, "model": "Keyed",
        "panel": "11x44", "firmware": "1" });
    world.nobody().post("/api/v1/claims", claim).await.is(201);
    let id = registered.text("/id");
    let key =
        world.manager().await.get(&format!("/api/v1/badges/{id}")).await.is(200).text("/key/thumbprint");
    for role in [Role::Manager, Role::Auditor] {
        let browser = signed_in(&world, role).await;
        page(&browser, &world, &format!("/badges/{id}")).await.says(did).says(&key).says("its own key");
    }
    world.close().await;
}

async fn groups_are_made_filled_and_dissolved(engine: Engine) {
    let world = World::open(engine).await;
    let (one, two) = (world.registered().await, world.registered().await);
    let (first, second) = (one.text("/code"), two.text("/code"));
    let browser = signed_in(&world, Role::Manager).await;
    let group = done(&browser, "/groups", &[("name", "Level 2")]).await;
    let taken = browser.submit("/groups", &[("name", "Level 2")]).await;
    assert_eq!(taken.status, 409);
    taken.says("A group of this name exists already.");
    let codes = format!("{}, {second}", first.to_lowercase());
    done(&browser, &format!("{group}/add"), &[("who", &codes)]).await;
    page(&browser, &world, &group).await.says(&first).says(&second);
    let choice = browser.submit(&format!("{group}/add"), &[("who", "B-")]).await;
    choice.says("Which of these?").says(&first);
    let none = browser.submit(&format!("{group}/add"), &[("who", "B-2222 zz")]).await;
    assert_eq!(none.status, 422);
    none.says("No badge has this code");
    done(&browser, &format!("{group}/remove"), &[("badge", &one.text("/id"))]).await;
    page(&browser, &world, &group).await.says(&second);
    done(&browser, &group, &[("name", "Level 3")]).await;
    page(&browser, &world, "/search?q=level").await.says("Level 3");
    page(&browser, &world, &format!("/search?q={second}")).await.says(&second);
    assert_eq!(done(&browser, &format!("{group}/dissolve"), &[]).await, "/groups");
    page(&browser, &world, "/groups").await.says("There are no groups yet.");
    world.close().await;
}

async fn an_admin_adds_changes_and_disables_people(engine: Engine) {
    let world = World::open(engine).await;
    let browser = signed_in(&world, Role::Admin).await;
    let new = [
        ("name", "Zoë"),
        ("email", "zoe@test.example"),
        ("role", "manager"),
        ("password", "long enough it is"),
    ];
    assert_eq!(done(&browser, "/people", &new).await, "/people");
    let again = browser.submit("/people", &new).await;
    assert_eq!(again.status, 409);
    again.says("Somebody has this email already.");
    let short = [("name", "A"), ("email", "a@test.example"), ("password", "short")];
    let short = browser.submit("/people", &short).await;
    assert_eq!(short.status, 422);
    short.says("at least 12 characters");
    let found = page(&browser, &world, "/people?q=zo%C3%AB").await;
    let person = found.html.split("href=\"/people/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let path = format!("/people/{person}");
    done(&browser, &path, &[("name", "Zoë B."), ("role", "auditor")]).await;
    page(&browser, &world, &path).await.says("Zoë B.");
    done(&browser, &format!("{path}/password"), &[("password", "another long one")]).await;
    let theirs = Browser::new(&world);
    let door = [("email", "zoe@test.example"), ("password", "another long one"), ("next", "/audit")];
    assert_eq!(done(&theirs, "/sign-in", &door).await, "/audit");
    done(&browser, &format!("{path}/disable"), &[]).await;
    assert_eq!(open(&theirs, &world.url("/audit")).await.status, 303, "signed out everywhere");
    page(&browser, &world, &path).await.says("Disabled");
    done(&browser, &format!("{path}/enable"), &[]).await;
    let admin = world.person(Role::Admin).await.get("/api/v1/me").await.is(200).text("/id");
    let last = browser.submit(&format!("/people/{admin}"), &[("name", "A"), ("role", "auditor")]).await;
    assert_eq!(last.status, 409);
    last.says("This is the last admin.");
    world.close().await;
}

async fn keys_and_programs_are_made_once_and_end(engine: Engine) {
    let world = World::open(engine).await;
    let browser = signed_in(&world, Role::Admin).await;
    let key = [("name", "Import"), ("scope", "badges:read"), ("days", "9"), ("key", "one")];
    let made = browser.submit("/access/keys", &key).await;
    made.says("Import").says("badges:read");
    let secret = made.html.split("id=\"made-key\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    world.bearer(&secret).get("/api/v1/badges").await.is(200);
    let nothing = browser.submit("/access/keys", &[("name", "None"), ("days", "9")]).await;
    assert_eq!(nothing.status, 422);
    let row = made.html.split("/access/keys/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    done(&browser, &format!("/access/keys/{row}/revoke"), &[]).await;
    world.bearer(&secret).get("/api/v1/badges").await.is(401);

    let program = [("name", "Door system"), ("kind", "acts"), ("scope", "badges:read")];
    let made = browser.submit("/access/clients", &program).await;
    made.says("Door system").says("id=\"made-client\"");
    let app =
        [("name", "App"), ("kind", "asks"), ("scope", "openid"), ("redirect_uri", "http://evil.example/")];
    let refused = browser.submit("/access/clients", &app).await;
    assert_eq!(refused.status, 422);
    refused.says("redirect_uris/0");
    let row = made.html.split("/access/clients/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    done(&browser, &format!("/access/clients/{row}/disable"), &[]).await;
    page(&browser, &world, "/access").await.says("disabled");

    let other = signed_in(&world, Role::Admin).await;
    let sessions = page(&browser, &world, "/access").await;
    let end = sessions.html.split("/access/sessions/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    done(&browser, &format!("/access/sessions/{end}/end"), &[]).await;
    assert_eq!(open(&other, &world.url("/access")).await.status, 303, "that browser is signed out");
    world.close().await;
}

async fn the_audit_trail_is_read_checked_and_saved(engine: Engine) {
    let world = World::open(engine).await;
    let code = world.registered().await.text("/code");
    let browser = signed_in(&world, Role::Auditor).await;
    page(&browser, &world, "/audit?verify=yes").await.says("and none is missing").says("badge.register");
    page(&browser, &world, "/audit?action=badge.").await.says(&code);
    assert!(!page(&browser, &world, "/audit?action=user.").await.html.contains("badge.register"));
    let table = browser.send(browser.request(Method::GET, &world.url("/audit/export"))).await;
    assert_eq!(table.header("content-type"), "text/csv; charset=utf-8");
    assert!(table.html.starts_with("number,at,actor,"), "{}", table.html);
    table.says("\"badge.register\"");
    world.close().await;
}

async fn a_code_leads_to_its_badge_or_to_its_own_sentence(engine: Engine) {
    let world = World::open(engine).await;
    let form = [("client_id", "badge"), ("model", "Lobby 44"), ("panel", "11x44"), ("firmware", "7")];
    let started = world.http.post(world.url("/oauth/device_authorization")).form(&form);
    let started = world.nobody().send(started).await.is(200);
    let code = started.text("/user_code");
    let browser = signed_in(&world, Role::Manager).await;
    let look = async |typed: &str| browser.submit("/claim", &[("code", typed)]).await;
    let typed = format!("{}-{}", code[..3].to_lowercase(), &code[3..]);
    look(&typed).await.says("Lobby 44").says(&format!("alt=\"{code}\"")).says("127.0.0.0/24");
    look("ABCDEF").await.says("That is no code");
    let wrong = if code == "BBBBBB" { "CCCCCC" } else { "BBBBBB" };
    let said = look(wrong).await;
    assert_eq!(said.status, 422);
    said.says("No badge shows this code now.");
    let receptionist = world.person(Role::Receptionist).await.get("/api/v1/me").await.is(200).text("/id");
    let many = browser.submit("/claim/join", &[("code", &code), ("owner-name", "The")]).await;
    assert_eq!(many.status, 422);
    many.says("More than one person is called that.").says(&receptionist);
    let group =
        world.manager().await.post("/api/v1/groups", json!({ "name": "Lobby" })).await.is(201).text("/id");
    let join = [
        ("code", &*code),
        ("owner-name", "The"),
        ("owner", &*receptionist),
        ("group", &*group),
        ("key", "once"),
    ];
    let claimed = done(&browser, "/claim/join", &join).await;
    assert_eq!(done(&browser, "/claim/join", &join).await, claimed, "pressed twice is claimed once");
    page(&browser, &world, &claimed).await.says("Claim the next one").says("Release (until");
    page(&browser, &world, &format!("/groups/{group}")).await.says("One badge");
    look(&code).await.says("This badge is yours already");
    let mine = world.person(Role::Receptionist).await.get("/api/v1/me/badge").await.is(200).text("/id");
    assert!(claimed.ends_with(&mine), "the owner has it");
    world.close().await;
}
