//! What a badge shows is seen before, beside and after it: the pictures, the reason why, the hardware's bytes.

use badgecast_domain::{
    access::Role,
    display::{Document, Panel, Player, Timing, picture, pictures, wang},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::{Method, header};
use serde_json::json;

use crate::world::{Engine, PATIENCE, Person, World};

crate::stories! {
    an_arabic_name_is_one_picture_on_preview_panel_and_hardware
    showing_says_why
}

/// The bytes behind an address, and its entity tag.
async fn bytes(person: &Person<'_>, path: &str, media_type: &str) -> (Vec<u8>, String) {
    let answer = person.request(Method::GET, path).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    assert_eq!(answer.headers()[header::CONTENT_TYPE], media_type);
    let tag = answer.headers()[header::ETAG].to_str().unwrap().to_owned();
    (answer.bytes().await.unwrap().to_vec(), tag)
}

async fn an_arabic_name_is_one_picture_on_preview_panel_and_hardware(engine: Engine) {
    let world = World::open(engine).await;
    let worn = world.badge().await;
    let badge = worn.id();
    world.give_to_receptionist(badge).await;
    let receptionist = world.person(Role::Receptionist).await;
    let name = "أحمد";

    let document = Document::text(name).unwrap();
    let (sent, _) = pictures(&document, Panel::P11x44);
    let player = Player::from_pictures(&sent, Panel::P11x44, Timing::Open).unwrap();
    let expected = picture::gif(&player, picture::Scale::default());

    let preview = receptionist.post("/api/v1/preview", json!({ "text": name })).await.is(200);
    assert_eq!((preview.body["refused"].as_bool(), preview.text("/text").as_str()), (Some(false), name));
    let gif = preview.text("/gif");
    assert_eq!(STANDARD.decode(gif.strip_prefix("data:image/gif;base64,").unwrap()).unwrap(), expected);
    let wide = receptionist.post("/api/v1/preview", json!({ "text": name, "panel": "12x48" })).await.is(200);
    assert_ne!(wide.text("/crc"), preview.text("/crc"));
    receptionist.post("/api/v1/preview", json!({ "text": name, "panel": "9x9" })).await.is(422);
    receptionist.post("/api/v1/preview", json!({ "text": name, "colour": "red" })).await.is(422);
    let strange = receptionist.post("/api/v1/preview", json!({ "text": "ok \u{10fffd}" })).await.is(200);
    assert_eq!(strange.text("/findings/0/code"), "missing_glyph");
    assert_eq!(strange.text("/findings/0/pointer"), "/text");
    let display = format!("/api/v1/badges/{badge}/display");
    assert_eq!(receptionist.get(&display).await.number("/revision"), 0, "a preview saves nothing");

    receptionist.put(&display, json!({ "text": name })).await.is(200);
    worn.until("show it", PATIENCE, |state| state.has_shown(badge.own_layer(), 1)).await.unwrap();
    assert_eq!(worn.look(|state| state.frame_at(tokio::time::Instant::now())), player.still());
    let at = |file: &str| format!("/api/v1/badges/{badge}/{file}");
    let (shown, tag) = bytes(&receptionist, &at("preview.gif"), "image/gif").await;
    assert!(shown == expected, "the badge's picture is the preview's");
    let (small, _) = bytes(&receptionist, &at("preview.png?scale=1"), "image/png").await;
    assert_eq!(u32::from_be_bytes(small[16..20].try_into().unwrap()), 44);
    let again = receptionist.request(Method::GET, &at("preview.gif")).header(header::IF_NONE_MATCH, tag);
    assert_eq!(receptionist.send(again).await.status, 304);

    let (upload, _) = bytes(&receptionist, &at("program.bin"), "application/octet-stream").await;
    let hardware = wang::decode(&upload, Panel::P11x44).unwrap().player(Panel::P11x44, Timing::Open);
    assert!(picture::gif(&hardware, picture::Scale::default()) == expected, "the hardware shows the same");

    let (other, ..) = world.device().await;
    for file in ["preview.gif", "preview.png", "program.bin", "showing"] {
        receptionist.get(&format!("/api/v1/badges/{other}/{file}")).await.is(404);
        world.nobody().get(&at(file)).await.is(401);
    }
    receptionist.get(&at("preview.gif?scale=x")).await.is(400);
    world.close().await;
}

async fn showing_says_why(engine: Engine) {
    let world = World::open(engine).await;
    let (badge, ..) = world.device().await;
    let manager = world.manager().await;
    let at = |what: &str| format!("/api/v1/badges/{badge}/{what}");
    let nothing = manager.get(&at("showing")).await.is(200);
    assert_eq!(
        (nothing.text("/text").as_str(), nothing.body["layers"].as_array().map(Vec::len)),
        ("", Some(0))
    );
    bytes(&manager, &at("preview.gif"), "image/gif").await;

    manager.put(&at("display"), json!({ "text": "Amira" })).await.is(200);
    manager.announce("Lunch is ready").await;
    let both = manager.get(&at("showing")).await.is(200);
    assert_eq!(both.text("/text"), "Amira · Lunch is ready");
    assert_eq!(both.text("/layers/0/place"), "shown");

    let alarm = json!({ "audience": { "all": true }, "text": "Leave the house", "level": "emergency" });
    manager.post("/api/v1/announcements", alarm).await.is(202);
    let showing = manager.get(&at("showing")).await.is(200);
    assert_eq!(showing.text("/text"), "Leave the house");
    assert_eq!(showing.text("/layers/0/place"), "hidden_by_emergency");
    assert_eq!(showing.text("/layers/0/why"), "An emergency hides it; it comes back by itself.");
    world.close().await;
}
