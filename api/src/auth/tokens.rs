//! Access tokens from the signature to the refusal: issued, verified, revoked, and the keys they are signed with.

mod grant;

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use badgecast_broker::{self as broker, Desk, End};
use badgecast_domain::{
    id::{BadgeId, FamilyId, OrganizationId, TokenId},
    time::Moment,
    token::{Audience, BADGE_TTL, Claims, Confirmation},
};
use jsonwebtoken::{Algorithm, Validation, decode, decode_header, encode, jwk::JwkSet};
use sea_orm::ConnectionTrait;
use tokio::sync::watch;
use uuid::{NoContext, Timestamp, Uuid};
use zeroize::Zeroizing;

pub use self::grant::Grant;
use super::{
    cache::Cache,
    keys::{self, Ring, SigningKey, Term, Use},
    revocation::{Revocation, Revocations, Standing, Whom},
    seal::{self, CannotOpen, SealingKey},
    verifier::{LEEWAY, Refused, Verifier, for_audience, in_time, ours},
};
use crate::oauth::id_token;
use crate::tables::{
    Error, Tx,
    changes::{self, Kind},
    refresh, revocations as rows, sessions, signing_keys,
};

/// The `typ` of an `id_token`: not that of an access token, so neither passes for the other.
const ID_TOKEN_TYPE: &str = "JWT";

/// A revocation is kept until the longest-lived token it could meet has expired, with room for clocks.
const KEPT_FOR: Duration = Duration::from_secs(2 * BADGE_TTL.as_secs());

/// An access token on its way out.
#[derive(Debug)]
pub struct Issued {
    pub token: Zeroizing<String>,
    pub claims: Claims,
}

/// What the tokens of this installation need to know.
#[derive(Debug)]
pub struct Settings {
    /// `iss` of every token; at most 48 bytes.
    pub issuer: String,
    /// Encrypts the private keys at rest.
    pub sealing: Option<SealingKey>,
    /// Test keys instead of normal ones.
    pub test_keys: bool,
}

/// Why the tokens cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum CannotSign {
    #[error("signing key {kid}: {why}")]
    Sealed { kid: String, why: CannotOpen },
    #[error("signing key {kid} is damaged")]
    Damaged { kid: String },
    #[error("there is no signing key")]
    NoKey,
    #[error(transparent)]
    Database(#[from] Error),
}

/// The access tokens of this installation.
#[derive(Debug)]
pub struct Tokens {
    issuer: String,
    key_use: Use,
    sealing: Option<SealingKey>,
    ring: RwLock<Arc<Ring>>,
    verifier: Verifier,
    cache: Cache,
    revocations: Revocations,
}

impl Tokens {
    /// Loads keys and revocations; makes the first keys.
    ///
    /// # Errors
    /// See [`CannotSign`].
    pub async fn open(
        db: &impl ConnectionTrait,
        settings: Settings,
        now: Moment,
    ) -> Result<Self, CannotSign> {
        let Settings { issuer, sealing, test_keys } = settings;
        let tokens = Self {
            verifier: Verifier::new(&issuer),
            issuer,
            key_use: if test_keys { Use::Test } else { Use::Normal },
            sealing,
            ring: RwLock::default(),
            cache: Cache::default(),
            revocations: Revocations::default(),
        };
        tokens.tend(db, now).await?;
        tokens.revocations.learn(&rows::all(db, now).await?);
        Ok(tokens)
    }

    /// The `iss` of every token.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The key that encrypts secrets at rest, if there is one.
    #[must_use]
    pub const fn sealing(&self) -> Option<&SealingKey> {
        self.sealing.as_ref()
    }

    /// Signs an access token, of the moment `now`: one before the right to it was looked up, see [`Self::unsigned`].
    ///
    /// # Errors
    /// [`CannotSign::NoKey`] before [`Self::tend`] made one.
    pub fn issue(&self, grant: Grant, now: Moment) -> Result<Issued, CannotSign> {
        self.sign(&self.unsigned(grant, now), now)
    }

    /// What somebody may do who showed something better than a token, or is given a token of another form. It is of
    /// `now`, which has to be a moment before their right was looked up: what was revoked since then denies it.
    pub(super) fn unsigned(&self, grant: Grant, now: Moment) -> Claims {
        self.claims(grant, id_of(now))
    }

    /// What a grant becomes; `iat` is the second of the `jti`.
    pub(super) fn claims(&self, grant: Grant, jti: TokenId) -> Claims {
        let iat = jti.issued_ms().map_or(Moment::default(), Moment::from_ms).s();
        Claims {
            iss: self.issuer.clone(),
            aud: grant.audience.to_vec(),
            sub: grant.subject,
            exp: iat + grant.ttl.as_secs().cast_signed(),
            iat,
            jti,
            client_id: grant.client_id,
            scope: grant.scope,
            org: grant.organization,
            cnf: grant.key.map(|jkt| Confirmation { jkt }),
        }
    }

    fn sign(&self, claims: &Claims, now: Moment) -> Result<Issued, CannotSign> {
        let ring = self.ring();
        let key = ring.signing(now).ok_or(CannotSign::NoKey)?;
        let token = encode(&ours(key.kid()), claims, key.private())
            .map_err(|_| CannotSign::Damaged { kid: key.kid().to_owned() })?;
        Ok(Issued { token: Zeroizing::new(token), claims: claims.clone() })
    }

    /// The claims of a token that counts, revocation included.
    ///
    /// # Errors
    /// Why it does not count.
    pub fn verify(&self, token: &str, audience: Audience, now: Moment) -> Result<Arc<Claims>, Refused> {
        let claims = self.signed(token, audience, now)?;
        if self.revocations.deny(&Standing::of(&claims)) { Err(Refused::Revoked) } else { Ok(claims) }
    }

    /// The claims of a token that would count, had it not been revoked: to know whose it was.
    #[must_use]
    pub fn revoked(&self, token: &str, audience: Audience, now: Moment) -> Option<Arc<Claims>> {
        let claims = self.signed(token, audience, now).ok()?;
        self.revocations.deny(&Standing::of(&claims)).then_some(claims)
    }

    fn signed(&self, token: &str, audience: Audience, now: Moment) -> Result<Arc<Claims>, Refused> {
        let ring = self.ring();
        let claims = self.cache.get_or(token, || self.verifier.check(token, &ring, audience, now))?;
        in_time(&claims, now)?;
        for_audience(&claims, audience)?;
        Ok(claims)
    }

    /// Whether something that counted before was revoked since: asked by whoever serves a long connection.
    #[must_use]
    pub fn is_revoked(&self, standing: &Standing) -> bool {
        self.revocations.deny(standing)
    }

    /// Changes whenever something was revoked: then ask [`Self::is_revoked`].
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.revocations.watch()
    }

    /// Revokes, from this moment on, on every node. It counts here at once, before the transaction commits: should
    /// that fail, tokens were refused too early, never too late.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn revoke(
        &self,
        tx: &Tx,
        organization: OrganizationId,
        whom: Whom,
        now: Moment,
    ) -> Result<(), Error> {
        if let Whom::Family(family) = whom {
            return self.revoke_family(tx, organization, family, "revoked", now).await;
        }
        let keep_until = now.plus(KEPT_FOR);
        // A single token is refused whenever it was issued; clocks play no part.
        let not_before = if matches!(whom, Whom::Token(_)) { keep_until } else { now };
        match whom {
            Whom::User(user) => {
                refresh::revoke_families_of(tx, user, "revoked", now).await?;
                sessions::end_all(tx, user).await?;
            }
            Whom::Client(client) => {
                refresh::revoke_families_of_client(tx, &client.to_string(), "revoked", now).await?;
            }
            _ => {}
        }
        self.record(tx, Revocation { whom, organization, not_before, keep_until }, now).await
    }

    /// Ends a refresh token family and denies the access tokens it gave.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn revoke_family(
        &self,
        tx: &Tx,
        organization: OrganizationId,
        family: FamilyId,
        reason: &str,
        now: Moment,
    ) -> Result<(), Error> {
        refresh::revoke_family(tx, family, reason, now).await?;
        for (token, expires_at) in refresh::living_access(tx, family, now).await? {
            let end = expires_at.plus(LEEWAY);
            let revocation =
                Revocation { whom: Whom::Token(token), organization, not_before: end, keep_until: end };
            self.record(tx, revocation, now).await?;
        }
        Ok(())
    }

    async fn record(&self, tx: &Tx, revocation: Revocation, now: Moment) -> Result<(), Error> {
        rows::insert(tx, &revocation).await?;
        let subject = revocation.whom.subject();
        let revision = u64::try_from(revocation.not_before.ms()).unwrap_or_default();
        changes::append(tx, revocation.organization, Kind::Revocation, subject, revision, now).await?;
        self.learn(&[revocation]);
        Ok(())
    }

    fn learn(&self, revocations: &[Revocation]) {
        if !self.revocations.learn(revocations).is_empty() {
            self.cache.clear();
        }
    }

    /// Follows a change of kind revocation, whichever node wrote it: learns what it says, and ends the MQTT connections
    /// it means. Event streams look for themselves, see [`Self::watch`].
    ///
    /// # Errors
    /// Those of the database.
    pub async fn follow(&self, db: &impl ConnectionTrait, desk: &Desk, subject: Uuid) -> Result<(), Error> {
        let revocations = rows::of(db, subject).await?;
        self.learn(&revocations);
        for revocation in revocations {
            let whose = match revocation.whom {
                Whom::Token(token) => broker::Whom::Token(token),
                Whom::Badge(badge) => broker::Whom::Badge(badge),
                // An integration sits at the desk under its own id.
                Whom::Client(client) => broker::Whom::Badge(BadgeId::from_uuid(client.uuid())),
                Whom::Organization(organization) => broker::Whom::Organization(organization),
                // People's tokens never open MQTT; the tokens of a family are revoked one by one.
                Whom::User(_) | Whom::Family(_) => continue,
            };
            desk.end(whose, End::Revoked);
        }
        Ok(())
    }

    /// Signs what an OpenID client may know of a sign-in.
    ///
    /// # Errors
    /// [`CannotSign::NoKey`].
    pub(crate) fn sign_id_token(
        &self,
        about: &id_token::About<'_>,
        now: Moment,
    ) -> Result<String, CannotSign> {
        let ring = self.ring();
        let key = ring.signing(now).ok_or(CannotSign::NoKey)?;
        let mut header = ours(key.kid());
        header.typ = Some(ID_TOKEN_TYPE.to_owned());
        let claims = id_token::Claims::new(&self.issuer, about, now);
        encode(&header, &claims, key.private()).map_err(|_| CannotSign::Damaged { kid: key.kid().to_owned() })
    }

    /// Reads an `id_token` we signed, however old: it says which sign-in is meant, and opens nothing.
    #[must_use]
    pub(crate) fn read_id_token(&self, token: &str, now: Moment) -> Option<id_token::Claims> {
        let header =
            decode_header(token).ok().filter(|header| header.typ.as_deref() == Some(ID_TOKEN_TYPE))?;
        let ring = self.ring();
        let key = ring.find(header.kid.as_deref()?, now)?;
        let mut rules = Validation::new(Algorithm::ES256);
        rules.validate_exp = false;
        rules.validate_aud = false;
        rules.set_issuer(&[&self.issuer]);
        rules.set_required_spec_claims(&["iss", "sub", "aud"]);
        Some(decode(token, key.public(), &rules).ok()?.claims)
    }

    /// The public keys.
    #[must_use]
    pub fn jwks(&self, now: Moment) -> JwkSet {
        self.ring().public(now)
    }

    pub(super) fn ring(&self) -> Arc<Ring> {
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the keys again and makes those that are missing: one that signs and the next one. Forgets revocations
    /// that no living token could meet. To be called every few seconds.
    ///
    /// # Errors
    /// See [`CannotSign`].
    pub async fn tend(&self, db: &impl ConnectionTrait, now: Moment) -> Result<(), CannotSign> {
        self.revocations.forget(now);
        let mut ring = self.load(db).await?;
        if ring.signing(now).is_none() {
            self.make_key(db, now, now).await?;
            ring = self.load(db).await?;
        }
        if ring.next(now).is_none()
            && let Some(signing) = ring.signing(now)
        {
            let turn = signing.term().activates_at.plus(keys::SIGNS_FOR).max(now.plus(KEPT_FOR));
            let term = Term { retires_at: Some(turn), ..signing.term() };
            self.make_key(db, turn, now).await?;
            signing_keys::set_term(db, signing.kid(), term).await?;
            ring = self.load(db).await?;
        }
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
        Ok(())
    }

    /// Lets the next key sign from now on. The old one stays public until its last token has expired.
    ///
    /// # Errors
    /// See [`CannotSign`].
    pub async fn rotate(&self, db: &impl ConnectionTrait, now: Moment) -> Result<(), CannotSign> {
        let ring = self.load(db).await?;
        let (Some(signing), Some(next)) = (ring.signing(now), ring.next(now)) else {
            return self.tend(db, now).await;
        };
        let at = now.max(signing.term().activates_at.plus(Duration::from_millis(1)));
        signing_keys::set_term(db, signing.kid(), Term { retires_at: Some(at), ..signing.term() }).await?;
        signing_keys::set_term(db, next.kid(), Term { activates_at: at, retires_at: None }).await?;
        self.tend(db, at).await
    }

    /// Encrypts every private key again, from the key the rows were sealed with to `new`.
    ///
    /// # Errors
    /// See [`CannotSign`]; nothing has changed then, if `tx` is a transaction.
    pub async fn reseal(
        tx: &impl ConnectionTrait,
        old: Option<&SealingKey>,
        new: Option<&SealingKey>,
    ) -> Result<usize, CannotSign> {
        let mut resealed = 0;
        for key_use in [Use::Normal, Use::Test] {
            for row in signing_keys::all(tx, key_use).await? {
                let kid = row.kid;
                let open = seal::open(old, &place(&kid), &row.private);
                let pkcs8 = open.map_err(|why| CannotSign::Sealed { kid: kid.clone(), why })?;
                signing_keys::set_private(tx, &kid, &seal::seal(new, &place(&kid), &pkcs8)).await?;
                resealed += 1;
            }
        }
        Ok(resealed)
    }

    async fn load(&self, db: &impl ConnectionTrait) -> Result<Ring, CannotSign> {
        let rows = signing_keys::all(db, self.key_use).await?;
        Ok(Ring::new(rows.into_iter().map(|row| self.unseal(row)).collect::<Result<_, _>>()?))
    }

    fn unseal(&self, row: signing_keys::Row) -> Result<SigningKey, CannotSign> {
        let signing_keys::Row { kid, key_use, private, term, .. } = row;
        let open = seal::open(self.sealing.as_ref(), &place(&kid), &private);
        let pkcs8 = open.map_err(|why| CannotSign::Sealed { kid: kid.clone(), why })?;
        match SigningKey::new(key_use, term, &pkcs8) {
            Ok(key) if key.kid() == kid => Ok(key),
            _ => Err(CannotSign::Damaged { kid }),
        }
    }

    async fn make_key(
        &self,
        db: &impl ConnectionTrait,
        activates_at: Moment,
        now: Moment,
    ) -> Result<(), CannotSign> {
        let pkcs8 = keys::generate();
        let term = Term { activates_at, retires_at: None };
        let key = SigningKey::new(self.key_use, term, &pkcs8)
            .map_err(|_| CannotSign::Damaged { kid: "new".to_owned() })?;
        let row = signing_keys::Row {
            kid: key.kid().to_owned(),
            key_use: self.key_use,
            private: seal::seal(self.sealing.as_ref(), &place(key.kid()), &pkcs8),
            jwk: serde_json::to_string(key.jwk())
                .map_err(|_| CannotSign::Damaged { kid: key.kid().to_owned() })?,
            term,
        };
        Ok(signing_keys::insert(db, &row, now).await?)
    }
}

/// The place a private key is sealed for.
fn place(kid: &str) -> String {
    format!("signing_keys/{kid}")
}

/// A token id of this moment.
pub(super) fn id_of(moment: Moment) -> TokenId {
    let nanos = u32::try_from(moment.ms().rem_euclid(1_000) * 1_000_000).unwrap_or_default();
    TokenId::from_uuid(Uuid::new_v7(Timestamp::from_unix(NoContext, moment.s().unsigned_abs(), nanos)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::Database;

    /// Between looking up a badge's secret and signing its token, somebody revokes the badge.
    #[tokio::test]
    async fn a_revocation_while_a_token_is_being_made_ends_it() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::sqlite(&folder.path().join("test.sqlite")).await.unwrap();
        let settings = Settings { issuer: "http://t".into(), sealing: None, test_keys: false };
        let asked = Moment::from(std::time::SystemTime::now());
        let tokens = Tokens::open(database.read(), settings, asked).await.unwrap();
        let (badge, organization) = (BadgeId::new(), OrganizationId::new());
        let (whom, not_before) = (Whom::Badge(badge), asked.plus(Duration::from_millis(1)));
        let keep_until = not_before.plus(KEPT_FOR);
        tokens.learn(&[Revocation { whom, organization, not_before, keep_until }]);
        let issued = tokens.issue(Grant::badge(badge, organization), asked).unwrap();
        assert_eq!(issued.claims.jti.issued_ms(), Some(asked.ms()));
        let verified = tokens.verify(&issued.token, Audience::Mqtt, asked);
        assert_eq!(verified, Err(Refused::Revoked));
        let later =
            tokens.issue(Grant::badge(badge, organization), not_before.plus(Duration::from_millis(1)));
        assert!(tokens.verify(&later.unwrap().token, Audience::Mqtt, asked).is_ok());
    }
}
