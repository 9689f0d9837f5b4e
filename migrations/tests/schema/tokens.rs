//! Clients, keys, refresh families, codes, sessions and revocations.

use uuid::Uuid;

use crate::{
    engine::{Guard, Schema, on_both},
    rows::{self, BADGE, CLIENT, FAMILY, USER, foreign, hash, id, none},
};

on_both! {
    async fn a_confidential_client_has_a_credential_and_a_public_one_has_none(schema: &Schema) {
        schema.furnished().await;
        schema.refuses(Guard::Check, rows::client(), "name", "").await;
        schema.refuses(Guard::Check, rows::client(), "kind", "public").await;
        schema.refuses(Guard::Check, rows::client(), "kind", "secret").await;
        schema.refuses(Guard::Check, rows::client(), "secret_hash", none::<Vec<u8>>()).await;
        schema.refuses(Guard::Check, rows::client(), "secret_hash", vec![1_u8]).await;
        schema.accepts(rows::client().with("kind", "public").with("secret_hash", none::<Vec<u8>>())).await;
        schema.refuses(Guard::Foreign, rows::client(), "organization_id", id(0x999)).await;
        schema.refuses(Guard::Check, rows::client(), "key_bound", 2_i64).await;
        schema.accepts(rows::client().with("key_bound", 1_i64)).await;
        schema.refuses(Guard::Check, rows::authorization_code(), "jkt", "short").await;
        schema.accepts(rows::authorization_code().with("jkt", "j".repeat(43))).await;
    }

    async fn a_key_belongs_to_one_user_or_one_client(schema: &Schema) {
        schema.furnished().await;
        let key = rows::api_key;
        schema.refuses(Guard::Check, key(), "client_id", id(CLIENT)).await;
        schema.refuses(Guard::Check, key(), "user_id", none::<Uuid>()).await;
        schema.refuses(Guard::Foreign, key(), "user_id", foreign(USER)).await;
        schema.refuses(Guard::Foreign, key().with("user_id", none::<Uuid>()).with("client_id", id(CLIENT)),
            "client_id", foreign(CLIENT)).await;
        schema.refuses(Guard::Check, key(), "name", "").await;
        schema.refuses(Guard::Check, key(), "hash", vec![2_u8]).await;
        schema.refuses(Guard::Check, key(), "expires_at", 1_i64).await;
        schema.insert(&key()).await.unwrap();
        schema.refuses_row(Guard::Unique, key().with("id", id(0x200))).await;
        schema.refuses(Guard::Check, rows::signing_key(), "kid", "a1b2c3d4e").await;
        schema.refuses(Guard::Check, rows::signing_key(), "purpose", "fun").await;
        schema.refuses(Guard::Check, rows::signing_key(), "retires_at", 1_i64).await;
        schema.insert(&rows::signing_key()).await.unwrap();
        schema.refuses_row(Guard::Unique, rows::signing_key()).await;
    }

    async fn a_family_has_at_most_one_usable_token(schema: &Schema) {
        schema.furnished().await;
        let child = || rows::refresh_token().with("hash", hash(0x20)).with("generation", 1_i64)
            .with("parent_hash", hash(4));
        schema.accepts(child()).await;
        schema.insert(&rows::refresh_token()).await.unwrap();
        schema.refuses_row(Guard::Unique, child()).await;
        let use_it = "UPDATE refresh_tokens SET used_at = $1, child_hash = $2 WHERE hash = $3 AND used_at IS NULL";
        let values = || vec![1_i64.into(), hash(0x20).into(), hash(4).into()];
        assert_eq!(schema.run(use_it, values()).await.unwrap(), 1);
        assert_eq!(schema.run(use_it, values()).await.unwrap(), 0, "a token is used once");
        schema.insert(&child()).await.unwrap();
        schema.refuses_row(Guard::Unique, child().with("hash", hash(0x21))).await;
        schema.run("UPDATE refresh_tokens SET killed_at = $1 WHERE hash = $2", vec![1_i64.into(), hash(0x20).into()])
            .await.unwrap();
        schema.accepts(child().with("hash", hash(0x21))).await;
    }

    async fn families_and_their_tokens_hold_together(schema: &Schema) {
        schema.furnished().await;
        let (family, token) = (rows::family, rows::refresh_token);
        schema.refuses(Guard::Foreign, family(), "user_id", foreign(USER)).await;
        schema.refuses(Guard::Foreign, family(), "badge_id", foreign(BADGE)).await;
        schema.refuses(Guard::Check, family(), "client_id", "").await;
        schema.refuses(Guard::Check, family(), "jkt", "short").await;
        schema.refuses(Guard::Check, family(), "expires_at", 1_i64).await;
        schema.refuses(Guard::Check, family(), "revoked_at", 1_i64).await;
        schema.refuses(Guard::Check, token(), "hash", vec![4_u8]).await;
        schema.refuses(Guard::Check, token(), "generation", 1_i64).await;
        schema.refuses(Guard::Check, token(), "generation", -1_i64).await;
        schema.refuses(Guard::Check, token(), "parent_hash", hash(1)).await;
        schema.refuses(Guard::Check, token(), "used_at", 1_i64).await;
        schema.refuses(Guard::Check, token().with("used_at", 1_i64).with("child_hash", hash(1)),
            "killed_at", 1_i64).await;
        schema.refuses(Guard::Check, token().with("used_at", 1_i64).with("child_hash", hash(1)),
            "child_hash", vec![1_u8]).await;
        schema.refuses(Guard::Check, token(), "replacements", 3_i64).await;
        schema.refuses(Guard::Check, token(), "expires_at", 1_i64).await;
        schema.refuses(Guard::Foreign, token(), "family_id", id(0x999)).await;
        schema.refuses(Guard::Foreign, rows::family_token(), "family_id", id(0x999)).await;
        schema.insert(&rows::family_token()).await.unwrap();
        schema.refuses_row(Guard::Unique, rows::family_token()).await;
    }

    async fn revocations_are_merged_by_the_larger_moment(schema: &Schema) {
        schema.furnished().await;
        schema.refuses(Guard::Check, rows::revocation(), "kind", "planet").await;
        schema.refuses(Guard::Check, rows::revocation(), "keep_until", 0_i64).await;
        schema.refuses(Guard::Foreign, rows::revocation(), "organization_id", id(0x999)).await;
        schema.insert(&rows::revocation().with("not_before", 5_i64).with("keep_until", 9_i64)).await.unwrap();
        schema.refuses_row(Guard::Unique, rows::revocation()).await;
    }

    async fn a_badge_has_one_claim_and_its_code_is_nobody_elses(schema: &Schema) {
        schema.furnished().await;
        let claim = rows::claim;
        schema.refuses(Guard::Check, claim(), "code_hash", vec![5_u8]).await;
        schema.refuses(Guard::Check, claim(), "expires_at", 1_i64).await;
        schema.refuses(Guard::Check, claim(), "used_at", none::<i64>()).await;
        schema.refuses(Guard::Foreign, claim(), "badge_id", foreign(BADGE)).await;
        schema.insert(&claim()).await.unwrap();
        schema.refuses_row(Guard::Unique, claim().with("code_hash", hash(0x20))).await;
        schema.refuses_row(Guard::Unique, claim().with("badge_id", foreign(BADGE)).with("organization_id", id(2))).await;
    }

    async fn codes_are_hashed_bound_and_short_lived(schema: &Schema) {
        schema.furnished().await;
        let code = rows::authorization_code;
        schema.refuses(Guard::Check, code(), "hash", vec![6_u8]).await;
        schema.refuses(Guard::Check, code(), "challenge", "plain").await;
        schema.refuses(Guard::Check, code(), "expires_at", 1_i64).await;
        schema.refuses(Guard::Check, code(), "used_at", none::<i64>()).await;
        schema.refuses(Guard::Foreign, code(), "client_id", foreign(CLIENT)).await;
        schema.refuses(Guard::Foreign, code(), "user_id", foreign(USER)).await;
        schema.refuses(Guard::Foreign, code(), "family_id", foreign(FAMILY)).await;
        schema.insert(&code()).await.unwrap();
        schema.refuses_row(Guard::Unique, code()).await;
    }

    async fn a_device_code_is_approved_by_one_person_of_one_organization(schema: &Schema) {
        schema.furnished().await;
        let code = rows::device_code;
        schema.refuses(Guard::Check, code(), "hash", vec![7_u8]).await;
        schema.refuses(Guard::Check, code(), "user_code_hash", vec![8_u8]).await;
        schema.refuses(Guard::Check, code(), "client_id", "").await;
        schema.refuses(Guard::Check, code(), "interval_s", 0_i64).await;
        schema.refuses(Guard::Check, code(), "attempts", 6_i64).await;
        schema.refuses(Guard::Check, code(), "expires_at", 1_i64).await;
        schema.refuses(Guard::Check, code(), "approved_by", none::<Uuid>()).await;
        schema.refuses(Guard::Check, code(), "denied_at", 1_i64).await;
        schema.refuses(Guard::Check, code(), "organization_id", none::<Uuid>()).await;
        schema.refuses(Guard::Check, code().with("approved_by", none::<Uuid>()).with("approved_at", none::<i64>())
            .with("used_at", none::<i64>()), "used_at", 1_i64).await;
        schema.refuses(Guard::Foreign, code(), "approved_by", foreign(USER)).await;
        schema.refuses(Guard::Foreign, code(), "badge_id", foreign(BADGE)).await;
        schema.refuses(Guard::Foreign, code(), "family_id", foreign(FAMILY)).await;
        schema.insert(&code()).await.unwrap();
        schema.refuses_row(Guard::Unique, code().with("hash", hash(0x20))).await;
        schema.refuses_row(Guard::Unique, code().with("user_code_hash", hash(0x20))).await;
    }

    async fn a_remembered_session_may_only_edit_its_own_badge(schema: &Schema) {
        schema.furnished().await;
        let session = rows::session;
        schema.refuses(Guard::Check, session(), "scope", "badges:own badges:read").await;
        schema.refuses(Guard::Check, session(), "kind", "eternal").await;
        schema.refuses(Guard::Check, session(), "hash", vec![9_u8]).await;
        schema.refuses(Guard::Check, session(), "user_agent", "u".repeat(301)).await;
        schema.refuses(Guard::Check, session(), "expires_at", 1_i64).await;
        schema.refuses(Guard::Foreign, session(), "user_id", foreign(USER)).await;
        schema.refuses(Guard::Foreign, session(), "badge_id", foreign(BADGE)).await;
        schema.insert(&session()).await.unwrap();
        schema.refuses_row(Guard::Unique, session().with("hash", hash(0x20))).await;
        schema.refuses_row(Guard::Unique, session().with("id", id(0x200))).await;
    }

    async fn what_was_seen_is_remembered_once(schema: &Schema) {
        schema.furnished().await;
        schema.refuses(Guard::Check, rows::replay_id(), "hash", vec![1_u8]).await;
        schema.insert(&rows::replay_id()).await.unwrap();
        schema.refuses_row(Guard::Unique, rows::replay_id()).await;
        schema.refuses(Guard::Check, rows::login_failure(), "account", vec![1_u8]).await;
        schema.refuses(Guard::Check, rows::login_failure(), "failures", 0_i64).await;
        schema.insert(&rows::login_failure()).await.unwrap();
        schema.refuses_row(Guard::Unique, rows::login_failure()).await;
        schema.accepts(rows::login_failure().with("network", "10.0.0.0/24")).await;
    }

    async fn a_place_is_known_once_to_whom_it_is_known(schema: &Schema) {
        schema.furnished().await;
        schema.refuses(Guard::Check, rows::place(), "kind", "planet").await;
        schema.refuses(Guard::Check, rows::place(), "value", vec![1_u8]).await;
        schema.refuses(Guard::Foreign, rows::place(), "organization_id", id(0x999)).await;
        schema.insert(&rows::place()).await.unwrap();
        schema.refuses_row(Guard::Unique, rows::place().with("last_at", 2_i64)).await;
        schema.accepts(rows::place().with("kind", "browser")).await;
        schema.accepts(rows::place().with("subject", id(0x200))).await;
    }
}
