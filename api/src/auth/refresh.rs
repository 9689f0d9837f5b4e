//! Refresh tokens (RFC 6749 section 6, RFC 9700 section 4.14): opaque, stored hashed, used once.
//!
//! Each use gives a child. A token shown twice means that someone else has it, and ends its whole family, but for one
//! innocent case: the answer was lost on the way. So within [`GRACE`] the immediate parent of an unused child may ask
//! again, at most [`REPLACEMENTS`] times; the lost child is dead then. Once the child was used, the window is shut.
//! Every decision is taken with the family's row locked, and counts generations, never times.

use std::time::Duration;

use badgecast_domain::{
    access::Scopes,
    id::{FamilyId, OrganizationId, UserId},
    time::Moment,
    token::Thumbprint,
};
use sea_orm::ConnectionTrait;

use super::secret::{Secret, hash};
use crate::tables::{
    Error,
    refresh::{self as rows, Family, Token},
};

/// A family that is not used for so long ends.
pub const IDLE: Duration = Duration::from_secs(14 * 24 * 60 * 60);
/// A family ends so long after its login, however much it is used.
pub const ABSOLUTE: Duration = Duration::from_secs(90 * 24 * 60 * 60);
/// How long the answer to a use may be asked for again.
pub const GRACE: Duration = Duration::from_secs(10);
/// How often.
pub const REPLACEMENTS: i64 = 2;

/// A login that may be continued.
#[derive(Debug, Clone)]
pub struct Login {
    pub organization: OrganizationId,
    pub user: UserId,
    pub client_id: String,
    pub scope: Scopes,
    /// The key whose holder alone may continue it.
    pub key: Option<Thumbprint>,
    pub auth_time: Moment,
}

/// What became of a refresh token that was shown.
#[derive(Debug)]
pub enum Outcome {
    /// It counted; this is its child.
    Rotated { family: Family, child: Secret },
    /// Unknown, expired, of another client or key, or of a family that is over.
    Refused,
    /// It was used before: the family has to end, and this transaction has to commit.
    Reused { family: Family },
}

/// Begins a family; answers its first token.
///
/// # Errors
/// The database does not answer.
pub async fn begin(db: &impl ConnectionTrait, login: Login, now: Moment) -> Result<(Family, Secret), Error> {
    let Login { organization, user, client_id, scope, key, auth_time } = login;
    let family = Family {
        id: FamilyId::new(),
        organization,
        user,
        client_id,
        scope,
        key,
        auth_time,
        created_at: now,
        expires_at: now.plus(ABSOLUTE),
        revoked_at: None,
    };
    rows::insert_family(db, &family).await?;
    let first = give(db, &family, 0, None, now).await?;
    Ok((family, first))
}

/// Exchanges a refresh token for its child.
///
/// # Errors
/// The database does not answer; that is never reuse.
pub async fn rotate(
    db: &impl ConnectionTrait,
    shown: &str,
    (client_id, key): (&str, Option<&Thumbprint>),
    now: Moment,
) -> Result<Outcome, Error> {
    let shown = hash(shown);
    let Some(seen) = rows::find(db, &shown).await? else { return Ok(Outcome::Refused) };
    let Some(family) = rows::lock_family(db, seen.family).await? else { return Ok(Outcome::Refused) };
    // Read again under the lock: another request may have used it meanwhile.
    let Some(token) = rows::find(db, &shown).await? else { return Ok(Outcome::Refused) };
    let over = family.revoked_at.is_some() || family.expires_at <= now || token.expires_at <= now;
    // Before reuse is thought of: whoever lacks the key cannot end the family either.
    let foreign = family.client_id != client_id || (family.key.is_some() && family.key.as_ref() != key);
    if over || foreign {
        return Ok(Outcome::Refused);
    }
    if token.used_at.is_none() && token.killed_at.is_none() {
        let child = Secret::random();
        rows::use_up(db, &token.hash, &child.hash(), now).await?;
        insert(db, &family, &child, token.generation + 1, Some(&token), now).await?;
        return Ok(Outcome::Rotated { family, child });
    }
    let Some(lost) = lost_child(db, &token, now).await? else { return Ok(Outcome::Reused { family }) };
    let child = Secret::random();
    rows::replace_child(db, &token.hash, &lost.hash, &child.hash(), now).await?;
    insert(db, &family, &child, lost.generation, Some(&token), now).await?;
    Ok(Outcome::Rotated { family, child })
}

/// The unused child of a token that was used a moment ago.
async fn lost_child(db: &impl ConnectionTrait, token: &Token, now: Moment) -> Result<Option<Token>, Error> {
    let (Some(used_at), Some(child)) = (token.used_at, token.child) else { return Ok(None) };
    if now.since(used_at) > GRACE || token.replacements >= REPLACEMENTS {
        return Ok(None);
    }
    let child = rows::find(db, &child).await?;
    Ok(child.filter(|child| child.used_at.is_none() && child.killed_at.is_none()))
}

async fn give(
    db: &impl ConnectionTrait,
    family: &Family,
    generation: i64,
    parent: Option<&Token>,
    now: Moment,
) -> Result<Secret, Error> {
    let secret = Secret::random();
    insert(db, family, &secret, generation, parent, now).await?;
    Ok(secret)
}

async fn insert(
    db: &impl ConnectionTrait,
    family: &Family,
    secret: &Secret,
    generation: i64,
    parent: Option<&Token>,
    now: Moment,
) -> Result<(), Error> {
    let token = Token {
        hash: secret.hash(),
        family: family.id,
        generation,
        parent: parent.map(|parent| parent.hash),
        child: None,
        replacements: 0,
        issued_at: now,
        expires_at: now.plus(IDLE).min(family.expires_at),
        used_at: None,
        killed_at: None,
    };
    rows::insert_token(db, &token).await
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use badgecast_domain::{access::Role, id::TokenId};
    use proptest::prelude::*;
    use tokio::runtime::Runtime;

    use super::*;
    use crate::{
        auth::{
            Scope, Tokens,
            revocation::Standing,
            tokens::{Grant, Settings},
        },
        tables::{Database, Error, Tx, organizations, people},
    };

    /// What a client, a thief or an operator does to one family.
    #[derive(Debug, Clone)]
    enum Step {
        /// Shows the nth token that was ever seen, and keeps the answer.
        Refresh(prop::sample::Index),
        /// The same, but the answer is lost.
        Lost(prop::sample::Index),
        Foreign(prop::sample::Index),
        Pass(Duration),
        Revoke,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            6 => any::<prop::sample::Index>().prop_map(Step::Refresh),
            3 => any::<prop::sample::Index>().prop_map(Step::Lost),
            1 => any::<prop::sample::Index>().prop_map(Step::Foreign),
            3 => (0_u64..15_000).prop_map(|ms| Step::Pass(Duration::from_millis(ms))),
            1 => Just(Step::Pass(IDLE)),
            1 => Just(Step::Revoke),
        ]
    }

    struct Bench {
        runtime: Runtime,
        database: Database,
        tokens: Tokens,
        login: Login,
    }

    /// One database for all cases; every case has a family of its own.
    static BENCH: LazyLock<Bench> = LazyLock::new(|| {
        let runtime = Runtime::new().unwrap();
        let now = Moment::from(std::time::SystemTime::now());
        let (database, organization, user) = runtime.block_on(with_a_person(now));
        let settings = Settings { issuer: "http://t".into(), sealing: None, test_keys: false };
        let tokens = runtime.block_on(Tokens::open(database.read(), settings, now)).unwrap();
        let login = Login {
            organization,
            user,
            client_id: "badgecast".into(),
            scope: Role::Manager.scopes(),
            key: None,
            auth_time: now,
        };
        Bench { runtime, database, tokens, login }
    });

    async fn with_a_person(now: Moment) -> (Database, OrganizationId, UserId) {
        // Kept: the file goes with the system's temporary folder, never under an open database.
        let folder = tempfile::tempdir().unwrap().keep();
        let database = Database::sqlite(&folder.join("test.sqlite")).await.unwrap();
        let made = database.write(async |tx: &Tx| {
            let organization = organizations::create(tx, "Clinic", now).await?;
            let email = people::Email::try_from("amira@clinic.example".to_owned()).unwrap();
            let new = people::New { email, name: "Amira".into(), role: Role::Manager, password_hash: None };
            let person = people::create(tx, &Scope::house(organization), new, now).await?;
            Ok::<_, Error>((organization, person.id))
        });
        let (organization, user) = made.await.unwrap();
        (database, organization, user)
    }

    impl Bench {
        async fn begin(&self, now: Moment) -> (Family, Secret) {
            let login = self.login.clone();
            self.database.write(async |tx: &Tx| begin(tx, login, now).await).await.unwrap()
        }

        /// As the token endpoint does: reuse ends the family, and that is committed.
        async fn rotate(&self, shown: &Secret, client: &str, now: Moment) -> Outcome {
            self.database
                .write(async |tx: &Tx| {
                    let outcome = rotate(tx, shown.reveal(), (client, None), now).await?;
                    if let Outcome::Reused { family } = &outcome {
                        self.tokens.revoke_family(tx, family.organization, family.id, "reuse", now).await?;
                    }
                    Ok::<_, Error>(outcome)
                })
                .await
                .unwrap()
        }

        async fn revoke(&self, family: &Family, now: Moment) {
            self.database
                .write(async |tx: &Tx| {
                    self.tokens.revoke_family(tx, family.organization, family.id, "logout", now).await
                })
                .await
                .unwrap();
        }

        async fn usable(&self, family: &Family, seen: &[Secret], now: Moment) -> usize {
            let family = self.lock(family).await;
            let mut usable = 0;
            for secret in seen {
                let token = rows::find(self.database.read(), &secret.hash()).await.unwrap().unwrap();
                let alive = family.revoked_at.is_none() && token.expires_at > now;
                usable += usize::from(alive && token.used_at.is_none() && token.killed_at.is_none());
            }
            usable
        }

        async fn lock(&self, family: &Family) -> Family {
            let id = family.id;
            self.database.write(async |tx: &Tx| rows::lock_family(tx, id).await).await.unwrap().unwrap()
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

        #[test]
        fn however_requests_interleave_at_most_one_token_of_a_family_counts(
            steps in prop::collection::vec(step(), 1..24)
        ) {
            let bench = &*BENCH;
            bench.runtime.block_on(async {
                let mut now = Moment::from(std::time::SystemTime::now());
                let (family, first) = bench.begin(now).await;
                // What any client ever saw; lost answers are known to the test alone.
                let (mut seen, mut all) = (vec![first.clone()], vec![first]);
                let mut over = false;
                for step in steps {
                    let outcome = match &step {
                        Step::Pass(span) => { now = now.plus(*span); None }
                        Step::Revoke => { bench.revoke(&family, now).await; over = true; None }
                        Step::Foreign(at) => Some(bench.rotate(at.get(&seen), "another", now).await),
                        Step::Refresh(at) | Step::Lost(at) => {
                            Some(bench.rotate(at.get(&seen), "badgecast", now).await)
                        }
                    };
                    match outcome {
                        Some(Outcome::Rotated { child, .. }) => {
                            prop_assert!(!over, "a family that is over gave a token");
                            prop_assert!(!matches!(step, Step::Foreign(_)), "another client was served");
                            all.push(child.clone());
                            if matches!(step, Step::Refresh(_)) { seen.push(child); }
                        }
                        Some(Outcome::Reused { .. }) => over = true,
                        _ => {}
                    }
                    let usable = bench.usable(&family, &all, now).await;
                    prop_assert!(usable <= 1, "{usable} tokens count");
                    prop_assert!(!over || usable == 0, "a token counts although the family is over");
                }
                Ok(())
            })?;
        }
    }

    fn run(test: impl AsyncFnOnce(&Bench, Moment)) {
        let bench = &*BENCH;
        bench.runtime.block_on(test(bench, Moment::from(std::time::SystemTime::now())));
    }

    #[test]
    fn a_lost_answer_may_be_asked_for_twice_and_the_lost_children_are_dead() {
        run(async |bench, now| {
            let (_, first) = bench.begin(now).await;
            let mut children = Vec::new();
            for _ in 0..=REPLACEMENTS {
                let Outcome::Rotated { child, .. } = bench.rotate(&first, "badgecast", now).await else {
                    panic!("within the grace the parent may ask again");
                };
                children.push(child);
            }
            let last = bench.rotate(&first, "badgecast", now).await;
            assert!(matches!(last, Outcome::Reused { .. }), "once too often: {last:?}");
            for child in children {
                assert!(matches!(bench.rotate(&child, "badgecast", now).await, Outcome::Refused));
            }
        });
    }

    #[test]
    fn a_child_that_was_used_shuts_the_window_and_so_does_time() {
        run(async |bench, now| {
            let (_, first) = bench.begin(now).await;
            let Outcome::Rotated { child, .. } = bench.rotate(&first, "badgecast", now).await else {
                panic!()
            };
            let Outcome::Rotated { .. } = bench.rotate(&child, "badgecast", now).await else { panic!() };
            assert!(matches!(bench.rotate(&first, "badgecast", now).await, Outcome::Reused { .. }));

            let (_, first) = bench.begin(now).await;
            bench.rotate(&first, "badgecast", now).await;
            let late = now.plus(GRACE + Duration::from_millis(1));
            assert!(matches!(bench.rotate(&first, "badgecast", late).await, Outcome::Reused { .. }));
        });
    }

    #[test]
    fn a_lost_child_that_turns_up_after_its_replacement_ends_the_family() {
        run(async |bench, now| {
            let (family, first) = bench.begin(now).await;
            let Outcome::Rotated { child: lost, .. } = bench.rotate(&first, "badgecast", now).await else {
                panic!()
            };
            let Outcome::Rotated { .. } = bench.rotate(&first, "badgecast", now).await else { panic!() };
            assert!(matches!(bench.rotate(&lost, "badgecast", now).await, Outcome::Reused { .. }));
            assert!(bench.lock(&family).await.revoked_at.is_some());
        });
    }

    #[test]
    fn ending_a_family_denies_the_access_tokens_it_gave() {
        run(async |bench, now| {
            let (family, _) = bench.begin(now).await;
            let grant = Grant::person(family.user, "badgecast", family.organization, family.scope);
            let issued = bench.tokens.issue(grant, now).unwrap();
            let ends = Moment::from_s(issued.claims.exp);
            let jti: TokenId = issued.claims.jti;
            let id = family.id;
            bench.database.write(async |tx: &Tx| rows::note_access(tx, id, jti, ends).await).await.unwrap();
            let standing = Standing::of(&issued.claims);
            assert!(!bench.tokens.is_revoked(&standing));
            bench.revoke(&family, now).await;
            assert!(bench.tokens.is_revoked(&standing));
        });
    }

    #[test]
    fn the_absolute_end_of_a_family_is_never_moved() {
        run(async |bench, now| {
            let (_, mut token) = bench.begin(now).await;
            let mut at = now;
            let step = IDLE - Duration::from_secs(1);
            for _ in 0..6 {
                at = at.plus(step);
                let Outcome::Rotated { child, .. } = bench.rotate(&token, "badgecast", at).await else {
                    panic!()
                };
                token = child;
            }
            let after = now.plus(ABSOLUTE);
            assert!(matches!(bench.rotate(&token, "badgecast", after).await, Outcome::Refused));
        });
    }

    #[test]
    fn of_many_requests_at_once_with_one_token_no_two_count() {
        run(async |bench, now| {
            let (family, first) = bench.begin(now).await;
            let outcomes =
                futures_util::future::join_all((0..12).map(|_| bench.rotate(&first, "badgecast", now))).await;
            let children: Vec<Secret> = outcomes
                .into_iter()
                .filter_map(|outcome| match outcome {
                    Outcome::Rotated { child, .. } => Some(child),
                    _ => None,
                })
                .collect();
            assert_eq!(children.len(), 3, "one use, and two lost answers");
            assert_eq!(bench.usable(&family, &children, now).await, 0);
        });
    }
}
