//! What a badge plays now, as the server knows it: its layers, the rule's choice among them, and why.

use std::{cell::OnceCell, collections::HashMap};

use badgecast_domain::{
    announcement::State,
    display::{Document, Panel, Player, Slot, Timing},
    id::BadgeId,
    layer::{Place, Standing, Turn, next_change, places, playlist},
    time::Moment,
    wire::Layer,
};
use sha2::{Digest as _, Sha256};

use super::layers;
use crate::{
    House,
    auth::Scope,
    tables::{self, badges::Badge, layers::Holder},
};

/// A layer, and what it was made of.
#[derive(Debug)]
pub struct Held {
    pub layer: Layer,
    pub document: Document,
}

/// The layers of a badge at a moment, and which of their messages it plays.
#[derive(Debug)]
pub struct Playing {
    pub badge: Badge,
    pub held: Vec<Held>,
    pub turns: Vec<Turn>,
    now: Moment,
}

impl Playing {
    /// # Errors
    /// There is no such badge within reach.
    pub async fn of(
        house: &House,
        scope: &Scope,
        badge: BadgeId,
        now: Moment,
    ) -> Result<Self, tables::Error> {
        let db = house.database.read();
        let badge = tables::badges::find(db, scope, badge, now).await?;
        let own = tables::displays::find(db, scope, badge.id).await?;
        let own = own.map(|own| Held {
            layer: layers::own(badge.id, own.revision, &own.document, badge.panel),
            document: own.document,
        });
        // Nobody speaks to a badge that was not claimed yet.
        let holder = tables::layers::own_of(db, &[badge.id]).await?.into_iter().next();
        // From the rows and not from what delivery keeps: who just announced something sees it here.
        let announced = tables::announcements::live(db, scope.organization(), now).await?;
        let meant = announced.into_iter().filter(|row| {
            State::at(&row.validity(), row.withdrawn_at, now).is_live()
                && holder.as_ref().is_some_and(|holder| holder.is_in(&row.audience))
        });
        let announced =
            meant.map(|row| Held { layer: layers::announcement(&row, badge.panel), document: row.document });
        let held: Vec<Held> = own.into_iter().chain(announced).collect();
        let turns = playlist(&standings(&held), Some(now));
        Ok(Self { badge, held, turns, now })
    }

    /// The same of many claimed badges, in this order: the questions are as many as for one.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn of_all(
        house: &House,
        scope: &Scope,
        badges: Vec<Badge>,
        now: Moment,
    ) -> Result<Vec<Self>, tables::Error> {
        let db = house.database.read();
        let ids: Vec<BadgeId> = badges.iter().map(|badge| badge.id).collect();
        let holders = tables::layers::own_of(db, &ids).await?;
        let mut holders: HashMap<BadgeId, Holder> =
            holders.into_iter().map(|holder| (holder.member.badge, holder)).collect();
        let announced = tables::announcements::live(db, scope.organization(), now).await?;
        // Rendered once for each kind of panel, however many badges show it.
        let rendered: Vec<[OnceCell<Layer>; Panel::ALL.len()]> =
            announced.iter().map(|_| Default::default()).collect();
        let playing = badges.into_iter().map(|badge| {
            let panel = badge.panel;
            let mut held = Vec::new();
            if let Some(holder) = holders.remove(&badge.id) {
                for (row, rendered) in announced.iter().zip(&rendered) {
                    if holder.is_in(&row.audience) {
                        let layer = rendered[panel.index()].get_or_init(|| layers::announcement(row, panel));
                        held.push(Held { layer: layer.clone(), document: row.document.clone() });
                    }
                }
                if let Some(own) = holder.own {
                    let layer = layers::own(badge.id, own.revision, &own.document, panel);
                    held.insert(0, Held { layer, document: own.document });
                }
            }
            let turns = playlist(&standings(&held), Some(now));
            Self { badge, held, turns, now }
        });
        Ok(playing.collect())
    }

    /// Why each layer is shown or not, in the order of `held`.
    #[must_use]
    pub fn places(&self) -> Vec<(Standing, Place)> {
        let standings = standings(&self.held);
        let places = places(&standings, Some(self.now));
        standings.into_iter().zip(places).collect()
    }

    /// When that may change by itself.
    #[must_use]
    pub fn changes_at(&self) -> Option<Moment> {
        next_change(&standings(&self.held), self.now)
    }

    /// The messages in their turn.
    #[must_use]
    pub fn slots(&self) -> Vec<Slot> {
        let panel = self.panel();
        let message = |turn: &Turn| &self.held[turn.layer].layer.messages[turn.message];
        self.turns.iter().filter_map(|turn| Slot::from_picture(message(turn), panel)).collect()
    }

    #[must_use]
    pub fn player(&self) -> Player {
        Player::new(self.slots(), self.panel(), Timing::Open)
    }

    #[must_use]
    pub const fn panel(&self) -> Panel {
        self.badge.panel
    }

    /// Percent, of the layer that plays first: brightness is per upload, not per message.
    #[must_use]
    pub fn brightness(&self) -> u8 {
        self.turns.first().map_or(100, |turn| self.held[turn.layer].layer.brightness)
    }

    /// The words of what plays, and how they move.
    #[must_use]
    pub fn words(&self) -> String {
        let words = |turn: &Turn| self.held[turn.layer].document.messages[turn.message].alt_text();
        self.turns.iter().map(words).collect::<Vec<_>>().join(" · ")
    }

    /// Names what plays: the same layers in the same revisions and order have the same name.
    #[must_use]
    pub fn version(&self) -> String {
        let mut hasher = Sha256::new();
        hasher.update(self.panel().name());
        for turn in &self.turns {
            let layer = &self.held[turn.layer].layer;
            hasher.update(layer.id.uuid().as_bytes());
            hasher.update(layer.revision.to_be_bytes());
            hasher.update(layer.crc.0.to_be_bytes());
            hasher.update(turn.message.to_be_bytes());
        }
        hasher.finalize()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn standings(held: &[Held]) -> Vec<Standing> {
    let standing = |Held { layer, .. }: &Held| Standing {
        id: layer.id,
        kind: layer.kind,
        level: layer.level,
        validity: layer.validity(),
        messages: layer.messages.len(),
    };
    held.iter().map(standing).collect()
}
