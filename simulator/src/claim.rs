//! `badgecast-simulator claim`: a badge nobody owns. It shows a code, a new one whenever the last has run out, and once a
//! person has typed it, whatever the server says.

use std::{
    io::{self, Write as _},
    process::ExitCode,
    time::Duration,
};

use badgecast_domain::{
    display::{Frame, Panel},
    id::BadgeId,
};
use badgecast_simulator::{Badge, Identity, Model, Server, Setup, Unclaimed, server::CallError, wall};
use tokio::time::{Instant, interval};

use crate::{Fatal, arguments::ClaimArguments};

/// How often the panel is looked at to say what it lights: a step of moving text takes longer.
const LOOK: Duration = Duration::from_millis(40);

pub(crate) async fn run(arguments: ClaimArguments) -> Result<ExitCode, Fatal> {
    let (server, model) = (Server::at(&arguments.server)?, Model::default());
    let mut said = Said { json: arguments.json, panel: model.panel, last: None };
    let identity = tokio::select! {
        claimed = claimed(&server, &model, &mut said) => claimed?,
        _ = tokio::signal::ctrl_c() => return Ok(ExitCode::FAILURE),
    };
    said.claimed(identity.badge)?;
    let badge = Badge::switch_on(&server, identity, Setup::default());
    let watch = async {
        let mut looks = interval(LOOK);
        loop {
            looks.tick().await;
            let lit = badge.look(|state| state.frame_at(Instant::now()));
            if let Err(error) = said.lit(lit) {
                break error;
            }
        }
    };
    tokio::select! {
        // Nobody listens any more.
        error = watch => return Err(error.into()),
        ended = tokio::signal::ctrl_c() => ended?,
    }
    badge.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// Shows codes until one of them was typed.
async fn claimed(server: &Server, model: &Model, said: &mut Said) -> Result<Identity, Fatal> {
    loop {
        let unclaimed = Unclaimed::start(server, model).await?;
        let player = unclaimed.player();
        said.code(player.frame_at(player.first_lit_ms(0).unwrap_or_default()), &unclaimed)?;
        match unclaimed.claimed().await {
            Ok(identity) => return Ok(identity),
            // Nobody came in time: the next code.
            Err(CallError::Refused(problem)) if problem.error.as_deref() == Some("expired_token") => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// What is printed: for people, or a line of JSON whenever the panel lights something else.
struct Said {
    json: bool,
    panel: Panel,
    last: Option<Frame>,
}

impl Said {
    fn code(&mut self, lit: Frame, unclaimed: &Unclaimed) -> io::Result<()> {
        if self.json {
            return self.lit(lit);
        }
        let mut out = io::stdout();
        writeln!(out, "{}\n", wall::lines(&lit, self.panel).join("\n"))?;
        writeln!(out, "Type {} at {}", unclaimed.user_code(), unclaimed.verification_uri())
    }

    fn claimed(&mut self, badge: BadgeId) -> io::Result<()> {
        let mut out = io::stdout();
        if self.json {
            return writeln!(out, "{}", serde_json::json!({ "claimed": badge }));
        }
        writeln!(out, "Claimed as badge {badge}; Ctrl-C switches it off")
    }

    /// `{"panel","rows"}`: a text per row of LEDs, `#` for one that is lit.
    fn lit(&mut self, lit: Frame) -> io::Result<()> {
        if !self.json || self.last.as_ref() == Some(&lit) {
            return Ok(());
        }
        let led = |row, x| if lit.is_lit(x, row) { '#' } else { '.' };
        let row = |row| (0..self.panel.columns()).map(|x| led(row, x)).collect::<String>();
        let rows: Vec<String> = (0..self.panel.rows()).map(row).collect();
        let mut out = io::stdout();
        writeln!(out, "{}", serde_json::json!({ "panel": self.panel.name(), "rows": rows }))?;
        self.last = Some(lit);
        out.flush()
    }
}
