//! A badge as the server meets it: what it says, when, and what it lights meanwhile.

use std::time::Duration;

use crate::fake::{DEADLINE, Fake, announcement, own};
use badgecast_domain::{
    layer::Level,
    topic,
    wire::{Crc, Hello, Order, Outcome, Show, True, Withdrawn},
};
use badgecast_simulator::{
    Badge, Fault, Model, Setup, Unclaimed,
    badge::{Event, Link, State},
};
use rumqttc::ConnectReturnCode;

const HOUR: Duration = Duration::from_secs(3600);

fn faulty(fault: Fault) -> Setup {
    Setup { fault: Some(fault), ..Setup::default() }
}

#[tokio::test]
async fn a_new_badge_shows_its_token_subscribes_and_holds_nothing() {
    let fake = Fake::start().await;
    let badge = fake.claim(Setup::default()).await;
    let (mut guest, connect) = fake.knock().await;
    assert_eq!(connect.client_id, fake.badge.to_string());
    let login = connect.login.unwrap();
    assert_eq!((login.username, login.password), (connect.client_id, "token-1".to_owned()));
    assert_eq!(guest.let_in().await, [topic::SHOW, topic::COMMAND]);
    let hello: Hello = guest.heard(topic::HELLO).await;
    assert_eq!(hello.holds, []);
    badge.until_connected(DEADLINE).await.unwrap();
    badge.stop().await;
    assert!(guest.takes_leave().await, "it says goodbye");
}

#[tokio::test]
async fn an_unclaimed_badge_shows_its_code_until_a_person_has_typed_it() {
    let fake = Fake::start().await;
    let unclaimed = Unclaimed::start(&fake.server, &Model::default()).await.unwrap();
    assert_eq!(unclaimed.user_code(), "BCDFGH");
    assert_eq!(unclaimed.verification_uri(), "http://here/device");
    let lit = unclaimed.player().frame_at(1_000);
    assert!(lit.lit() > 40, "six letters stand on the panel: {lit:?}");
    assert_eq!(unclaimed.player().frame_at(3_000), lit, "and stand still, as they fit");

    let claimed = tokio::spawn(unclaimed.claimed());
    fake.decide(true);
    let identity = claimed.await.unwrap().unwrap();
    assert_eq!(identity.badge, fake.badge);
    let _badge = Badge::switch_on(&fake.server, identity, Setup::default());
    fake.guest().await;
}

#[tokio::test]
async fn a_badge_whose_code_is_refused_stays_nobodys() {
    let fake = Fake::start().await;
    let unclaimed = Unclaimed::start(&fake.server, &Model::default()).await.unwrap();
    fake.decide(false);
    let refused = unclaimed.claimed().await.unwrap_err();
    assert!(refused.to_string().contains("The person refused"), "{refused}");
}

#[tokio::test]
async fn a_layer_is_held_when_it_is_stored_and_shown_when_it_is_lit() {
    let fake = Fake::start().await;
    let badge = fake.claim(Setup::default()).await;
    let (mut guest, _) = fake.guest().await;
    let layer = own(fake.badge, 1, "Anna");
    guest.show(&Show::Layer(layer.clone())).await;
    for outcome in [Outcome::Held, Outcome::Shown] {
        let ack = guest.ack().await;
        assert_eq!((ack.id, ack.revision, ack.outcome), (layer.id, 1, outcome));
        assert_eq!(ack.crc, Some(layer.crc), "of the pixels it lit");
    }
    let lit = badge.look(|state| state.program.frame_at(tokio::time::Instant::now()).lit());
    assert!(lit > 0);
}

#[tokio::test]
async fn a_badge_that_comes_back_tells_what_it_has_shown_and_lights_nothing_twice() {
    let fake = Fake::start().await;
    let badge = fake.claim(Setup::default()).await;
    let (mut guest, _) = fake.guest().await;
    let layer = announcement(Level::Normal, "Doors open at nine", HOUR);
    guest.show(&Show::Layer(layer.clone())).await;
    assert_eq!(guest.ack().await.outcome, Outcome::Held);
    assert_eq!(guest.ack().await.outcome, Outcome::Shown);

    drop(guest);
    let (mut guest, hello) = fake.guest().await;
    let [holds] = hello.holds[..] else { panic!("{hello:?}") };
    assert_eq!((holds.id, holds.revision), (layer.id, 1));
    assert_eq!((holds.outcome, holds.crc), (Some(Outcome::Shown), Some(layer.crc)));
    assert_eq!(fake.tokens_given(), 1, "its token is still good");

    guest.show(&Show::Layer(layer.clone())).await;
    assert_eq!(guest.ack().await.outcome, Outcome::Shown, "it was lit before");
    assert_eq!(badge.look(|state| state.times_lit(layer.id, 1)), 1);
}

#[tokio::test]
async fn what_is_withdrawn_is_forgotten_and_what_is_older_is_obeyed() {
    let fake = Fake::start().await;
    let badge = fake.claim(Setup::default()).await;
    let (mut guest, _) = fake.guest().await;
    let layer = announcement(Level::Normal, "Lunch", HOUR);
    guest.show(&Show::Layer(layer.clone())).await;
    guest.show(&Show::Layer(own(fake.badge, 7, "Anna"))).await;
    guest.show(&Show::Withdrawn(Withdrawn { id: layer.id, revision: 1, withdrawn: True })).await;
    guest.show(&Show::Layer(own(fake.badge, 3, "Anne"))).await;
    let own = fake.badge.own_layer();
    badge.until("shows revision 3", DEADLINE, |state| state.has_shown(own, 3)).await.unwrap();
    drop(guest);
    let (_guest, hello) = fake.guest().await;
    let holds: Vec<_> = hello.holds.iter().map(|holds| (holds.id, holds.revision)).collect();
    assert_eq!(holds, [(own, 3)]);
}

#[tokio::test]
async fn its_own_line_returns_when_an_emergency_ends_and_nobody_is_there_to_say_so() {
    let fake = Fake::start().await;
    let badge = fake.claim(Setup::default()).await;
    let (mut guest, _) = fake.guest().await;
    let own = own(fake.badge, 1, "Anna");
    let emergency = announcement(Level::Emergency, "Fire", Duration::from_secs(3));
    guest.show(&Show::Layer(own.clone())).await;
    guest.show(&Show::Layer(emergency.clone())).await;
    badge.until("show it", DEADLINE, |state| state.has_shown(emergency.id, 1)).await.unwrap();
    assert_eq!(badge.look(|state| state.shows()), [emergency.id]);
    badge.go_offline();
    badge.until("be alone", DEADLINE, |state| state.link == Link::Offline).await.unwrap();

    badge.until("restore", DEADLINE, |state| state.shows() == [own.id]).await.unwrap();
    badge.until("light its line", DEADLINE, |state| state.has_shown(own.id, 1)).await.unwrap();
    assert!(badge.events().contains(&Event::Over { id: emergency.id }));

    badge.come_back();
    let (_guest, hello) = fake.guest().await;
    assert_eq!(hello.holds.len(), 1, "what is over is not held");
    assert_eq!(hello.holds[0].outcome, Some(Outcome::Shown), "lit while nobody looked");
}

#[tokio::test]
async fn a_refused_token_is_replaced_by_a_fresh_one() {
    let fake = Fake::start().await;
    let badge = fake.claim(Setup::default()).await;
    let (mut guest, _) = fake.knock().await;
    guest.connack(ConnectReturnCode::NotAuthorized).await;
    let (_guest, connect) = fake.knock().await;
    assert_eq!(connect.login.unwrap().password, "token-2");
    assert!(badge.events().iter().any(|event| matches!(event, Event::Link { to: Link::Refused, .. })));
}

#[tokio::test]
async fn a_revoked_badge_says_so_and_returns_once_it_is_let_in_again() {
    let fake = Fake::start().await;
    let badge = fake.claim(Setup::default()).await;
    let (mut guest, _) = fake.guest().await;
    fake.tokens_live(0);
    guest.order(Order::Reboot).await;
    drop(guest);
    let (mut guest, _) = fake.knock().await;
    guest.connack(ConnectReturnCode::NotAuthorized).await;
    badge.until("be refused", DEADLINE, |state| state.link == Link::Refused).await.unwrap();
    fake.tokens_live(3600);
    let (_guest, _hello) = fake.guest().await;
    badge.until_connected(DEADLINE).await.unwrap();
}

#[tokio::test]
async fn a_token_is_renewed_over_the_open_connection_before_it_ends() {
    let fake = Fake::start().await;
    fake.tokens_live(2);
    let _badge = fake.claim(Setup::default()).await;
    let (mut guest, _) = fake.guest().await;
    for fresh in ["token-2", "token-3"] {
        assert_eq!(guest.heard_raw(topic::TOKEN).await, fresh.as_bytes());
    }
}

#[tokio::test]
async fn commands_are_obeyed() {
    let fake = Fake::start().await;
    let badge = fake.claim(Setup::default()).await;
    let (mut guest, _) = fake.guest().await;
    guest.show(&Show::Layer(own(fake.badge, 1, "Anna"))).await;
    badge.until("show", DEADLINE, |state| state.has_shown(fake.badge.own_layer(), 1)).await.unwrap();

    guest.order(Order::Resync).await;
    let hello: Hello = guest.heard(topic::HELLO).await;
    assert_eq!(hello.holds.len(), 1);
    guest.order(Order::Identify).await;
    badge.until("blink", DEADLINE, |state| state.identify_until.is_some()).await.unwrap();
    guest.order(Order::Wipe).await;
    badge.until("forget", DEADLINE, |state| state.shows().is_empty()).await.unwrap();

    guest.publish(topic::SHOW, b"{}".to_vec()).await;
    guest.publish(topic::COMMAND, b"dance".to_vec()).await;
    let unreadable =
        |state: &State| state.journal.events().filter(|event| **event == Event::Unreadable).count();
    badge.until("notice both", DEADLINE, |state| unreadable(state) == 2).await.unwrap();
    guest.order(Order::Reboot).await;
    let (_guest, hello) = fake.guest().await;
    assert_eq!(hello.holds, []);
}

#[tokio::test]
async fn a_silent_badge_shows_and_says_nothing() {
    let fake = Fake::start().await;
    let badge = fake.claim(faulty(Fault::Silent)).await;
    let (mut guest, _) = fake.guest().await;
    let layer = announcement(Level::Normal, "Lunch", HOUR);
    guest.show(&Show::Layer(layer.clone())).await;
    badge.until("show", DEADLINE, |state| state.has_shown(layer.id, 1)).await.unwrap();
    guest.order(Order::Resync).await;
    let (topic, hello) = guest.said().await;
    assert_eq!(topic, topic::HELLO, "no ack came before it");
    let hello: Hello = serde_json::from_slice(&hello).unwrap();
    assert_eq!(hello.holds[0].outcome, None);
}

#[tokio::test]
async fn a_refusing_badge_gives_a_reason_and_a_lying_one_another_crc() {
    let fake = Fake::start().await;
    let layer = announcement(Level::Normal, "Lunch", HOUR);
    let _badge = fake.claim(faulty(Fault::Refusing)).await;
    let (mut guest, _) = fake.guest().await;
    guest.show(&Show::Layer(layer.clone())).await;
    let ack = guest.ack().await;
    assert_eq!((ack.outcome, ack.reason.is_some()), (Outcome::Refused, true));

    let fake = Fake::start().await;
    let _badge = fake.claim(faulty(Fault::LyingCrc)).await;
    let (mut guest, _) = fake.guest().await;
    guest.show(&Show::Layer(layer.clone())).await;
    assert_eq!(guest.ack().await.crc, Some(Crc(!layer.crc.0)));
}

#[tokio::test]
async fn a_flapping_badge_comes_back_again_and_again() {
    let fake = Fake::start().await;
    let badge = fake.claim(faulty(Fault::Flapping)).await;
    for _ in 0..2 {
        let (guest, _) = fake.guest().await;
        assert!(!guest.takes_leave().await, "it is simply gone");
    }
    assert!(badge.look(|state| state.connects) >= 2);
}
