//! The load generator: thousands of bare badges, to measure the whole server and nothing else.
//!
//! They are registered, claimed and connected with tokens like any badge, and acknowledge `held` and `shown` for every
//! layer, but light nothing: what the panel would cost is not the server's. Never use it to see whether something works.

mod bare;
mod process;

use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use badgecast_domain::layer::Level;
use serde::Serialize;
use tokio::{
    sync::{Semaphore, watch},
    task::JoinSet,
    time::{sleep, timeout},
};

use self::{bare::Crowd, process::Process};
use crate::{
    account::Account,
    identity::{Identity, Model},
    server::CallError,
};

/// How many badges are claimed, or fetch a token, at once.
const CALLS_AT_ONCE: usize = 32;
/// How many badges connect at once.
const CONNECTS_AT_ONCE: usize = 500;
/// Nothing measured here may take longer.
const DEADLINE: Duration = Duration::from_secs(120);
/// How many acknowledgements a badge says of a layer: `held` and `shown`.
const ACKS: usize = 2;
/// How long CPU is left to what is still under way, before it is counted.
const SETTLE: Duration = Duration::from_secs(2);

/// What to measure.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    pub badges: usize,
    /// How often each thing is done.
    pub rounds: usize,
    /// The server's process, if it runs on this machine: its CPU and memory are counted too.
    pub process: Option<u32>,
}

/// What was measured; medians over the rounds.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Measured {
    pub badges: usize,
    pub rounds: usize,
    /// Registering, claiming and the first token of all badges.
    pub claim_ms: u64,
    /// Until all are subscribed and their hello is acknowledged.
    pub connect_ms: u64,
    pub connect_cpu_us: Option<u64>,
    /// Of one connected badge.
    pub memory_kb: Option<f64>,
    /// From the announcement's 202 until the last badge has the layer.
    pub broadcast_ms: u64,
    /// From the announcement's 202 until the last badge has it acknowledged that its receipt is stored.
    pub stored_ms: u64,
    /// Of one badge: delivery, two acknowledgements and the stored receipt.
    pub broadcast_cpu_us: Option<u64>,
}

/// Why a measurement came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error(transparent)]
    Call(#[from] CallError),
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("{came} of {badges} came to {what}")]
    Incomplete { came: u64, badges: usize, what: &'static str },
}

/// A badge and its token.
type Claimed = (Arc<Identity>, Arc<str>);

/// Measures a server.
///
/// # Errors
/// A call is refused, or not all badges come through.
pub async fn measure(account: Account, load: Load) -> Result<Measured, LoadError> {
    let account = Arc::new(account);
    let process = load.process.map(Process);
    let started = Instant::now();
    let badges = claim(&account, load.badges).await?;
    let claim_ms = ms(started);
    let memory_before = process.map(Process::memory_kb).transpose()?;

    let crowd = Arc::new(Crowd::default());
    let (mut connects, mut broadcasts, mut stored) = (Vec::new(), Vec::new(), Vec::new());
    let (mut connect_cpu, mut broadcast_cpu) = (Vec::new(), Vec::new());
    let mut memory_kb = None;
    let mut last = None;
    for _ in 0..load.rounds {
        let cpu = Cpu::of(process)?;
        let started = Instant::now();
        let clients = connect(&crowd, &badges).await?;
        connects.push(ms(started));
        connect_cpu.extend(cpu.each_us(load.badges).await?);
        if let (Some(process), Some(before), None) = (process, memory_before, memory_kb) {
            memory_kb = Some(process.memory_kb()?.saturating_sub(before) as f64 / load.badges as f64);
        }

        // Every round begins with badges that hold one layer and ends with another one.
        if let Some(last) = last.take() {
            crowd.got.send_replace(0);
            account.withdraw(last).await?;
            reached(&crowd.got, load.badges, "forget the last layer").await?;
            sleep(SETTLE).await;
        }
        let cpu = Cpu::of(process)?;
        crowd.got.send_replace(0);
        crowd.stored.send_replace(0);
        let announcement = account.announce("Doors open at nine", Level::Normal).await?;
        let started = Instant::now();
        reached(&crowd.got, load.badges, "get the layer").await?;
        broadcasts.push(ms(started));
        reached(&crowd.stored, ACKS * load.badges, "have stored receipts").await?;
        stored.push(ms(started));
        broadcast_cpu.extend(cpu.each_us(load.badges).await?);
        // Asked once, and not while it is measured: the question costs as much as some hundred receipts.
        let receipts = account.receipts(announcement).await?;
        if !receipts.all_shown() {
            return Err(LoadError::Incomplete {
                came: receipts.shown,
                badges: load.badges,
                what: "have a receipt",
            });
        }
        last = Some(announcement);
        drop(clients);
        sleep(SETTLE).await;
    }
    Ok(Measured {
        badges: load.badges,
        rounds: load.rounds,
        claim_ms,
        connect_ms: median(connects).unwrap_or_default(),
        connect_cpu_us: median(connect_cpu),
        memory_kb,
        broadcast_ms: median(broadcasts).unwrap_or_default(),
        stored_ms: median(stored).unwrap_or_default(),
        broadcast_cpu_us: median(broadcast_cpu),
    })
}

/// Registers and claims the badges, and fetches a token for each.
async fn claim(account: &Arc<Account>, badges: usize) -> Result<Vec<Claimed>, CallError> {
    let desk = Arc::new(Semaphore::new(CALLS_AT_ONCE));
    let mut claims = JoinSet::new();
    for number in 1..=badges {
        let (account, desk) = (account.clone(), desk.clone());
        claims.spawn(async move {
            let _turn = desk.acquire().await;
            let registered = account.register(&format!("Load {number}")).await?;
            let identity =
                Identity::claim(account.server(), &registered.claim_code, &Model::default()).await?;
            let token = identity.token(account.server()).await?;
            Ok((Arc::new(identity), token.jwt.into()))
        });
    }
    let mut claimed = Vec::with_capacity(badges);
    while let Some(claim) = claims.join_next().await {
        claimed.push(claim.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?);
    }
    Ok(claimed)
}

/// Connects them all; dropping the answer disconnects them.
async fn connect(crowd: &Arc<Crowd>, badges: &[Claimed]) -> Result<JoinSet<()>, LoadError> {
    crowd.ready.send_replace(0);
    let mut clients = JoinSet::new();
    let mut ready = crowd.ready.subscribe();
    for (number, (identity, jwt)) in badges.iter().cloned().enumerate() {
        // No more than so many are on their way.
        let on_their_way = |ready: &u64| (number as u64).saturating_sub(*ready) < CONNECTS_AT_ONCE as u64;
        let turn = timeout(DEADLINE, ready.wait_for(on_their_way)).await.is_ok();
        if !turn {
            break;
        }
        let crowd = crowd.clone();
        clients.spawn(async move {
            if let Err(error) = crowd.client(&identity.mqtt, identity.badge, &jwt).await {
                tracing::debug!(badge.id = %identity.badge, %error, "a bare badge lost its connection");
            }
        });
    }
    reached(&crowd.ready, badges.len(), "be connected").await?;
    Ok(clients)
}

async fn reached(count: &watch::Sender<u64>, wanted: usize, what: &'static str) -> Result<(), LoadError> {
    let mut seen = count.subscribe();
    if timeout(DEADLINE, seen.wait_for(|came| *came >= wanted as u64)).await.is_err() {
        return Err(LoadError::Incomplete { came: *count.borrow(), badges: wanted, what });
    }
    Ok(())
}

/// CPU time the server uses from here on.
struct Cpu {
    process: Option<(Process, Duration)>,
}

impl Cpu {
    fn of(process: Option<Process>) -> io::Result<Self> {
        let process = process.map(|process| Ok::<_, io::Error>((process, process.cpu()?))).transpose()?;
        Ok(Self { process })
    }

    /// Microseconds for each badge, once what is under way is done.
    async fn each_us(self, badges: usize) -> io::Result<Option<u64>> {
        let Some((process, before)) = self.process else { return Ok(None) };
        sleep(SETTLE).await;
        let used = process.cpu()?.saturating_sub(before);
        Ok(Some((used.as_micros() / badges.max(1) as u128) as u64))
    }
}

fn ms(since: Instant) -> u64 {
    since.elapsed().as_millis() as u64
}

fn median(mut rounds: Vec<u64>) -> Option<u64> {
    rounds.sort_unstable();
    rounds.get(rounds.len() / 2).copied()
}
