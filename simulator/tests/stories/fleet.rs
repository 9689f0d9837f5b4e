//! A fleet: many badges, one account, one count.

use std::{sync::Arc, time::Duration};

use badgecast_domain::{
    layer::Level,
    wire::{Outcome, Show},
};
use badgecast_simulator::{Account, Fault, Fleet, Plan, Report, faults::Share, tally::Tally};
use tokio::task::JoinSet;

use crate::fake::{DEADLINE, Fake, announcement};

const BADGES: usize = 20;

async fn fleet(fake: &Fake, faults: &[Share]) -> Fleet {
    let account = Account::new(fake.server.clone(), "mia@example.org", "password");
    let plan = Plan { badges: BADGES, faults: faults.to_vec(), ..Plan::default() };
    Fleet::start(account, &plan, Arc::new(Tally::default())).await.unwrap()
}

#[tokio::test]
async fn a_whole_fleet_shows_an_announcement_and_is_counted() {
    let fake = Arc::new(Fake::start().await);
    let fleet = fleet(&fake, &[Share { fault: Fault::Refusing, share: 0.1 }]).await;
    let mut layer = announcement(Level::Normal, "Doors open at nine", Duration::from_secs(60));
    layer.id = fake.announcement().layer();

    let mut guests = JoinSet::new();
    for _ in 0..BADGES {
        let (mut guest, _) = fake.guest().await;
        let (fake, show) = (fake.clone(), Show::Layer(layer.clone()));
        guests.spawn(async move {
            guest.show(&show).await;
            loop {
                match guest.ack().await.outcome {
                    Outcome::Held => {}
                    Outcome::Shown => fake.count_shown(),
                    Outcome::Refused | Outcome::Written => {}
                }
            }
        });
    }
    fleet.until_connected(DEADLINE).await.unwrap();
    let able: Vec<_> = fleet.members().iter().filter(|member| member.fault.is_none()).collect();
    assert_eq!(able.len(), 18);
    for member in able {
        member.badge.until("show", DEADLINE, |state| state.has_shown(layer.id, 1)).await.unwrap();
    }
    let report = Report::of(&fleet, None);
    assert_eq!((report.badges, report.connected, report.reconnects), (20, 20, 0));
    assert_eq!((report.held, report.lit, report.refused), (18, 18, 2));
    assert_eq!((report.targeted, report.shown, report.most_times_lit), (18, 18, 1));
    assert!(report.p99_ms >= report.p50_ms && report.p50_ms >= Some(500), "the panel starts after 500 ms");
}

#[tokio::test]
async fn the_servers_receipts_go_before_what_the_fleet_saw() {
    let fake = Fake::start().await;
    let fleet = fleet(&fake, &[]).await;
    (0..19).for_each(|_| fake.count_shown());
    let (announced, receipts) = fleet.announce("Lunch", Level::Normal, Duration::ZERO).await.unwrap();
    assert_eq!(announced, fake.announcement());
    let report = Report::of(&fleet, Some(&receipts));
    assert_eq!((report.targeted, report.shown, report.all_shown()), (20, 19, false));
    assert_eq!((report.p50_ms, report.p99_ms), (Some(600), None));

    fake.count_shown();
    let (_, receipts) = fleet.announce("Lunch", Level::Normal, DEADLINE).await.unwrap();
    assert!(Report::of(&fleet, Some(&receipts)).all_shown());
    fleet.stop().await;
}
