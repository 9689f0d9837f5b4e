//! Up, down and up again.

use badgecast_migrations::{Migrator, MigratorTrait as _};
use sea_orm::DbBackend;

use crate::{
    engine::{Schema, on_both},
    rows::{self, OURS, id},
};

/// Tables, indices, triggers and functions of ours that stand.
async fn standing(schema: &Schema) -> i64 {
    match schema.connection.get_database_backend() {
        DbBackend::Sqlite => {
            let ours = "name NOT LIKE 'sqlite_%' AND tbl_name <> 'seaql_migrations'";
            schema.count(&format!("SELECT count(*) FROM sqlite_master WHERE {ours}")).await
        }
        _ => {
            let things = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
                AND relname NOT LIKE 'seaql_migrations%'
                UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
                UNION ALL SELECT tgname FROM pg_trigger WHERE NOT tgisinternal";
            schema.count(&format!("SELECT count(*) FROM ({things}) AS things")).await
        }
    }
}

on_both! {
    async fn every_change_can_be_taken_back_and_made_again(schema: &Schema) {
        schema.up().await;
        let whole = standing(schema).await;
        assert!(whole > 50, "{whole} things stand");
        schema.down().await;
        assert_eq!(standing(schema).await, 0, "something is left behind");
        schema.furnished().await;
        assert_eq!(standing(schema).await, whole);
    }

    async fn each_step_back_leaves_what_the_steps_before_it_made(schema: &Schema) {
        let mut after = vec![0];
        for _ in Migrator::migrations() {
            Migrator::up(&schema.connection, Some(1)).await.unwrap();
            after.push(standing(schema).await);
        }
        while let Some(stood) = after.pop() {
            assert_eq!(standing(schema).await, stood);
            if !after.is_empty() {
                Migrator::down(&schema.connection, Some(1)).await.unwrap();
            }
        }
    }

    async fn changes_count_on_when_their_table_is_made_anew(schema: &Schema) {
        let before = Migrator::migrations().iter().filter(|one| one.name() < "m20261126").count();
        Migrator::up(&schema.connection, Some(u32::try_from(before).unwrap())).await.unwrap();
        schema.insert(&rows::organization().with("id", id(OURS))).await.unwrap();
        schema.insert(&rows::change()).await.unwrap();
        let last = schema.count("SELECT seq FROM changes").await;
        schema.run("DELETE FROM changes", vec![]).await.unwrap();
        schema.up().await;
        schema.insert(&rows::change().with("kind", "gateway")).await.unwrap();
        assert!(schema.count("SELECT seq FROM changes").await > last);
    }

    async fn going_up_twice_changes_nothing(schema: &Schema) {
        schema.furnished().await;
        schema.up().await;
        assert_eq!(schema.count("SELECT count(*) FROM organizations").await, 2);
    }
}
