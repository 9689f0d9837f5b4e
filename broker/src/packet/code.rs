//! Reason codes (MQTT 5.0 section 2.4) that this server sends, and what is left of them in 3.1.1.

/// Why something was refused or ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub(crate) enum Code {
    Success = 0x00,
    /// In UNSUBACK: there was nothing to end.
    NoSubscription = 0x11,
    Unspecified = 0x80,
    Malformed = 0x81,
    Protocol = 0x82,
    UnsupportedVersion = 0x84,
    BadClientId = 0x85,
    BadCredentials = 0x86,
    NotAuthorized = 0x87,
    Unavailable = 0x88,
    Busy = 0x89,
    Banned = 0x8a,
    ShuttingDown = 0x8b,
    BadMethod = 0x8c,
    KeepAlive = 0x8d,
    TakenOver = 0x8e,
    BadFilter = 0x8f,
    BadTopic = 0x90,
    UnknownId = 0x92,
    TooManyInFlight = 0x93,
    TopicAlias = 0x94,
    TooLarge = 0x95,
    TooFast = 0x96,
    Quota = 0x97,
    Administrative = 0x98,
    BadPayload = 0x99,
    NoRetain = 0x9a,
    NoShared = 0x9e,
    ConnectsTooFast = 0x9f,
    NoSubscriptionId = 0xa1,
}

impl Code {
    /// The return code of a 3.1.1 CONNACK (section 3.2.2.3); `None` where 3.1.1 can only close.
    pub(crate) const fn return_code(self) -> Option<u8> {
        Some(match self {
            Self::Success => 0,
            Self::UnsupportedVersion => 1,
            Self::BadClientId => 2,
            Self::Unavailable | Self::Busy | Self::Quota | Self::ConnectsTooFast | Self::ShuttingDown => 3,
            // Nothing but a password or a will makes a CONNECT too large.
            Self::BadCredentials | Self::TooLarge => 4,
            Self::NotAuthorized | Self::Banned | Self::BadPayload => 5,
            _ => return None,
        })
    }

    /// A sentence for the reason string.
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Success => "",
            Self::NoSubscription => "not subscribed",
            Self::Unspecified => "not accepted",
            Self::Malformed => "malformed packet",
            Self::Protocol => "protocol error",
            Self::UnsupportedVersion => "speak MQTT 3.1.1 or 5.0",
            Self::BadClientId => "the client id must be the badge's id",
            Self::BadCredentials => "the password is not a token",
            Self::NotAuthorized => "not authorized",
            Self::Unavailable => "try again later",
            Self::Busy => "what was said could not be stored; say it again",
            Self::Banned => "revoked",
            Self::ShuttingDown => "the server is shutting down",
            Self::BadMethod => "no enhanced authentication",
            Self::KeepAlive => "nothing heard for one and a half keep-alives",
            Self::TakenOver => "the same client connected again",
            Self::BadFilter => "not a topic filter",
            Self::BadTopic => "not a topic name",
            Self::UnknownId => "unknown packet identifier",
            Self::TooManyInFlight => "more in flight than the receive maximum",
            Self::TopicAlias => "no topic aliases",
            Self::TooLarge => "packet too large",
            Self::TooFast => "too many messages",
            Self::Quota => "too many connections, or nothing is read",
            Self::Administrative => "revoked",
            Self::BadPayload => "the payload is not of this topic's form",
            Self::NoRetain => "nothing is retained",
            Self::NoShared => "no shared subscriptions",
            Self::ConnectsTooFast => "too many connects; wait and try again",
            Self::NoSubscriptionId => "no subscription identifiers",
        }
    }
}
