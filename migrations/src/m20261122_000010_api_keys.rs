//! API keys of a user or of a client; only the SHA-256 of the key is kept.

use crate::change::{Change, Step};

pub(crate) const CHANGE: Change = Change {
    name: "m20261122_000010_api_keys",
    up: &[
        Step::Sql(
            "CREATE TABLE api_keys (
                id UUID PRIMARY KEY NOT NULL,
                organization_id UUID NOT NULL REFERENCES organizations (id),
                user_id UUID,
                client_id UUID,
                name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
                hash BYTES NOT NULL UNIQUE CHECK (length(hash) = 32),
                scopes TEXT NOT NULL,
                created_at MOMENT NOT NULL,
                expires_at MOMENT,
                last_used_at MOMENT,
                revoked_at MOMENT,
                FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id) ON DELETE CASCADE,
                FOREIGN KEY (organization_id, client_id) REFERENCES clients (organization_id, id) ON DELETE CASCADE,
                CHECK ((user_id IS NULL) <> (client_id IS NULL)),
                CHECK (created_at < expires_at)
            )",
        ),
        Step::Sql("CREATE INDEX api_keys_by_user ON api_keys (user_id) WHERE user_id IS NOT NULL"),
        Step::Sql("CREATE INDEX api_keys_by_client ON api_keys (client_id) WHERE client_id IS NOT NULL"),
    ],
    down: &[
        Step::Sql("DROP TABLE api_keys"),
    ],
};
