use std::time::Duration;

use badgecast_domain::{announcement::Audience, id::BadgeId, receipt::State, time::Moment};

use super::{
    super::{
        Error, Tx, announcements, badges, groups,
        receipts::{self, Ack, Tally},
    },
    World, on_both,
    world::at,
};

impl World {
    async fn store(&self, acks: &[Ack]) -> Vec<State> {
        let advanced = self.write(async |tx: &Tx| receipts::store(tx, acks).await).await;
        advanced.into_iter().map(|(_, _, state)| state).collect()
    }

    async fn tally(&self, announcement: &announcements::Announcement, now: Moment) -> Tally {
        let announcement =
            announcements::find(self.database.read(), &self.scope, announcement.id).await.unwrap();
        let mut tally = receipts::tally(self.database.read(), &announcement, now).await.unwrap();
        tally.spans.sort_unstable();
        tally
    }
}

fn seconds(spans: &[u64]) -> Vec<Duration> {
    spans.iter().map(|s| Duration::from_secs(*s)).collect()
}

on_both! {
    async fn every_targeted_badge_is_in_exactly_one_state(world: &World) {
        world.unclaimed().await;
        let badges = world.badges(7).await;
        let gone = badges[6];
        world.write(async |tx: &Tx| badges::retire(tx, &world.scope, gone, at(5)).await).await;
        world.node(&badges[1..]).await;
        let said = world.announce(Audience::All).await;
        let ack = |badge: usize, state, s| world.ack(said.id, badges[badge], state, s);
        world.store(&[ack(2, State::Held, 11), ack(3, State::Refused, 11), ack(4, State::Written, 11),
            ack(5, State::Held, 11), ack(5, State::Shown, 12)]).await;
        let tally = world.tally(&said, at(20)).await;
        let expected = Tally { targeted: 6, pending: 1, sent: 1, held: 1, refused: 1, written: 1, shown: 1,
            spans: seconds(&[2]), ..Tally::default() };
        assert_eq!(tally, expected);
    }

    async fn what_is_over_expires_unless_it_was_lit(world: &World) {
        let badges = world.badges(4).await;
        let said = world.announce(Audience::All).await;
        let ack = |badge: usize, state| world.ack(said.id, badges[badge], state, 12);
        world.store(&[ack(1, State::Held), ack(2, State::Written), ack(3, State::Shown)]).await;
        let tally = world.tally(&said, at(1_000)).await;
        let expected = Tally { targeted: 4, expired: 2, written: 1, shown: 1, spans: seconds(&[2]), ..Tally::default() };
        assert_eq!(tally, expected);
    }

    async fn a_withdrawal_supersedes_what_was_not_lit_and_light_that_was_on_its_way_still_counts(world: &World) {
        let badges = world.badges(3).await;
        let said = world.announce(Audience::All).await;
        world.store(&[world.ack(said.id, badges[0], State::Held, 12)]).await;
        for _ in 0..2 {
            world.write(async |tx: &Tx| announcements::withdraw(tx, &world.scope, said.id, at(15)).await).await;
        }
        world.store(&[world.ack(said.id, badges[1], State::Shown, 16)]).await;
        let tally = world.tally(&said, at(20)).await;
        let expected = Tally { targeted: 3, superseded: 2, shown: 1, spans: seconds(&[6]), ..Tally::default() };
        assert_eq!(tally, expected);
        let withdrawn = announcements::find(world.database.read(), &world.scope, said.id).await.unwrap();
        assert_eq!((withdrawn.revision, withdrawn.withdrawn_at), (2, Some(at(15))));
    }

    async fn who_leaves_the_audience_is_superseded_and_who_joins_later_has_their_own_clock(world: &World) {
        let badges = world.badges(5).await;
        let group = world.write(async |tx: &Tx| groups::create(tx, &world.scope, "desk", at(1)).await).await.id;
        world.write(async |tx: &Tx| groups::add(tx, &world.scope, group, &badges[..3], at(2)).await).await;
        let audience = Audience::Some { groups: vec![group], badges: vec![badges[4]], tags: vec![] };
        let said = world.announce(audience).await;
        let ack = |badge: usize, state, s| world.ack(said.id, badges[badge], state, s);
        world.store(&[ack(0, State::Shown, 12), ack(1, State::Held, 12), ack(4, State::Shown, 13)]).await;
        world.write(async |tx: &Tx| groups::remove(tx, &world.scope, group, badges[0], at(20)).await).await;
        world.write(async |tx: &Tx| groups::remove(tx, &world.scope, group, badges[1], at(20)).await).await;
        world.write(async |tx: &Tx| groups::remove(tx, &world.scope, group, badges[2], at(20)).await).await;
        world.write(async |tx: &Tx| groups::add(tx, &world.scope, group, &badges[3..4], at(60)).await).await;
        world.store(&[ack(3, State::Shown, 61)]).await;
        let tally = world.tally(&said, at(70)).await;
        let expected = Tally { targeted: 4, superseded: 1, shown: 3, spans: seconds(&[1, 2, 3]), ..Tally::default() };
        assert_eq!(tally, expected);
    }

    async fn tags_are_resolved_live_too(world: &World) {
        let badges = world.badges(2).await;
        let said = world.announce(Audience::Some { groups: vec![], badges: vec![], tags: vec!["ward 3".into()] }).await;
        assert_eq!(world.tally(&said, at(11)).await, Tally::default());
        let tagged = badges::Update { tags: Some(vec!["ward 3".into()]), ..badges::Update::default() };
        world.write(async |tx: &Tx| badges::update(tx, &world.scope, badges[1], &tagged, at(12)).await).await;
        assert_eq!(world.tally(&said, at(13)).await, Tally { targeted: 1, pending: 1, ..Tally::default() });
    }

    async fn a_weaker_or_repeated_word_changes_nothing(world: &World) {
        let badge = world.badge().await;
        let said = world.announce(Audience::All).await;
        let ack = |state, s| world.ack(said.id, badge, state, s);
        assert_eq!(world.store(&[ack(State::Held, 11)]).await, [State::Held]);
        assert_eq!(world.store(&[ack(State::Shown, 12), ack(State::Held, 13)]).await, [State::Shown]);
        assert_eq!(world.store(&[ack(State::Shown, 14)]).await, []);
        assert_eq!(world.store(&[ack(State::Refused, 15), ack(State::Held, 15)]).await, []);
        let page = receipts::page(world.database.read(), &said, None, None, 10, at(20)).await.unwrap();
        assert_eq!((page[0].state, page[0].held_at, page[0].shown_at), (State::Shown, Some(at(11)), Some(at(12))));
    }

    async fn a_held_receipt_learns_why_it_was_not_lit_and_forgets_it_when_it_is(world: &World) {
        let badge = world.badge().await;
        let said = world.announce(Audience::All).await;
        let wrong = Ack { reason: Some("crc_mismatch".into()), ..world.ack(said.id, badge, State::Held, 12) };
        world.store(&[world.ack(said.id, badge, State::Held, 11)]).await;
        assert_eq!(world.store(std::slice::from_ref(&wrong)).await, [State::Held]);
        assert_eq!(world.store(&[wrong]).await, []);
        let late = receipts::laggards(world.database.read(), &said, at(100), 10).await.unwrap();
        assert_eq!(late[0].reason.as_deref(), Some("crc_mismatch"));
        assert_eq!(world.store(&[world.ack(said.id, badge, State::Shown, 13)]).await, [State::Shown]);
        let page = receipts::page(world.database.read(), &said, None, None, 10, at(20)).await.unwrap();
        assert_eq!(page[0].reason, None);
        assert_eq!(receipts::laggards(world.database.read(), &said, at(100), 10).await.unwrap(), []);
    }

    async fn words_about_what_is_not_ours_are_dropped_and_the_others_stand(world: &World) {
        let badge = world.badge().await;
        let stranger = world.stranger().await;
        let said = world.announce(Audience::All).await;
        let never_said = Ack { revision: 2, ..world.ack(said.id, badge, State::Shown, 12) };
        let unknown = world.ack(badgecast_domain::id::AnnouncementId::new(), badge, State::Shown, 12);
        let nobody = world.ack(said.id, BadgeId::new(), State::Shown, 12);
        let foreign = Ack { organization: stranger.organization(), ..world.ack(said.id, badge, State::Shown, 12) };
        assert_eq!(world.store(&[never_said, unknown, nobody]).await, []);
        assert_eq!(world.store(&[foreign]).await, []);
        assert_eq!(world.tally(&said, at(20)).await, Tally { targeted: 1, pending: 1, ..Tally::default() });
        assert!(announcements::find(world.database.read(), &stranger, said.id).await.is_err());
    }

    async fn receipts_are_read_page_by_page(world: &World) {
        let badges = world.badges(5).await;
        let said = world.announce(Audience::All).await;
        world.store(&[world.ack(said.id, badges[1], State::Shown, 12)]).await;
        let page = async |state, after, limit| {
            let rows = receipts::page(world.database.read(), &said, state, after, limit, at(20)).await.unwrap();
            rows.into_iter().map(|row| row.badge).collect::<Vec<_>>()
        };
        assert_eq!(page(None, None, 3).await, badges[..3]);
        assert_eq!(page(None, Some(badges[2]), 3).await, badges[3..]);
        assert_eq!(page(Some(State::Shown), None, 3).await, badges[1..2]);
        assert_eq!(page(Some(State::Pending), Some(badges[0]), 2).await, badges[2..4]);
        let late = receipts::laggards(world.database.read(), &said, at(100), 3).await.unwrap();
        assert_eq!(late.iter().map(|row| row.badge).collect::<Vec<_>>(), [badges[0], badges[2], badges[3]]);
        assert!(late.iter().all(|row| row.code.starts_with("B-") && row.name == row.code));
    }

    async fn what_was_lit_after_the_deadline_is_not_in_the_frozen_times(world: &World) {
        let badges = world.badges(2).await;
        let said = world.announce(Audience::All).await;
        world.store(&[world.ack(said.id, badges[0], State::Shown, 12), world.ack(said.id, badges[1], State::Shown, 200)])
            .await;
        let tally = receipts::tally_by(world.database.read(), &said, at(100), at(100)).await.unwrap();
        assert_eq!(tally.spans, seconds(&[2]));
        world.write(async |tx: &Tx| announcements::freeze(tx, said.id, "{}").await).await;
        world.write(async |tx: &Tx| announcements::freeze(tx, said.id, "late").await).await;
        let frozen = announcements::find(world.database.read(), &world.scope, said.id).await.unwrap();
        assert_eq!(frozen.summary.as_deref(), Some("{}"));
    }

    async fn two_writers_of_the_same_receipts_do_not_wait_in_a_circle(world: &World) {
        let badges = world.badges(40).await;
        let said = world.announce(Audience::All).await;
        let acks = |state| badges.iter().map(move |badge| (*badge, state));
        let forth: Vec<Ack> = acks(State::Held).map(|(badge, state)| world.ack(said.id, badge, state, 12)).collect();
        let back: Vec<Ack> = acks(State::Shown).rev().map(|(badge, state)| world.ack(said.id, badge, state, 13)).collect();
        for _ in 0..10 {
            tokio::join!(world.store(&forth), world.store(&back));
        }
        assert_eq!(world.tally(&said, at(20)).await.shown, 40);
    }

    async fn live_announcements_are_those_a_badge_may_still_have_to_show(world: &World) {
        let first = world.announce(Audience::All).await;
        let second = world.announce(Audience::All).await;
        let live = async |s| {
            let rows = announcements::live(world.database.read(), world.organization, at(s)).await.unwrap();
            rows.into_iter().map(|row| row.id).collect::<Vec<_>>()
        };
        assert_eq!(live(5).await, [second.id, first.id], "newest first, those to come included");
        world.write(async |tx: &Tx| announcements::withdraw(tx, &world.scope, second.id, at(15)).await).await;
        assert_eq!(live(20).await, [first.id]);
        assert_eq!(live(1_000).await, []);
        let listed = announcements::list(world.database.read(), &world.scope, None, 10).await.unwrap();
        assert_eq!(listed.iter().map(|row| row.id).collect::<Vec<_>>(), [second.id, first.id]);
        let listed = announcements::list(world.database.read(), &world.scope, Some(second.id), 10).await.unwrap();
        assert_eq!(listed.iter().map(|row| row.id).collect::<Vec<_>>(), [first.id]);
    }

    async fn an_audience_names_only_what_is_ours(world: &World) {
        let badge = world.badge().await;
        let stranger = world.stranger().await;
        let audience = |badges: Vec<BadgeId>| Audience::Some { groups: vec![], badges, tags: vec!["a".into()] };
        let said = world.announce(audience(vec![badge])).await;
        let new = announcements::New {
            audience: audience(vec![badge]),
            text: None,
            document: said.document,
            findings: vec![],
            level: said.level,
            valid_from: at(10),
            valid_until: at(20),
            receipt_deadline: at(20),
        };
        let refused = world.database
            .write(async |tx: &Tx| announcements::create(tx, &stranger, &new, at(10)).await).await;
        assert!(matches!(refused, Err(Error::Invalid { pointer, .. }) if pointer == "/audience"));
        let listed = announcements::list(world.database.read(), &stranger, None, 10).await.unwrap();
        assert!(listed.is_empty(), "nothing of a refused announcement is left");
    }
}
