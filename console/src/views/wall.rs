//! The wall: what the fleet shows now, those first that want somebody.

use askama::Template;
use badgecast_domain::access::Right;

use super::Choice;
use crate::{
    Frame,
    clock::Stamp,
    figures::{Mosaic, Tile},
    parts::Icon,
};

/// The wall of a fleet.
#[derive(Debug, Template)]
#[template(path = "wall.html")]
pub struct Wall<'a> {
    pub frame: &'a Frame,
    /// Groups to look at; none when there are none.
    pub groups: Vec<Choice>,
    pub badges: u64,
    pub connected: u64,
    /// Those that want somebody though they are connected.
    pub troubled: u64,
    pub running: Vec<Running>,
    pub tiles: Vec<Tile>,
    /// How many are not drawn, and where they are.
    pub others: Option<(u64, String)>,
    /// For fleets that no wall of tiles can show.
    pub mosaic: Option<Mosaic>,
    /// Whether a group was chosen.
    pub chosen: bool,
    /// What to type to have badges made of software, for a fleet without any.
    pub simulator: Option<String>,
}

/// An announcement that is being shown.
#[derive(Debug, Clone)]
pub struct Running {
    pub href: String,
    pub text: String,
    pub level: badgecast_domain::layer::Level,
    pub until: Stamp,
}

impl Wall<'_> {
    /// What is said aloud when it changes.
    fn said(&self) -> String {
        let frame = self.frame;
        let on = frame.say("wall-on").with("count", self.connected).with("of", self.badges).to_string();
        match self.troubled {
            0 => on,
            count => format!("{on} {}", frame.say("wall-troubled").with("count", count)),
        }
    }

    /// How many stand how: icon, class, the key of the word, number.
    fn rows(&self) -> [(Icon, &'static str, &'static str, u64); 3] {
        let on = self.connected.saturating_sub(self.troubled);
        [
            (Icon::Bad, "refused", "wall-state-trouble", self.troubled),
            (Icon::Dashed, "pending", "wall-state-off", self.badges.saturating_sub(self.connected)),
            (Icon::Ok, "shown", "wall-state-on", on),
        ]
    }

    fn may_announce(&self) -> bool {
        self.frame.may(Right::Announce)
    }

    fn may_claim(&self) -> bool {
        self.frame.may(Right::ManageBadges)
    }
}

#[cfg(test)]
mod tests {
    use badgecast_domain::{access::Role, layer::Level, time::Moment};

    use super::*;
    use crate::{
        Language,
        figures::Counts,
        views::whole::{frame, whole},
    };

    #[test]
    fn the_wall_is_whole_and_tells_how_the_fleet_stands() {
        for language in Language::ALL {
            let frame = frame(Role::Manager, language);
            let counts = Counts { shown: 9_000, pending: 999, refused: 1, ..Counts::default() };
            let wall = Wall {
                frame: &frame,
                groups: vec![Choice {
                    value: "/wall".to_owned(),
                    name: "<All>".to_owned(),
                    badges: 1,
                    chosen: true,
                }],
                badges: 10_000,
                connected: 9_001,
                troubled: 1,
                running: vec![Running {
                    href: "/announcements/i".to_owned(),
                    text: "Hi".to_owned(),
                    level: Level::Urgent,
                    until: frame.stamp(Moment::from_s(1_795_690_000)),
                }],
                tiles: Vec::new(),
                others: Some((168, "/wall?all=yes".to_owned())),
                mosaic: Some(Mosaic::of(counts)),
                chosen: false,
                simulator: None,
            };
            assert!(whole(&wall).len() < 40_000);
            assert_eq!(wall.rows().map(|(_, _, _, count)| count), [1, 999, 9_000]);
            let simulator = Some("badgecast-simulator --badges 20".to_owned());
            let empty = whole(&Wall { badges: 0, mosaic: None, simulator, ..wall });
            assert!(empty.contains("data-copy=\"simulator\"") && empty.contains("--badges 20"));
        }
    }
}
