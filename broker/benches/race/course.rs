//! The disciplines, and who takes its turn when.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

use crate::{
    contender::{Contender, Kind},
    crowd::Crowd,
    figures::{Figure, Samples},
    plan::{Field, Plan},
};

/// How many broadcasts each round has.
const BROADCASTS: usize = 3;

/// Nobody needs longer to close its sockets.
const GONE_WITHIN: Duration = Duration::from_secs(60);

/// A contender with its clients, for one round.
struct Runner {
    contender: Contender,
    crowd: Crowd,
    empty_kb: f64,
    empty_files: u64,
    samples: Samples,
}

/// All rounds of one field.
pub(crate) fn run(plan: &Plan, field: &Field) -> Vec<(Kind, Samples)> {
    let mut results: Vec<(Kind, Samples)> =
        field.kinds.iter().map(|kind| (*kind, Samples::default())).collect();
    for round in 0..plan.rounds {
        if round > 0 && !plan.goes_on() {
            eprintln!("{}: the time is over after {round} rounds", field.size);
            break;
        }
        eprintln!("{} connections, round {} of {}", field.size, round + 1, plan.rounds);
        let mut runners = Vec::new();
        for kind in &field.kinds {
            // One round of who takes minutes has to do.
            if round > 0 && kind.takes_minutes() {
                continue;
            }
            match Runner::start(*kind, field.size, plan) {
                Ok(runner) => runners.push(runner),
                Err(missing) => eprintln!("*** {} DOES NOT RACE: {missing}", kind.name()),
            }
        }
        let count = runners.len().max(1);
        runners.rotate_left(round % count);
        let whole = catch_unwind(AssertUnwindSafe(|| everyone(&mut runners, field.size)));
        if whole.is_err() {
            eprintln!("*** ROUND {} IS LOST, none of it counts", round + 1);
            continue;
        }
        for runner in runners {
            let place = results.iter_mut().find(|(kind, _)| *kind == runner.contender.kind);
            place.unwrap().1.extend(runner.samples);
        }
    }
    results.retain(|(_, samples)| !samples.of(Figure::Connected).is_empty());
    results
}

fn everyone(runners: &mut [Runner], size: usize) {
    let per = |cpu: Duration| cpu.as_secs_f64() * 1e6 / size as f64;
    for runner in &mut *runners {
        let (time, cpu) = runner.measure(|runner| runner.crowd.connect());
        runner.samples.add(Figure::Connected, time.as_secs_f64());
        runner.samples.add(Figure::ConnectCpu, per(cpu));
        let kb = runner.contender.process.memory_kb() - runner.empty_kb;
        runner.samples.add(Figure::Memory, kb / size as f64);
    }
    for runner in &mut *runners {
        let (time, cpu) = runner.measure(|runner| {
            runner.crowd.expect();
            runner.contender.each();
            runner.crowd.done();
        });
        runner.samples.add(Figure::First, ms(time));
        runner.samples.add(Figure::FirstCpu, per(cpu));
    }
    for _ in 0..BROADCASTS {
        for runner in &mut *runners {
            let (time, cpu) = runner.measure(|runner| {
                runner.crowd.expect();
                runner.contender.broadcast();
                runner.crowd.done();
            });
            runner.samples.add(Figure::Last, ms(time));
            runner.samples.add(Figure::DeliveryCpu, per(cpu));
        }
    }
    for runner in &mut *runners {
        let (time, cpu) = runner.measure(|runner| {
            let began = Instant::now();
            runner.crowd.leave();
            while runner.contender.process.open_files() > runner.empty_files && began.elapsed() < GONE_WITHIN
            {
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        runner.samples.add(Figure::Gone, ms(time));
        runner.samples.add(Figure::GoneCpu, per(cpu));
    }
    for runner in &mut *runners {
        let (time, cpu) = runner.measure(|runner| runner.crowd.come_back());
        runner.samples.add(Figure::Back, time.as_secs_f64());
        runner.samples.add(Figure::BackCpu, per(cpu));
        let kb = runner.contender.process.memory_kb() - runner.empty_kb;
        runner.samples.add(Figure::MemoryAfter, kb / size as f64);
    }
}

impl Runner {
    fn start(kind: Kind, size: usize, plan: &Plan) -> Result<Self, String> {
        let contender = Contender::start(kind, size, plan)?;
        let crowd = Crowd::of(&contender);
        contender.process.settle();
        let (empty_kb, empty_files) = (contender.process.memory_kb(), contender.process.open_files());
        Ok(Self { contender, crowd, empty_kb, empty_files, samples: Samples::default() })
    }

    /// How long it took, and the contender's CPU until it was quiet again.
    fn measure(&mut self, what: impl FnOnce(&mut Self)) -> (Duration, Duration) {
        let (before, began) = (self.contender.process.cpu(), Instant::now());
        what(self);
        let time = began.elapsed();
        self.contender.process.settle();
        (time, self.contender.process.cpu() - before)
    }
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
