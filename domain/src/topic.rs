//! The MQTT topics, written once.
//!
//! A badge says `me`, which its session resolves, so it cannot name another's topic and the bytes of a broadcast
//! are the same for all. A gateway names each badge it speaks for. Integrations read the `v1/orgs/..` tree.

use crate::id::{BadgeId, OrganizationId};

pub const SHOW: &str = "v1/me/show";
pub const COMMAND: &str = "v1/me/command";
pub const HELLO: &str = "v1/me/hello";
pub const ACK: &str = "v1/me/ack";
pub const TELEMETRY: &str = "v1/me/telemetry";
pub const TOKEN: &str = "v1/me/token";

/// Whom a badge's topic speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// `v1/me/..`: the badge of this very session.
    Me,
    /// `v1/badges/{badge}/..`: one of a gateway's badges.
    Badge(BadgeId),
}

/// What the server says to a badge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Down {
    Show,
    Command,
}

/// What a badge says to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Up {
    Hello,
    Ack,
    Telemetry,
    Token,
}

/// Reads a topic filter that a badge or gateway may subscribe to. Wildcards are nobody's.
#[must_use]
pub fn down(filter: &str) -> Option<(Of, Down)> {
    let (of, word) = split(filter)?;
    let down = match word {
        "show" => Down::Show,
        "command" => Down::Command,
        _ => return None,
    };
    Some((of, down))
}

/// Reads a topic that a badge or gateway may publish to. The token is always the connection's own.
#[must_use]
pub fn up(topic: &str) -> Option<(Of, Up)> {
    let (of, word) = split(topic)?;
    let up = match (of, word) {
        (_, "hello") => Up::Hello,
        (_, "ack") => Up::Ack,
        (_, "telemetry") => Up::Telemetry,
        (Of::Me, "token") => Up::Token,
        _ => return None,
    };
    Some((of, up))
}

/// The topic on which the server speaks to a badge, or to one badge of a gateway.
#[must_use]
pub fn to(of: Of, down: Down) -> String {
    let word = match down {
        Down::Show => "show",
        Down::Command => "command",
    };
    match of {
        Of::Me => format!("v1/me/{word}"),
        Of::Badge(badge) => format!("v1/badges/{badge}/{word}"),
    }
}

/// The topic on which a badge speaks to the server, or a gateway for one of its badges.
#[must_use]
pub fn from(of: Of, up: Up) -> String {
    let word = match up {
        Up::Hello => "hello",
        Up::Ack => "ack",
        Up::Telemetry => "telemetry",
        Up::Token => "token",
    };
    match of {
        Of::Me => format!("v1/me/{word}"),
        Of::Badge(badge) => format!("v1/badges/{badge}/{word}"),
    }
}

fn split(topic: &str) -> Option<(Of, &str)> {
    if let Some(word) = topic.strip_prefix("v1/me/") {
        return Some((Of::Me, word));
    }
    let (badge, word) = topic.strip_prefix("v1/badges/")?.split_once('/')?;
    let id: BadgeId = badge.parse().ok()?;
    // One spelling per badge, so that a subscription can be compared as text.
    (id.to_string() == badge).then_some((Of::Badge(id), word))
}

/// What integrations can read of a badge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Seen {
    Presence,
    Display,
    Ack,
    Telemetry,
}

impl Seen {
    pub const ALL: [Self; 4] = [Self::Presence, Self::Display, Self::Ack, Self::Telemetry];

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Presence => "presence",
            Self::Display => "display",
            Self::Ack => "ack",
            Self::Telemetry => "telemetry",
        }
    }
}

/// The topic on which integrations of one organization read one badge.
#[must_use]
pub fn seen(organization: OrganizationId, badge: BadgeId, what: Seen) -> String {
    format!("v1/orgs/{organization}/badges/{badge}/{}", what.name())
}

/// Whose badge such a topic speaks of, and what it tells.
#[must_use]
pub fn speaks_of(topic: &str) -> Option<(OrganizationId, BadgeId, Seen)> {
    let (organization, rest) = topic.strip_prefix("v1/orgs/")?.split_once("/badges/")?;
    let (badge, name) = rest.split_once('/')?;
    let what = Seen::ALL.into_iter().find(|what| what.name() == name)?;
    Some((organization.parse().ok()?, badge.parse().ok()?, what))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_integrations_read_is_told_by_its_topic() {
        let (organization, badge) = (OrganizationId::new(), BadgeId::new());
        for what in Seen::ALL {
            let topic = seen(organization, badge, what);
            assert_eq!(speaks_of(&topic), Some((organization, badge, what)));
            assert_eq!(speaks_of(&format!("{topic}/more")), None);
        }
        for other in ["", "v1/orgs/x/badges/y/ack", "v1/me/ack", "v1/orgs//badges//presence"] {
            assert_eq!(speaks_of(other), None, "{other}");
        }
    }

    #[test]
    fn a_badge_may_name_only_itself() {
        assert_eq!(down(SHOW), Some((Of::Me, Down::Show)));
        assert_eq!(down(COMMAND), Some((Of::Me, Down::Command)));
        for filter in [
            "#",
            "+",
            "v1/#",
            "v1/me/#",
            "v1/me/+",
            "v1/+/show",
            "v1/badges/+/show",
            HELLO,
            ACK,
            "",
            "/",
            "v1/me",
            "v1/me/",
        ] {
            assert_eq!(down(filter), None, "{filter}");
        }
    }

    #[test]
    fn a_badge_may_say_four_things() {
        assert_eq!(up(HELLO), Some((Of::Me, Up::Hello)));
        assert_eq!(up(ACK), Some((Of::Me, Up::Ack)));
        assert_eq!(up(TELEMETRY), Some((Of::Me, Up::Telemetry)));
        assert_eq!(up(TOKEN), Some((Of::Me, Up::Token)));
        for topic in [SHOW, COMMAND, "$SYS/x", "v1/me/ack/x", "é/x", ""] {
            assert_eq!(up(topic), None, "{topic}");
        }
    }

    #[test]
    fn a_gateway_names_its_badges_in_one_spelling() {
        let badge = BadgeId::new();
        let topic = to(Of::Badge(badge), Down::Show);
        assert_eq!(down(&topic), Some((Of::Badge(badge), Down::Show)));
        assert_eq!(
            down(&topic.to_uppercase().replace("V1/BADGES", "v1/badges").replace("SHOW", "show")),
            None
        );
        assert_eq!(up(&from(Of::Badge(badge), Up::Hello)), Some((Of::Badge(badge), Up::Hello)));
        assert_eq!(up(&from(Of::Badge(badge), Up::Token)), None);
    }
}
