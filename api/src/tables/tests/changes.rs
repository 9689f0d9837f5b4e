use badgecast_domain::wire::Order;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::{
    super::{
        Error, Tx,
        changes::{self, Change, Cursor, Kind},
    },
    World, on_both,
    world::at,
};

impl World {
    async fn change(&self, kind: Kind, subject: Uuid) {
        self.write(async |tx: &Tx| changes::append(tx, self.organization, kind, subject, 1, at(1)).await)
            .await;
    }

    async fn since(&self, cursor: Cursor) -> Vec<Change> {
        changes::after(self.database.read(), cursor, 100).await.unwrap()
    }

    /// The first changes after `cursor`, once there are so many: on PostgreSQL they wait for every transaction that began
    /// before theirs, also for those of other tests on the same server.
    pub(super) async fn changes(&self, cursor: Cursor, count: usize) -> Vec<Change> {
        let settled = async {
            loop {
                let seen = self.since(cursor).await;
                if seen.len() >= count {
                    return seen;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(60), settled).await.expect("changes settle")
    }
}

on_both! {
    async fn changes_are_read_in_order_and_once(world: &World) {
        let start = changes::end(world.database.read()).await.unwrap();
        let subjects: Vec<Uuid> = (0..5).map(|_| Uuid::now_v7()).collect();
        for subject in &subjects {
            world.change(Kind::Badge, *subject).await;
        }
        world.change(Kind::Command(Order::Identify), subjects[0]).await;
        let all = world.changes(start, 6).await;
        assert_eq!(all.iter().map(|change| change.subject).collect::<Vec<_>>()[..5], subjects);
        assert_eq!(all[5].kind, Kind::Command(Order::Identify));
        assert!(all.is_sorted_by(|one, next| one.cursor < next.cursor));
        assert_eq!(world.since(all[3].cursor).await, all[4..]);
        let said: Cursor = all[3].cursor.to_string().parse().unwrap();
        assert_eq!(said, all[3].cursor);
        assert_eq!(changes::end(world.database.read()).await.unwrap(), all[5].cursor);
        let first = changes::after(world.database.read(), start, 2).await.unwrap();
        assert_eq!(first, all[..2]);
    }

    async fn the_bell_rings_when_a_transaction_ends_and_what_was_undone_is_no_change(world: &World) {
        let mut bell = world.database.bell();
        bell.mark_unchanged();
        let (undone, done) = (Uuid::now_v7(), Uuid::now_v7());
        let failed: Result<(), Error> = world.database.write(async |tx: &Tx| {
            changes::append(tx, world.organization, Kind::Badge, undone, 1, at(1)).await?;
            Err(Error::NotFound)
        }).await;
        assert!(failed.is_err());
        bell.changed().await.unwrap();
        world.change(Kind::Badge, done).await;
        bell.changed().await.unwrap();
        let all = world.changes(Cursor::default(), 1).await;
        assert_eq!(all.iter().map(|change| change.subject).collect::<Vec<_>>(), [done]);
    }

    async fn what_is_old_is_forgotten(world: &World) {
        world.change(Kind::User, Uuid::now_v7()).await;
        assert!(world.write(async |tx: &Tx| changes::forget(tx, at(2)).await).await >= 1);
        assert_eq!(world.since(Cursor::default()).await, []);
    }
}

/// SQLite has one writer, so there nothing can commit out of order.
#[tokio::test]
async fn a_transaction_that_commits_late_is_not_missed_on_postgres() {
    let world = World::postgres().await;
    let start = changes::end(world.database.read()).await.unwrap();
    let (early, late) = (Uuid::now_v7(), Uuid::now_v7());
    let (written, is_written) = oneshot::channel();
    let (commit, may_commit) = oneshot::channel::<()>();
    let slow = world.database.write(async |tx: &Tx| {
        changes::append(tx, world.organization, Kind::Badge, late, 1, at(1)).await?;
        written.send(()).unwrap();
        may_commit.await.unwrap();
        Ok::<_, Error>(())
    });
    let meanwhile = async {
        is_written.await.unwrap();
        world.change(Kind::Badge, early).await;
        let seen = world.since(start).await;
        commit.send(()).unwrap();
        seen
    };
    let (done, seen) = tokio::join!(slow, meanwhile);
    done.unwrap();
    assert_eq!(seen, [], "the later number waits for the earlier transaction");
    let all: Vec<Uuid> = world.changes(start, 2).await.into_iter().map(|change| change.subject).collect();
    assert_eq!(all, [late, early]);
}
