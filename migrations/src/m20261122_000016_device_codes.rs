//! Device codes (RFC 8628). The organization is known once someone of it approves.
//!
//! `device` is what the device said of itself, in JSON, to be shown to the person who is asked. A code for a badge names
//! the badge it became; a code for the command line has none.

use crate::change::{Change, Step};

pub(crate) const CHANGE: Change = Change {
    name: "m20261122_000016_device_codes",
    up: &[
        Step::Sql(
            "CREATE TABLE device_codes (
                hash BYTES PRIMARY KEY NOT NULL CHECK (length(hash) = 32),
                user_code_hash BYTES NOT NULL UNIQUE CHECK (length(user_code_hash) = 32),
                client_id TEXT NOT NULL CHECK (length(client_id) BETWEEN 1 AND 100),
                scope TEXT NOT NULL,
                device TEXT NOT NULL,
                public_key TEXT,
                network TEXT NOT NULL,
                interval_s NUMBER NOT NULL CHECK (interval_s BETWEEN 1 AND 300),
                created_at MOMENT NOT NULL,
                expires_at MOMENT NOT NULL,
                last_poll_at MOMENT,
                attempts NUMBER NOT NULL DEFAULT 0 CHECK (attempts BETWEEN 0 AND 5),
                organization_id UUID REFERENCES organizations (id),
                approved_by UUID,
                approved_at MOMENT,
                denied_at MOMENT,
                badge_id UUID,
                family_id UUID,
                used_at MOMENT,
                FOREIGN KEY (organization_id, approved_by) REFERENCES users (organization_id, id) ON DELETE CASCADE,
                FOREIGN KEY (organization_id, badge_id) REFERENCES badges (organization_id, id) ON DELETE CASCADE,
                FOREIGN KEY (organization_id, family_id) REFERENCES refresh_families (organization_id, id) ON DELETE CASCADE,
                CHECK (created_at < expires_at),
                CHECK ((approved_by IS NULL) = (approved_at IS NULL)),
                CHECK (approved_at IS NULL OR organization_id IS NOT NULL),
                CHECK (approved_at IS NULL OR denied_at IS NULL),
                CHECK (used_at IS NULL OR approved_at IS NOT NULL)
            )",
        ),
        Step::Sql("CREATE INDEX device_codes_by_expiry ON device_codes (expires_at)"),
    ],
    down: &[
        Step::Sql("DROP TABLE device_codes"),
    ],
};
