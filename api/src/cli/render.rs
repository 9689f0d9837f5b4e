//! `badgecast render`: one message in every form, without a server. What is printed is made in the domain.

use std::{
    io::{IsTerminal as _, Write as _},
    path::PathBuf,
    process::ExitCode,
};

use badgecast_domain::{
    display::{
        Motion, Panel,
        picture::Scale,
        print::{Form, Request, Source, print},
    },
    time::Moment,
};
use clap::Args;

use super::Failed;

#[derive(Debug, Args)]
pub struct Render {
    #[command(flatten)]
    source: What,
    /// left, right, up, down, fixed, animation, snowflake, picture, laser or auto
    #[arg(long, value_name = "E", default_value = "auto", value_parser = motion)]
    effect: Motion,
    /// 1 (slow) to 8 (fast)
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=8))]
    speed: u8,
    #[arg(long)]
    blink: bool,
    #[arg(long)]
    border: bool,
    /// 11x44, 12x48 or 11x55
    #[arg(long, value_name = "P", default_value = "11x44")]
    panel: Panel,
    /// frames, strip, wang, gif, png or text
    #[arg(long, value_name = "FORM", value_parser = form)]
    out: Form,
    /// Write there instead of to stdout
    #[arg(long, value_name = "F")]
    file: Option<PathBuf>,
    /// Time stamp of an upload, such as 2026-01-02T03:04:05Z; now when left out
    #[arg(long, value_name = "TIME")]
    date: Option<Moment>,
    /// Pixels from one LED to the next in pictures, 1 to 16
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=16))]
    scale: u32,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct What {
    /// The words
    #[arg(long, value_name = "T", allow_hyphen_values = true)]
    text: Option<String>,
    /// The pixels as the hardware has them, in hex: for each 8 columns a byte per row
    #[arg(long, value_name = "HEX")]
    columns: Option<String>,
}

fn motion(name: &str) -> Result<Motion, String> {
    Motion::from_name(name).ok_or_else(|| "no such effect".to_owned())
}

fn form(name: &str) -> Result<Form, String> {
    Form::from_name(name).ok_or_else(|| "no such form".to_owned())
}

pub(super) fn run(render: Render) -> Result<ExitCode, Failed> {
    let Render { source, effect, speed, blink, border, panel, out, file, date, scale } = render;
    let source = match (source.text, source.columns) {
        (Some(text), _) => Source::Text(text),
        (None, columns) => Source::Columns(columns.unwrap_or_default()),
    };
    let date = date.unwrap_or_else(|| std::time::SystemTime::now().into());
    let request = Request { source, effect, speed, blink, border, panel, date, scale: Scale::new(scale) };
    let bytes = print(&request, out).map_err(|error| Failed(error.to_string()))?;
    match file {
        Some(file) => std::fs::write(&file, bytes).map_err(Failed::at(&file.display().to_string()))?,
        None if out.is_binary() && std::io::stdout().is_terminal() => {
            return Err(Failed("a picture is no text: name a file with --file".to_owned()));
        }
        // A reader that went away is not our failure.
        None => drop(std::io::stdout().lock().write_all(&bytes)),
    }
    Ok(ExitCode::SUCCESS)
}
