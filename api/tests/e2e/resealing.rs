//! The keys that sign tokens get a new secret: the old one opens nothing any more, and no token is lost.

use std::process::Output;

use badgecast::{
    config::{Config, Secret},
    start,
};
use tokio::process::Command;

use crate::world::{Engine, World};

crate::stories! {
    a_new_secret_takes_the_old_ones_place_and_every_token_still_counts
}

const OLD: &str = "the secret of last year, 32 bytes and more";
const NEW: &str = "the secret of this year, 32 bytes and more";

/// `badgecast keys reseal` with `new` in the environment and `old` in a file.
async fn reseal(config: &Config, old: &str, new: &str) -> Output {
    let file = config.data.join("old-secret");
    std::fs::write(&file, format!("{old}\n")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_badgecast"));
    command.args(["keys", "reseal", "--old-key-file"]).arg(file).arg("--data").arg(&config.data);
    command.env("BADGECAST_SECRET_KEY", new);
    if let Some(url) = &config.database_url {
        command.env("BADGECAST_DATABASE_URL", url.expose());
    }
    command.output().await.unwrap()
}

async fn starts(config: &Config, secret: Option<&str>) -> Result<(), String> {
    let secret_key = secret.map(|secret| Secret::new(secret.to_owned()));
    match start(Config { secret_key, ..config.clone() }).await {
        Ok(running) => {
            running.stop().await;
            Ok(())
        }
        Err(error) => Err(error.to_string()),
    }
}

async fn a_new_secret_takes_the_old_ones_place_and_every_token_still_counts(engine: Engine) {
    let world = World::with(engine, |config| config.secret_key = Some(Secret::new(OLD.to_owned()))).await;
    let token = world.manager().await.token.unwrap();
    let (badge, secret, device) = world.device().await;
    let world = world
        .restarted_after(async |config| {
            let wrong = reseal(config, NEW, NEW).await;
            assert!(!wrong.status.success(), "whoever does not know the old secret changes nothing");
            assert_eq!(starts(config, Some(OLD)).await, Ok(()));

            let resealed = reseal(config, OLD, NEW).await;
            let said = String::from_utf8(resealed.stdout).unwrap();
            assert_eq!((resealed.status.success(), said.as_str()), (true, "2 keys\n"));
            for refused in [Some(OLD), None] {
                let why = starts(config, refused).await.unwrap_err();
                assert!(why.contains("signing key"), "{why}");
            }
            assert!(!reseal(config, OLD, OLD).await.status.success());
            config.secret_key = Some(Secret::new(NEW.to_owned()));
        })
        .await;
    world.bearer(&token).get("/api/v1/me").await.is(200);
    world.bearer(&device).get("/api/v1/me/show").await.is(200);
    world.device_token(&badge.to_string(), &secret).await.is(200);
    world.manager().await.get("/api/v1/me").await.is(200);
    world.close().await;
}
