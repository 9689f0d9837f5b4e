use badgecast_broker::{Elsewhere, gate::Line};
use badgecast_domain::{id::BadgeId, time::Moment};
use uuid::Uuid;

use super::{
    super::{
        Tx, badges,
        connections::{self, Passed},
        gateways,
    },
    World, on_both,
    world::at,
};

impl World {
    async fn note(&self, node: Uuid, came: &[Line], went: &[Line], now: Moment) -> Passed {
        self.write(async |tx: &Tx| connections::note(tx, node, came, went, now).await).await
    }

    async fn beat(&self, until: Moment) -> Uuid {
        let node = Uuid::now_v7();
        self.write(async |tx: &Tx| connections::beat(tx, node, until).await).await;
        node
    }

    async fn is_online(&self, badge: BadgeId, now: Moment) -> bool {
        badges::find(self.database.read(), &self.scope, badge, now).await.unwrap().online
    }
}

on_both! {
    async fn a_badge_is_online_while_its_node_keeps_its_lease(world: &World) {
        let badge = world.badge().await;
        let node = world.beat(at(10)).await;
        let line = world.line(badge);
        assert_eq!(world.note(node, &[line], &[], at(2)).await, Passed { came: vec![line], went: vec![] });
        assert!(world.is_online(badge, at(9)).await);
        assert!(!world.is_online(badge, at(10)).await);
        world.write(async |tx: &Tx| connections::beat(tx, node, at(20)).await).await;
        assert!(world.is_online(badge, at(10)).await, "a node that only slept finds its badges where they were");
        assert_eq!(world.note(node, &[], &[line], at(12)).await, Passed { came: vec![], went: vec![line] });
        assert!(!world.is_online(badge, at(12)).await);
        let row = badges::find(world.database.read(), &world.scope, badge, at(12)).await.unwrap();
        assert_eq!(row.last_seen_at, Some(at(12)));
    }

    async fn of_two_connections_the_newer_counts_whichever_is_noted_first(world: &World) {
        let badge = world.badge().await;
        let (one, other) = (world.beat(at(100)).await, world.beat(at(100)).await);
        let (older, newer) = (world.line(badge), world.line(badge));
        world.note(other, &[newer], &[], at(2)).await;
        assert_eq!(world.note(one, &[older], &[], at(3)).await, Passed::default());
        assert_eq!(world.note(one, &[], &[older], at(4)).await, Passed::default());
        assert!(world.is_online(badge, at(5)).await);
        world.write(async |tx: &Tx| connections::clear(tx, one).await).await;
        assert!(world.is_online(badge, at(5)).await);
        world.write(async |tx: &Tx| connections::clear(tx, other).await).await;
        assert!(!world.is_online(badge, at(5)).await);
    }

    async fn a_node_is_told_of_badges_on_other_living_nodes(world: &World) {
        let badges = world.badges(3).await;
        let (here, there, dead) = (world.beat(at(100)).await, world.beat(at(100)).await, world.beat(at(10)).await);
        let lines: Vec<Line> = badges.iter().map(|badge| world.line(*badge)).collect();
        for (node, line) in [here, there, dead].into_iter().zip(&lines) {
            world.note(node, &[*line], &[], at(2)).await;
        }
        let gateway = world.write(async |tx: &Tx| gateways::register(tx, &world.scope, None, None, at(1)).await);
        let gateway = world.line(gateway.await.id);
        world.note(there, &[gateway], &[], at(3)).await;
        let db = world.database.read();
        let told = connections::elsewhere(db, here, world.organization, at(50)).await.unwrap();
        let expected = Elsewhere { badge: badges[1], connection: lines[1].connection, since: at(2) };
        assert_eq!(told, [expected]);
        let stranger = world.stranger().await.organization();
        assert_eq!(connections::elsewhere(db, here, stranger, at(50)).await.unwrap(), []);
    }

    async fn who_comes_and_goes_within_one_note_is_gone(world: &World) {
        let badge = world.badge().await;
        let node = world.beat(at(100)).await;
        let (older, newer) = (world.line(badge), world.line(badge));
        let passed = world.note(node, &[newer, older], &[older], at(2)).await;
        assert_eq!(passed, Passed { came: vec![newer], went: vec![] });
        let passed = world.note(node, &[newer], &[newer], at(3)).await;
        assert_eq!(passed, Passed { came: vec![], went: vec![newer] });
        assert!(!world.is_online(badge, at(4)).await);
    }

    async fn more_badges_come_at_once_than_one_statement_takes(world: &World) {
        let badges = world.badges(501).await;
        world.node(&badges).await;
        let online = badges::Filter { online: Some(true), ..badges::Filter::default() };
        let found = badges::list(world.database.read(), &world.scope, &online, 2_000, at(3)).await.unwrap();
        assert_eq!(found.len(), 501);
    }

    async fn a_node_that_was_silent_for_a_day_is_forgotten(world: &World) {
        let badge = world.badge().await;
        world.node(&[badge]).await;
        let forget = async |s| world.write(async |tx: &Tx| connections::forget(tx, at(s)).await).await;
        assert_eq!(forget(2_000 + 86_400).await, 0);
        assert_eq!(forget(2_001 + 86_400).await, 1);
    }
}
