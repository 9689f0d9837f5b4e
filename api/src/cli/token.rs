//! `badgecast token mint`: tokens of every kind, for tests, without a running server.

use std::{process::ExitCode, time::Duration};

use badgecast_domain::{
    id::{BadgeId, OrganizationId},
    time::Moment,
    token::FIRST_PARTY_CLIENT,
};

use super::{Failed, TokenMint, say};
use crate::{
    auth::{
        keys::Use,
        tokens::{Grant, Tokens},
    },
    config::Config,
    house::{open_database, open_tokens},
    tables::{Database, clients, people, signing_keys},
};

pub(super) async fn mint(config: Config, wish: TokenMint) -> Result<ExitCode, Failed> {
    let config = Config { test_keys: true, ..config };
    let database = open_database(&config).await.map_err(in_words)?;
    let minted = minted(&config, &database, wish).await;
    database.close().await;
    say(&format!("{}\n", minted?));
    Ok(ExitCode::SUCCESS)
}

async fn minted(config: &Config, database: &Database, wish: TokenMint) -> Result<String, Failed> {
    let now: Moment = std::time::SystemTime::now().into();
    if signing_keys::all(database.read(), Use::Test).await.map_err(in_words)?.is_empty() {
        return Err(Failed("this data folder was never started with --test-keys".to_owned()));
    }
    let mut grant = bearer(database, &wish).await?;
    if let Some(scope) = &wish.scope {
        grant.scope = scope.parse().map_err(Failed::at("--scope"))?;
    }
    if let Some(ttl) = &wish.ttl {
        grant.ttl =
            span(ttl).ok_or_else(|| Failed("--ttl is a number with s, m or h, such as 60s".to_owned()))?;
    }
    let tokens: Tokens = open_tokens(config, database).await.map_err(in_words)?;
    tokens.mint(grant, wish.wrong, now).map_err(in_words)
}

/// Whose token it is.
async fn bearer(database: &Database, wish: &TokenMint) -> Result<Grant, Failed> {
    let db = database.read();
    if let Some(email) = &wish.user {
        let found = people::by_email(db, email).await.map_err(in_words)?;
        let (person, _) = found.ok_or_else(|| Failed(format!("nobody has the email {email}")))?;
        let scope = person.role.scopes();
        return Ok(Grant::person(person.id, FIRST_PARTY_CLIENT, person.organization, scope));
    }
    let text = wish.badge.as_deref().unwrap_or_default();
    let id: BadgeId = text.parse().map_err(Failed::at("--badge"))?;
    let organization: Option<OrganizationId> =
        clients::organization_of_badge(db, id).await.map_err(in_words)?;
    let organization = organization.ok_or_else(|| Failed(format!("there is no badge {id}")))?;
    Ok(Grant::badge(id, organization))
}

/// `60s`, `15m`, `1h`.
fn span(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        _ => return None,
    };
    Some(Duration::from_secs(number.parse::<u64>().ok()?.checked_mul(seconds)?))
}

fn in_words(error: impl std::fmt::Display) -> Failed {
    Failed(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_a_number_and_a_unit() {
        assert_eq!(span("60s"), Some(Duration::from_secs(60)));
        assert_eq!(span("2h"), Some(Duration::from_secs(7_200)));
        for wrong in ["", "s", "60", "-1s", "1d", "é"] {
            assert_eq!(span(wrong), None, "{wrong}");
        }
    }
}
