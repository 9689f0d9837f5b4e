//! `badgecast keys`: the keys that sign tokens, rotated and sealed again.

use std::{path::PathBuf, process::ExitCode};

use super::{Failed, say};
use crate::{
    auth::{seal::SealingKey, tokens::Tokens},
    config::Config,
    house::{open_database, open_tokens},
    tables::Tx,
};

/// Works beside a running server, which follows within seconds.
pub(super) async fn rotate(config: Config) -> Result<ExitCode, Failed> {
    let database = open_database(&config).await.map_err(in_words)?;
    let tokens = open_tokens(&config, &database).await.map_err(in_words)?;
    let now = std::time::SystemTime::now().into();
    let rotated = database.write(async |tx: &Tx| tokens.rotate(tx, now).await).await;
    database.close().await;
    rotated.map_err(in_words)?;
    say("the next key signs from now on\n");
    Ok(ExitCode::SUCCESS)
}

/// All keys or none: it is one transaction.
pub(super) async fn reseal(config: Config, old_key_file: Option<PathBuf>) -> Result<ExitCode, Failed> {
    let old = old_key_file.map(|file| {
        let text = std::fs::read_to_string(&file).map_err(Failed::at(&file.display().to_string()))?;
        Ok::<_, Failed>(SealingKey::from_secret(text.trim_end_matches(['\r', '\n'])))
    });
    let old = old.transpose()?;
    let new = config.secret_key.as_ref().map(|key| SealingKey::from_secret(key.expose()));
    let database = open_database(&config).await.map_err(in_words)?;
    let resealed = database.write(async |tx: &Tx| Tokens::reseal(tx, old.as_ref(), new.as_ref()).await).await;
    database.close().await;
    say(&format!("{} keys\n", resealed.map_err(in_words)?));
    Ok(ExitCode::SUCCESS)
}

fn in_words(error: impl std::fmt::Display) -> Failed {
    Failed(error.to_string())
}
