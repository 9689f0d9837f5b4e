//! What the console's pages cost the server with 10,000 badges: `cargo bench -p badgecast --bench pages`.
//!
//! Whole answers over loopback, compressed, one after the other: what a manager waits for besides the network.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use badgecast::{
    auth::{Scope, password},
    config::Config,
    start,
    tables::{
        Error, Tx, announcements, badges, claims, connections, displays, organizations, people, receipts,
    },
};
use badgecast_broker::gate::Line;
use badgecast_domain::{
    access::Role,
    announcement::Audience,
    display::{Document, pictures},
    id::{AnnouncementId, BadgeId, ConnectionId, OrganizationId},
    layer::Level,
    receipt::State,
    time::Moment,
};
use reqwest::header;
use uuid::Uuid;

const BADGES: u32 = 10_000;
const LOOKS: usize = 60;
const PASSWORD: &str = "correct horse battery staple";
const EMAIL: &str = "admin@bench.example";
/// What a page may take, in milliseconds, nineteen times of twenty.
const BOUND_MS: f64 = 30.0;
/// One badge of so many is off.
const OFF: usize = 16;
const PAGES: [&str; 8] =
    ["/me", "/wall", "/announcements", "/announcements/new", "/badges", "/groups", "/people", "/audit"];

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut config = Config::on_loopback(folder.path());
    // One person looks at everything at once here.
    config.watch.requests_per_minute = u32::MAX;
    let running = start(config).await.expect("a server");
    let house = Arc::clone(&running.house);
    let hash = password::hash_now(PASSWORD).expect("a hash");
    let furnish = async |tx: &Tx| {
        let scope = Scope::house(organizations::create(tx, "Bench", house.now()).await?);
        let email = people::Email::try_from(EMAIL.to_owned()).expect("an email");
        let new = people::New { email, name: "Ada".to_owned(), role: Role::Admin, password_hash: Some(hash) };
        let ada = people::create(tx, &scope, new, house.now()).await?;
        let mut all = Vec::new();
        for n in 0..BADGES {
            let owner = (n == 0).then_some(ada.id);
            let new = badges::New { name: Some(format!("Badge {n}")), owner, ..badges::New::default() };
            let badge = badges::register(tx, &scope, new, house.now()).await?;
            let document = Document::text(&format!("Person {n}")).expect("a text");
            let (_, crc) = pictures(&document, badge.panel);
            let new = displays::New { document, findings: Vec::new(), crc };
            displays::put(tx, &scope, badge.id, &new, house.now()).await?;
            let credentials = claims::Credentials { secret_hash: Some([1; 32]), key: None };
            claims::equip(tx, scope.organization(), badge.id, &credentials, house.now()).await?;
            all.push(badge.id);
        }
        announce(tx, &scope, &all, house.now()).await
    };
    let announcement = house.database.write(furnish).await.expect("badges");
    let watch = format!("/announcements/{announcement}");

    let url = |path: &str| format!("http://{}{path}", running.http);
    let http = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a client");
    let form = [("email", EMAIL), ("password", PASSWORD)];
    let sign_in = http.post(url("/sign-in")).header("sec-fetch-site", "same-origin").form(&form);
    let signed_in = sign_in.send().await.expect("an answer");
    let cookie = signed_in.headers()[header::SET_COOKIE].to_str().expect("a cookie");
    let cookie = cookie.split(';').next().expect("a name and a value").to_owned();

    let look = async |page: &str| {
        let since = Instant::now();
        let request = http.get(url(page)).header(header::COOKIE, &cookie);
        let answer = request.header(header::ACCEPT_ENCODING, "gzip").send().await.expect("an answer");
        assert_eq!(answer.status(), 200, "{page}");
        let bytes = answer.bytes().await.expect("a page").len();
        (since.elapsed().as_secs_f64() * 1_000.0, bytes)
    };
    let pages = || PAGES.into_iter().chain([watch.as_str()]);
    // Ten thousand badges registered at once are as many changes to carry: meanwhile nothing is counted.
    for page in pages() {
        for _ in 0..LOOKS {
            look(page).await;
        }
    }
    println!("{BADGES} badges        p50        p95      bytes");
    let mut slow = Vec::new();
    for page in pages() {
        let (mut took_ms, mut bytes) = (Vec::new(), 0);
        for _ in 0..LOOKS {
            let (ms, length) = look(page).await;
            took_ms.push(ms);
            bytes = length;
        }
        took_ms.sort_by(f64::total_cmp);
        let (p50, p95) = (took_ms[LOOKS / 2], took_ms[LOOKS * 95 / 100]);
        let name = page.trim_end_matches(&announcement.to_string());
        println!("{name:<18}{p50:>7.1} ms {p95:>7.1} ms {bytes:>8}");
        if p95 > BOUND_MS {
            slow.push(page);
        }
    }
    running.stop().await;
    if !slow.is_empty() {
        println!("slower than {BOUND_MS} ms: {}", slow.join(", "));
    }
}

/// Nearly all badges are connected and show an announcement.
async fn announce(tx: &Tx, scope: &Scope, badges: &[BadgeId], now: Moment) -> Result<AnnouncementId, Error> {
    let organization: OrganizationId = scope.organization();
    let on = || badges.iter().enumerate().filter(|(number, _)| number % OFF != 0);
    let lines: Vec<Line> = on()
        .map(|(_, badge)| Line { organization, badge: *badge, connection: ConnectionId::new() })
        .collect();
    let node = Uuid::now_v7();
    connections::beat(tx, node, now.plus(Duration::from_secs(86_400))).await?;
    connections::note(tx, node, &lines, &[], now).await?;
    let new = announcements::New {
        audience: Audience::All,
        text: Some("Fire drill 11:00".to_owned()),
        document: Document::text("Fire drill 11:00").expect("a text"),
        findings: Vec::new(),
        level: Level::Urgent,
        valid_from: now,
        valid_until: now.plus(Duration::from_secs(3_600)),
        receipt_deadline: now.plus(Duration::from_secs(1_800)),
    };
    let announcement = announcements::create(tx, scope, &new, now).await?.id;
    let ack = |(number, badge): (usize, &BadgeId)| receipts::Ack {
        announcement,
        badge: *badge,
        organization,
        revision: 1,
        state: if number % 500 == 1 { State::Refused } else { State::Shown },
        crc: None,
        reason: None,
        at: now.plus(Duration::from_millis(300 + number as u64 / 10)),
    };
    receipts::store(tx, &on().map(ack).collect::<Vec<_>>()).await?;
    Ok(announcement)
}
