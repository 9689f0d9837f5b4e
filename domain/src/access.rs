//! Who may do what: roles, OAuth scopes, and the one table that joins them.
//!
//! A [`Right`] is a row of that table. Code that acts asks for a right, never for a role; "own badge" is not a
//! scope but row ownership, and is checked on every object where the row is read.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// What a person is in their organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Admin,
    Manager,
    Receptionist,
    Auditor,
}

impl Role {
    pub const ALL: [Self; 4] = [Self::Admin, Self::Manager, Self::Receptionist, Self::Auditor];

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Manager => "manager",
            Self::Receptionist => "receptionist",
            Self::Auditor => "auditor",
        }
    }

    /// Every scope a token of this role may carry.
    #[must_use]
    pub fn scopes(self) -> Scopes {
        Right::ALL.into_iter().filter(|right| right.held_by(self)).map(Right::scope).collect()
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Role {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::ALL.into_iter().find(|role| role.name() == name).ok_or(UnknownName)
    }
}

/// No role or scope has this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown name")]
pub struct UnknownName;

/// What an access token may be used for (RFC 6749 section 3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Scope {
    BadgesRead,
    BadgesWrite,
    BadgesOwn,
    AnnouncementsWrite,
    UsersAdmin,
    AuditRead,
    DeviceConnect,
    /// Asks for an `id_token` (OpenID Connect Core 3.1.2.1). This one and the next three open no route but userinfo.
    OpenId,
    /// The name, at userinfo.
    Profile,
    /// The email address, at userinfo.
    Email,
    /// A refresh token for an OpenID client (OpenID Connect Core 11).
    OfflineAccess,
}

impl Scope {
    pub const ALL: [Self; 11] = [
        Self::BadgesRead,
        Self::BadgesWrite,
        Self::BadgesOwn,
        Self::AnnouncementsWrite,
        Self::UsersAdmin,
        Self::AuditRead,
        Self::DeviceConnect,
        Self::OpenId,
        Self::Profile,
        Self::Email,
        Self::OfflineAccess,
    ];

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::BadgesRead => "badges:read",
            Self::BadgesWrite => "badges:write",
            Self::BadgesOwn => "badges:own",
            Self::AnnouncementsWrite => "announcements:write",
            Self::UsersAdmin => "users:admin",
            Self::AuditRead => "audit:read",
            Self::DeviceConnect => "device:connect",
            Self::OpenId => "openid",
            Self::Profile => "profile",
            Self::Email => "email",
            Self::OfflineAccess => "offline_access",
        }
    }

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Scope {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::ALL.into_iter().find(|scope| scope.name() == name).ok_or(UnknownName)
    }
}

/// A set of scopes, written with single spaces between (RFC 6749 section 3.3).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Scopes(u16);

impl Scopes {
    pub const NONE: Self = Self(0);

    /// What a person's token may carry at most.
    pub const PEOPLE: Self = Self(
        Scope::BadgesRead.bit()
            | Scope::BadgesWrite.bit()
            | Scope::BadgesOwn.bit()
            | Scope::AnnouncementsWrite.bit()
            | Scope::UsersAdmin.bit()
            | Scope::AuditRead.bit(),
    );

    /// What any person may let a client know of them, whatever their role.
    pub const IDENTITY: Self =
        Self(Scope::OpenId.bit() | Scope::Profile.bit() | Scope::Email.bit() | Scope::OfflineAccess.bit());

    #[must_use]
    pub const fn only(scope: Scope) -> Self {
        Self(scope.bit())
    }

    #[must_use]
    pub const fn contains(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// True when `self` has every scope of `other`.
    #[must_use]
    pub const fn covers(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.contains(*scope))
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | scope.bit()))
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, scope) in self.iter().enumerate() {
            if i > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope.name())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scopes({self})")
    }
}

impl FromStr for Scopes {
    type Err = UnknownName;

    /// Any number of spaces between the names; a name nobody knows refuses the whole.
    fn from_str(text: &str) -> Result<Self, UnknownName> {
        text.split(' ').filter(|name| !name.is_empty()).map(str::parse).collect()
    }
}

impl Serialize for Scopes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Scopes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// A row of the access table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Right {
    /// Users, roles, clients, keys of others.
    ManagePeople,
    /// Register, claim, group, command, revoke badges; change any display.
    ManageBadges,
    /// Announce, withdraw.
    Announce,
    /// Read any badge, announcement, receipt.
    ReadFleet,
    /// Read and change the display of the badge they own.
    OwnBadge,
    /// Read the audit trail.
    ReadAudit,
    /// Be a badge: hold an MQTT connection, or poll.
    Connect,
}

impl Right {
    pub const ALL: [Self; 7] = [
        Self::ManagePeople,
        Self::ManageBadges,
        Self::Announce,
        Self::ReadFleet,
        Self::OwnBadge,
        Self::ReadAudit,
        Self::Connect,
    ];

    /// The access table itself: which role holds this right. People never connect as badges.
    #[must_use]
    pub const fn held_by(self, role: Role) -> bool {
        match self {
            Self::ManagePeople => matches!(role, Role::Admin),
            Self::ManageBadges | Self::Announce => matches!(role, Role::Admin | Role::Manager),
            Self::ReadFleet => matches!(role, Role::Admin | Role::Manager | Role::Auditor),
            Self::OwnBadge => matches!(role, Role::Admin | Role::Manager | Role::Receptionist),
            Self::ReadAudit => matches!(role, Role::Admin | Role::Auditor),
            Self::Connect => false,
        }
    }

    /// The scope a token needs to exercise this right.
    #[must_use]
    pub const fn scope(self) -> Scope {
        match self {
            Self::ManagePeople => Scope::UsersAdmin,
            Self::ManageBadges => Scope::BadgesWrite,
            Self::Announce => Scope::AnnouncementsWrite,
            Self::ReadFleet => Scope::BadgesRead,
            Self::OwnBadge => Scope::BadgesOwn,
            Self::ReadAudit => Scope::AuditRead,
            Self::Connect => Scope::DeviceConnect,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scopes_of_each_role_are_the_table() {
        let of = |role: Role| role.scopes().to_string();
        assert_eq!(
            of(Role::Admin),
            "badges:read badges:write badges:own announcements:write users:admin audit:read"
        );
        assert_eq!(of(Role::Manager), "badges:read badges:write badges:own announcements:write");
        assert_eq!(of(Role::Receptionist), "badges:own");
        assert_eq!(of(Role::Auditor), "badges:read audit:read");
    }

    #[test]
    fn nobody_but_a_badge_may_connect() {
        assert!(Role::ALL.into_iter().all(|role| !role.scopes().contains(Scope::DeviceConnect)));
    }

    #[test]
    fn scopes_are_read_and_written() {
        let scopes: Scopes = "audit:read  badges:read".parse().unwrap();
        assert_eq!(scopes.to_string(), "badges:read audit:read");
        assert_eq!("badges:read everything".parse::<Scopes>(), Err(UnknownName));
        assert!(Role::Admin.scopes().covers(scopes));
        assert!(!Role::Manager.scopes().covers(scopes));
        assert_eq!(Role::Manager.scopes().and(scopes), Scopes::only(Scope::BadgesRead));
        assert!("".parse::<Scopes>().unwrap().is_empty());
    }
}
