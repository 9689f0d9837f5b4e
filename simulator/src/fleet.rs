//! Many badges in one process: registered, claimed and switched on with one manager's account.

use std::{sync::Arc, time::Duration};

use badgecast_domain::{id::AnnouncementId, layer::Level};
use tokio::{
    sync::Semaphore,
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::{
    account::{Account, Receipts},
    badge::{Badge, Setup, State, TooLate},
    faults::{Fault, Share, deal},
    identity::Model,
    server::CallError,
    tally::Tally,
};

/// How many badges are registered and claimed at once; few, as each claim costs the server a signature.
const CLAIMS_AT_ONCE: usize = 16;
/// How many badges are on their way to the server at once.
const CONNECTS_AT_ONCE: usize = 256;
/// How often receipts are asked for.
const ASK_AGAIN: Duration = Duration::from_millis(100);

/// How a fleet is to be.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    pub badges: usize,
    pub faults: Vec<Share>,
    pub model: Model,
    /// The badges prove themselves with keys of their own.
    pub keyed: bool,
}

/// Running badges and the account they were registered with. Dropping it ends them all at once.
#[derive(Debug)]
pub struct Fleet {
    account: Arc<Account>,
    tally: Arc<Tally>,
    members: Vec<Member>,
}

/// A badge of a fleet.
#[derive(Debug)]
pub struct Member {
    /// The short code printed on it, `B-7K2M`.
    pub code: String,
    pub fault: Option<Fault>,
    pub badge: Badge,
}

impl Fleet {
    /// Registers and claims as many badges as planned and switches them on; [`Fleet::until_connected`] waits for them.
    /// What happens is counted in `tally` from the first claim on.
    ///
    /// # Errors
    /// The first registration or claim that is refused.
    pub async fn start(account: Account, plan: &Plan, tally: Arc<Tally>) -> Result<Self, CallError> {
        let account = Arc::new(account);
        let desk = Arc::new(Semaphore::new(CLAIMS_AT_ONCE));
        let doorway = Arc::new(Semaphore::new(CONNECTS_AT_ONCE));
        let mut claims = JoinSet::new();
        for (number, fault) in deal(&plan.faults, plan.badges).into_iter().enumerate() {
            let (account, desk, tally) = (account.clone(), desk.clone(), tally.clone());
            let setup = Setup {
                model: plan.model.clone(),
                fault,
                keyed: plan.keyed,
                tally: Some(tally.clone()),
                doorway: Some(doorway.clone()),
            };
            claims.spawn(async move {
                let _turn = desk.acquire().await;
                let registered = account.register(&format!("Simulated {}", number + 1)).await?;
                let badge = Badge::claim(account.server(), &registered.claim_code, setup).await?;
                tally.note_claim();
                Ok((number, Member { code: registered.code, fault, badge }))
            });
        }
        let mut members = Vec::with_capacity(plan.badges);
        while let Some(claimed) = claims.join_next().await {
            members.push(claimed.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?);
        }
        members.sort_by_key(|(number, _)| *number);
        let members = members.into_iter().map(|(_, member)| member).collect();
        Ok(Self { account, tally, members })
    }

    #[must_use]
    pub fn account(&self) -> &Account {
        &self.account
    }

    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    #[must_use]
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    pub fn badges(&self) -> impl Iterator<Item = &Badge> {
        self.members.iter().map(|member| &member.badge)
    }

    /// Waits until every badge is connected and subscribed.
    ///
    /// # Errors
    /// The first badge that is not, when the deadline passed.
    pub async fn until_connected(&self, deadline: Duration) -> Result<(), TooLate> {
        let end = Instant::now() + deadline;
        for badge in self.badges() {
            badge.until_connected(end.saturating_duration_since(Instant::now())).await?;
        }
        Ok(())
    }

    /// Waits until every badge has come so far; `what` names it if one does not.
    ///
    /// # Errors
    /// The first badge that has not, when the deadline passed.
    pub async fn until_all(
        &self,
        what: &'static str,
        deadline: Duration,
        so_far: impl Fn(&State) -> bool,
    ) -> Result<(), TooLate> {
        let end = Instant::now() + deadline;
        for badge in self.badges() {
            badge.until(what, end.saturating_duration_since(Instant::now()), &so_far).await?;
        }
        Ok(())
    }

    /// Announces a text to everyone and waits until all have shown it, or the deadline passed; the receipts then.
    ///
    /// # Errors
    /// The announcement is refused, or the server cannot be reached.
    pub async fn announce(
        &self,
        text: &str,
        level: Level,
        deadline: Duration,
    ) -> Result<(AnnouncementId, Receipts), CallError> {
        let announcement = self.account.announce(text, level).await?;
        let end = Instant::now() + deadline;
        loop {
            let receipts = self.account.receipts(announcement).await?;
            if receipts.all_shown() || Instant::now() >= end {
                return Ok((announcement, receipts));
            }
            sleep(ASK_AGAIN).await;
        }
    }

    /// Every badge takes leave of the server.
    pub async fn stop(self) {
        let mut leaving: JoinSet<()> = self.members.into_iter().map(|member| member.badge.stop()).collect();
        while leaving.join_next().await.is_some() {}
    }
}
