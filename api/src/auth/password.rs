//! Passwords: Argon2id (RFC 9106) with 19 MiB, two passes and one lane, in a small pool of its own.
//!
//! Hashing takes a core for tens of milliseconds and 19 MiB, so only a few run at once, beside the async workers,
//! and only so many wait. Who has a [`Turn`] may look once more whether the try is still allowed, so a burst of
//! guesses sent at once is slowed like guesses sent one by one. A login of someone who does not exist hashes as
//! well, so it takes as long.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use zeroize::Zeroizing;

/// The longest password, in bytes.
pub const MAX_BYTES: usize = 1024;
/// The shortest password people may choose, in characters (NIST SP 800-63B-4 section 3.1.1.2).
pub const MIN_CHARS: usize = 8;

/// How many logins may wait for their turn.
const QUEUE: usize = 256;

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// A password in the clear, wiped when dropped.
pub type Password = Zeroizing<String>;

/// The pool in which passwords are hashed.
#[derive(Clone)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    /// The hash of nobody's password, for logins of people who do not exist.
    nobody: Arc<str>,
}

/// Why a password was not hashed or compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotHashed {
    #[error("too many logins are waiting")]
    Busy,
    #[error("the password cannot be hashed")]
    Failed,
}

impl Default for Passwords {
    fn default() -> Self {
        Self::new()
    }
}

impl Passwords {
    /// One core stays free for everything else.
    ///
    /// # Panics
    /// When the system has no randomness for a salt.
    #[must_use]
    pub fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
        let nobody =
            hash_now(super::secret::Secret::random().reveal()).expect("a random password can be hashed");
        Self {
            turns: Arc::new(Semaphore::new((cores - 1).clamp(1, 4))),
            queue: Arc::new(Semaphore::new(QUEUE)),
            nobody: nobody.into(),
        }
    }

    /// Waits for a turn to hash.
    ///
    /// # Errors
    /// [`NotHashed::Busy`] when too many wait already.
    pub async fn turn(&self) -> Result<Turn, NotHashed> {
        let _place = self.queue.try_acquire().map_err(|_| NotHashed::Busy)?;
        let permit = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| NotHashed::Busy)?;
        Ok(Turn { permit: Arc::new(permit), nobody: Arc::clone(&self.nobody) })
    }

    /// The hash to store, as a PHC string, once it is our turn.
    ///
    /// # Errors
    /// [`NotHashed::Busy`] when too many wait already, [`NotHashed::Failed`] beyond [`MAX_BYTES`].
    pub async fn hash(&self, password: Password) -> Result<String, NotHashed> {
        self.turn().await?.hash(password).await
    }
}

/// The right to hash, given back when dropped.
#[derive(Debug)]
pub struct Turn {
    permit: Arc<OwnedSemaphorePermit>,
    nobody: Arc<str>,
}

impl Turn {
    /// The hash to store, as a PHC string.
    ///
    /// # Errors
    /// [`NotHashed::Failed`] when the password is longer than [`MAX_BYTES`].
    pub async fn hash(&self, password: Password) -> Result<String, NotHashed> {
        self.beside(move |_| hash_now(&password)).await?
    }

    /// Whether this is the password behind the stored hash; never true without one, and as slow.
    ///
    /// # Errors
    /// [`NotHashed::Failed`] when the work was aborted.
    pub async fn is(&self, password: Password, stored: Option<String>) -> Result<bool, NotHashed> {
        self.beside(move |nobody| {
            let right = compare(&password, stored.as_deref().unwrap_or(nobody));
            right && stored.is_some()
        })
        .await
    }

    async fn beside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&str) -> T + Send + 'static,
    ) -> Result<T, NotHashed> {
        // Held by the work itself too: a request that was given up does not let the next one in early.
        let (permit, nobody) = (Arc::clone(&self.permit), Arc::clone(&self.nobody));
        tokio::task::spawn_blocking(move || {
            let done = work(&nobody);
            drop(permit);
            done
        })
        .await
        .map_err(|_| NotHashed::Failed)
    }
}

impl std::fmt::Debug for Passwords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Passwords").field("turns", &self.turns.available_permits()).finish_non_exhaustive()
    }
}

fn argon2() -> Argon2<'static> {
    let params =
        Params::new(MEMORY_KIB, PASSES, LANES, None).expect("the constants are within Argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// Hashes on this thread, for the command line.
///
/// # Errors
/// [`NotHashed::Failed`] when the password is longer than [`MAX_BYTES`].
pub fn hash_now(password: &str) -> Result<String, NotHashed> {
    if password.len() > MAX_BYTES {
        return Err(NotHashed::Failed);
    }
    let hash: PasswordHash = argon2().hash_password(password.as_bytes()).map_err(|_| NotHashed::Failed)?;
    Ok(hash.to_string())
}

fn compare(password: &str, stored: &str) -> bool {
    // Too long ones are hashed cut off, so they take as long as any other wrong password.
    let bytes = &password.as_bytes()[..password.len().min(MAX_BYTES)];
    let same = PasswordHash::new(stored).is_ok_and(|hash| argon2().verify_password(bytes, &hash).is_ok());
    same && password.len() <= MAX_BYTES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_of_someone_who_exists_is_right() {
        let turn = Passwords::new().turn().await.unwrap();
        let hash = turn.hash(Zeroizing::new("correct horse".to_owned())).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let is = async |password: &str, stored: Option<&str>| {
            turn.is(Zeroizing::new(password.to_owned()), stored.map(str::to_owned)).await.unwrap()
        };
        assert!(is("correct horse", Some(&hash)).await);
        assert!(!is("correct horse ", Some(&hash)).await);
        assert!(!is("", Some(&hash)).await);
        assert!(!is("correct horse", None).await);
        assert!(!is("correct horse", Some("not a hash")).await);
        assert!(!is(&"x".repeat(MAX_BYTES + 1), Some(&hash)).await);
    }

    #[tokio::test]
    async fn only_so_many_hash_and_only_so_many_wait() {
        let passwords = Passwords {
            turns: Arc::new(Semaphore::new(1)),
            queue: Arc::new(Semaphore::new(1)),
            ..Passwords::new()
        };
        let first = passwords.turn().await.unwrap();
        let second = tokio::spawn({
            let passwords = passwords.clone();
            async move { passwords.turn().await.map(|_| ()) }
        });
        while passwords.queue.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(passwords.turn().await.unwrap_err(), NotHashed::Busy);
        drop(first);
        assert_eq!(second.await.unwrap(), Ok(()));
    }
}
