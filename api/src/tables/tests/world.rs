//! A database of either engine with one organization in it, and short ways to fill it.

use badgecast_broker::gate::Line;
use badgecast_domain::{
    access::{Role, Scopes},
    announcement::Audience,
    display::{Document, Panel},
    id::{AnnouncementId, BadgeId, ConnectionId, OrganizationId, TokenId, UserId},
    layer::Level,
    receipt::State,
    time::Moment,
    token::Claims,
};
use badgecast_postgres_for_tests as postgres;
use uuid::Uuid;

use crate::{
    auth::{Caller, Scope},
    tables::{
        Database, Error, Tx, announcements, announcements::Announcement, badges, claims, connections,
        displays, organizations, people, receipts::Ack,
    },
};

/// Runs a story on both engines, each as a test of its own.
macro_rules! on_both {
    ($(async fn $name:ident($world:ident: &World) $body:block)*) => {$(
        mod $name {
            use super::*;

            async fn story($world: &World) $body

            #[tokio::test]
            async fn on_sqlite() {
                story(&World::sqlite().await).await;
            }

            #[tokio::test]
            async fn on_postgres() {
                story(&World::postgres().await).await;
            }
        }
    )*};
}
pub(super) use on_both;

pub(super) struct World {
    pub(super) database: Database,
    pub(super) organization: OrganizationId,
    /// The house's scope over our organization.
    pub(super) scope: Scope,
    /// Dropped last.
    _place: Place,
}

#[expect(dead_code, reason = "held for what dropping them does")]
enum Place {
    Folder(tempfile::TempDir),
    Server(postgres::Database),
}

/// Seconds on the story's clock.
pub(super) fn at(s: i64) -> Moment {
    Moment::from_s(1_800_000_000 + s)
}

impl World {
    pub(super) async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::sqlite(&folder.path().join("badgecast.db")).await.unwrap();
        Self::furnished(database, Place::Folder(folder)).await
    }

    pub(super) async fn postgres() -> Self {
        let server = postgres::Database::fresh();
        let database = Database::postgres(&server.url()).await.unwrap();
        Self::furnished(database, Place::Server(server)).await
    }

    async fn furnished(database: Database, place: Place) -> Self {
        let organization =
            database.write(async |tx: &Tx| organizations::create(tx, "Clinic", at(0)).await).await.unwrap();
        Self { database, organization, scope: Scope::house(organization), _place: place }
    }

    pub(super) async fn write<T>(&self, work: impl AsyncFnOnce(&Tx) -> Result<T, Error>) -> T {
        self.database.write(work).await.unwrap()
    }

    /// Another organization's scope.
    pub(super) async fn stranger(&self) -> Scope {
        Scope::house(self.write(async |tx: &Tx| organizations::create(tx, "Hotel", at(0)).await).await)
    }

    pub(super) async fn person(&self, email: &str, role: Role) -> UserId {
        let new = people::New {
            email: email.to_owned().try_into().unwrap(),
            name: email.to_owned(),
            role,
            password_hash: None,
        };
        self.write(async |tx: &Tx| people::create(tx, &self.scope, new, at(0)).await).await.id
    }

    /// The scope with which a person reaches their own badge.
    pub(super) fn owner(&self, user: UserId) -> Scope {
        let claims = Claims {
            iss: String::new(),
            aud: Vec::new(),
            sub: user.uuid(),
            exp: 0,
            iat: 0,
            jti: TokenId::new(),
            client_id: "badgecast".to_owned(),
            scope: "badges:own".parse::<Scopes>().unwrap(),
            org: self.organization,
            cnf: None,
        };
        Caller::of(&claims).may_own().unwrap()
    }

    /// A registered badge that nobody has claimed.
    pub(super) async fn unclaimed(&self) -> BadgeId {
        self.write(async |tx: &Tx| badges::register(tx, &self.scope, badges::New::default(), at(0)).await)
            .await
            .id
    }

    /// A badge that claimed itself.
    pub(super) async fn badge(&self) -> BadgeId {
        self.badges(1).await[0]
    }

    pub(super) async fn badges(&self, count: usize) -> Vec<BadgeId> {
        self.write(async |tx: &Tx| {
            let mut made = Vec::with_capacity(count);
            for _ in 0..count {
                let badge = badges::register(tx, &self.scope, badges::New::default(), at(0)).await?.id;
                let code = code_hash(badge);
                claims::issue(tx, &self.scope, badge, &code, at(60), at(0)).await?;
                claims::redeem(tx, &code, &claimed(), at(1)).await?.ok_or(Error::NotFound)?;
                made.push(badge);
            }
            Ok(made)
        })
        .await
    }

    /// An announcement made at 10 s, valid until 1,000 s, with its deadline at 100 s.
    pub(super) async fn announce(&self, audience: Audience) -> Announcement {
        let new = announcements::New {
            audience,
            text: Some("Doors open at nine".to_owned()),
            document: Document::text("Doors open at nine").unwrap(),
            findings: Vec::new(),
            level: Level::Normal,
            valid_from: at(10),
            valid_until: at(1_000),
            receipt_deadline: at(100),
        };
        self.write(async |tx: &Tx| announcements::create(tx, &self.scope, &new, at(10)).await).await
    }

    pub(super) async fn display(
        &self,
        scope: &Scope,
        badge: BadgeId,
        text: &str,
    ) -> Result<displays::Display, Error> {
        let new = displays::New::of(Document::text(text).unwrap(), Vec::new(), Panel::P11x44);
        self.database.write(async |tx: &Tx| displays::put(tx, scope, badge, &new, at(5)).await).await
    }

    pub(super) fn line(&self, badge: BadgeId) -> Line {
        Line { organization: self.organization, badge, connection: ConnectionId::new() }
    }

    /// A node that lives until 2,000 s, with these badges on it.
    pub(super) async fn node(&self, badges: &[BadgeId]) -> Uuid {
        let node = Uuid::now_v7();
        let lines: Vec<Line> = badges.iter().map(|badge| self.line(*badge)).collect();
        self.write(async |tx: &Tx| {
            connections::beat(tx, node, at(2_000)).await?;
            connections::note(tx, node, &lines, &[], at(2)).await
        })
        .await;
        node
    }

    pub(super) fn ack(&self, announcement: AnnouncementId, badge: BadgeId, state: State, s: i64) -> Ack {
        Ack {
            announcement,
            badge,
            organization: self.organization,
            revision: 1,
            state,
            crc: None,
            reason: None,
            at: at(s),
        }
    }
}

pub(super) fn code_hash(badge: BadgeId) -> [u8; 32] {
    [badge.uuid().as_bytes().as_slice(), [0; 16].as_slice()].concat().try_into().unwrap()
}

pub(super) fn claimed() -> claims::Claimed {
    claims::Claimed { secret_hash: Some([7; 32]), key: None, model: None, panel: None, firmware: None }
}

#[tokio::test]
async fn processes_that_open_an_empty_database_together_find_it_made_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("badgecast.db");
    let open = || Database::sqlite(&file);
    let (one, two, three) = tokio::join!(open(), open(), open());
    one.and(two).and(three).unwrap().ping().await.unwrap();
}

#[tokio::test]
async fn processes_that_open_an_empty_database_together_find_it_made_on_postgres() {
    let server = postgres::Database::fresh();
    let url = server.url();
    let open = || Database::postgres(&url);
    let (one, two, three) = tokio::join!(open(), open(), open());
    one.and(two).and(three).unwrap().ping().await.unwrap();
}
