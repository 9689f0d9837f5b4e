//! `/search`: one field for badges, owners, groups and announcements.

use actix_web::{HttpResponse, web::Data};
use badgecast_console::{
    Place,
    views::{Hit, Search},
};
use badgecast_domain::access::Right;
use serde::Deserialize;

use super::{Visitor, badges::rows};
use crate::{
    House,
    problem::Problem,
    routes::body::Query,
    tables::{announcements, badges, groups, people},
};

/// How many of each kind are shown.
const HITS: u64 = 8;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Wish {
    q: String,
}

pub async fn find(house: Data<House>, visitor: Visitor, wish: Query<Wish>) -> Result<HttpResponse, Problem> {
    let scope = visitor.caller.may(Right::ReadFleet)?;
    let (db, now) = (house.database.read(), house.now());
    let q: String = wish.0.q.trim().chars().take(100).collect();
    let mut view = Search {
        frame: &visitor.frame,
        badges: Vec::new(),
        groups: Vec::new(),
        announcements: Vec::new(),
        people: Vec::new(),
        q: q.clone(),
    };
    if !q.is_empty() {
        let filter = badges::Filter { q: Some(q.clone()), ..badges::Filter::default() };
        view.badges = rows(&house, &scope, badges::list(db, &scope, &filter, HITS, now).await?).await?;
        let hit =
            |place: Place, id: String, name: String| Hit { href: format!("{}/{id}", place.path()), name };
        let found = groups::named(db, &scope, &q, HITS).await?;
        view.groups = found.into_iter().map(|row| hit(Place::Groups, row.id.to_string(), row.name)).collect();
        let found = announcements::search(db, &scope, &q, HITS).await?;
        let said = |row: announcements::Announcement| {
            hit(Place::Announcements, row.id.to_string(), row.document.plain_text())
        };
        view.announcements = found.into_iter().map(said).collect();
        if let Ok(scope) = visitor.caller.may(Right::ManagePeople) {
            let found = people::search(db, &scope, (&q, people::Among::Everyone), None, HITS).await?;
            view.people =
                found.into_iter().map(|row| hit(Place::People, row.id.to_string(), row.name)).collect();
        }
    }
    visitor.page(&view)
}
