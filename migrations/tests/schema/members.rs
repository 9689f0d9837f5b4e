//! Organizations, people, badges, groups and tags.

use sea_orm::ConnectionTrait as _;
use uuid::Uuid;

use crate::{
    engine::{Guard, Schema, on_both},
    rows::{self, BADGE, GATEWAY, GROUP, THEIRS, USER, foreign, id, none},
};

on_both! {
    async fn people_have_one_lower_case_email_and_a_role_we_know(schema: &Schema) {
        schema.furnished().await;
        schema.refuses(Guard::Check, rows::organization(), "name", "").await;
        schema.refuses(Guard::Unique, rows::organization(), "id", id(1)).await;
        schema.refuses(Guard::Check, rows::user(), "role", "king").await;
        schema.refuses(Guard::Check, rows::user(), "email", "Ada@example.org").await;
        schema.refuses(Guard::Check, rows::user(), "email", "a").await;
        schema.refuses(Guard::Check, rows::user(), "name", "").await;
        schema.refuses(Guard::Check, rows::user(), "folded", "").await;
        schema.refuses(Guard::Unique, rows::user(), "email", "owner2@example.org").await;
        schema.refuses(Guard::Foreign, rows::user(), "organization_id", id(0x999)).await;
        schema.refuses(Guard::Present, rows::user(), "name", none::<String>()).await;
    }

    async fn badges_are_what_the_vocabulary_says(schema: &Schema) {
        schema.furnished().await;
        let claimed = || rows::badge().with("claimed_at", 1_i64).with("secret_hash", rows::hash(1));
        schema.accepts(claimed()).await;
        schema.refuses(Guard::Check, rows::badge(), "code", "7K2MXX").await;
        schema.refuses(Guard::Check, rows::badge(), "code", "B-7K2").await;
        schema.refuses(Guard::Unique, rows::badge(), "code", "B-AAAA").await;
        schema.refuses(Guard::Check, rows::badge(), "name", "").await;
        schema.refuses(Guard::Check, rows::badge(), "folded", "").await;
        schema.refuses(Guard::Check, rows::badge(), "kind", "toaster").await;
        schema.refuses(Guard::Check, rows::badge(), "panel", "16x64").await;
        schema.refuses(Guard::Check, rows::badge(), "model", "").await;
        schema.refuses(Guard::Check, rows::badge(), "firmware", "").await;
        schema.refuses(Guard::Check, rows::badge(), "max_bytes", 0_i64).await;
        schema.refuses(Guard::Check, claimed(), "secret_hash", vec![1_u8; 31]).await;
        schema.refuses(Guard::Check, claimed(), "claimed_at", none::<i64>()).await;
        schema.refuses(Guard::Check, claimed(), "public_key", "{}").await;
        schema.refuses(Guard::Check, claimed().with("public_key", "{}").with("key_thumbprint", "t".repeat(43)),
            "key_thumbprint", "t".repeat(42)).await;
        schema.refuses(Guard::Foreign, rows::badge(), "organization_id", id(0x999)).await;
    }

    async fn an_owner_has_one_badge_in_service_and_is_of_the_same_organization(schema: &Schema) {
        schema.furnished().await;
        schema.refuses(Guard::Unique, rows::badge(), "owner_id", id(USER)).await;
        schema.accepts(rows::badge().with("owner_id", id(USER)).with("retired_at", 1_i64)).await;
        let unowned = rows::badge().with("retired_at", 1_i64);
        schema.refuses(Guard::Foreign, unowned, "owner_id", foreign(USER)).await;
        let gateway = || rows::badge().with("kind", "gateway");
        let colleague = rows::user();
        schema.insert(&colleague).await.unwrap();
        schema.refuses(Guard::Check, gateway(), "owner_id", id(0x100)).await;
    }

    async fn a_gateway_speaks_for_badges_of_its_own_organization(schema: &Schema) {
        schema.furnished().await;
        let behind = || rows::badge().with("gateway_id", id(GATEWAY));
        schema.refuses(Guard::Foreign, behind(), "gateway_id", foreign(GATEWAY)).await;
        schema.refuses(Guard::Check, behind(), "kind", "gateway").await;
    }

    async fn groups_and_tags_hold_badges_of_their_own_organization_once(schema: &Schema) {
        schema.furnished().await;
        schema.refuses(Guard::Check, rows::group(), "name", "").await;
        schema.refuses(Guard::Unique, rows::group(), "name", "front desk").await;
        schema.refuses(Guard::Foreign, rows::group(), "organization_id", id(0x999)).await;
        schema.refuses(Guard::Foreign, rows::group_badge(), "badge_id", foreign(BADGE)).await;
        schema.refuses(Guard::Foreign, rows::group_badge(), "group_id", foreign(GROUP)).await;
        schema.refuses(Guard::Foreign, rows::group_badge(), "organization_id", id(THEIRS)).await;
        schema.refuses(Guard::Foreign, rows::badge_tag(), "badge_id", foreign(BADGE)).await;
        schema.refuses(Guard::Check, rows::badge_tag(), "tag", "").await;
        schema.refuses(Guard::Check, rows::badge_tag(), "tag", "t".repeat(65)).await;
        schema.insert(&rows::group_badge()).await.unwrap();
        schema.refuses_row(Guard::Unique, rows::group_badge()).await;
        schema.insert(&rows::badge_tag()).await.unwrap();
        schema.refuses_row(Guard::Unique, rows::badge_tag()).await;
    }

    async fn a_group_that_goes_takes_its_links_along(schema: &Schema) {
        schema.furnished().await;
        schema.insert(&rows::group_badge()).await.unwrap();
        schema.insert(&rows::announcement_group()).await.unwrap();
        schema.run("DELETE FROM groups WHERE id = $1", vec![id(GROUP).into()]).await.unwrap();
        assert_eq!(schema.count("SELECT count(*) FROM group_badges").await, 0);
        assert_eq!(schema.count("SELECT count(*) FROM announcement_groups").await, 0);
    }

    async fn an_id_is_read_back_as_it_was_written(schema: &Schema) {
        schema.furnished().await;
        let sql = "SELECT id FROM badges WHERE organization_id = $1 AND owner_id = $2";
        let statement = sea_orm::Statement::from_sql_and_values(
            schema.connection.get_database_backend(), sql, [id(1).into(), id(USER).into()]);
        let row = schema.connection.query_one_raw(statement).await.unwrap().unwrap();
        assert_eq!(row.try_get::<Uuid>("", "id").unwrap(), id(BADGE));
    }
}
