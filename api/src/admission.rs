//! Admission: the house as the broker's door sees it.
//!
//! One call lets a badge in: its token is verified as for any request, and its row says which audiences it is in. What
//! badges say goes straight to delivery; nothing is decided here.

use std::{net::IpAddr, sync::Arc};

use badgecast_broker::{
    Gate,
    gate::{Admitted, Credentials, Line, NotStored, Refusal, Said, Who},
};
use badgecast_domain::{
    access::Scope,
    id::BadgeId,
    time::Moment,
    token::{Audience, Claims},
};

use crate::{
    House,
    auth::{Actor, Caller, Refused, connect, light, peer::Network},
    delivery::Passage,
    tables::{self, Tx, badges, gateways},
};

/// The gate of this house.
#[derive(Debug)]
pub struct Admission(pub Arc<House>);

impl Gate for Admission {
    async fn admit(&self, who: Credentials) -> Result<Admitted, Refusal> {
        if who.password.is_empty() {
            return Err(self.refuse("missing", Refusal::NotAuthorized));
        }
        let claims = self.claims(&who.password, Some(who.peer.ip())).await?;
        let subject = claims.sub.to_string();
        // An integration may read several times, under names of its own.
        let reads = matches!(Caller::of(&claims).actor(), Actor::Client(_));
        if who.username != subject || (who.client_id != subject && !reads) {
            return Err(self.refuse("client_id", Refusal::NotAuthorized));
        }
        let admitted = self.admitted(&claims).await?;
        if let Some(network) = self.network(who.peer.ip()) {
            self.0.watch.seen(&Caller::of(&claims), network, self.0.now());
        }
        Ok(admitted)
    }

    async fn renew(&self, old: &Admitted, token: &str) -> Result<Admitted, Refusal> {
        let claims = self.claims(token, None).await?;
        let same = match &old.who {
            Who::Badge(member) => member.badge.uuid(),
            Who::Gateway { gateway, .. } => gateway.uuid(),
            Who::Integration { client } => client.uuid(),
        };
        if claims.sub != same || claims.org != old.organization {
            return Err(self.refuse("renew", Refusal::NotAuthorized));
        }
        self.admitted(&claims).await
    }

    fn heard(&self, line: Line, said: Said) -> impl Future<Output = Result<(), NotStored>> + Send {
        let house = Arc::clone(&self.0);
        // Queued now, so that what a badge says stays in order; the future only waits.
        let acknowledged = match &said {
            Said::Ack(ack) => {
                Some(house.receipts.acknowledged(line.organization, line.badge, ack.clone(), house.now()))
            }
            _ => None,
        };
        async move {
            match said {
                Said::Hello(hello) => house.inbox.hello(line, Some(hello)).await,
                Said::NoHello => house.inbox.hello(line, None).await,
                Said::Telemetry(telemetry) => {
                    let measured = || {
                        async |tx: &Tx| {
                            badges::measured(tx, line.organization, line.badge, &telemetry, house.now()).await
                        }
                    };
                    house.database.write_again(measured).await.map_err(|_| NotStored)
                }
                Said::Ack(_) => match acknowledged {
                    Some(stored) => stored.await,
                    None => Ok(()),
                },
            }
        }
    }

    fn came(&self, line: Line) {
        self.0.inbox.passed(Passage::Came(line));
    }

    fn went(&self, line: Line) {
        self.0.inbox.passed(Passage::Went(line));
    }
}

impl Admission {
    /// What the password of CONNECT, or a later `v1/me/token`, allows: a token of any form, or a badge's own statement.
    async fn claims(&self, shown: &str, peer: Option<IpAddr>) -> Result<Arc<Claims>, Refusal> {
        let (house, now) = (&*self.0, self.0.now());
        let network = peer.and_then(|peer| self.network(peer));
        let verified = match connect::is_assertion(shown) {
            true => connect::verify(house, shown, network).await,
            false => light::verify(house, shown, Audience::Mqtt, now).await,
        };
        if verified.as_ref().is_err_and(|refused| *refused == Refused::Revoked)
            && let Some(network) = network
            && let Some(claims) = light::revoked(house, shown, Audience::Mqtt, now).await
        {
            house.watch.revoked(&Caller::of(&claims), network, now);
        }
        verified.map_err(|refused| {
            let refusal = match refused {
                Refused::Malformed => Refusal::Malformed,
                Refused::Revoked => Refusal::Banned,
                Refused::Unavailable => Refusal::Unavailable,
                _ => Refusal::NotAuthorized,
            };
            self.refuse(refused.reason(), refusal)
        })
    }

    /// The network somebody connects from; unknown behind a proxy, whose own address says nothing of theirs.
    fn network(&self, peer: IpAddr) -> Option<Network> {
        let proxied = self.0.config.trusted_proxies.contains(&peer.to_canonical());
        (!proxied).then(|| Network::of(peer))
    }

    fn refuse(&self, reason: &'static str, refusal: Refusal) -> Refusal {
        self.0.metrics.auth_failed(reason);
        refusal
    }

    async fn admitted(&self, claims: &Arc<Claims>) -> Result<Admitted, Refusal> {
        let who = match Caller::of(claims).actor() {
            Actor::Badge(device) => self.device(device, claims).await?,
            Actor::Client(client) if claims.scope.contains(Scope::BadgesRead) => {
                self.0.feed.begin(&self.0, claims.org).await.map_err(|error| {
                    tracing::warn!(%error, "an integration could not be told what badges show");
                    self.refuse("unavailable", Refusal::Unavailable)
                })?;
                Who::Integration { client }
            }
            _ => return Err(self.refuse("scope", Refusal::NotAuthorized)),
        };
        // The leeway for clocks is for requests: a connection would end the moment it began.
        let expires_at = Moment::from_s(claims.exp);
        if expires_at <= self.0.now() {
            return Err(self.refuse("expired", Refusal::NotAuthorized));
        }
        Ok(Admitted { who, organization: claims.org, token: claims.jti, expires_at })
    }

    /// A badge speaks for itself; a gateway for the badges that hang on it now.
    async fn device(&self, id: BadgeId, claims: &Claims) -> Result<Who, Refusal> {
        let unavailable = |_| self.refuse("unavailable", Refusal::Unavailable);
        let retired = || self.refuse("retired", Refusal::Banned);
        if let Some(badge) = self.0.inbox.holder(id).await.map_err(unavailable)? {
            // One that hangs on a gateway has no credentials, and a token from before does not count.
            let who = (badge.organization == claims.org).then_some(Who::Badge(badge.member));
            return who.ok_or_else(retired);
        }
        let found = self.gateway(id, claims).await.map_err(|error| {
            tracing::warn!(%error, "a gateway could not be looked up");
            unavailable(NotStored)
        })?;
        found.ok_or_else(retired)
    }

    async fn gateway(&self, id: BadgeId, claims: &Claims) -> Result<Option<Who>, tables::Error> {
        let db = self.0.database.read();
        if gateways::organization(db, id).await? != Some(claims.org) {
            return Ok(None);
        }
        let badges = gateways::spoken_for(db, id).await?.into_iter().map(|holder| holder.member).collect();
        Ok(Some(Who::Gateway { gateway: id, badges }))
    }
}
