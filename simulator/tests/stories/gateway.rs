//! A gateway: several badges behind one connection, each with a file for a display.

use std::{fs, path::Path, time::Duration};

use badgecast_domain::{
    display::{Panel, wang},
    id::BadgeId,
    layer::Level,
    topic::{self, Down, Of, Up},
    wire::{Ack, Hello, Layer, Order, Outcome, Show, True, Withdrawn},
};
use badgecast_simulator::{Gateway, Identity, Model};
use serde_json::json;
use tokio::{sync::watch, task::JoinHandle, time::timeout};

use crate::fake::{DEADLINE, Fake, Guest, announcement, own};

/// A gateway that is running, with two badges.
struct Running {
    badges: [BadgeId; 2],
    folder: tempfile::TempDir,
    written: watch::Receiver<u64>,
    task: JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Running {
    async fn start(fake: &Fake) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let badges = [BadgeId::new(), BadgeId::new()];
        let model = Model { name: "generic".to_owned(), ..Model::default() };
        let identity = Identity::claim(&fake.server, "the-claim-code", &model).await.unwrap();
        let mut gateway = Gateway::new(&fake.server, identity, badges, model, folder.path());
        let written = gateway.written();
        let task = tokio::spawn(async move {
            gateway.run().await;
        });
        Self { badges, folder, written, task }
    }

    /// The pixels in a badge's file, message by message.
    fn pixels(&self, badge: BadgeId) -> Vec<Vec<u8>> {
        let upload = fs::read(file(self.folder.path(), badge)).unwrap();
        let program = wang::decode(&upload, Panel::P11x44).unwrap();
        program.slots.iter().map(|slot| slot.strip.to_bytes(Panel::P11x44)).collect()
    }

    async fn until_written(&mut self, times: u64) {
        let seen = timeout(DEADLINE, self.written.wait_for(|written| *written >= times)).await;
        assert_eq!(*seen.expect("not written in time").unwrap(), times);
    }
}

fn file(folder: &Path, badge: BadgeId) -> std::path::PathBuf {
    folder.join(format!("{badge}.bin"))
}

fn pixels(layer: &Layer) -> Vec<Vec<u8>> {
    layer.messages.iter().map(|message| message.strip.clone()).collect()
}

/// The gateway's next connection, and what it says of its badges.
async fn connected(fake: &Fake, badges: [BadgeId; 2]) -> (Guest, [Hello; 2]) {
    let (mut guest, connect) = fake.knock().await;
    assert_eq!(connect.client_id, fake.badge.to_string());
    let topics =
        badges.map(|badge| [Down::Show, Down::Command].map(|down| topic::to(Of::Badge(badge), down)));
    assert_eq!(guest.let_in().await, topics.concat());
    let hello = guest.heard(&topic::from(Of::Badge(badges[0]), Up::Hello)).await;
    let other = guest.heard(&topic::from(Of::Badge(badges[1]), Up::Hello)).await;
    (guest, [hello, other])
}

async fn ack(guest: &mut Guest, badge: BadgeId) -> Ack {
    guest.heard(&topic::from(Of::Badge(badge), Up::Ack)).await
}

#[tokio::test]
async fn each_badge_is_written_its_own_program_and_only_what_is_new() {
    let fake = Fake::start().await;
    let mut gateway = Running::start(&fake).await;
    let [one, two] = gateway.badges;
    let (mut guest, _) = connected(&fake, gateway.badges).await;
    let lines = [own(one, 1, "Anna"), own(two, 1, "Ben")];
    for line in &lines {
        let badge = BadgeId::from_uuid(line.id.uuid());
        guest.show_on(&topic::to(Of::Badge(badge), Down::Show), &Show::Layer(line.clone())).await;
        for outcome in [Outcome::Held, Outcome::Written] {
            let ack = ack(&mut guest, badge).await;
            assert_eq!((ack.id, ack.outcome, ack.crc), (line.id, outcome, Some(line.crc)));
        }
        assert_eq!(gateway.pixels(badge), pixels(line));
    }
    gateway.until_written(2).await;

    let again = Layer { revision: 2, ..lines[0].clone() };
    guest.show_on(&topic::to(Of::Badge(one), Down::Show), &Show::Layer(again)).await;
    assert_eq!(ack(&mut guest, one).await.outcome, Outcome::Held);
    let written = ack(&mut guest, one).await;
    assert_eq!((written.revision, written.outcome), (2, Outcome::Written));
    gateway.until_written(2).await;
}

#[tokio::test]
async fn a_line_returns_when_an_emergency_ends_though_the_server_is_gone() {
    let fake = Fake::start().await;
    let mut gateway = Running::start(&fake).await;
    let [one, _] = gateway.badges;
    let (mut guest, _) = connected(&fake, gateway.badges).await;
    let (line, fire) = (own(one, 1, "Anna"), announcement(Level::Emergency, "Fire", Duration::from_secs(3)));
    let show = topic::to(Of::Badge(one), Down::Show);
    guest.show_on(&show, &Show::Layer(line.clone())).await;
    guest.show_on(&show, &Show::Layer(fire.clone())).await;
    gateway.until_written(2).await;
    assert_eq!(gateway.pixels(one), pixels(&fire));
    drop(guest);
    gateway.until_written(3).await;
    assert_eq!(gateway.pixels(one), pixels(&line));

    let (_guest, [hello, other]) = connected(&fake, gateway.badges).await;
    assert_eq!((hello.holds.len(), hello.holds[0].outcome), (1, Some(Outcome::Written)));
    assert_eq!(other.holds, []);
}

#[tokio::test]
async fn a_withdrawn_layer_leaves_the_program_and_a_broken_one_never_enters_it() {
    let fake = Fake::start().await;
    let mut gateway = Running::start(&fake).await;
    let [one, _] = gateway.badges;
    let (mut guest, _) = connected(&fake, gateway.badges).await;
    let show = topic::to(Of::Badge(one), Down::Show);
    let lunch = announcement(Level::Normal, "Lunch", Duration::from_secs(60));
    guest.show_on(&show, &Show::Layer(lunch.clone())).await;
    gateway.until_written(1).await;
    guest.show_on(&show, &Show::Withdrawn(Withdrawn { id: lunch.id, revision: 1, withdrawn: True })).await;
    gateway.until_written(2).await;
    assert_eq!(gateway.pixels(one), Vec::<Vec<u8>>::new());

    let mut broken = own(one, 1, "Anna");
    broken.messages[0].columns = 3;
    guest.show_on(&show, &Show::Layer(broken)).await;
    for outcome in [Outcome::Held, Outcome::Written, Outcome::Refused] {
        assert_eq!(ack(&mut guest, one).await.outcome, outcome);
    }
    let resync = json!({"command": Order::Resync.name(), "id": BadgeId::new()});
    guest.publish(&topic::to(Of::Badge(one), Down::Command), resync.to_string().into_bytes()).await;
    let hello: Hello = guest.heard(&topic::from(Of::Badge(one), Up::Hello)).await;
    assert_eq!(hello.holds[0].outcome, Some(Outcome::Refused));
}
