//! What may stand on the command line.

use std::path::PathBuf;

use badgecast_simulator::faults::Share;
use clap::{Args, Parser, Subcommand};

/// Simulated LED name badges: they are registered, claimed and connected, and show what they are sent.
#[derive(Debug, Parser)]
#[command(name = "badgecast-simulator", version, args_conflicts_with_subcommands = true)]
#[command(subcommand_negates_reqs = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) other: Option<Other>,
    #[command(flatten)]
    pub(crate) fleet: Option<FleetArguments>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Other {
    /// A gateway with badges that cannot speak for themselves; it writes each one's program to a file.
    Gateway(GatewayArguments),
    /// A new badge: it shows a code, waits until somebody types it in the console, and is a member then.
    Claim(ClaimArguments),
    /// Measures the server with bare badges that acknowledge everything and light nothing.
    Load(LoadArguments),
}

#[derive(Debug, Args)]
pub(crate) struct FleetArguments {
    /// The server, such as http://127.0.0.1:8080.
    #[arg(long)]
    pub(crate) server: String,
    /// The email of a manager or an admin, who registers the badges.
    #[arg(long)]
    pub(crate) email: String,
    /// A file with the password; a line break at its end does not count.
    #[arg(long)]
    pub(crate) password_file: PathBuf,
    /// How many badges.
    #[arg(long, default_value_t = 24)]
    pub(crate) badges: usize,
    /// A share of the fleet that goes wrong, such as slow=0.1; may be repeated. One of slow, silent, refusing,
    /// flapping, wrong_clock, lying_crc.
    #[arg(long = "fault", value_name = "NAME=SHARE")]
    pub(crate) faults: Vec<Share>,
    /// The badges hold keys of their own and sign their way in, instead of a secret and tokens.
    #[arg(long)]
    pub(crate) keys: bool,
    /// Seconds to run once all are connected; without it until Ctrl-C.
    #[arg(long, value_name = "S")]
    pub(crate) duration: Option<u64>,
    /// Announce this to all badges once they are connected, wait until all have shown it, report and end.
    #[arg(long, value_name = "TEXT")]
    pub(crate) announce: Option<String>,
    /// The report as one line of JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct GatewayArguments {
    /// The server, such as http://127.0.0.1:8080.
    #[arg(long)]
    pub(crate) server: String,
    /// The email of a manager or an admin, who registers the badges.
    #[arg(long)]
    pub(crate) email: String,
    /// A file with the password; a line break at its end does not count.
    #[arg(long)]
    pub(crate) password_file: PathBuf,
    /// How many badges hang on it.
    #[arg(long, default_value_t = 4)]
    pub(crate) badges: usize,
    /// The folder for their programs, one file for each badge, named by its id.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// The habits of the badges: generic, open, vendor or ls32.
    #[arg(long, default_value = "generic", value_name = "NAME")]
    pub(crate) profile: String,
    /// Seconds to run; without it until Ctrl-C.
    #[arg(long, value_name = "S")]
    pub(crate) duration: Option<u64>,
}

#[derive(Debug, Args)]
pub(crate) struct ClaimArguments {
    /// The server, such as http://127.0.0.1:8080.
    #[arg(long)]
    pub(crate) server: String,
    /// A line of JSON whenever the panel lights something else, instead of words for people.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct LoadArguments {
    /// The server, such as http://127.0.0.1:8080.
    #[arg(long)]
    pub(crate) server: String,
    /// The email of a manager or an admin, who registers the badges.
    #[arg(long)]
    pub(crate) email: String,
    /// A file with the password; a line break at its end does not count.
    #[arg(long)]
    pub(crate) password_file: PathBuf,
    /// How many badges.
    #[arg(long, default_value_t = 1_000)]
    pub(crate) badges: usize,
    /// How often each thing is measured; the medians are reported.
    #[arg(long, default_value_t = 5)]
    pub(crate) rounds: usize,
    /// The server's process, if it runs on this machine, to count its CPU and memory.
    #[arg(long, value_name = "PID")]
    pub(crate) process: Option<u32>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_what_people_were_told() {
        Arguments::command().debug_assert();
        let parse = |words: &str| Arguments::try_parse_from(words.split(' '));
        let account = "--server http://127.0.0.1:1 --email m@example.org --password-file pw";
        let fleet = parse(&format!(
            "badgecast-simulator {account} --badges 9 --fault slow=0.1 --fault silent=0.2 --duration 5 --json"
        ));
        let fleet = fleet.unwrap().fleet.unwrap();
        assert_eq!((fleet.badges, fleet.faults.len(), fleet.duration, fleet.json), (9, 2, Some(5), true));
        let gateway = parse(&format!("badgecast-simulator gateway {account} --out here")).unwrap();
        assert!(matches!(gateway.other, Some(Other::Gateway(gateway)) if gateway.badges == 4));
        assert!(parse("badgecast-simulator --badges 9").is_err(), "a server is needed");
        assert!(parse(&format!("badgecast-simulator {account} --fault sloth=1")).is_err());
    }
}
