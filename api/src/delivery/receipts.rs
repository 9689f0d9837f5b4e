//! Acknowledgements: from a badge's word to a stored receipt.
//!
//! The word of a badge is compared with the server's own render: `shown` with other pixels stays `held`, is sent once
//! more, and then the badge is a laggard. Words are stored in batches, one transaction for all that came while the last
//! one committed; only then the badge's PUBLISH is acknowledged, so nothing that was acknowledged is ever lost.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use badgecast_broker::{Shows, Target, gate::NotStored};
use badgecast_domain::{
    id::{AnnouncementId, BadgeId, LayerId, OrganizationId},
    receipt::State,
    time::Moment,
    wire::{Ack, Crc, Outcome, Show},
};
use serde_json::json;
use tokio::sync::{mpsc, oneshot, watch};

use super::layers;
use crate::{
    House,
    events::{Event, Readers},
    tables::{self, Tx, displays, layers::Holder, receipts},
};

/// The most words stored in one transaction.
const BATCH: usize = 2_000;
/// How many words may wait; beyond, badges are not acknowledged and say it again.
const WAITING: usize = 50_000;
/// How many layers are remembered as sent once more.
const RESENT: usize = 100_000;

/// One word of a badge on its way into the database.
#[derive(Debug)]
struct Word {
    organization: OrganizationId,
    badge: BadgeId,
    ack: Ack,
    at: Moment,
    done: oneshot::Sender<Result<(), NotStored>>,
}

/// The receipts' entrance.
#[derive(Debug)]
pub struct Receipts {
    words: mpsc::Sender<Word>,
    resent: Mutex<HashSet<(BadgeId, LayerId, u64)>>,
}

/// What the entrance leads to, until [`run`] takes it.
#[derive(Debug)]
pub struct Waiting(mpsc::Receiver<Word>);

impl Receipts {
    #[must_use]
    pub fn new() -> (Self, Waiting) {
        let (words, waiting) = mpsc::channel(WAITING);
        (Self { words, resent: Mutex::default() }, Waiting(waiting))
    }

    /// Queues what a badge said; the future completes once it is stored. Queued before the first await, so the order in
    /// which a badge speaks is kept.
    pub fn acknowledged(
        &self,
        organization: OrganizationId,
        badge: BadgeId,
        ack: Ack,
        at: Moment,
    ) -> impl Future<Output = Result<(), NotStored>> + Send + use<> {
        let (done, answer) = oneshot::channel();
        let queued = self.words.try_send(Word { organization, badge, ack, at, done });
        async move {
            queued.map_err(|_| NotStored)?;
            answer.await.unwrap_or(Err(NotStored))
        }
    }

    /// Whether this layer was not yet sent once more to this badge; from now on it was.
    fn first_time(&self, badge: BadgeId, layer: LayerId, revision: u64) -> bool {
        let mut resent = self.resent.lock().unwrap_or_else(PoisonError::into_inner);
        if resent.len() >= RESENT {
            resent.clear();
        }
        resent.insert((badge, layer, revision))
    }
}

/// What is to be stored of a batch.
#[derive(Default)]
struct Judged {
    announcements: Vec<receipts::Ack>,
    own: Vec<displays::Ack>,
    /// Layers whose pixels differed and that are sent once more.
    again: Vec<(BadgeId, LayerId)>,
}

/// Runs until `stop`, and then to the end of what waits.
pub(crate) async fn run(house: Arc<House>, waiting: Waiting, mut stop: watch::Receiver<bool>) {
    let mut words = waiting.0;
    let mut batch = Vec::new();
    loop {
        let count = tokio::select! {
            biased;
            count = words.recv_many(&mut batch, BATCH) => count,
            _ = stop.changed() => 0,
        };
        if count == 0 {
            return;
        }
        let stored = store(&house, &batch).await;
        if let Err(error) = &stored {
            tracing::warn!(%error, words = batch.len(), "acknowledgements not stored");
        }
        for word in batch.drain(..) {
            // A session that is gone does not wait for its answer.
            let _ = word.done.send(if stored.is_ok() { Ok(()) } else { Err(NotStored) });
        }
    }
}

async fn store(house: &House, batch: &[Word]) -> Result<(), tables::Error> {
    let mut judged = Judged::default();
    let mut others = Vec::new();
    for word in batch {
        match known(house, word).await? {
            Some(ours) => judged.weigh(house, word.organization, word.badge, &word.ack, word.at, ours),
            None => others.push(word),
        }
    }
    let holders = holders(house, others.iter().map(|word| word.badge)).await?;
    for word in others {
        let holder = holders.get(&word.badge).filter(|holder| holder.organization == word.organization);
        if let Some(holder) = holder {
            judge(house, holder, &word.ack, word.at, &mut judged).await?;
        }
    }
    write(house, &judged).await?;
    if !judged.again.is_empty() {
        let holders = self::holders(house, judged.again.iter().map(|(badge, _)| *badge)).await?;
        for (badge, layer) in &judged.again {
            if let Some(holder) = holders.get(badge) {
                send_again(house, holder, *layer).await?;
            }
        }
    }
    Ok(())
}

/// The pixels of an announcement, for a badge that the desk knows to be in its audience and that says nothing else. After
/// a broadcast that is every badge, and nothing has to be read; all others are looked up in the database.
async fn known(house: &House, word: &Word) -> Result<Option<Crc>, tables::Error> {
    if word.ack.id == word.badge.own_layer() {
        return Ok(None);
    }
    let announcement = word.ack.id.announcement();
    let announced = house.announced.of(house, word.organization).await?;
    let rendered = announced.iter().find(|rendered| {
        rendered.row.id == announcement && rendered.row.said_revision() == word.ack.revision
    });
    Ok(rendered.and_then(|rendered| {
        let panel = house.desk.panel_in(word.organization, &rendered.row.audience, word.badge)?;
        let ours = rendered.layer(panel).crc;
        word.ack.crc.is_none_or(|crc| crc == ours).then_some(ours)
    }))
}

async fn holders(
    house: &House,
    badges: impl Iterator<Item = BadgeId>,
) -> Result<HashMap<BadgeId, Holder>, tables::Error> {
    let found = tables::layers::own_of(house.database.read(), &super::distinct(badges)).await?;
    Ok(found.into_iter().map(|holder| (holder.member.badge, holder)).collect())
}

impl Receipts {
    /// Stores what hellos said of layers.
    ///
    /// # Errors
    /// The database did not answer.
    pub(super) async fn settle<'a>(
        &self,
        house: &House,
        said: impl Iterator<Item = (&'a Holder, Ack)>,
    ) -> Result<(), tables::Error> {
        let mut judged = Judged::default();
        for (holder, ack) in said {
            judge(house, holder, &ack, house.now(), &mut judged).await?;
        }
        // What differs in its pixels is sent by the hello anyway.
        judged.again.clear();
        write(house, &judged).await
    }
}

/// Compares a word with the server's own render and decides what it is worth.
async fn judge(
    house: &House,
    holder: &Holder,
    ack: &Ack,
    at: Moment,
    judged: &mut Judged,
) -> Result<(), tables::Error> {
    match layers::crc_of(house, holder, ack.id, ack.revision).await? {
        Some(ours) => judged.weigh(house, holder.organization, holder.member.badge, ack, at, ours),
        // A layer we never gave it, or a revision that is no more: nothing to write down.
        None => house.metrics.acknowledged("unknown"),
    }
    Ok(())
}

impl Judged {
    /// A word about a layer whose pixels are `ours`.
    fn weigh(
        &mut self,
        house: &House,
        organization: OrganizationId,
        badge: BadgeId,
        ack: &Ack,
        at: Moment,
        ours: Crc,
    ) {
        let (state, reason) = verdict(ack, ours);
        house.metrics.acknowledged(state.name());
        let mismatch = reason.as_deref() == Some(CRC_MISMATCH);
        if mismatch && house.receipts.first_time(badge, ack.id, ack.revision) {
            self.again.push((badge, ack.id));
        }
        let (revision, crc) = (ack.revision, ack.crc);
        if ack.id == badge.own_layer() {
            self.own.push(displays::Ack { organization, badge, revision, state, crc, reason, at });
        } else {
            let announcement = ack.id.announcement();
            self.announcements.push(receipts::Ack {
                announcement,
                badge,
                organization,
                revision,
                state,
                crc,
                reason,
                at,
            });
        }
    }
}

const CRC_MISMATCH: &str = "crc_mismatch";

/// What a word is worth: light counts only with our pixels.
fn verdict(ack: &Ack, ours: Crc) -> (State, Option<String>) {
    let said =
        ack.reason.as_deref().map(|reason| reason.chars().filter(|c| !c.is_control()).take(200).collect());
    match ack.outcome {
        Outcome::Refused => (State::Refused, said),
        Outcome::Written => (State::Written, said),
        Outcome::Held if ack.crc.is_some_and(|crc| crc != ours) => {
            (State::Held, Some(CRC_MISMATCH.to_owned()))
        }
        Outcome::Held => (State::Held, said),
        Outcome::Shown if ack.crc == Some(ours) => (State::Shown, said),
        Outcome::Shown => (State::Held, Some(CRC_MISMATCH.to_owned())),
    }
}

async fn write(house: &House, judged: &Judged) -> Result<(), tables::Error> {
    if judged.announcements.is_empty() && judged.own.is_empty() {
        return Ok(());
    }
    let advanced = house
        .database
        .write_again(|| {
            async |tx: &Tx| {
                displays::store(tx, &judged.own).await?;
                receipts::store(tx, &judged.announcements).await
            }
        })
        .await?;
    for own in &judged.own {
        tell(house, own.organization, own.badge, own.badge.own_layer(), own.state);
    }
    let acks = judged.announcements.iter().rev();
    let first: HashMap<_, _> = acks.map(|ack| ((ack.announcement, ack.badge, ack.state), ack)).collect();
    for (announcement, badge, state) in advanced {
        let Some(ack) = first.get(&(announcement, badge, state)) else { continue };
        tell(house, ack.organization, badge, announcement.layer(), state);
        if state == State::Shown {
            time_to_shown(house, ack.organization, announcement, ack.at).await?;
        }
    }
    Ok(())
}

async fn time_to_shown(
    house: &House,
    organization: OrganizationId,
    announcement: AnnouncementId,
    at: Moment,
) -> Result<(), tables::Error> {
    if let Some(rendered) = house.announced.one(house, organization, announcement).await? {
        house.metrics.shown_after(at.since(rendered.row.accepted_at.max(rendered.row.valid_from)));
    }
    Ok(())
}

/// Tells those who watch how far a badge has come.
fn tell(house: &House, organization: OrganizationId, badge: BadgeId, layer: LayerId, state: State) {
    if !house.events.is_watched() {
        return;
    }
    let data = json!({ "badge_id": badge, "layer_id": layer, "state": state });
    let readers = Readers::Fleet(Some(badge));
    house.events.tell(Event { organization, cursor: None, name: "receipt", readers, data });
}

async fn send_again(house: &House, holder: &Holder, layer: LayerId) -> Result<(), tables::Error> {
    let (badge, panel) = (holder.member.badge, holder.member.panel);
    let announced = house.announced.of(house, holder.organization).await?;
    let wanted = layers::of_holder(holder, &announced, house.now());
    for layer in wanted.into_iter().filter(|wanted| wanted.id == layer) {
        let shows = Shows::on(panel, Show::Layer(layer));
        house.metrics.delivered(house.desk.show(Target::Badge(badge), &shows));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ack(outcome: Outcome, crc: Option<u32>) -> Ack {
        let reason = Some("a\u{1}b".to_owned());
        Ack { id: LayerId::new(), revision: 1, outcome, crc: crc.map(Crc), reason, at: None }
    }

    #[test]
    fn light_counts_only_with_our_pixels() {
        let mismatch = Some(CRC_MISMATCH.to_owned());
        let said = Some("ab".to_owned());
        let table = [
            (Outcome::Shown, Some(7), (State::Shown, said.clone())),
            (Outcome::Shown, Some(8), (State::Held, mismatch.clone())),
            (Outcome::Shown, None, (State::Held, mismatch.clone())),
            (Outcome::Held, Some(7), (State::Held, said.clone())),
            (Outcome::Held, Some(8), (State::Held, mismatch)),
            (Outcome::Held, None, (State::Held, said.clone())),
            (Outcome::Written, None, (State::Written, said.clone())),
            (Outcome::Refused, Some(8), (State::Refused, said)),
        ];
        for (outcome, crc, expected) in table {
            assert_eq!(verdict(&ack(outcome, crc), Crc(7)), expected, "{outcome:?} {crc:?}");
        }
    }
}
