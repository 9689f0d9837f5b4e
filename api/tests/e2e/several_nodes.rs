//! Several servers over one PostgreSQL: what happens on one is heard on another.

use std::time::Duration;

use badgecast::tables::{Error, Tx, organizations};
use badgecast_domain::id::BadgeId;
use serde_json::{Value, json};
use tokio::{sync::oneshot, time::Instant};

use crate::{
    reading::{GRANTED, Panel, layers},
    wire::Wire,
    world::{Engine, PATIENCE, World},
};

/// A server, another one beside it, and who reads on the first.
struct Two {
    here: World,
    there: World,
    panel: Panel,
}

impl Two {
    async fn open() -> Self {
        let here = World::open(Engine::Postgres).await;
        let (there, panel) = (here.beside().await, Panel::register(&here).await);
        Self { here, there, panel }
    }

    async fn reader(&self, name: &str) -> Wire {
        let mut reader = self.panel.open(&self.here, name).await;
        assert_eq!(reader.subscribe(&self.panel.topic(&"+", "#")).await, GRANTED);
        reader
    }

    async fn close(self) {
        self.there.close().await;
        self.here.close().await;
    }
}

/// What a reader is told next of a badge.
async fn presence(two: &Two, reader: &mut Wire, badge: BadgeId) -> Value {
    reader.until_said(&two.panel.topic(&badge, "presence"), |_| true).await["online"].clone()
}

/// A reader is told that a badge came or went. What it knows may be told once more, when a router was replaced.
async fn told(panel: &Panel, reader: &mut Wire, badge: BadgeId, online: bool) {
    reader.until_said(&panel.topic(&badge, "presence"), |said| said["online"] == online).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_integration_hears_what_badges_of_every_node_show_and_whether_they_are_there() {
    let two = Two::open().await;
    // One was there before anybody read, one never was, and one comes while it is read.
    let (early, (away, ..)) = (two.there.badge().await, two.there.device().await);
    let mut reader = two.reader("panel").await;
    told(&two.panel, &mut reader, early.id(), true).await;
    let mut second = two.reader("panel-2").await;
    told(&two.panel, &mut second, away, false).await;
    let late = two.there.badge().await;
    told(&two.panel, &mut reader, late.id(), true).await;

    let (late_id, id) = (late.id(), late.id().to_string());
    let manager = two.there.manager().await;
    manager.put(&format!("/api/v1/badges/{id}/display"), json!({ "text": "Hello" })).await.is(200);
    reader.until_said(&two.panel.topic(&id, "display"), |said| layers(said) == [id.clone()]).await;

    late.stop().await;
    told(&two.panel, &mut reader, late_id, false).await;
    // What was said while nobody listened is there for who comes later.
    let mut third = two.reader("panel-3").await;
    told(&two.panel, &mut third, late_id, false).await;
    early.stop().await;
    two.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_badge_that_moves_to_another_node_is_there_all_the_time() {
    let two = Two::open().await;
    let (badge, _, token) = two.here.device().await;
    let id = badge.to_string();
    let mut reader = two.reader("panel").await;
    told(&two.panel, &mut reader, badge, false).await;
    let there = Wire::open(&two.there, &id, &id, &token).await.unwrap();
    assert_eq!(presence(&two, &mut reader, badge).await, true);
    let here = Wire::open(&two.here, &id, &id, &token).await.unwrap();
    assert_eq!(presence(&two, &mut reader, badge).await, true);
    drop(there);
    let back = Wire::open(&two.there, &id, &id, &token).await.unwrap();
    assert_eq!(presence(&two, &mut reader, badge).await, true);
    drop(here);
    // Only now it is gone; and a node that stops takes its badges with it.
    drop(back);
    told(&two.panel, &mut reader, badge, false).await;
    let _last = Wire::open(&two.there, &id, &id, &token).await.unwrap();
    told(&two.panel, &mut reader, badge, true).await;
    two.there.running.stop().await;
    told(&two.panel, &mut reader, badge, false).await;
    two.here.close().await;
}

/// On PostgreSQL a change is read when everything that ran beside it is over, and that may be on a node that rings nobody here.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_does_not_wait_for_the_poll_when_another_node_writes_beside_it() {
    let two = Two::open().await;
    let (badge, manager) = (two.here.badge().await, two.here.manager().await);
    let (path, layer) = (format!("/api/v1/badges/{}/display", badge.id()), badge.id().own_layer());
    let there = &two.there.running.house;
    let mut waits = Vec::new();
    for turn in 0..7 {
        let (begun, has_begun) = oneshot::channel();
        let (end, ends) = oneshot::channel::<()>();
        let beside = there.database.write(async |tx: &Tx| {
            let made = organizations::create(tx, "Somebody else's", there.now()).await;
            begun.send(()).unwrap();
            ends.await.unwrap();
            made.map(drop)
        });
        let shown = async {
            has_begun.await.unwrap();
            let put = manager.put(&path, json!({ "text": format!("Turn {turn}") })).await.is(200);
            let revision = put.number("/revision");
            let began = Instant::now();
            end.send(()).unwrap();
            badge.until("hold it", PATIENCE, |state| state.holds(layer) == Some(revision)).await.unwrap();
            waits.push(began.elapsed());
        };
        let (written, ()): (Result<(), Error>, ()) = tokio::join!(beside, shown);
        written.unwrap();
    }
    waits.sort_unstable();
    assert!(waits[3] < Duration::from_millis(300), "{waits:?}");
    badge.stop().await;
    two.close().await;
}
