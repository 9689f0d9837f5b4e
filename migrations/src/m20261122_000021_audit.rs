//! The audit trail: append-only, and chained by hash per organization.
//!
//! `hash` covers the row and `prev_hash`, the hash of the row before; the first row's is 32 zero bytes. Two rows cannot
//! follow the same one. `audit_heads` holds the newest, so that a trail cut short is noticed too.

use crate::change::{Change, Step};

pub(crate) const CHANGE: Change = Change {
    name: "m20261122_000021_audit",
    up: &[
        Step::Sql(
            "CREATE TABLE audit (
                seq SEQUENCE,
                organization_id UUID NOT NULL REFERENCES organizations (id),
                at MOMENT NOT NULL,
                actor_kind TEXT NOT NULL CHECK (actor_kind IN ('user', 'client', 'badge', 'house')),
                actor_id UUID,
                jti UUID,
                action TEXT NOT NULL CHECK (length(action) BETWEEN 1 AND 100),
                object_kind TEXT CHECK (length(object_kind) BETWEEN 1 AND 100),
                object_id UUID,
                result TEXT NOT NULL CHECK (result IN ('done', 'refused', 'failed')),
                ip TEXT,
                request_id TEXT,
                detail TEXT NOT NULL,
                prev_hash BYTES NOT NULL CHECK (length(prev_hash) = 32),
                hash BYTES NOT NULL CHECK (length(hash) = 32),
                UNIQUE (organization_id, prev_hash),
                CHECK ((actor_kind = 'house') = (actor_id IS NULL)),
                CHECK (object_id IS NULL OR object_kind IS NOT NULL)
            )",
        ),
        Step::Sql("CREATE INDEX audit_by_organization ON audit (organization_id, seq)"),
        Step::Sql(
            "CREATE TABLE audit_heads (
                organization_id UUID PRIMARY KEY NOT NULL REFERENCES organizations (id),
                length NUMBER NOT NULL CHECK (length >= 0),
                hash BYTES NOT NULL CHECK (length(hash) = 32)
            )",
        ),
        Step::Sqlite(
            "CREATE TRIGGER audit_keeps_rows BEFORE DELETE ON audit
            BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END",
        ),
        Step::Sqlite(
            "CREATE TRIGGER audit_keeps_words BEFORE UPDATE ON audit
            BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END",
        ),
        Step::Postgres(
            "CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql
            AS $$ BEGIN RAISE EXCEPTION 'audit is append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$",
        ),
        Step::Postgres(
            "CREATE TRIGGER audit_keeps_rows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()",
        ),
    ],
    down: &[
        Step::Sql("DROP TABLE audit_heads"),
        Step::Sql("DROP TABLE audit"),
        Step::Postgres("DROP FUNCTION refuse_audit_change()"),
    ],
};
