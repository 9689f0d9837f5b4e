//! A badge's line to the server: it comes back by itself, whatever ended the last connection.

use std::{sync::Arc, time::Duration};

use rumqttc::{ConnectReturnCode, ConnectionError};
use tokio::{
    sync::watch,
    time::{Instant, sleep},
};

use super::{Core, Link, Wish, connection::Connection};
use crate::{identity::Token, mqtt::Rest, server::CallError};

/// How long `reboot` takes.
const BOOT: Duration = Duration::from_secs(1);

/// Why a connection is over, or did not come about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// The wish changed.
    Wished,
    Lost,
    /// The server would not have us.
    Refused,
    Rebooting,
}

impl From<ConnectionError> for Ended {
    fn from(error: ConnectionError) -> Self {
        use ConnectReturnCode::{BadUserNamePassword, NotAuthorized};
        match error {
            ConnectionError::ConnectionRefused(NotAuthorized | BadUserNamePassword) => Self::Refused,
            _ => Self::Lost,
        }
    }
}

impl From<CallError> for Ended {
    fn from(error: CallError) -> Self {
        if error.is_refusal() { Self::Refused } else { Self::Lost }
    }
}

/// Keeps the badge connected as long as that is wished; returns when it is stopped.
pub(super) async fn run(core: Arc<Core>, mut wishes: watch::Receiver<Wish>) {
    let mut line = Line { core: &core, token: None, rest: Rest::default() };
    loop {
        let wish = *wishes.borrow_and_update();
        match wish {
            Wish::Stopped => return core.change(|state| state.relink(Link::Stopped)),
            Wish::Offline => {
                core.change(|state| state.relink(Link::Offline));
                changed(&mut wishes).await;
            }
            Wish::Online => {
                let ended = line.connect(&mut wishes).await;
                if let Some(rest) = line.rest_after(ended) {
                    tokio::select! {
                        () = sleep(rest) => {}
                        () = changed(&mut wishes) => {}
                    }
                }
            }
        }
    }
}

/// Completes when the wish changes. Whoever wishes lives longer than the line.
pub(super) async fn changed(wishes: &mut watch::Receiver<Wish>) {
    if wishes.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}

struct Line<'a> {
    core: &'a Arc<Core>,
    token: Option<Token>,
    rest: Rest,
}

impl Line<'_> {
    /// Connects once, and stays as long as it lasts.
    async fn connect(&mut self, wishes: &mut watch::Receiver<Wish>) -> Ended {
        let mut connection = tokio::select! {
            opened = self.open() => match opened {
                Ok(connection) => connection,
                Err(ended) => return ended,
            },
            () = changed(wishes) => return Ended::Wished,
        };
        let ended = connection.hold(&mut self.token, wishes).await;
        if connection.was_welcome() {
            self.rest.forget();
        }
        if *wishes.borrow() == Wish::Stopped {
            connection.take_leave().await;
        }
        self.core.change(|state| state.outbox.clear());
        ended
    }

    /// Fetches a token if there is none that lasts, and connects with it.
    async fn open(&mut self) -> Result<Connection, Ended> {
        let core = self.core;
        if core.state.borrow().link != Link::Refused {
            core.change(|state| state.relink(Link::Connecting));
        }
        let _turn = match &core.doorway {
            Some(doorway) => doorway.acquire().await.ok(),
            None => None,
        };
        let token = match self.token.take().filter(|token| token.is_fresh(Instant::now())) {
            Some(token) => token,
            None => core.fetch_token().await?,
        };
        let token = self.token.insert(token);
        Ok(Connection::open(core.clone(), &token.jwt).await?)
    }

    /// How long to rest before the next attempt.
    fn rest_after(&mut self, ended: Ended) -> Option<Duration> {
        match ended {
            Ended::Wished => return None,
            Ended::Rebooting => return Some(BOOT),
            Ended::Lost => self.core.change(|state| state.relink(Link::Connecting)),
            Ended::Refused => {
                self.token = None;
                self.core.change(|state| state.relink(Link::Refused));
            }
        }
        Some(self.rest.after_failure())
    }
}
