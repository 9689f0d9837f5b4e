//! Whole sessions as a state machine: what a client says, what the desk leaves, how the house answers and when time
//! passes, all in random order.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use badgecast_domain::{
    display::Panel,
    id::{BadgeId, LayerId, OrganizationId, TokenId},
    topic::{COMMAND, SHOW},
    wire::{self, Order, True, Withdrawn},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream},
    time::timeout,
};
use uuid::Uuid;

use super::{Dice, honest, inputs, mutate};
use crate::{
    Desk, End, Gate, Settings, Shows, Target, Whom,
    desk::shows::now,
    door::pipe::Pipe,
    gate::{Admitted, Credentials, Line, Member, NotStored, Refusal, Said, Who},
    packet::{Version, connect::Connect, cut, frame::kind},
    session::{Hall, Session},
};

/// A house that answers as the dice fall, and counts who is there.
pub(crate) struct House {
    dice: AtomicU64,
    present: AtomicI64,
}

impl House {
    fn dice(&self) -> Dice {
        Dice(self.dice.fetch_add(0x1234_5677, Relaxed))
    }

    async fn think(&self) -> bool {
        let mut dice = self.dice();
        if dice.one_in(3) {
            tokio::time::sleep(Duration::from_millis(dice.roll() % 5_000)).await;
        }
        !dice.one_in(5)
    }
}

impl Gate for House {
    async fn admit(&self, _: Credentials) -> Result<Admitted, Refusal> {
        Err(Refusal::Unavailable)
    }

    async fn renew(&self, old: &Admitted, token: &str) -> Result<Admitted, Refusal> {
        match (self.think().await, token) {
            (true, "good") => Ok(Admitted { token: TokenId::new(), ..old.clone() }),
            (true, _) => Err(Refusal::NotAuthorized),
            (false, _) => Err(Refusal::Unavailable),
        }
    }

    async fn heard(&self, _: Line, _: Said) -> Result<(), NotStored> {
        if self.think().await { Ok(()) } else { Err(NotStored) }
    }

    fn came(&self, _: Line) {
        self.present.fetch_add(1, Relaxed);
    }

    fn went(&self, _: Line) {
        self.present.fetch_sub(1, Relaxed);
    }
}

struct World {
    desk: Desk,
    house: Arc<House>,
    badge: BadgeId,
    organization: OrganizationId,
    client: DuplexStream,
    /// Everything the server said.
    heard: Vec<u8>,
}

impl World {
    fn begin(dice: &mut Dice, version: Version) -> (Self, impl Future<Output = ()> + Send + use<>) {
        let (client, server) = tokio::io::duplex(dice.pick(&[7, 64, 700, 20_000]));
        let house = Arc::new(House { dice: dice.roll().into(), present: 0.into() });
        let desk = Desk::default();
        let hall =
            Arc::new(Hall { gate: Arc::clone(&house), desk: desk.clone(), settings: Settings::default() });
        let (badge, organization) = (BadgeId::new(), OrganizationId::new());
        let member = Member { badge, panel: Panel::P11x44, groups: Vec::new(), tags: Vec::new() };
        let admitted = Admitted {
            who: Who::Badge(member),
            organization,
            token: TokenId::new(),
            expires_at: now().plus(Duration::from_secs(3_600)),
        };
        let connect = Connect {
            version,
            client_id: badge.to_string(),
            assigned: false,
            clean: true,
            keep_alive_s: dice.pick(&[0, 1, 60]),
            username: badge.to_string(),
            password: String::new(),
            will: None,
            receive_maximum: dice.pick(&[1, 3, u16::MAX]),
            max_packet: dice.pick(&[50, 1_000, u32::MAX]),
            wants_session: false,
        };
        let will = dice.one_in(2).then(|| Box::new((badge, Said::NoHello)));
        let early = if dice.one_in(3) { honest(dice, version) } else { Vec::new() };
        let admission = desk.admission();
        let session = Session::begin(hall, Pipe::Handed(server), connect, will, admitted, early, &admission);
        (Self { desk, house, badge, organization, client, heard: Vec::new() }, session.run())
    }

    async fn step(&mut self, dice: &mut Dice, version: Version) {
        match dice.below(16) {
            0..7 => {
                let mut bytes = Vec::new();
                for _ in 0..=dice.below(6) {
                    bytes.extend(honest(dice, version));
                }
                self.say(&bytes).await;
            }
            7 if dice.one_in(10) => {
                let mut packet = honest(dice, version);
                mutate(dice, &mut packet);
                self.say(&packet).await;
            }
            7..10 => {
                for _ in 0..dice.below(60) {
                    let id = if dice.one_in(2) { self.badge.own_layer() } else { LayerId::new() };
                    let withdrawn = Withdrawn { id, revision: dice.roll() % 1_000, withdrawn: True };
                    self.desk.show(Target::Badge(self.badge), &Shows::same(wire::Show::Withdrawn(withdrawn)));
                }
            }
            10 => {
                let command = wire::Command { command: Order::Identify, id: Uuid::now_v7() };
                let _ = self.desk.command(self.badge, command);
            }
            11 => tokio::time::advance(Duration::from_millis(dice.roll() % 3_000)).await,
            12 if dice.one_in(20) => {
                let whom =
                    dice.pick(&[Whom::Badge(self.badge), Whom::All, Whom::Organization(self.organization)]);
                self.desk.end(whom, dice.pick(&[End::Expired, End::Revoked, End::TakenOver, End::Shutdown]));
            }
            _ => self.listen().await,
        }
    }

    async fn say(&mut self, bytes: &[u8]) {
        // A session that reads nothing while its client reads nothing is right; nobody waits for it.
        let _ = timeout(Duration::from_millis(50), self.client.write_all(bytes)).await;
    }

    async fn listen(&mut self) {
        let mut buffer = [0; 4_096];
        while let Ok(Ok(count @ 1..)) = timeout(Duration::from_millis(1), self.client.read(&mut buffer)).await
        {
            self.heard.extend_from_slice(&buffer[..count]);
        }
    }

    /// Everything the server said is packets that a server may say.
    fn check(&self, version: Version) {
        let mut bytes = &self.heard[..];
        while let Some(&first) = bytes.first() {
            // `cut` knows what clients may say; a server's packet is cut under the name of a message.
            let mut renamed = bytes.to_vec();
            renamed[0] = 0x30;
            let frame = match cut(&renamed, usize::MAX) {
                Ok(Some(frame)) => frame,
                // One who does not read in time misses the end of the last word.
                Ok(None) => return,
                Err(wrong) => panic!("{first:#04x} is no packet: {wrong:?}"),
            };
            match first >> 4 {
                kind::PUBLISH => {
                    let topic = &frame.body[2..2 + usize::from(frame.body[1])];
                    assert!(topic == SHOW.as_bytes() || topic == COMMAND.as_bytes());
                }
                2 | 4 | 5 | 7 | 9 | 11 | 13 => {}
                14 => assert_eq!(version, Version::V5),
                other => panic!("a server does not say {other}"),
            }
            bytes = &bytes[frame.whole.len()..];
        }
    }
}

async fn live(seed: u64) {
    let mut dice = Dice(seed);
    let version = dice.pick(&[Version::V4, Version::V5]);
    let (mut world, session) = World::begin(&mut dice, version);
    let session = tokio::spawn(session);
    for _ in 0..dice.below(60) {
        world.step(&mut dice, version).await;
    }
    if dice.one_in(2) {
        // A client that goes on reading until the server has said its last word.
        let _ = world.client.shutdown().await;
        let rest = timeout(Duration::from_secs(60), world.client.read_to_end(&mut world.heard)).await;
        assert!(rest.is_ok(), "the session does not end");
        world.check(version);
    }
    let (desk, house) = (world.desk.clone(), Arc::clone(&world.house));
    drop(world);
    let ended = timeout(Duration::from_secs(120), session).await;
    assert!(matches!(ended, Ok(Ok(()))), "seed {seed}: {ended:?}");
    assert_eq!((desk.connected(), house.present.load(Relaxed)), (0, 0), "seed {seed}");
}

#[test]
fn sessions_survive_whatever_happens() {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    for seed in 0..inputs(60_000) / 30 {
        runtime.block_on(live(seed));
    }
}

/// The size of a session's future.
pub(crate) fn future_bytes() -> usize {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { size_of_val(&World::begin(&mut Dice(1), Version::V4).1) })
}
