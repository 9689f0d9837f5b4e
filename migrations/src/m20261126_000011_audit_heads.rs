//! The heads of the audit trails only ever grow, so that cutting a trail and its head together takes more than one
//! statement; and no row of the trail gives way to another.

use crate::change::{Change, Step};

pub(crate) const CHANGE: Change = Change {
    name: "m20261126_000011_audit_heads",
    up: &[
        Step::Sqlite(
            "CREATE TRIGGER audit_heads_stay BEFORE DELETE ON audit_heads
            BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END",
        ),
        Step::Sqlite(
            "CREATE TRIGGER audit_heads_grow BEFORE UPDATE ON audit_heads
            WHEN NEW.length < OLD.length OR (NEW.length = OLD.length AND NEW.hash <> OLD.hash)
                OR NEW.organization_id <> OLD.organization_id
            BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END",
        ),
        Step::Postgres(
            "CREATE FUNCTION refuse_shorter_audit() RETURNS trigger LANGUAGE plpgsql
            AS $$ BEGIN RAISE EXCEPTION 'audit is append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$",
        ),
        Step::Postgres(
            "CREATE TRIGGER audit_heads_stay BEFORE DELETE OR TRUNCATE ON audit_heads
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_shorter_audit()",
        ),
        Step::Postgres(
            "CREATE TRIGGER audit_heads_grow BEFORE UPDATE ON audit_heads FOR EACH ROW
            WHEN (NEW.length < OLD.length OR (NEW.length = OLD.length AND NEW.hash <> OLD.hash)
                OR NEW.organization_id <> OLD.organization_id)
            EXECUTE FUNCTION refuse_shorter_audit()",
        ),
    ],
    down: &[
        Step::Sqlite("DROP TRIGGER audit_heads_stay"),
        Step::Sqlite("DROP TRIGGER audit_heads_grow"),
        Step::Postgres("DROP TRIGGER audit_heads_stay ON audit_heads"),
        Step::Postgres("DROP TRIGGER audit_heads_grow ON audit_heads"),
        Step::Postgres("DROP FUNCTION refuse_shorter_audit()"),
    ],
};
