//! Audit, idempotency and jobs.

use badgecast_domain::announcement::Audience;
use uuid::Uuid;

use super::{
    super::{
        Error, Tx,
        audit::{self, Verdict},
        idempotency::{self, Reply, Slot},
        jobs::{self, Kind},
    },
    World, on_both,
    world::at,
};

async fn run(world: &World, sql: &str) {
    use sea_orm::ConnectionTrait as _;
    world
        .write(async |tx: &Tx| {
            tx.execute_unprepared(sql).await?;
            Ok(())
        })
        .await;
}

/// Takes the guards away, as somebody can who owns the database.
async fn disarm(world: &World) {
    let statements: &[&str] = match world.database.read().get_database_backend() {
        sea_orm::DbBackend::Sqlite => &[
            "DROP TRIGGER audit_keeps_rows",
            "DROP TRIGGER audit_keeps_words",
            "DROP TRIGGER audit_heads_grow",
        ],
        _ => &["ALTER TABLE audit DISABLE TRIGGER ALL", "ALTER TABLE audit_heads DISABLE TRIGGER ALL"],
    };
    for sql in statements {
        run(world, sql).await;
    }
}

on_both! {
    async fn the_trail_says_who_did_what_newest_first(world: &World) {
        let badge = world.badge().await;
        let said = world.announce(Audience::All).await;
        let stranger = world.stranger().await;
        let list = async |scope, filter| audit::list(world.database.read(), scope, &filter, 100).await.unwrap();
        let all = list(&world.scope, audit::Filter::default()).await;
        let actions: Vec<&str> = all.iter().map(|entry| entry.action.as_str()).collect();
        assert_eq!(actions, ["announcement.create", "badge.claim", "badge.claim-code", "badge.register"]);
        let of_badge = list(&world.scope, audit::Filter { object: Some(badge.uuid()), ..audit::Filter::default() }).await;
        assert_eq!(of_badge, all[1..]);
        let created = audit::Filter { action: Some("announcement.create".into()), ..audit::Filter::default() };
        assert_eq!(list(&world.scope, created).await[0].object_id, Some(said.id.uuid()));
        let after = audit::Filter { after: Some(all[1].seq), ..audit::Filter::default() };
        assert_eq!(list(&world.scope, after).await, all[2..]);
        assert_eq!(list(&stranger, audit::Filter::default()).await, []);
    }

    async fn a_trail_that_is_whole_verifies_and_one_that_was_touched_does_not(world: &World) {
        let badges = world.badges(3).await;
        let verify = async || audit::verify(world.database.read(), world.organization, None).await.unwrap();
        assert_eq!(verify().await, Verdict::Whole { entries: 9 });
        disarm(world).await;
        let run = async |sql: &str| run(world, sql).await;
        let newest = audit::list(world.database.read(), &world.scope, &audit::Filter::default(), 1).await.unwrap();
        run(&format!("DELETE FROM audit WHERE seq = {}", newest[0].seq)).await;
        assert_eq!(verify().await, Verdict::Short { entries: 8, of: 9 });
        let of_second = audit::Filter { object: Some(badges[1].uuid()), ..audit::Filter::default() };
        let touched = audit::list(world.database.read(), &world.scope, &of_second, 1).await.unwrap()[0].seq;
        run(&format!("UPDATE audit SET detail = 'nothing to see' WHERE seq = {touched}")).await;
        assert_eq!(verify().await, Verdict::Broken { seq: touched });
        run(&format!("DELETE FROM audit WHERE seq = {touched}")).await;
        assert_eq!(verify().await, Verdict::Broken { seq: touched + 1 });
    }

    async fn entries_that_changed_places_are_noticed(world: &World) {
        world.badges(2).await;
        disarm(world).await;
        let all = audit::list(world.database.read(), &world.scope, &audit::Filter::default(), 100).await.unwrap();
        let (second, third) = (all[all.len() - 2].seq, all[all.len() - 3].seq);
        for (from, to) in [(second, -1), (third, second), (-1, third)] {
            run(world, &format!("UPDATE audit SET seq = {to} WHERE seq = {from}")).await;
        }
        let verdict = audit::verify(world.database.read(), world.organization, None).await.unwrap();
        assert_eq!(verdict, Verdict::Broken { seq: second });
    }

    async fn a_trail_cut_together_with_its_head_is_noticed_by_who_saw_it(world: &World) {
        world.badges(2).await;
        let db = world.database.read();
        let head = audit::heads(db).await.unwrap()[0];
        assert_eq!((head.organization, head.length), (world.organization, 6));
        assert_eq!(audit::verify(db, world.organization, Some(&head)).await.unwrap(), Verdict::Whole { entries: 6 });
        world.badges(1).await;
        assert_eq!(audit::verify(db, world.organization, Some(&head)).await.unwrap(), Verdict::Whole { entries: 9 });
        assert!(audit::is_there(db, &head).await.unwrap());
        disarm(world).await;
        let kept = audit::list(db, &world.scope, &audit::Filter::default(), 100).await.unwrap()[4].seq;
        run(world, &format!("DELETE FROM audit WHERE seq > {kept}")).await;
        let end = format!("SELECT hash FROM audit WHERE seq = {kept}");
        run(world, &format!("UPDATE audit_heads SET length = 5, hash = ({end})")).await;
        assert_eq!(audit::verify(db, world.organization, None).await.unwrap(), Verdict::Whole { entries: 5 });
        assert_eq!(
            audit::verify(db, world.organization, Some(&head)).await.unwrap(),
            Verdict::Rewritten { seq: head.seq }
        );
        assert!(!audit::is_there(db, &head).await.unwrap());
    }

    async fn an_entry_does_not_give_way_to_another(world: &World) {
        use sea_orm::ConnectionTrait as _;
        world.badges(1).await;
        if world.database.read().get_database_backend() == sea_orm::DbBackend::Sqlite {
            let replace = "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE seq = 1";
            let replaced = world.database.write(async |tx: &Tx| {
                Ok::<_, Error>(tx.execute_unprepared(replace).await?)
            });
            assert!(replaced.await.is_err());
        }
        let verdict = audit::verify(world.database.read(), world.organization, None).await.unwrap();
        assert_eq!(verdict, Verdict::Whole { entries: 3 });
    }

    async fn writers_of_one_trail_take_turns(world: &World) {
        let note = async || {
            world.write(async |tx: &Tx| audit::append(tx, &world.scope, "test", None, None, at(1)).await).await
        };
        for _ in 0..10 {
            tokio::join!(note(), note(), note());
        }
        let verdict = audit::verify(world.database.read(), world.organization, None).await.unwrap();
        assert_eq!(verdict, Verdict::Whole { entries: 30 });
    }

    async fn a_reply_is_kept_for_a_day_and_only_for_its_caller_route_and_key(world: &World) {
        let slot = Slot { caller: Uuid::now_v7(), route: "POST /api/v1/badges", key: "once" };
        let reply = Reply {
            digest: [1; 32],
            status: 201,
            location: Some("/api/v1/badges/1".into()),
            body: "{}".into(),
            created_at: at(0),
        };
        let find = async |slot: Slot<'_>, s| {
            world.write(async |tx: &Tx| idempotency::find(tx, &slot, at(s)).await).await
        };
        let keep = async |reply: &Reply| {
            world.database.write(async |tx: &Tx| idempotency::keep(tx, &slot, reply).await).await
        };
        assert_eq!(find(slot, 0).await, None);
        keep(&reply).await.unwrap();
        assert_eq!(find(slot, 86_399).await.as_ref(), Some(&reply));
        assert_eq!(find(slot, 86_400).await, None);
        for other in [Slot { caller: Uuid::now_v7(), ..slot }, Slot { route: "other", ..slot }, Slot { key: "two", ..slot }] {
            assert_eq!(find(other, 1).await, None);
        }
        assert!(matches!(keep(&Reply { created_at: at(86_399), ..reply.clone() }).await, Err(Error::Conflict(_))));
        let again = Reply { created_at: at(86_400), status: 202, ..reply };
        keep(&again).await.unwrap();
        assert_eq!(find(slot, 86_401).await, Some(again));
        assert_eq!(world.write(async |tx: &Tx| idempotency::forget(tx, at(200_000)).await).await, 1);
    }

    async fn a_job_is_done_by_one_node_and_by_another_if_that_dies(world: &World) {
        let said = world.announce(Audience::All).await;
        let due = async |s| world.write(async |tx: &Tx| jobs::due(tx, at(s), 10).await).await;
        let next = async || jobs::next_due(world.database.read()).await.unwrap();
        assert_eq!(next().await, Some(at(100)));
        assert_eq!(due(99).await, []);
        let taken = due(100).await;
        assert_eq!((taken[0].kind, taken[0].subject), (Kind::Deadline, said.id.uuid()));
        assert_eq!(due(101).await, [], "it is leased");
        assert_eq!(next().await, Some(at(130)));
        assert_eq!(due(130).await, taken, "whoever took it is gone");
        world.write(async |tx: &Tx| jobs::done(tx, taken[0].id, at(131)).await).await;
        assert_eq!(due(1_000).await, []);
        assert_eq!(next().await, None);
    }

    async fn nodes_that_ask_together_take_different_jobs(world: &World) {
        world.write(async |tx: &Tx| {
            for _ in 0..40 {
                jobs::add(tx, world.organization, Kind::Expiry, Uuid::now_v7(), at(1)).await?;
            }
            Ok(())
        }).await;
        let take = async || world.write(async |tx: &Tx| jobs::due(tx, at(2), 10).await).await;
        let (a, b, c, d) = tokio::join!(take(), take(), take(), take());
        let mut taken: Vec<Uuid> = [a, b, c, d].concat().into_iter().map(|job| job.id).collect();
        let count = taken.len();
        taken.sort_unstable();
        taken.dedup();
        assert_eq!((count, taken.len()), (40, 40));
    }
}
