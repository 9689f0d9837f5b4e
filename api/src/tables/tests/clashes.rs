use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use badgecast_domain::id::BadgeId;
use tokio::sync::Barrier;

use super::{
    super::{Error, Tx, sql::sql},
    World,
};
use crate::problem::Problem;

/// Two badges that two want in opposite orders. Only PostgreSQL lets two write at once.
struct Crossing {
    world: World,
    one: BadgeId,
    two: BadgeId,
    meet: Barrier,
    begun: AtomicUsize,
}

impl Crossing {
    async fn new() -> Self {
        let world = World::postgres().await;
        let (one, two) = (world.badge().await, world.badge().await);
        Self { world, one, two, meet: Barrier::new(2), begun: AtomicUsize::new(0) }
    }

    /// Touches one after the other. Both hold one before either asks for the other's; whoever is undone comes back alone.
    async fn cross(&self, tx: &Tx, first: BadgeId, second: BadgeId) -> Result<(), Error> {
        let touch = async |badge: BadgeId| {
            sql("UPDATE badges SET model = 'touched' WHERE id = ?").bind(badge).run(tx).await.map(drop)
        };
        touch(first).await?;
        if self.begun.fetch_add(1, SeqCst) < 2 {
            self.meet.wait().await;
        }
        touch(second).await
    }

    fn is_done_over(&self) -> bool {
        self.begun.load(SeqCst) > 2
    }
}

#[tokio::test]
async fn two_that_wait_for_each_other_are_both_done_in_the_end() {
    let crossing = Crossing::new().await;
    let work = async |first, second| {
        let both = || async |tx: &Tx| crossing.cross(tx, first, second).await;
        crossing.world.database.write_again(both).await
    };
    let done: (Result<(), Error>, Result<(), Error>) =
        tokio::join!(work(crossing.one, crossing.two), work(crossing.two, crossing.one));
    assert!(done.0.is_ok() && done.1.is_ok(), "{done:?}");
    assert!(crossing.is_done_over(), "one of them had to begin again");
}

#[tokio::test]
async fn a_change_that_answers_a_problem_is_done_over_as_well() {
    let crossing = Crossing::new().await;
    // Changes of one organization take turns, so it takes two to clash.
    let (own, stranger) = (&crossing.world.scope, crossing.world.stranger().await);
    let work = async |scope, first, second| {
        let both = async |tx: &Tx| Ok::<_, Problem>(crossing.cross(tx, first, second).await?);
        crossing.world.database.change(scope, both).await
    };
    let done =
        tokio::join!(work(own, crossing.one, crossing.two), work(&stranger, crossing.two, crossing.one));
    assert!(done.0.is_ok() && done.1.is_ok(), "{done:?}");
    assert!(crossing.is_done_over(), "one of them had to begin again");
}
