use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use badgecast_domain::id::BadgeId;
use tokio::sync::Barrier;

use super::{
    super::{Error, Tx, sql::sql},
    World,
};

/// Only PostgreSQL lets two write at once.
#[tokio::test]
async fn two_that_wait_for_each_other_are_both_done_in_the_end() {
    let world = World::postgres().await;
    let (one, two) = (world.badge().await, world.badge().await);
    let (meet, begun) = (Barrier::new(2), AtomicUsize::new(0));
    let touch = async |tx: &Tx, badge: BadgeId| {
        sql("UPDATE badges SET model = 'touched' WHERE id = ?").bind(badge).run(tx).await.map(drop)
    };
    let work = async |first: BadgeId, second: BadgeId| {
        let both = || {
            async |tx: &Tx| {
                touch(tx, first).await?;
                // Both hold one before either asks for the other's; whoever is undone comes back alone.
                if begun.fetch_add(1, SeqCst) < 2 {
                    meet.wait().await;
                }
                touch(tx, second).await
            }
        };
        world.database.write_again(both).await
    };
    let done: (Result<(), Error>, Result<(), Error>) = tokio::join!(work(one, two), work(two, one));
    assert!(done.0.is_ok() && done.1.is_ok(), "{done:?}");
    assert!(begun.load(SeqCst) > 2, "one of them had to begin again");
}
