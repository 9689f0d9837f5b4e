//! The race: everyone side by side, in one run.
//!
//! `cargo bench -p badgecast-broker --bench race -- [N..] [--tls N] [--receipts N] [--with NAME] [--only NAME]
//! [--rounds R] [--minutes M] [--markdown] [--under 'PROGRAM ARGUMENTS']`
//!
//! | word | means |
//! |---|---|
//! | `N..` | numbers of connections; 1000 and 10000 if nothing is said |
//! | `--tls N` | the same behind TLS at N |
//! | `--receipts N` | the whole server with N badges that say `held` and `shown`, receipts stored on SQLite |
//! | `--with NAME` | also `rumqttd` (stock 0.20; minutes at 10,000) or `rmqttd` (0.24; docs/performance.md says how to install it) |
//! | `--only NAME` | nobody but `floor`, `badgecast`, `mosquitto`, ..; may be said again |
//! | `--rounds R` | how often all of it is done; medians are printed. 5 |
//! | `--minutes M` | after so long no new round begins. 25 |
//! | `--markdown` | the tables as they stand in docs/performance.md |
//! | `--under P` | badgecast runs under this program, such as a profiler |
//!
//! Every contender is a process of its own, and so are its clients; this process only gives orders and reads what the
//! kernel counted. In each round all contenders are there at once and take turns at every discipline, so that whatever
//! else the machine does meets them alike, and a ratio compares neighbours in time.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a bench talks to a terminal, has nobody to hand its errors to, and no tasks that a wait could block"
)]

mod badgecast;
mod contender;
mod course;
mod crowd;
mod figures;
mod floor;
mod foreign;
mod plan;
mod process;
mod rumqttd;
mod table;
mod whole;

use contender::Kind;
use plan::{Field, Plan};

fn main() {
    let mut words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    // The processes of the race are this program, too.
    if words.first().is_some_and(|word| word == "serve" || word == "crowd") {
        let role = words.remove(0);
        return if role == "crowd" { crowd::run(&words) } else { serve(&words) };
    }
    let plan = Plan::parse(words.into_iter());
    let mut tables = table::Tables::new(&plan);
    for field in plan.fields() {
        let results = course::run(&plan, &field);
        tables.add(&field, results);
    }
    if let Some(badges) = plan.receipts {
        let floor = Field { size: badges, kinds: vec![Kind::Floor] };
        let floor = course::run(&plan, &floor).remove(0).1;
        tables.add_whole(badges, whole::run(&plan, badges), &floor);
    }
    tables.print();
}

/// `serve NAME SIZE`: one of our own contenders.
fn serve(words: &[String]) {
    let size = words[1].parse().unwrap();
    match Kind::named(&words[0]).unwrap() {
        Kind::Floor => floor::serve(),
        Kind::Badgecast => badgecast::serve(size, false),
        Kind::BadgecastTls => badgecast::serve(size, true),
        Kind::Rumqttd => rumqttd::serve(size),
        foreign => panic!("{} is a program of its own", foreign.name()),
    }
}
