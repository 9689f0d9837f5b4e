//! A badge made of software. It knows the server only from the outside, like any hardware would.
//!
//! Two things run side by side for each badge: its line to the server ([`line`]) and its panel, which goes on alone
//! when the line is down. Both work on one [`State`], which whoever holds the [`Badge`] may watch.

mod clock;
mod connection;
mod journal;
mod line;
mod memory;
mod state;

use std::{sync::Arc, time::Duration};

use badgecast_domain::id::BadgeId;
use tokio::{
    sync::{Semaphore, watch},
    task::JoinHandle,
    time::{Instant, sleep_until, timeout},
};

pub use clock::Clock;
pub use journal::{Event, Journal, Link};
pub use memory::{Held, Memory, Stored};
pub use state::State;

use crate::{
    faults::Fault,
    identity::{Identity, Model, Token},
    server::{CallError, Server},
    tally::Tally,
};

/// What whoever holds a badge wants of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    Online,
    Offline,
    Stopped,
}

/// How a badge is to be.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    pub model: Model,
    pub fault: Option<Fault>,
    /// Proves itself with a key of its own instead of a secret.
    pub keyed: bool,
    /// Where it is counted, with others.
    pub tally: Option<Arc<Tally>>,
    /// How many badges may be on their way to the server at once.
    pub doorway: Option<Arc<Semaphore>>,
}

/// A running badge. Dropping it ends it like a battery taken out.
#[derive(Debug)]
pub struct Badge {
    id: BadgeId,
    state: Arc<watch::Sender<State>>,
    wish: watch::Sender<Wish>,
    task: JoinHandle<()>,
}

/// What was waited for did not come.
#[derive(Debug, thiserror::Error)]
#[error("badge {badge} did not come to {what} within {deadline:?}; it is {state}")]
pub struct TooLate {
    badge: BadgeId,
    what: &'static str,
    deadline: Duration,
    state: String,
}

/// What line and panel share.
#[derive(Debug)]
struct Core {
    server: Server,
    identity: Identity,
    model: Arc<Model>,
    fault: Option<Fault>,
    doorway: Option<Arc<Semaphore>>,
    state: Arc<watch::Sender<State>>,
}

impl Core {
    fn change(&self, step: impl FnOnce(&mut State)) {
        self.state.send_modify(step);
    }

    async fn fetch_token(&self) -> Result<Token, CallError> {
        let token = self.identity.token(&self.server).await?;
        if let Some(date) = token.date {
            let now = Instant::now();
            self.change(|state| {
                state.clock.hear_roughly(date, now);
                state.tick(now);
            });
        }
        Ok(token)
    }
}

impl Badge {
    /// Claims a badge and switches it on.
    ///
    /// # Errors
    /// The claim is refused, or the server cannot be reached.
    pub async fn claim(server: &Server, code: &str, setup: Setup) -> Result<Self, CallError> {
        let identity = match setup.keyed {
            true => Identity::claim_with_key(server, code, &setup.model).await?,
            false => Identity::claim(server, code, &setup.model).await?,
        };
        Ok(Self::switch_on(server, identity, setup))
    }

    /// Switches on a badge that was claimed before; it remembers no layers. Needs a tokio runtime.
    #[must_use]
    pub fn switch_on(server: &Server, identity: Identity, setup: Setup) -> Self {
        let model = Arc::new(setup.model);
        let state = State::new(model.clone(), setup.fault, setup.tally, Instant::now());
        let state = Arc::new(watch::Sender::new(state));
        let (wish, wishes) = watch::channel(Wish::Online);
        let id = identity.badge;
        let (fault, doorway) = (setup.fault, setup.doorway);
        let core = Core { server: server.clone(), identity, model, fault, doorway, state: state.clone() };
        let core = Arc::new(core);
        let task = tokio::spawn(async move {
            tokio::select! {
                () = line::run(core.clone(), wishes) => {}
                () = panel(&core) => {}
            }
        });
        Self { id, state, wish, task }
    }

    #[must_use]
    pub const fn id(&self) -> BadgeId {
        self.id
    }

    /// Looks at what the badge knows now.
    pub fn look<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.state.borrow())
    }

    /// A copy of what happened so far, oldest first.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.look(|state| state.journal.events().copied().collect())
    }

    /// Waits until the badge has come so far; `what` names it if it does not.
    ///
    /// # Errors
    /// The deadline passed.
    pub async fn until(
        &self,
        what: &'static str,
        deadline: Duration,
        so_far: impl FnMut(&State) -> bool,
    ) -> Result<(), TooLate> {
        let mut seen = self.state.subscribe();
        match timeout(deadline, seen.wait_for(so_far)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => {
                let state =
                    self.look(|state| format!("{:?}, after {:?}", state.link, state.journal.events()));
                Err(TooLate { badge: self.id, what, deadline, state })
            }
        }
    }

    /// Waits until it is connected and subscribed.
    ///
    /// # Errors
    /// The deadline passed.
    pub async fn until_connected(&self, deadline: Duration) -> Result<(), TooLate> {
        self.until("be connected", deadline, |state| state.link == Link::Connected).await
    }

    /// Leaves without a word, as when the radio is lost; the panel goes on alone.
    pub fn go_offline(&self) {
        self.wish.send_replace(Wish::Offline);
    }

    /// Connects again.
    pub fn come_back(&self) {
        self.wish.send_replace(Wish::Online);
    }

    /// Takes leave of the server and ends.
    pub async fn stop(mut self) {
        self.wish.send_replace(Wish::Stopped);
        if (&mut self.task).await.is_err() {
            tracing::error!(badge.id = %self.id, "a badge ended before its time");
        }
    }
}

impl Drop for Badge {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Does what is due in the panel, when it is due.
async fn panel(core: &Core) {
    let mut seen = core.state.subscribe();
    loop {
        let next = seen.borrow_and_update().next_tick();
        let due = async {
            match next {
                Some(at) => sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            changed = seen.changed() => if changed.is_err() { return },
            () = due => core.change(|state| state.tick(Instant::now())),
        }
    }
}
