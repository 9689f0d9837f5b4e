//! The results, for a terminal or for docs/performance.md.

use std::fmt::Write as _;

use crate::{
    contender::Kind,
    figures::{Figure, Samples, median},
    plan::{Field, Plan},
    whole::Measured,
};

/// The columns of the documentation; the terminal shows all.
const SHOWN: [Figure; 9] = [
    Figure::DeliveryCpu,
    Figure::Last,
    Figure::First,
    Figure::Memory,
    Figure::ConnectCpu,
    Figure::Gone,
    Figure::GoneCpu,
    Figure::BackCpu,
    Figure::Back,
];

/// The number of connections the ratios are wanted at.
const WANTED_AT: usize = 10_000;

pub(crate) struct Tables {
    markdown: bool,
    fields: Vec<(usize, Vec<(Kind, Samples)>)>,
    whole: Option<(usize, Result<Measured, String>, Samples)>,
}

/// One thing to be reached.
struct Goal {
    what: String,
    wanted: f64,
    reached: Vec<f64>,
}

impl Goal {
    fn new(what: impl Into<String>, wanted: f64, reached: Vec<f64>) -> Self {
        Self { what: what.into(), wanted, reached }
    }
}

impl Tables {
    pub(crate) fn new(plan: &Plan) -> Self {
        Self { markdown: plan.markdown, fields: Vec::new(), whole: None }
    }

    /// Takes the results in; they are shown at once, so that a race that is cut short has some.
    pub(crate) fn add(&mut self, field: &Field, results: Vec<(Kind, Samples)>) {
        for (kind, samples) in &results {
            eprintln!("\n{} at {}, median (least to most)", kind.name(), field.size);
            for figure in Figure::ALL {
                eprintln!("  {:<28}{}", figure.name(), spread(samples.of(figure), figure.decimals()));
            }
        }
        self.fields.push((field.size, results));
    }

    pub(crate) fn add_whole(&mut self, badges: usize, measured: Result<Measured, String>, floor: &Samples) {
        match &measured {
            Ok(measured) => eprintln!("{measured:?}"),
            Err(missing) => eprintln!("*** THE WHOLE SERVER WAS NOT MEASURED: {missing}"),
        }
        self.whole = Some((badges, measured, floor.clone()));
    }

    pub(crate) fn print(&self) {
        let (columns, goals) = (self.columns(), self.goals());
        if self.markdown {
            println!("{}\n{}", columns.join("\n"), self.whole_columns());
            println!("| | wanted | median | worst round |\n|---|---|---|---|");
        }
        for Goal { what, wanted, reached } in goals {
            let worst = reached.iter().copied().fold(0.0, f64::max);
            let Some(median) = median(reached) else { continue };
            if self.markdown {
                println!("| {what} | {wanted} | {median:.2} | {worst:.2} |");
            } else {
                let mark = if median > wanted {
                    "NO "
                } else if worst > wanted {
                    "not in every round"
                } else {
                    "yes"
                };
                println!("{what:<72} at most {wanted:>5}: {median:>7.2}, worst {worst:>7.2}  {mark}");
            }
        }
    }

    /// A line for each contender at each size.
    fn columns(&self) -> Vec<String> {
        let mut head = "| connections | ".to_owned();
        let mut rule = "|---|---|".to_owned();
        for figure in SHOWN {
            let _ = write!(head, "| {} ", figure.name());
            rule += "---|";
        }
        let mut lines = vec![head + "|", rule];
        for (size, results) in &self.fields {
            for (place, (kind, samples)) in results.iter().enumerate() {
                let size = if place == 0 { grouped(*size) } else { String::new() };
                let mut line = format!("| {size} | {} |", kind.name());
                for figure in SHOWN {
                    let decimals = figure.decimals();
                    let _ = match samples.median(figure) {
                        Some(median) => write!(line, " {median:.decimals$} |"),
                        None => write!(line, " |"),
                    };
                }
                lines.push(line);
            }
        }
        lines
    }

    fn whole_columns(&self) -> String {
        let Some((badges, Ok(whole), _)) = &self.whole else { return String::new() };
        format!(
            "| badges | CPU per badge, us | last has it, ms | all stored, ms | CPU per connect, us | all connected, ms | KB per badge |\n\
            |---|---|---|---|---|---|---|\n| {} | {} | {} | {} | {} | {} | {:.1} |\n",
            grouped(*badges),
            whole.broadcast_cpu_us,
            whole.broadcast_ms,
            whole.stored_ms,
            whole.connect_cpu_us,
            whole.connect_ms,
            whole.memory_kb
        )
    }

    fn goals(&self) -> Vec<Goal> {
        let mut goals = Vec::new();
        for (size, results) in &self.fields {
            // In the documentation the ratios are those that are wanted; a terminal may see all.
            if !self.markdown || *size == WANTED_AT {
                ratios(*size, results, &mut goals);
            }
            if let Some(tls) = of(results, Kind::BadgecastTls) {
                let what = format!("KB per connection with TLS, at {}", grouped(*size));
                goals.push(Goal::new(what, 25.0, tls.of(Figure::Memory).to_vec()));
                if let Some(mosquitto) = of(results, Kind::MosquittoTls) {
                    let what = "all back with sync, to Mosquitto's plain reconnect, both with TLS";
                    goals.push(Goal::new(what, 2.0, tls.ratios(mosquitto, Figure::Back)));
                }
            }
        }
        let at = |wanted: usize| {
            let field = self.fields.iter().find(|(size, _)| *size == wanted)?;
            of(&field.1, Kind::Badgecast)
        };
        if let (Some(small), Some(large)) = (at(1_000), at(18_000)) {
            for figure in [
                Figure::DeliveryCpu,
                Figure::FirstCpu,
                Figure::ConnectCpu,
                Figure::BackCpu,
                Figure::GoneCpu,
                Figure::Memory,
            ] {
                let grown =
                    large.median(figure).zip(small.median(figure)).map(|(large, small)| large / small);
                let what = format!("{}: at 18,000, to 1,000", figure.name());
                goals.push(Goal::new(what, 1.5, grown.into_iter().collect()));
            }
        }
        if let Some((badges, Ok(whole), floor)) = &self.whole {
            let cpu = floor.median(Figure::DeliveryCpu).map(|floor| whole.broadcast_cpu_us / floor);
            let what =
                format!("whole server at {}: CPU per badge, to the floor's delivery", grouped(*badges));
            goals.push(Goal::new(what, 4.0, cpu.into_iter().collect()));
            goals.push(Goal::new("all receipts stored, s", 5.0, vec![whole.stored_ms / 1e3]));
        }
        goals
    }
}

fn ratios(size: usize, results: &[(Kind, Samples)], goals: &mut Vec<Goal>) {
    let Some(badgecast) = of(results, Kind::Badgecast) else { return };
    let at = grouped(size);
    if let Some(floor) = of(results, Kind::Floor) {
        let mut to_floor = |figure: Figure, wanted| {
            let what = format!("{}, to the floor, at {at}", figure.name());
            goals.push(Goal::new(what, wanted, badgecast.ratios(floor, figure)));
        };
        to_floor(Figure::DeliveryCpu, 1.3);
        to_floor(Figure::Last, 1.3);
        to_floor(Figure::First, 2.0);
    }
    if let Some(mosquitto) = of(results, Kind::Mosquitto) {
        let mut to_mosquitto = |figure: Figure, wanted| {
            let what = format!("{}, to Mosquitto, at {at}", figure.name());
            goals.push(Goal::new(what, wanted, badgecast.ratios(mosquitto, figure)));
        };
        to_mosquitto(Figure::DeliveryCpu, 0.6);
        to_mosquitto(Figure::First, 1.0);
        to_mosquitto(Figure::Back, 2.0);
    }
    let mut alone = |figure: Figure, wanted| {
        let what = format!("{}, at {at}", figure.name());
        goals.push(Goal::new(what, wanted, badgecast.of(figure).to_vec()));
    };
    alone(Figure::Memory, 6.0);
    alone(Figure::BackCpu, 250.0);
}

fn of(results: &[(Kind, Samples)], wanted: Kind) -> Option<&Samples> {
    results.iter().find(|(kind, _)| *kind == wanted).map(|(_, samples)| samples)
}

fn spread(samples: &[f64], decimals: usize) -> String {
    let least = samples.iter().copied().fold(f64::INFINITY, f64::min);
    let most = samples.iter().copied().fold(0.0, f64::max);
    match median(samples.to_vec()) {
        Some(median) => format!("{median:.decimals$} ({least:.decimals$} to {most:.decimals$})"),
        None => "-".to_owned(),
    }
}

/// 18000 as 18,000.
fn grouped(number: usize) -> String {
    if number < 1_000 { number.to_string() } else { format!("{},{:03}", number / 1_000, number % 1_000) }
}
