//! Greetings: a badge says what it holds, and gets what it lacks.
//!
//! After a restart the whole fleet says hello at once, so hellos are gathered for a few milliseconds and looked up
//! together. The badge obeys its connection, not the larger number: whatever differs in revision or pixels is sent,
//! lower revisions too (a restored database), and what it should not hold is withdrawn.

use std::{collections::HashMap, sync::Arc, time::Duration};

use badgecast_broker::{
    Shows, Target,
    gate::{Line, NotStored},
};
use badgecast_domain::{
    display::Panel,
    id::BadgeId,
    wire::{Ack, Hello, Holds, Layer, MAX_HOLDS, Show},
};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::{Instant, sleep, timeout_at},
};

use super::layers;
use crate::{
    House,
    auth::Scope,
    tables::{self, Tx, badges, layers::Holder},
};

/// How long hellos are gathered, and how many at most.
const GATHER: Duration = Duration::from_millis(5);
const BATCH: usize = 100;
/// How many layers are handed to a connection without looking whether it takes them.
const AT_ONCE: usize = 16;
/// How much room is left on a connection for what is announced meanwhile.
const SPARE: usize = 8;
/// How long a badge may take to take them all.
const IN_TURN: Duration = Duration::from_secs(60);
/// How many hellos may wait; beyond, badges are not acknowledged and say it again.
const WAITING: usize = 20_000;

/// One hello on its way.
#[derive(Debug)]
pub(super) struct Greeting {
    line: Line,
    /// `None`: it said nothing, so it holds nothing we know of.
    hello: Option<Hello>,
    done: oneshot::Sender<Result<(), NotStored>>,
}

/// Where hellos are dropped.
#[derive(Debug, Clone)]
pub(super) struct Sender(mpsc::Sender<Greeting>);

/// Where they come out.
pub(super) type Receiver = mpsc::Receiver<Greeting>;

pub(super) fn channel() -> (Sender, Receiver) {
    let (sender, receiver) = mpsc::channel(WAITING);
    (Sender(sender), receiver)
}

impl Sender {
    pub(super) async fn greet(&self, line: Line, hello: Option<Hello>) -> Result<(), NotStored> {
        let (done, answer) = oneshot::channel();
        self.0.try_send(Greeting { line, hello, done }).map_err(|_| NotStored)?;
        answer.await.unwrap_or(Err(NotStored))
    }
}

/// Runs until `stop`, and then to the end of what waits.
pub(super) async fn run(house: Arc<House>, mut greetings: Receiver, mut stop: watch::Receiver<bool>) {
    loop {
        let first = tokio::select! {
            biased;
            greeting = greetings.recv() => greeting,
            _ = stop.changed() => None,
        };
        let Some(first) = first else { return };
        let mut batch = vec![first];
        let until = Instant::now() + GATHER;
        while batch.len() < BATCH {
            match timeout_at(until, greetings.recv()).await {
                Ok(Some(greeting)) => batch.push(greeting),
                _ => break,
            }
        }
        let answer = match answer(&house, &batch).await {
            Ok(()) => Ok(()),
            Err(error) => {
                tracing::warn!(%error, hellos = batch.len(), "hellos not answered");
                Err(NotStored)
            }
        };
        for greeting in batch {
            // A session that is gone does not wait for its answer.
            let _ = greeting.done.send(answer);
        }
    }
}

async fn answer(house: &Arc<House>, batch: &[Greeting]) -> Result<(), tables::Error> {
    let badges = super::distinct(batch.iter().map(|greeting| greeting.line.badge));
    let mut holders = holders(house, &badges).await?;
    if introduce(house, batch, &holders).await? {
        holders = self::holders(house, &badges).await?;
    }
    let known: Vec<(&Holder, &[Holds])> = batch
        .iter()
        .filter_map(|greeting| {
            // A badge that was retired meanwhile is about to be disconnected.
            let holder = holders.get(&greeting.line.badge)?;
            let holds = greeting.hello.as_ref().map(|hello| hello.holds.as_slice()).unwrap_or_default();
            Some((holder, &holds[..holds.len().min(MAX_HOLDS)]))
        })
        .collect();
    house.receipts.settle(house, said(&known)).await?;
    for (holder, holds) in known {
        sync(house, holder, holds).await?;
    }
    Ok(())
}

async fn holders(house: &House, badges: &[BadgeId]) -> Result<HashMap<BadgeId, Holder>, tables::Error> {
    let found = tables::layers::own_of(house.database.read(), badges).await?;
    Ok(found.into_iter().map(|holder| (holder.member.badge, holder)).collect())
}

/// Takes in what badges say of themselves, if it is new. Answers whether any of it was.
async fn introduce(
    house: &House,
    batch: &[Greeting],
    holders: &HashMap<BadgeId, Holder>,
) -> Result<bool, tables::Error> {
    let mut new: Vec<(&Greeting, &Hello)> = batch
        .iter()
        .filter_map(|greeting| {
            let (hello, holder) = (greeting.hello.as_ref()?, holders.get(&greeting.line.badge)?);
            holder.differs(hello).then_some((greeting, hello))
        })
        .collect();
    if new.is_empty() {
        return Ok(false);
    }
    // Writers take rows in the same order.
    new.sort_by_key(|(greeting, _)| greeting.line.badge);
    let now = house.now();
    house
        .database
        .write_again(|| {
            async |tx: &Tx| {
                for (greeting, hello) in &new {
                    let scope = Scope::house(greeting.line.organization);
                    badges::introduce(tx, &scope, greeting.line.badge, hello, now).await?;
                }
                Ok(true)
            }
        })
        .await
}

/// What badges say they did with their layers settles receipts, too: the acknowledgement may have been lost.
fn said<'a>(known: &[(&'a Holder, &'a [Holds])]) -> impl Iterator<Item = (&'a Holder, Ack)> {
    let each = |(holder, holds): &(&'a Holder, &'a [Holds])| {
        let holder = *holder;
        holds.iter().filter_map(move |held| {
            let Holds { id, revision, outcome, crc } = *held;
            Some((holder, Ack { id, revision, outcome: outcome?, crc, reason: None, at: None }))
        })
    };
    known.iter().flat_map(each)
}

/// Sends what differs.
async fn sync(house: &Arc<House>, holder: &Holder, holds: &[Holds]) -> Result<(), tables::Error> {
    let announced = house.announced.of(house, holder.organization).await?;
    let wanted = layers::of_holder(holder, &announced, house.now());
    let gone = holds.iter().filter(|held| wanted.iter().all(|layer| layer.id != held.id));
    let gone: Vec<Show> = gone.map(|held| layers::withdrawn(held.id, held.revision)).collect();
    let differs = |layer: &Layer| {
        holds
            .iter()
            .all(|held| (held.id, held.revision, held.crc) != (layer.id, layer.revision, Some(layer.crc)))
    };
    let missing = wanted.into_iter().filter(differs).map(Show::Layer);
    let shows: Vec<Show> = gone.into_iter().chain(missing).collect();
    let (badge, panel) = (holder.member.badge, holder.member.panel);
    if shows.len() <= AT_ONCE {
        shows.into_iter().for_each(|show| send(house, badge, panel, show));
    } else {
        tokio::spawn(send_in_turn(Arc::clone(house), badge, panel, shows));
    }
    Ok(())
}

fn send(house: &House, badge: BadgeId, panel: Panel, show: Show) {
    house.metrics.delivered(house.desk.show(Target::Badge(badge), &Shows::on(panel, show)));
}

/// More than may wait on a connection goes as fast as the badge takes it, and no faster: nothing is dropped.
async fn send_in_turn(house: Arc<House>, badge: BadgeId, panel: Panel, shows: Vec<Show>) {
    let end = Instant::now() + IN_TURN;
    for show in shows {
        while house.desk.room(badge).is_some_and(|room| room <= SPARE) && Instant::now() < end {
            sleep(Duration::from_millis(10)).await;
        }
        // A badge that left says hello again when it is back.
        if house.desk.room(badge).is_none() {
            return;
        }
        send(&house, badge, panel, show);
    }
}
