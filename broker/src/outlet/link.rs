//! A reader's link to the router, made again when the router was replaced.

use std::time::Duration;

use rumqttd::{
    Notification,
    local::{LinkRx, LinkTx},
    protocol::{self, Filter, QoS, RetainForwardRule, Subscribe},
};
use tokio::time::{Instant, timeout};

use super::{reader::Reader, router};
use crate::{gate::Gate, session::parting::Parting};

/// A router that lives but did not answer is asked again after this.
const RELINK_AFTER: Duration = Duration::from_secs(5);

/// Both ends of a link; one task owns them.
pub(super) struct Link {
    pub(super) sender: LinkTx,
    pub(super) receiver: LinkRx,
}

impl<G: Gate> Reader<G> {
    /// Links to the router that runs now, subscribes again and sends what is retained again.
    pub(super) async fn relink(&mut self) {
        let Some(core) = self.routers.borrow_and_update().clone() else { return };
        let tried = self.linked.filter(|(generation, _)| *generation == core.generation);
        if tried.is_some_and(|(_, at)| at.elapsed() < RELINK_AFTER) {
            return;
        }
        self.linked = Some((core.generation, Instant::now()));
        let name = format!("{}:{}", self.seat.client, self.seat.connection);
        let mut routers = self.routers.clone();
        let linked = tokio::select! {
            linked = router::ask(move || core.link(&name)) => linked,
            // It has died, and may never answer; the next one is asked as soon as the reader was served.
            _ = routers.changed() => None,
        };
        let Some((sender, receiver)) = linked else { return };
        self.link = Some(Link { sender, receiver });
        for (filter, _) in self.filters.clone() {
            self.open(&filter).await;
        }
        self.tell_again();
    }

    /// Sends everything that is retained again: as news, since nobody subscribed.
    pub(super) fn tell_again(&mut self) {
        self.backlog.clear();
        for (filter, _) in &self.filters {
            let kept = self.outlet.ledger().matching(self.admitted.organization, filter);
            self.backlog.extend(kept.into_iter().map(|kept| (kept, false)));
        }
    }

    pub(super) async fn open(&mut self, filter: &str) {
        let filter = Filter {
            path: filter.to_owned(),
            qos: QoS::AtMostOnce,
            nolocal: false,
            preserve_retain: false,
            retain_forward_rule: RetainForwardRule::Never,
        };
        self.tell_router(protocol::Packet::Subscribe(Subscribe { pkid: 1, filters: vec![filter] }, None))
            .await;
    }

    /// Hands the router a packet, from a thread that may block; without an answer the link is given up.
    pub(super) async fn tell_router(&mut self, packet: protocol::Packet) {
        let Some(Link { mut sender, receiver }) = self.link.take() else { return };
        let told = router::ask(move || router::tell(&mut sender, packet).then_some(sender)).await;
        self.link = told.map(|sender| Link { sender, receiver });
    }

    /// Acts on what the router says.
    pub(super) async fn forwarded(
        &mut self,
        notification: Result<Option<Notification>, ()>,
    ) -> Result<(), Parting> {
        match notification {
            Ok(Some(Notification::Forward(forward))) => {
                let topic = String::from_utf8_lossy(&forward.publish.topic).into_owned();
                // What is newer is on its way, or told again; it must not be overtaken.
                if self.outlet.ledger().is_stale(&topic, &forward.publish.payload) {
                    return Ok(());
                }
                self.forward(&topic, &forward.publish.payload, false).await
            }
            Ok(Some(Notification::Unschedule)) => {
                let woken = match &self.link {
                    Some(link) => timeout(router::ANSWER_WITHIN, link.receiver.wake())
                        .await
                        .is_ok_and(|woken| woken.is_ok()),
                    None => true,
                };
                if !woken {
                    self.link = None;
                }
                Ok(())
            }
            Ok(_) => Ok(()),
            Err(()) => {
                // The router is gone; the watchdog brings another.
                self.link = None;
                Ok(())
            }
        }
    }
}
