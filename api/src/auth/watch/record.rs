//! The recorder: writes down what was noticed, tells those who watch, and ends credentials.
//!
//! One task, one transaction an event: the entry in the audit trail, the change that event streams of all nodes hear of,
//! and the revocation, together or not at all.

use std::{sync::Arc, time::Duration};

use badgecast_domain::{
    id::{OrganizationId, TokenId},
    time::Moment,
};
use tokio::sync::watch;

use super::{Credential, Event, Kind, Notice, Reaction, Waiting};
use crate::{
    House,
    auth::{Actor, Scope, revocation::Whom},
    tables::{
        Error, Tx, api_keys, audit, changes, organizations,
        places::{self, Known},
        refresh, sessions,
    },
};

/// How often a notice is tried to be written, and how long between two tries.
const TRIES: usize = 10;
const PAUSE: Duration = Duration::from_millis(500);

/// Writes until `stop` says so, and then what still waits.
pub(crate) async fn run(house: Arc<House>, mut waiting: Waiting, mut stop: watch::Receiver<bool>) {
    loop {
        let notice = tokio::select! {
            biased;
            notice = waiting.0.recv() => notice,
            _ = stop.changed() => None,
        };
        let Some(notice) = notice else { return };
        for tried in 1.. {
            let Err(error) = write(&house, &notice).await else { break };
            tracing::warn!(%error, "a security event is not written yet");
            if tried == TRIES || *stop.borrow() {
                tracing::error!("a security event is lost: the database does not take it");
                break;
            }
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                _ = stop.changed() => {}
            }
        }
    }
}

async fn write(house: &House, notice: &Notice) -> Result<(), Error> {
    let now = house.now();
    let happened = match notice {
        Notice::Happened(event) => Some(*event),
        Notice::SignedIn { organization, user, place } => {
            let (network, browser) = (Known::Network(place.network), Known::Browser(place.browser));
            let visit = async |tx: &Tx| {
                let subject = user.uuid();
                let network = places::visit(tx, *organization, subject, network, now).await?;
                let browser = places::visit(tx, *organization, subject, browser, now).await?;
                Ok::<_, Error>((network, browser))
            };
            let kind = match house.database.write(visit).await? {
                (true, _) => Some(Kind::NewNetwork),
                (false, true) => Some(Kind::NewBrowser),
                (false, false) => None,
            };
            kind.map(|kind| Event::about(kind, *organization, Actor::User(*user)).from(place.network))
        }
        Notice::KeyUsed { organization, actor, key, network } => {
            let visit =
                async |tx: &Tx| places::visit(tx, *organization, *key, Known::Network(*network), now).await;
            let new = house.database.write(visit).await?;
            let event = Event::about(Kind::KeyNetwork, *organization, *actor)
                .with(Credential::ApiKey(*key))
                .from(*network)
                .answered(house.config.watch.reaction(Kind::KeyNetwork));
            new.then_some(event)
        }
    };
    match happened {
        Some(event) => record(house, &event, now).await,
        None => Ok(()),
    }
}

async fn record(house: &House, event: &Event, now: Moment) -> Result<(), Error> {
    let whose: Vec<OrganizationId> = match event.organization {
        Some(organization) => vec![organization],
        None => {
            let all = organizations::all(house.database.read()).await?;
            all.into_iter().map(|organization| organization.id).collect()
        }
    };
    let written = house.database.write(async |tx: &Tx| {
        for organization in &whose {
            enter(tx, *organization, event, now).await?;
        }
        match (event.reaction, event.organization, event.credential) {
            (Reaction::Revoke, Some(organization), Some(credential)) => {
                end(house, tx, organization, credential, event.kind, now).await
            }
            _ => Ok(()),
        }
    });
    written.await?;
    house.metrics.security_event(event.kind.name());
    tracing::warn!(
        security.kind = event.kind.name(),
        security.reaction = event.reaction.name(),
        about.kind = event.about.map(Actor::kind),
        about.id = event.about.map(|actor| actor.uuid().to_string()),
        "security event"
    );
    Ok(())
}

async fn enter(tx: &Tx, organization: OrganizationId, event: &Event, now: Moment) -> Result<(), Error> {
    let action = format!("{}{}", audit::SECURITY, event.kind.name());
    let object = event.about.map(|actor| (actor.kind(), actor.uuid()));
    let scope = Scope::house(organization);
    let seq = audit::append(tx, &scope, &action, object, Some(&event.detail()), now).await?;
    let subject = event.about.map_or(organization.uuid(), Actor::uuid);
    changes::append(tx, organization, changes::Kind::Security(event.kind), subject, seq, now).await
}

/// Ends a credential, and what it holds open, on every node. A person's token ends with its login: whoever stole the
/// one may have the other.
async fn end(
    house: &House,
    tx: &Tx,
    organization: OrganizationId,
    credential: Credential,
    why: Kind,
    now: Moment,
) -> Result<(), Error> {
    match credential {
        Credential::Token(token) => {
            if let Some(family) = refresh::family_of(tx, token).await? {
                house.tokens.revoke_family(tx, organization, family.id, why.name(), now).await?;
            }
        }
        Credential::ApiKey(key) => api_keys::end(tx, organization, key, now).await?,
        Credential::Session(session) => sessions::end_one(tx, session).await?,
    }
    house.tokens.revoke(tx, organization, Whom::Token(TokenId::from_uuid(credential.id())), now).await
}
