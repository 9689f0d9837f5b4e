//! Displays, announcements and receipts.

use crate::{
    engine::{Guard, Schema, on_both},
    rows::{self, ANNOUNCEMENT, BADGE, GROUP, foreign, id, none},
};

on_both! {
    async fn a_display_never_says_more_than_was_asked_of_it(schema: &Schema) {
        schema.furnished().await;
        let display = rows::display;
        schema.refuses(Guard::Check, display().with("held_revision", none::<i64>()).with("held_at", none::<i64>())
            .with("written_revision", none::<i64>()).with("written_at", none::<i64>())
            .with("shown_revision", none::<i64>()).with("shown_at", none::<i64>())
            .with("refused_revision", none::<i64>()), "revision", 0_i64).await;
        for column in ["held_revision", "written_revision", "shown_revision", "refused_revision"] {
            schema.refuses(Guard::Check, display(), column, 4_i64).await;
        }
        for column in ["held_at", "written_at", "shown_at"] {
            schema.refuses(Guard::Check, display(), column, none::<i64>()).await;
        }
        schema.refuses(Guard::Check, display(), "crc", 4_294_967_296_i64).await;
        schema.refuses(Guard::Check, display(), "crc", -1_i64).await;
        schema.refuses(Guard::Check, display(), "reported_crc", 4_294_967_296_i64).await;
        schema.refuses(Guard::Check, display(), "reason", "r".repeat(201)).await;
        schema.refuses(Guard::Foreign, display(), "badge_id", foreign(BADGE)).await;
        schema.insert(&display()).await.unwrap();
        schema.refuses_row(Guard::Unique, display()).await;
    }

    async fn what_a_badge_said_before_is_kept_once_a_revision(schema: &Schema) {
        schema.furnished().await;
        let history = rows::display_history;
        schema.refuses(Guard::Check, history(), "revision", 0_i64).await;
        schema.refuses(Guard::Foreign, history(), "badge_id", foreign(BADGE)).await;
        schema.insert(&history()).await.unwrap();
        schema.refuses_row(Guard::Unique, history()).await;
        schema.accepts(history().with("revision", 4_i64)).await;
    }

    async fn an_announcement_has_a_level_a_span_and_a_deadline(schema: &Schema) {
        schema.furnished().await;
        let announcement = rows::announcement;
        schema.refuses(Guard::Check, announcement(), "author_kind", "badge").await;
        schema.refuses(Guard::Check, announcement(), "author_kind", "house").await;
        schema.refuses(Guard::Check, announcement(), "revision", 0_i64).await;
        schema.refuses(Guard::Check, announcement(), "level", "loud").await;
        schema.refuses(Guard::Check, announcement(), "audience_kind", "everyone").await;
        schema.refuses(Guard::Check, announcement(), "valid_until", 10_i64).await;
        schema.refuses(Guard::Check, announcement(), "receipt_deadline", 10_i64).await;
        schema.refuses(Guard::Foreign, announcement(), "organization_id", id(0x999)).await;
    }

    async fn an_audience_stays_inside_the_organization(schema: &Schema) {
        schema.furnished().await;
        schema.refuses(Guard::Foreign, rows::announcement_group(), "group_id", foreign(GROUP)).await;
        schema.refuses(Guard::Foreign, rows::announcement_group(), "announcement_id", foreign(ANNOUNCEMENT)).await;
        schema.refuses(Guard::Foreign, rows::announcement_badge(), "badge_id", foreign(BADGE)).await;
        schema.refuses(Guard::Foreign, rows::announcement_badge(), "announcement_id", foreign(ANNOUNCEMENT)).await;
        schema.refuses(Guard::Foreign, rows::announcement_tag(), "announcement_id", foreign(ANNOUNCEMENT)).await;
        schema.refuses(Guard::Check, rows::announcement_tag(), "tag", "").await;
        for row in [rows::announcement_group(), rows::announcement_badge(), rows::announcement_tag()] {
            schema.insert(&row).await.unwrap();
            schema.refuses_row(Guard::Unique, row).await;
        }
    }

    async fn a_receipt_is_one_badge_and_one_revision(schema: &Schema) {
        schema.furnished().await;
        let receipt = rows::receipt;
        schema.refuses(Guard::Check, receipt(), "revision", 0_i64).await;
        schema.refuses(Guard::Check, receipt(), "state", 8_i64).await;
        schema.refuses(Guard::Check, receipt(), "state", -1_i64).await;
        schema.refuses(Guard::Check, receipt(), "shown_at", none::<i64>()).await;
        schema.refuses(Guard::Check, receipt(), "crc", 4_294_967_296_i64).await;
        schema.refuses(Guard::Check, receipt(), "reason", "r".repeat(201)).await;
        schema.refuses(Guard::Foreign, receipt(), "badge_id", foreign(BADGE)).await;
        schema.refuses(Guard::Foreign, receipt(), "announcement_id", foreign(ANNOUNCEMENT)).await;
        schema.insert(&receipt()).await.unwrap();
        schema.refuses_row(Guard::Unique, receipt()).await;
        schema.accepts(receipt().with("revision", 2_i64)).await;
    }
}
