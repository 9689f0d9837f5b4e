//! What an idle plaintext connection costs, field by field.
//!
//! The session, whose future is what the task holds:
//!
//! | field | bytes |
//! |---|---|
//! | presence | 56 |
//! | pipe | 24 |
//! | admitted | 8 |
//! | version | 1 |
//! | max_packet | 4 |
//! | will | 8 |
//! | partial | 24 |
//! | hearing | 32 |
//! | unreleased | 24 |
//! | clock | 120 |
//! | packets | 16 |
//! | bytes | 16 |
//! | session | 336 |
//!
//! Beside it, on the heap, each behind a pointer:
//!
//! | what | bytes |
//! |---|---|
//! | seat | 312 |
//! | admission | 128 |
//! | place in the organization | 64 |
//! | places by client and by token | 48 |
//!
//! The task's future has the session, its timer and what it needs to await them: at most 1,024 bytes, to which tokio adds
//! its header. The seat has the window of messages in flight, what waits to be shown, and the second way to the socket. A place is what one
//! entry of the map takes; a map is between half and seven eighths full. `admission` is the token's claims without groups
//! and tags, of which each costs 16 and some 30 bytes. What tokio keeps per socket (about 350) and the system's buffers
//! are not ours to count. Buffers for reading and writing are none: they belong to the worker thread
//! ([`Scratch`](super::scratch::Scratch)).
//!
//! The test below reads these tables and compares them with what the compiler made.

use badgecast_domain::id::{BadgeId, TokenId};

use super::Session;
use crate::{
    desk::{Entry, seat::Seat},
    fuzz::sessions::{House, future_bytes},
    gate::Admitted,
};

const fn size_of_field<T, F>(_: fn(&T) -> &F) -> usize {
    size_of::<F>()
}

#[test]
fn the_tables_above_are_true() {
    type Mine = Session<House>;
    macro_rules! fields {
        ($($field:ident)*) => {
            vec![$((stringify!($field), size_of_field(|session: &Mine| &session.$field)),)*]
        };
    }
    let mut actual = fields!(
        presence pipe admitted version max_packet will partial hearing unreleased clock packets bytes
    );
    actual.extend([
        ("session", size_of::<Mine>()),
        // Behind an Arc, with its two counters.
        ("seat", size_of::<Seat>() + 16),
        ("admission", size_of::<Admitted>() + 16),
        ("place in the organization", size_of::<(BadgeId, Entry)>()),
        ("places by client and by token", size_of::<(BadgeId, usize)>() + size_of::<(TokenId, usize)>()),
    ]);
    let told: Vec<(&str, usize)> = include_str!("memory.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("//! | ")?.strip_suffix(" |")?.split_once(" | "))
        .filter_map(|(name, bytes)| Some((name, bytes.parse().ok()?)))
        .collect();
    assert_eq!(told, actual);
    assert!(future_bytes() <= 1_024, "{} bytes", future_bytes());
}
