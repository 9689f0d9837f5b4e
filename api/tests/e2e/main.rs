//! What people and badges live through, as stories over real sockets. Each runs on SQLite and on PostgreSQL.
#![expect(clippy::unwrap_used, reason = "a story that cannot go on has failed")]
#![expect(unreachable_pub, reason = "the rooms of one test binary")]

mod browser;
mod process;
mod signer;
mod wire;
mod world;

/// Each story, once per engine.
macro_rules! stories {
    ($($story:ident)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $story() {
                Box::pin(super::$story(crate::world::Engine::Sqlite)).await;
            })*
        }

        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $story() {
                Box::pin(super::$story(crate::world::Engine::Postgres)).await;
            })*
        }
    };
}
pub(crate) use stories;

mod access;
mod announcing;
mod applications;
mod browsers;
mod built_with_rumqttc;
mod caps;
mod claiming;
mod connecting;
mod console;
mod encrypted;
mod gateways;
mod integrations;
mod killed;
mod logging_in;
mod own_badge;
mod pictures;
mod proving;
mod reading;
mod refusals;
mod resealing;
mod revoking;
mod several_nodes;
mod thieves;
mod unsaid;
mod watching;
mod websocket;
