//! Layers as badges hold them: rows in, rendered payloads out.
//!
//! Announcements are few and go to many, so those of an organization that still matter are kept rendered until a
//! change says otherwise. Own displays are many and go to one, so they are rendered when they are asked for.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use badgecast_broker::Shows;
use badgecast_domain::{
    announcement::State,
    display::{Document, Panel, pictures},
    id::{AnnouncementId, BadgeId, LayerId, OrganizationId},
    layer::{Kind, Level},
    time::Moment,
    wire::{Crc, Layer, Show, True, Withdrawn},
};

use crate::{
    House,
    problem::Problem,
    tables::{self, announcements::Announcement},
};

/// An announcement with its pixels.
#[derive(Debug)]
pub struct Rendered {
    pub row: Announcement,
    panels: [OnceLock<Layer>; Panel::ALL.len()],
}

impl Rendered {
    fn new(row: Announcement) -> Arc<Self> {
        Arc::new(Self { row, panels: Default::default() })
    }

    /// The layer for one panel. Its `now` is of no moment yet: the desk sets it when it encodes.
    #[must_use]
    pub fn layer(&self, panel: Panel) -> &Layer {
        self.panels[panel.index()].get_or_init(|| announcement(&self.row, panel))
    }

    /// For all panels.
    #[must_use]
    pub fn shows(&self) -> Shows {
        Shows::new(|panel| Some(Show::Layer(self.layer(panel).clone())))
    }

    /// Whether badges are to hold it at `now`.
    #[must_use]
    pub fn is_live(&self, now: Moment) -> bool {
        State::at(&self.row.validity(), self.row.withdrawn_at, now).is_live()
    }
}

struct Head {
    kind: Kind,
    id: LayerId,
    revision: u64,
    level: Level,
    from: Option<Moment>,
    until: Option<Moment>,
}

fn layer(head: Head, document: &Document, panel: Panel) -> Layer {
    let Head { kind, id, revision, level, from, until } = head;
    let (messages, crc) = pictures(document, panel);
    let brightness = document.brightness;
    let now = Moment::default();
    Layer { kind, id, revision, level, from, until, ttl_s: None, now, brightness, messages, crc }
}

/// The own layer of a badge.
#[must_use]
pub fn own(badge: BadgeId, revision: u64, document: &Document, panel: Panel) -> Layer {
    let head = Head {
        kind: Kind::Own,
        id: badge.own_layer(),
        revision,
        level: Level::Normal,
        from: None,
        until: None,
    };
    layer(head, document, panel)
}

/// The layer of an announcement.
#[must_use]
pub fn announcement(row: &Announcement, panel: Panel) -> Layer {
    let head = Head {
        kind: Kind::Announcement,
        id: row.id.layer(),
        revision: row.revision,
        level: row.level,
        from: Some(row.valid_from),
        until: Some(row.valid_until),
    };
    layer(head, &row.document, panel)
}

/// Word that a layer is to be forgotten.
#[must_use]
pub const fn withdrawn(id: LayerId, revision: u64) -> Show {
    Show::Withdrawn(Withdrawn { id, revision, withdrawn: True })
}

/// The announcements of each organization that badges may hold, rendered.
#[derive(Debug, Default)]
pub struct Announced(Mutex<HashMap<OrganizationId, Shelf>>);

type Row = Arc<Vec<Arc<Rendered>>>;

#[derive(Debug, Default)]
struct Shelf {
    /// Grows with every change, so that rows read before a change are not kept after it.
    version: u64,
    row: Option<Row>,
}

impl Announced {
    /// Those that are not over at `now`, newest first.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn of(&self, house: &House, organization: OrganizationId) -> Result<Row, tables::Error> {
        let version = {
            let mut shelves = self.lock();
            let shelf = shelves.entry(organization).or_default();
            if let Some(row) = &shelf.row {
                return Ok(Arc::clone(row));
            }
            shelf.version
        };
        let rows = tables::announcements::live(house.database.read(), organization, house.now()).await?;
        let row: Row = Arc::new(rows.into_iter().map(Rendered::new).collect());
        let mut shelves = self.lock();
        let shelf = shelves.entry(organization).or_default();
        if shelf.version == version {
            shelf.row = Some(Arc::clone(&row));
        }
        Ok(row)
    }

    /// One of them, also if it is over by now.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn one(
        &self,
        house: &House,
        organization: OrganizationId,
        id: AnnouncementId,
    ) -> Result<Option<Arc<Rendered>>, tables::Error> {
        let known = self.of(house, organization).await?;
        if let Some(rendered) = known.iter().find(|rendered| rendered.row.id == id) {
            return Ok(Some(Arc::clone(rendered)));
        }
        let row = tables::announcements::of(house.database.read(), organization, id).await?;
        Ok(row.map(Rendered::new))
    }

    /// Something about the announcements of this organization changed.
    pub fn forget(&self, organization: OrganizationId) {
        let mut shelves = self.lock();
        let shelf = shelves.entry(organization).or_default();
        shelf.version += 1;
        shelf.row = None;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<OrganizationId, Shelf>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The layers one badge should hold at `now`: its own first.
///
/// # Errors
/// 404 for a badge that is none, 503 when the database does not answer.
pub async fn of_badge(house: &House, badge: BadgeId, now: Moment) -> Result<Vec<Layer>, Problem> {
    let found = tables::layers::own_of(house.database.read(), &[badge]).await?;
    let holder = found.into_iter().next().ok_or_else(Problem::not_found)?;
    let announced = house.announced.of(house, holder.organization).await?;
    let layers = of_holder(&holder, &announced, now);
    let at_now = |layer: Layer| match Show::Layer(layer).at(now) {
        Show::Layer(layer) => Some(layer),
        Show::Withdrawn(_) => None,
    };
    Ok(layers.into_iter().filter_map(at_now).collect())
}

/// The layers a badge should hold: its own, and the announcements whose audience includes it, in the order in which they
/// are to be told. A new layer starts at once, so what is to be seen first is told last: loud after quiet, new after old.
#[must_use]
pub fn of_holder(holder: &tables::layers::Holder, announced: &[Arc<Rendered>], now: Moment) -> Vec<Layer> {
    let panel = holder.member.panel;
    let own =
        holder.own.as_ref().map(|own| self::own(holder.member.badge, own.revision, &own.document, panel));
    let meant =
        announced.iter().filter(|rendered| rendered.is_live(now) && holder.is_in(&rendered.row.audience));
    let mut meant: Vec<Layer> = meant.map(|rendered| rendered.layer(panel).clone()).collect();
    meant.sort_by_key(|layer| (layer.level, layer.id));
    own.into_iter().chain(meant).collect()
}

/// What the server's own render of a layer says its pixels are.
///
/// # Errors
/// The database did not answer.
pub async fn crc_of(
    house: &House,
    holder: &tables::layers::Holder,
    layer: LayerId,
    revision: u64,
) -> Result<Option<Crc>, tables::Error> {
    let badge = holder.member.badge;
    if layer == badge.own_layer() {
        let own = holder.own.as_ref().filter(|own| own.revision == revision);
        return Ok(own.map(|own| pictures(&own.document, holder.member.panel).1));
    }
    let rendered = house.announced.one(house, holder.organization, layer.announcement()).await?;
    let rendered = rendered
        .filter(|rendered| rendered.row.said_revision() == revision && holder.is_in(&rendered.row.audience));
    Ok(rendered.map(|rendered| rendered.layer(holder.member.panel).crc))
}
