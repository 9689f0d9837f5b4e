//! Security events: what they are called, what they are about, and what was done about them.

use std::fmt::Write as _;

use badgecast_domain::id::{OrganizationId, TokenId};
use uuid::Uuid;

use crate::auth::{Actor, peer::Network};

/// What looks like theft, or like an attempt at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Wrong passwords for one account, from wherever; told at every doubling.
    LoginGuessing,
    /// Wrong passwords from one network, for whomever; told at every doubling.
    NetworkGuessing,
    /// Many accounts tried from one network; told at every doubling.
    CredentialStuffing,
    /// Wrong codes of devices, typed by one person.
    CodeGuessing,
    /// A person signed in from a network they never signed in from.
    NewNetwork,
    /// A person signed in with a browser they never signed in with.
    NewBrowser,
    /// More requests a minute than anyone needs.
    RequestRate,
    /// One token or session used from two networks within seconds.
    TwoNetworks,
    /// A refresh token used twice: its family has ended.
    RefreshReuse,
    /// An authorization code used twice: what it gave has ended.
    CodeReuse,
    /// A proof of possession or an assertion shown twice.
    ReplayedProof,
    /// An API key used from a network it was never used from.
    KeyNetwork,
    /// A session's cookie used by another browser than the one that signed in.
    SessionBrowser,
    /// A token that was revoked, used again.
    RevokedToken,
    /// The audit trail lacks an entry this node has seen in it.
    TrailBroken,
}

impl Kind {
    pub const ALL: [Self; 15] = [
        Self::LoginGuessing,
        Self::NetworkGuessing,
        Self::CredentialStuffing,
        Self::CodeGuessing,
        Self::NewNetwork,
        Self::NewBrowser,
        Self::RequestRate,
        Self::TwoNetworks,
        Self::RefreshReuse,
        Self::CodeReuse,
        Self::ReplayedProof,
        Self::KeyNetwork,
        Self::SessionBrowser,
        Self::RevokedToken,
        Self::TrailBroken,
    ];

    /// Those that a setting may make revoke the credential they are about: it is there, it counts, and whoever shows it
    /// may not be its owner.
    pub const REVOCABLE: [Self; 4] =
        [Self::TwoNetworks, Self::RequestRate, Self::KeyNetwork, Self::SessionBrowser];

    /// The word for it in settings, metrics, the audit trail (behind `security.`) and events.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LoginGuessing => "login_guessing",
            Self::NetworkGuessing => "network_guessing",
            Self::CredentialStuffing => "credential_stuffing",
            Self::CodeGuessing => "code_guessing",
            Self::NewNetwork => "new_network",
            Self::NewBrowser => "new_browser",
            Self::RequestRate => "request_rate",
            Self::TwoNetworks => "two_networks",
            Self::RefreshReuse => "refresh_reuse",
            Self::CodeReuse => "code_reuse",
            Self::ReplayedProof => "replayed_proof",
            Self::KeyNetwork => "key_network",
            Self::SessionBrowser => "session_browser",
            Self::RevokedToken => "revoked_token",
            Self::TrailBroken => "trail_broken",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// What a caller showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Credential {
    Token(TokenId),
    ApiKey(Uuid),
    Session(Uuid),
}

impl Credential {
    #[must_use]
    pub const fn id(self) -> Uuid {
        match self {
            Self::Token(id) => id.uuid(),
            Self::ApiKey(id) | Self::Session(id) => id,
        }
    }

    const fn kind(self) -> &'static str {
        match self {
            Self::Token(_) => "token",
            Self::ApiKey(_) => "api_key",
            Self::Session(_) => "session",
        }
    }
}

/// What is done about an event, besides writing it down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reaction {
    /// Nothing: people are told.
    #[default]
    Alert,
    /// The credential ends: a person's token with its whole login.
    Revoke,
}

impl Reaction {
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Alert => "alert",
            Self::Revoke => "revoke",
        }
    }
}

/// One thing that was noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    pub kind: Kind,
    /// Whose trail it goes into; every organization's if it is about none.
    pub organization: Option<OrganizationId>,
    /// Whom it concerns; nobody if only a network is known.
    pub about: Option<Actor>,
    pub credential: Option<Credential>,
    pub network: Option<Network>,
    /// The network the same credential was used from just before.
    pub before: Option<Network>,
    /// How many failures, accounts or requests it took.
    pub count: Option<u32>,
    pub reaction: Reaction,
}

impl Event {
    /// About somebody of an organization.
    #[must_use]
    pub const fn about(kind: Kind, organization: OrganizationId, actor: Actor) -> Self {
        Self { organization: Some(organization), about: Some(actor), ..Self::nobody(kind) }
    }

    /// About an organization as a whole.
    #[must_use]
    pub const fn of(kind: Kind, organization: OrganizationId) -> Self {
        Self { organization: Some(organization), ..Self::nobody(kind) }
    }

    /// About nobody anyone knows.
    #[must_use]
    pub const fn nobody(kind: Kind) -> Self {
        Self {
            kind,
            organization: None,
            about: None,
            credential: None,
            network: None,
            before: None,
            count: None,
            reaction: Reaction::Alert,
        }
    }

    #[must_use]
    pub const fn with(self, credential: Credential) -> Self {
        Self { credential: Some(credential), ..self }
    }

    #[must_use]
    pub const fn from(self, network: Network) -> Self {
        Self { network: Some(network), ..self }
    }

    #[must_use]
    pub const fn counted(self, count: u32) -> Self {
        Self { count: Some(count), ..self }
    }

    #[must_use]
    pub const fn answered(self, reaction: Reaction) -> Self {
        Self { reaction, ..self }
    }

    /// As the audit trail says it: `name=value`, separated by spaces. Ids, networks and figures; nothing anybody typed.
    #[must_use]
    pub fn detail(&self) -> String {
        let mut detail = format!("reaction={}", self.reaction.name());
        // Writing to a string cannot fail.
        if let Some(credential) = self.credential {
            let _ = write!(detail, " {}={}", credential.kind(), credential.id());
        }
        if let Some(network) = self.network {
            let _ = write!(detail, " network={network}");
        }
        if let Some(before) = self.before {
            let _ = write!(detail, " before={before}");
        }
        if let Some(count) = self.count {
            let _ = write!(detail, " count={count}");
        }
        detail
    }
}

#[cfg(test)]
mod tests {
    use badgecast_domain::id::UserId;

    use super::*;

    #[test]
    fn every_kind_is_read_back_from_its_name() {
        for kind in Kind::ALL {
            assert_eq!(Kind::of(kind.name()), Some(kind));
        }
        assert_eq!(Kind::of("weather"), None);
    }

    #[test]
    fn the_trail_is_told_ids_networks_and_figures() {
        let token = TokenId::from_uuid(Uuid::nil());
        let network = |text: &str| Network::of(text.parse().unwrap());
        let event = Event::about(Kind::TwoNetworks, OrganizationId::new(), Actor::User(UserId::new()))
            .with(Credential::Token(token))
            .from(network("192.0.2.7"))
            .counted(2);
        let event = Event { before: Some(network("2001:db8::1")), ..event }.answered(Reaction::Revoke);
        assert_eq!(
            event.detail(),
            "reaction=revoke token=00000000-0000-0000-0000-000000000000 network=192.0.2.0/24 before=2001:db8:0::/48 count=2"
        );
        assert_eq!(Event::nobody(Kind::NetworkGuessing).detail(), "reaction=alert");
    }
}
