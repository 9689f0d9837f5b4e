//! The proof that someone may do something, as a value.
//!
//! A [`Scope`] is made from a caller who holds the right, or by the house itself for work nobody asked for. Every
//! function that touches rows of an organization takes one: without a scope there is no query to call, and what a
//! scope does not reach does not exist (404).

use badgecast_domain::{
    access::Right,
    id::{BadgeId, ClientId, OrganizationId, UserId},
};
use uuid::Uuid;

use super::Caller;
use crate::problem::Problem;

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Actor {
    User(UserId),
    Badge(BadgeId),
    Client(ClientId),
    /// The house itself: the command line, and work that falls due.
    House,
}

impl Actor {
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::Badge(_) => "badge",
            Self::Client(_) => "client",
            Self::House => "house",
        }
    }

    /// The id, or the nil UUID for the house.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        match self {
            Self::User(id) => id.uuid(),
            Self::Badge(id) => id.uuid(),
            Self::Client(id) => id.uuid(),
            Self::House => Uuid::nil(),
        }
    }
}

/// Which rows of the organization a scope sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    Organization,
    /// Only what belongs to the badge this user owns.
    Owner(UserId),
    /// Only this badge.
    Badge(BadgeId),
}

/// The proof.
#[derive(Debug, Clone, Copy)]
pub struct Scope {
    organization: OrganizationId,
    actor: Actor,
    reach: Reach,
}

impl Scope {
    /// The house acts on its own, for one organization.
    #[must_use]
    pub const fn house(organization: OrganizationId) -> Self {
        Self { organization, actor: Actor::House, reach: Reach::Organization }
    }

    /// A person who has shown who they are on one of our own pages, which has asked their role itself.
    #[must_use]
    pub(crate) const fn on_page(organization: OrganizationId, user: UserId) -> Self {
        Self { organization, actor: Actor::User(user), reach: Reach::Organization }
    }

    /// The same person, as owner of their badge.
    #[must_use]
    pub(crate) const fn owned(self) -> Self {
        match self.actor {
            Actor::User(user) => Self { reach: Reach::Owner(user), ..self },
            _ => self,
        }
    }

    #[must_use]
    pub const fn organization(&self) -> OrganizationId {
        self.organization
    }

    #[must_use]
    pub const fn actor(&self) -> Actor {
        self.actor
    }

    #[must_use]
    pub const fn reach(&self) -> Reach {
        self.reach
    }
}

impl Caller {
    /// The proof that this caller holds `right`, over the whole organization.
    ///
    /// # Errors
    /// 403 when the token does not carry the right's scope.
    pub fn may(&self, right: Right) -> Result<Scope, Problem> {
        self.holds(right).then(|| self.scope(Reach::Organization)).ok_or(Problem::forbidden(right))
    }

    /// The proof for reading a badge's display: anyone's with [`Right::ReadFleet`], else one's own.
    ///
    /// # Errors
    /// 403 without either right.
    pub fn may_read_display(&self) -> Result<Scope, Problem> {
        self.may(Right::ReadFleet).or_else(|_| self.may_own())
    }

    /// The proof for changing a badge's display: anyone's with [`Right::ManageBadges`], else one's own.
    ///
    /// # Errors
    /// 403 without either right.
    pub fn may_change_display(&self) -> Result<Scope, Problem> {
        self.may(Right::ManageBadges).or_else(|_| self.may_own())
    }

    /// The proof for the badge the caller owns.
    ///
    /// # Errors
    /// 403 for anyone who cannot own a badge.
    pub fn may_own(&self) -> Result<Scope, Problem> {
        match self.actor() {
            Actor::User(user) if self.holds(Right::OwnBadge) => Ok(self.scope(Reach::Owner(user))),
            _ => Err(Problem::forbidden(Right::OwnBadge)),
        }
    }

    /// The proof for looking at the badge the caller owns: also for those who may look at any.
    ///
    /// # Errors
    /// 403 for anyone else.
    pub fn may_read_own(&self) -> Result<Scope, Problem> {
        match self.actor() {
            Actor::User(user) if self.holds(Right::OwnBadge) || self.holds(Right::ReadFleet) => {
                Ok(self.scope(Reach::Owner(user)))
            }
            _ => Err(Problem::forbidden(Right::OwnBadge)),
        }
    }

    /// The proof for a badge that asks for itself.
    ///
    /// # Errors
    /// 403 for anyone who is not a badge.
    pub fn may_connect(&self) -> Result<(Scope, BadgeId), Problem> {
        match self.actor() {
            Actor::Badge(badge) if self.holds(Right::Connect) => Ok((self.scope(Reach::Badge(badge)), badge)),
            _ => Err(Problem::forbidden(Right::Connect)),
        }
    }

    fn holds(&self, right: Right) -> bool {
        self.scopes().contains(right.scope())
    }

    fn scope(&self, reach: Reach) -> Scope {
        Scope { organization: self.organization(), actor: self.actor(), reach }
    }
}
