//! `badgecast audit`: the trail, checked and printed. Works beside a running server.

use std::{path::PathBuf, process::ExitCode};

use serde_json::json;

use super::{Failed, say};
use crate::{
    config::Config,
    house::open_database,
    tables::{
        Database, Error,
        audit::{self, Head, Link, Verdict},
        organizations,
    },
    witness,
};

/// One line for each organization.
pub(super) async fn verify(config: Config, witness: Option<PathBuf>) -> Result<ExitCode, Failed> {
    let file = witness.unwrap_or_else(|| witness::file(&config.data));
    let witnessed = witness::read(&file).map_err(Failed::at(&file.display().to_string()))?;
    let database = open_database(&config).await.map_err(in_words)?;
    let checked = check(&database, &witnessed, say).await;
    database.close().await;
    Ok(if checked.map_err(in_words)? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Whether all trails are whole.
async fn check(database: &Database, witnessed: &[Head], mut say: impl FnMut(&str)) -> Result<bool, Error> {
    let mut whole = true;
    for organization in organizations::all(database.read()).await? {
        let seen = witnessed.iter().find(|head| head.organization == organization.id);
        let verdict = audit::verify(database.read(), organization.id, seen).await?;
        whole &= matches!(verdict, Verdict::Whole { .. });
        let words = match verdict {
            Verdict::Whole { entries } => format!("{entries} entries, whole"),
            Verdict::Broken { seq } => {
                format!("BROKEN at entry {seq}: it was changed, or the one before it is missing")
            }
            Verdict::Short { entries, of } => {
                format!("SHORT: {entries} entries of {of}, the newest are missing")
            }
            Verdict::Rewritten { seq } => {
                format!("REWRITTEN: entry {seq}, which was witnessed, is missing or another")
            }
        };
        say(&format!("{} {}: {words}\n", organization.id, organization.name));
    }
    Ok(whole)
}

/// One JSON object a line: what the hash covers, and the hashes in hex.
pub(super) async fn export(config: Config) -> Result<ExitCode, Failed> {
    let database = open_database(&config).await.map_err(in_words)?;
    let printed = print(&database, say).await;
    database.close().await;
    printed.map_err(in_words)?;
    Ok(ExitCode::SUCCESS)
}

async fn print(database: &Database, mut say: impl FnMut(&str)) -> Result<(), Error> {
    for organization in organizations::all(database.read()).await? {
        let mut last = 0;
        loop {
            let links = audit::chain(database.read(), organization.id, last).await?;
            let Some(newest) = links.last() else { break };
            last = newest.entry.seq;
            for Link { entry, before, hash } in links {
                let line = json!({
                    "organization_id": organization.id,
                    "seq": entry.seq,
                    "at": entry.at,
                    "actor_kind": entry.actor_kind,
                    "actor_id": entry.actor_id,
                    "action": entry.action,
                    "object_kind": entry.object_kind,
                    "object_id": entry.object_id,
                    "result": entry.result,
                    "request_id": entry.request_id,
                    "detail": entry.detail,
                    "prev_hash": hex(&before),
                    "hash": hex(&hash),
                });
                say(&format!("{line}\n"));
            }
        }
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn in_words(error: impl std::fmt::Display) -> Failed {
    Failed(error.to_string())
}

#[cfg(test)]
mod tests {
    use badgecast_domain::time::Moment;
    use sea_orm::ConnectionTrait as _;

    use super::*;
    use crate::{
        auth::Scope,
        tables::{Tx, groups},
    };

    #[tokio::test]
    async fn a_trail_is_printed_link_by_link_and_a_changed_one_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::sqlite(&folder.path().join("badgecast.db")).await.unwrap();
        let now = Moment::from_s(1_800_000_000);
        let make = async |tx: &Tx| {
            let scope = Scope::house(organizations::create(tx, "Clinic", now).await?);
            for name in ["one", "two", "three"] {
                groups::create(tx, &scope, name, now).await?;
            }
            Ok::<_, Error>(())
        };
        database.write(make).await.unwrap();
        let mut said = String::new();
        assert!(check(&database, &[], |words| said.push_str(words)).await.unwrap());
        assert!(said.ends_with("Clinic: 3 entries, whole\n"), "{said}");

        let mut lines = String::new();
        print(&database, |line| lines.push_str(line)).await.unwrap();
        let links: Vec<serde_json::Value> =
            lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(links.len(), 3);
        assert_eq!(links[0]["prev_hash"], "0".repeat(64));
        assert_eq!(links[1]["prev_hash"], links[0]["hash"]);
        assert_eq!(links[2]["action"], "group.create");

        let forge = async |tx: &Tx| {
            tx.execute_unprepared("DROP TRIGGER audit_keeps_words").await?;
            tx.execute_unprepared(
                "UPDATE audit SET actor_kind = 'badge', actor_id = organization_id WHERE seq = 2",
            )
            .await?;
            Ok::<_, Error>(())
        };
        database.write(forge).await.unwrap();
        let mut said = String::new();
        assert!(!check(&database, &[], |words| said.push_str(words)).await.unwrap());
        assert!(said.contains("BROKEN at entry 2"), "{said}");
    }
}
