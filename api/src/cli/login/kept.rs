//! Where a login is kept: one file that only its owner may read, and a lock, because a refresh token works once.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::PathBuf,
    time::Duration,
};

use badgecast_domain::time::Moment;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::super::{Failed, remote::Given};
use crate::config;

const FILE: &str = "login.json";
const LOCK: &str = "login.lock";
/// An access token is replaced so long before it ends.
const EARLY: Duration = Duration::from_secs(30);

/// A login: a server and what it gave.
#[derive(Serialize, Deserialize)]
pub(in crate::cli) struct Kept {
    pub(in crate::cli) server: String,
    pub(in crate::cli) access_token: Zeroizing<String>,
    pub(in crate::cli) refresh_token: Zeroizing<String>,
    /// By the clock of this machine.
    expires_at: Moment,
}

impl Kept {
    pub(in crate::cli) fn new(server: String, given: Given) -> Self {
        let Given { access_token, refresh_token, expires_in } = given;
        let expires_at = now().plus(Duration::from_secs(expires_in));
        Self { server, access_token, refresh_token, expires_at }
    }

    pub(in crate::cli) fn is_fresh(&self) -> bool {
        now().plus(EARLY) < self.expires_at
    }
}

fn now() -> Moment {
    std::time::SystemTime::now().into()
}

/// The folder of the login, locked against other commands of the same person until dropped.
#[derive(Debug)]
pub(in crate::cli) struct Place {
    folder: PathBuf,
    _lock: File,
}

impl Place {
    /// Waits until no other command uses it.
    pub(in crate::cli) fn lock() -> Result<Self, Failed> {
        let folder = config::personal_folder()
            .ok_or_else(|| Failed("there is no home folder to keep a login in".to_owned()))?;
        let lock = || {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
            let lock = OpenOptions::new().append(true).create(true).mode(0o600).open(folder.join(LOCK))?;
            lock.lock()?;
            Ok::<_, io::Error>(lock)
        };
        let lock = lock().map_err(Failed::at(&folder.display().to_string()))?;
        Ok(Self { folder, _lock: lock })
    }

    /// The login, if there is one.
    pub(in crate::cli) fn kept(&self) -> Result<Option<Kept>, Failed> {
        let file = self.folder.join(FILE);
        match fs::read_to_string(&file).map(Zeroizing::new) {
            Ok(text) => {
                serde_json::from_str(&text).map(Some).map_err(Failed::at(&file.display().to_string()))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Failed(format!("{}: {error}", file.display()))),
        }
    }

    /// Writes a new file and puts it in the old one's place: there is always one whole login or none.
    pub(in crate::cli) fn keep(&mut self, login: &Kept) -> Result<(), Failed> {
        let (file, new) = (self.folder.join(FILE), self.folder.join(format!("{FILE}.new")));
        let write = || {
            let text = Zeroizing::new(serde_json::to_vec(login)?);
            // What a command that was killed left behind may have another mode.
            fs::remove_file(&new)
                .or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })?;
            let mut written = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
            written.write_all(&text)?;
            written.sync_all()?;
            fs::rename(&new, &file)
        };
        write().map_err(Failed::at(&file.display().to_string()))
    }

    pub(in crate::cli) fn forget(&mut self) -> Result<(), Failed> {
        let file = self.folder.join(FILE);
        fs::remove_file(&file).map_err(Failed::at(&file.display().to_string()))
    }
}
