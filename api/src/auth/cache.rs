//! Tokens that were verified a moment ago, so that a second use costs no signature check.
//!
//! Kept under the token's SHA-256, never the token. Two generations bound the size: when the young one is full it
//! becomes the old one, and the old one is dropped. A cached token is still asked for its age, its audience and its
//! revocation on every use; a revocation empties the whole.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use badgecast_domain::token::Claims;

use super::secret::{Hash, hash};

/// How many tokens one generation holds.
const GENERATION: usize = 8_192;

/// The cache.
#[derive(Debug, Default)]
pub(super) struct Cache {
    generations: Mutex<Generations>,
}

#[derive(Debug, Default)]
struct Generations {
    young: HashMap<Hash, Arc<Claims>>,
    old: HashMap<Hash, Arc<Claims>>,
}

impl Generations {
    fn keep(&mut self, token: Hash, claims: Arc<Claims>) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(token, claims);
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
        if let Some(known) = self.find(&key) {
            return Ok(known);
        }
        let claims = Arc::new(verify()?);
        self.lock().keep(key, Arc::clone(&claims));
        Ok(claims)
    }

    fn find(&self, key: &Hash) -> Option<Arc<Claims>> {
        let mut generations = self.lock();
        if let Some(claims) = generations.young.get(key) {
            return Some(Arc::clone(claims));
        }
        let claims = generations.old.remove(key)?;
        generations.keep(*key, Arc::clone(&claims));
        Some(claims)
    }

    /// Forgets every token.
    pub(super) fn clear(&self) {
        *self.lock() = Generations::default();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Generations> {
        // A panic while holding it leaves at worst a token less.
        self.generations.lock().unwrap_or_else(PoisonError::into_inner)
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

    #[test]
    fn the_cache_is_bounded_and_keeps_what_is_used() {
        let cache = Cache::default();
        let used = cache.get_or("used", || Ok::<_, ()>(claims())).unwrap();
        for i in 0..GENERATION * 3 {
            cache.get_or(&i.to_string(), || Ok::<_, ()>(claims())).unwrap();
            assert_eq!(cache.get_or("used", || Err(())).as_ref(), Ok(&used));
        }
        let generations = cache.lock();
        assert!(generations.young.len() + generations.old.len() <= 2 * GENERATION);
    }
}
