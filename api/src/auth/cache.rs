//! Tokens that were verified a moment ago, so that a second use costs no signature check.
//!
//! Kept under the token's SHA-256, never the token. A cached token is still asked for its age, its audience and its
//! revocation on every use; a revocation empties the whole.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use badgecast_domain::token::Claims;

use super::{
    generations::Generations,
    secret::{Hash, hash},
};

/// How many tokens one generation holds.
const GENERATION: usize = 8_192;

/// The cache.
#[derive(Debug)]
pub(super) struct Cache(Mutex<Generations<Hash, Arc<Claims>>>);

impl Default for Cache {
    fn default() -> Self {
        Self(Mutex::new(Generations::of(GENERATION)))
    }
}

impl Cache {
    /// The claims of this token if it was verified before, else those `verify` finds, which are kept.
    ///
    /// # Errors
    /// What `verify` answers; refusals are not kept.
    pub(super) fn get_or<E>(
        &self,
        token: &str,
        verify: impl FnOnce() -> Result<Claims, E>,
    ) -> Result<Arc<Claims>, E> {
        let key = hash(token);
        if let Some(known) = self.lock().get(&key) {
            return Ok(Arc::clone(known));
        }
        let claims = Arc::new(verify()?);
        self.lock().insert(key, Arc::clone(&claims));
        Ok(claims)
    }

    /// Forgets every token.
    pub(super) fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, Generations<Hash, Arc<Claims>>> {
        // A panic while holding it leaves at worst a token less.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use badgecast_domain::{
        access::Scopes,
        id::{OrganizationId, TokenId},
    };
    use uuid::Uuid;

    use super::*;

    fn claims() -> Claims {
        Claims {
            iss: String::new(),
            aud: Vec::new(),
            sub: Uuid::nil(),
            exp: 0,
            iat: 0,
            jti: TokenId::new(),
            client_id: String::new(),
            scope: Scopes::NONE,
            org: OrganizationId::new(),
            cnf: None,
        }
    }

    #[test]
    fn a_second_use_is_answered_without_verifying() {
        let cache = Cache::default();
        let first = cache.get_or("a", || Ok::<_, ()>(claims())).unwrap();
        assert_eq!(cache.get_or("a", || Err(())).unwrap(), first);
        cache.clear();
        assert_eq!(cache.get_or("a", || Err(())), Err(()));
    }
}
