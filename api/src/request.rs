//! The request being served, for rooms too deep to be handed it: its id goes into the audit trail and problem
//! documents.

use std::future::Future;

use uuid::Uuid;

tokio::task_local! {
    static ID: Uuid;
}

/// Serves a request under this id.
pub async fn under<F: Future>(id: Uuid, serve: F) -> F::Output {
    ID.scope(id, serve).await
}

/// The id of the request being served by this task, if one is.
#[must_use]
pub fn current() -> Option<Uuid> {
    ID.try_with(|id| *id).ok()
}
