//! The server is killed in the middle of a broadcast, started again, and nothing is lost or shown twice.

use std::{path::Path, process::Stdio, time::Duration};

use badgecast_domain::{id::AnnouncementId, layer::Level};
use badgecast_simulator::{Account, Fleet, Plan, Server, tally::Tally};

use crate::{
    process::{Process, add_person, free_address},
    world::PASSWORD,
};

/// The fleet, and how long it may take to be complete again.
const BADGES: usize = 500;
const PATIENCE: Duration = Duration::from_secs(120);

fn start(data: &Path, http: &str, mqtt: &str) -> Process {
    Process::start(data, (http, mqtt), &[("BADGECAST_LOG", "warn")], Stdio::inherit())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_badges_survive_a_kill_in_the_middle_of_a_broadcast() {
    let folder = tempfile::tempdir().unwrap();
    add_person(folder.path(), &[], "m@test.example", "manager", PASSWORD);
    // The killed server and the one after it both use them.
    let (http, mqtt) = (free_address(), free_address());
    let server = start(folder.path(), &http, &mqtt);
    let account =
        Account::new(Server::at(&format!("http://{}", server.http)).unwrap(), "m@test.example", PASSWORD);
    let plan = Plan { badges: BADGES, ..Plan::default() };
    let fleet = Fleet::start(account, &plan, Tally::default().into()).await.unwrap();
    fleet.until_connected(PATIENCE).await.unwrap();

    let id: AnnouncementId = fleet.account().announce("Doors open at nine", Level::Urgent).await.unwrap();
    let layer = id.layer();
    // Killed as soon as the first badge has it: the broadcast is under way, and no receipt is complete.
    let first = fleet.badges().next().unwrap();
    first.until("hold it", PATIENCE, |state| state.holds(layer).is_some()).await.unwrap();
    server.kill();
    let held = fleet.badges().filter(|badge| badge.look(|state| state.holds(layer).is_some())).count();

    let server = start(folder.path(), &http, &mqtt);
    fleet.until_all("show it", PATIENCE, |state| state.has_shown(layer, 1)).await.unwrap();
    let receipts = async {
        loop {
            let receipts = fleet.account().receipts(id).await.unwrap();
            if receipts.shown == BADGES as u64 {
                return receipts;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let receipts = tokio::time::timeout(PATIENCE, receipts).await.expect("every receipt completes");
    assert_eq!(receipts.targeted, BADGES as u64, "no badge that was registered is lost");
    let twice = fleet.badges().filter(|badge| badge.look(|state| state.times_lit(layer, 1)) != 1).count();
    assert_eq!(twice, 0, "nothing is shown twice as new; {held} held it when the server was killed");
    fleet.stop().await;
    drop(server);
}
