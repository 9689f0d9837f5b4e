//! A house behind the gate that does what a test tells it.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, SystemTime},
};

use badgecast_broker::{
    Broker, Desk, Entrance, Gate, Settings,
    gate::{Admitted, Credentials, Line, Member, NotStored, Refusal, Said, Who},
};
use badgecast_domain::{
    display::Panel,
    id::{BadgeId, ClientId, OrganizationId, TokenId},
    time::Moment,
};
use tokio::{
    net::{TcpListener, TcpSocket},
    sync::{Semaphore, mpsc},
};

/// What the house saw, in order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Seen {
    Came(BadgeId),
    Said(BadgeId, Said),
    Went(BadgeId),
}

/// How the house takes what badges say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    Stores,
    /// Stores when a permit is added to [`House::permits`].
    Waits,
    CannotStore,
}

/// The house: a gate with passwords for every case. `open` lets in, `open:slowly` when a permit is added, `for:MS` lets in for so many milliseconds,
/// `gateway:ID,ID` is a gateway with these badges, `integration` or `integration:MS` an integration; the names of the refusals refuse.
pub(crate) struct House {
    pub(crate) organization: OrganizationId,
    client: ClientId,
    pub(crate) mood: Mutex<Mood>,
    pub(crate) permits: Semaphore,
    pub(crate) asked: AtomicUsize,
    tokens: Mutex<Vec<TokenId>>,
    seen: mpsc::UnboundedSender<Seen>,
}

/// A door on port 0 with a house behind it.
pub(crate) struct World {
    pub(crate) broker: Broker,
    pub(crate) desk: Desk,
    pub(crate) house: Arc<House>,
    pub(crate) port: u16,
    seen: mpsc::UnboundedReceiver<Seen>,
}

pub(crate) async fn world() -> World {
    world_with(Settings::default()).await
}

pub(crate) async fn world_with(settings: Settings) -> World {
    world_of(settings, Entrance::mqtt).await
}

/// A world behind an entrance of another kind.
pub(crate) async fn world_of(settings: Settings, entrance: impl FnOnce(TcpListener) -> Entrance) -> World {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    // Storms are larger than the usual backlog.
    let listener = socket.listen(4_096).unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, seen) = mpsc::unbounded_channel();
    let house = Arc::new(House {
        organization: OrganizationId::new(),
        client: ClientId::new(),
        mood: Mutex::new(Mood::Stores),
        permits: Semaphore::new(0),
        asked: AtomicUsize::new(0),
        tokens: Mutex::default(),
        seen: sender,
    });
    let desk = Desk::default();
    let settings = Settings { drain_over: Duration::ZERO, ..settings };
    let broker = Broker::open(vec![entrance(listener)], settings, desk.clone(), Arc::clone(&house));
    World { broker, desk, house, port, seen }
}

impl World {
    /// The next thing the house saw.
    pub(crate) async fn seen(&mut self) -> Seen {
        let seen = tokio::time::timeout(Duration::from_secs(10), self.seen.recv()).await;
        seen.expect("the house sees something").expect("the house stands")
    }

    /// Nothing was seen until now.
    pub(crate) fn saw_nothing(&mut self) {
        assert_eq!(self.seen.try_recv().ok(), None);
    }

    /// What the house has seen already.
    pub(crate) fn try_seen(&mut self) -> Result<Seen, mpsc::error::TryRecvError> {
        self.seen.try_recv()
    }

    /// The next thing a badge said.
    pub(crate) async fn said(&mut self) -> Said {
        loop {
            if let Seen::Said(_, said) = self.seen().await {
                return said;
            }
        }
    }

    pub(crate) async fn went(&mut self, badge: BadgeId) {
        while self.seen().await != Seen::Went(badge) {}
    }
}

impl House {
    /// The token of the newest admission.
    pub(crate) fn token(&self) -> TokenId {
        *self.tokens.lock().unwrap().last().expect("someone was admitted")
    }

    pub(crate) fn is(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    fn member(badge: BadgeId) -> Member {
        Member { badge, panel: Panel::P11x44, groups: Vec::new(), tags: Vec::new() }
    }

    fn judge(&self, client: &str, password: &str) -> Result<Admitted, Refusal> {
        let badge: BadgeId = client.parse().map_err(|_| Refusal::NotAuthorized)?;
        let (word, rest) = password.split_once(':').unwrap_or((password, ""));
        let mut ttl = Duration::from_secs(3_600);
        let mut who = Who::Badge(Self::member(badge));
        match word {
            "open" => {}
            "for" => ttl = Duration::from_millis(rest.parse().map_err(|_| Refusal::Malformed)?),
            "gateway" => {
                let badges = rest.split(',').filter_map(|id| id.parse().ok()).map(Self::member).collect();
                who = Who::Gateway { gateway: badge, badges };
            }
            "expired" => return Err(Refusal::NotAuthorized),
            "banned" => return Err(Refusal::Banned),
            "down" => return Err(Refusal::Unavailable),
            _ => return Err(Refusal::Malformed),
        }
        let token = TokenId::new();
        self.tokens.lock().unwrap().push(token);
        let expires_at = Moment::from(SystemTime::now()).plus(ttl);
        Ok(Admitted { who, organization: self.organization, token, expires_at })
    }

    fn judge_any(&self, who: &Credentials) -> Result<Admitted, Refusal> {
        if let Some(rest) = who.password.strip_prefix("integration") {
            return self.integration(rest);
        }
        if who.client_id != who.username {
            return Err(Refusal::NotAuthorized);
        }
        self.judge(&who.client_id, &who.password)
    }

    fn integration(&self, rest: &str) -> Result<Admitted, Refusal> {
        let ttl = rest.strip_prefix(':').and_then(|ms| ms.parse().ok()).unwrap_or(3_600_000);
        let token = TokenId::new();
        self.tokens.lock().unwrap().push(token);
        let expires_at = Moment::from(SystemTime::now()).plus(Duration::from_millis(ttl));
        let who = Who::Integration { client: self.client };
        Ok(Admitted { who, organization: self.organization, token, expires_at })
    }

    fn saw(&self, seen: Seen) {
        let _ = self.seen.send(seen);
    }
}

impl Gate for House {
    async fn admit(&self, who: Credentials) -> Result<Admitted, Refusal> {
        self.asked.fetch_add(1, Relaxed);
        let judged = self.judge_any(&who);
        if who.password == "open:slowly" {
            self.permits.acquire().await.expect("never closed").forget();
        }
        judged
    }
    async fn renew(&self, old: &Admitted, token: &str) -> Result<Admitted, Refusal> {
        let Who::Badge(member) = &old.who else { return Err(Refusal::NotAuthorized) };
        self.judge(&member.badge.to_string(), token)
    }

    async fn heard(&self, line: Line, said: Said) -> Result<(), NotStored> {
        let mood = *self.mood.lock().unwrap();
        self.saw(Seen::Said(line.badge, said));
        match mood {
            Mood::Stores => Ok(()),
            Mood::CannotStore => Err(NotStored),
            Mood::Waits => {
                self.permits.acquire().await.expect("never closed").forget();
                Ok(())
            }
        }
    }

    fn came(&self, line: Line) {
        self.saw(Seen::Came(line.badge));
    }

    fn went(&self, line: Line) {
        self.saw(Seen::Went(line.badge));
    }
}
