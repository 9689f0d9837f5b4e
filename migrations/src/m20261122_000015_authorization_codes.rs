//! Authorization codes with their PKCE challenge (RFC 7636, S256 only).
//!
//! A used code stays until it would have expired, with the family it gave, so that using it again can end that family.

use crate::change::{Change, Step};

pub(crate) const CHANGE: Change = Change {
    name: "m20261122_000015_authorization_codes",
    up: &[
        Step::Sql(
            "CREATE TABLE authorization_codes (
                hash BYTES PRIMARY KEY NOT NULL CHECK (length(hash) = 32),
                organization_id UUID NOT NULL REFERENCES organizations (id),
                client_id UUID NOT NULL,
                user_id UUID NOT NULL,
                scope TEXT NOT NULL,
                redirect_uri TEXT NOT NULL,
                challenge TEXT NOT NULL CHECK (length(challenge) = 43),
                nonce TEXT,
                auth_time MOMENT NOT NULL,
                created_at MOMENT NOT NULL,
                expires_at MOMENT NOT NULL,
                used_at MOMENT,
                family_id UUID,
                FOREIGN KEY (organization_id, client_id) REFERENCES clients (organization_id, id) ON DELETE CASCADE,
                FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id) ON DELETE CASCADE,
                FOREIGN KEY (organization_id, family_id) REFERENCES refresh_families (organization_id, id) ON DELETE CASCADE,
                CHECK (created_at < expires_at),
                CHECK (family_id IS NULL OR used_at IS NOT NULL)
            )",
        ),
        Step::Sql("CREATE INDEX authorization_codes_by_expiry ON authorization_codes (expires_at)"),
    ],
    down: &[
        Step::Sql("DROP TABLE authorization_codes"),
    ],
};
