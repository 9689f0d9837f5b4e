//! Idempotency keys, audit, changes, nodes, connections and jobs.

use sea_orm::DbBackend;
use uuid::Uuid;

use crate::{
    engine::{Guard, Schema, on_both, refused_by},
    rows::{self, BADGE, foreign, hash, id, none},
};

on_both! {
    async fn an_idempotency_key_is_one_callers_on_one_route(schema: &Schema) {
        schema.furnished().await;
        let key = rows::idempotency_key;
        schema.refuses(Guard::Check, key(), "key", "").await;
        schema.refuses(Guard::Check, key(), "key", "k".repeat(256)).await;
        schema.refuses(Guard::Check, key(), "body_hash", vec![1_u8]).await;
        schema.refuses(Guard::Check, key(), "status", 99_i64).await;
        schema.refuses(Guard::Present, key(), "status", none::<i64>()).await;
        schema.insert(&key()).await.unwrap();
        schema.refuses_row(Guard::Unique, key().with("body_hash", hash(1))).await;
        schema.accepts(key().with("caller", id(0x200))).await;
        schema.accepts(key().with("route", "POST /api/v1/groups")).await;
    }

    async fn the_audit_trail_is_one_chain(schema: &Schema) {
        schema.furnished().await;
        let audit = rows::audit;
        schema.refuses(Guard::Check, audit(), "actor_kind", "ghost").await;
        schema.refuses(Guard::Check, audit(), "actor_id", none::<Uuid>()).await;
        schema.refuses(Guard::Check, audit(), "actor_kind", "house").await;
        schema.refuses(Guard::Check, audit(), "action", "").await;
        schema.refuses(Guard::Check, audit(), "object_kind", none::<String>()).await;
        schema.refuses(Guard::Check, audit(), "object_kind", "").await;
        schema.refuses(Guard::Check, audit(), "result", "perhaps").await;
        schema.refuses(Guard::Check, audit(), "hash", vec![1_u8]).await;
        schema.refuses(Guard::Check, audit(), "prev_hash", vec![1_u8]).await;
        schema.refuses(Guard::Foreign, audit(), "organization_id", id(0x999)).await;
        schema.insert(&audit()).await.unwrap();
        schema.refuses_row(Guard::Unique, audit().with("hash", hash(0x20))).await;
        schema.accepts(audit().with("prev_hash", hash(1)).with("hash", hash(2))).await;
        schema.refuses(Guard::Check, rows::audit_head(), "length", -1_i64).await;
        schema.refuses(Guard::Check, rows::audit_head(), "hash", vec![1_u8]).await;
        schema.refuses(Guard::Foreign, rows::audit_head(), "organization_id", id(0x999)).await;
        schema.insert(&rows::audit_head()).await.unwrap();
        schema.refuses_row(Guard::Unique, rows::audit_head()).await;
    }

    async fn what_the_audit_trail_says_is_never_changed(schema: &Schema) {
        schema.furnished().await;
        schema.insert(&rows::audit()).await.unwrap();
        for sql in ["UPDATE audit SET action = 'nothing'", "DELETE FROM audit"] {
            refused_by(Guard::AppendOnly, schema.run(sql, vec![]).await, &sql);
        }
        assert_eq!(schema.count("SELECT count(*) FROM audit WHERE action = 'badge.register'").await, 1);
    }

    async fn the_head_of_an_audit_trail_only_grows(schema: &Schema) {
        schema.furnished().await;
        schema.insert(&rows::audit_head()).await.unwrap();
        for sql in ["UPDATE audit_heads SET length = length - 1", "DELETE FROM audit_heads"] {
            refused_by(Guard::AppendOnly, schema.run(sql, vec![]).await, &sql);
        }
        let other = schema.run("UPDATE audit_heads SET hash = $1", vec![hash(9).into()]).await;
        refused_by(Guard::AppendOnly, other, &"another hash at the same length");
        let longer = "UPDATE audit_heads SET length = length + 1, hash = $1";
        assert_eq!(schema.run(longer, vec![hash(9).into()]).await.unwrap(), 1);
    }

    async fn changes_are_numbered_and_of_a_known_kind(schema: &Schema) {
        schema.furnished().await;
        schema.refuses(Guard::Check, rows::change(), "kind", "weather").await;
        schema.refuses(Guard::Check, rows::change(), "revision", -1_i64).await;
        schema.refuses(Guard::Foreign, rows::change(), "organization_id", id(0x999)).await;
        schema.run("DELETE FROM changes", vec![]).await.unwrap();
        schema.insert(&rows::change()).await.unwrap();
        let first = schema.count("SELECT seq FROM changes").await;
        schema.run("DELETE FROM changes", vec![]).await.unwrap();
        schema.insert(&rows::change()).await.unwrap();
        assert!(schema.count("SELECT seq FROM changes").await > first, "a number is never given twice");
        let of_a_transaction = schema.count("SELECT xid FROM changes").await;
        let postgres = schema.connection.get_database_backend() == DbBackend::Postgres;
        assert_eq!(of_a_transaction > 0, postgres);
    }

    async fn a_badge_hangs_on_one_node_and_goes_with_it(schema: &Schema) {
        schema.furnished().await;
        schema.refuses(Guard::Foreign, rows::connection(), "badge_id", foreign(BADGE)).await;
        schema.refuses(Guard::Foreign, rows::connection(), "node_id", id(0x999)).await;
        schema.insert(&rows::connection()).await.unwrap();
        schema.refuses_row(Guard::Unique, rows::connection().with("connection_id", id(0x200))).await;
        schema.run("DELETE FROM nodes", vec![]).await.unwrap();
        assert_eq!(schema.count("SELECT count(*) FROM connections").await, 0);
    }

    async fn a_job_stands_once_for_its_subject(schema: &Schema) {
        schema.furnished().await;
        schema.refuses(Guard::Check, rows::job(), "kind", "coffee").await;
        schema.refuses(Guard::Check, rows::job(), "attempts", -1_i64).await;
        schema.refuses(Guard::Foreign, rows::job(), "organization_id", id(0x999)).await;
        schema.insert(&rows::job()).await.unwrap();
        schema.refuses_row(Guard::Unique, rows::job().with("id", id(0x200))).await;
        schema.accepts(rows::job().with("id", id(0x200)).with("kind", "expiry")).await;
    }
}
