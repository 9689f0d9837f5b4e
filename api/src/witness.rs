//! The witness: what each audit trail ended with, kept outside the database.
//!
//! The chain shows a row that was changed, and `audit_heads` a tail that was cut; whoever owns the database can write
//! both anew. So this node keeps the newest entry it knows of each trail in a file of the data folder, and before it takes
//! down a newer one, looks whether the old one is still there. `badgecast audit verify` compares them too, with this file
//! or with a copy that was kept elsewhere.

use std::{
    collections::BTreeMap,
    fmt, io,
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
    time::Duration,
};

use badgecast_domain::id::OrganizationId;
use tokio::sync::watch;

use crate::{
    House,
    auth::watch::{Event, Kind},
    tables::{
        self, Database,
        audit::{self, Head},
    },
};

/// The file in the data folder: a line for each trail.
pub const FILE: &str = "audit-heads";
/// How often to look.
const LOOK: Duration = Duration::from_secs(60);

/// Where the heads are kept.
#[must_use]
pub fn file(data: &Path) -> PathBuf {
    data.join(FILE)
}

/// What a file says; nothing if there is none.
///
/// # Errors
/// It cannot be read, or is not what a witness writes.
pub fn read(file: &Path) -> io::Result<Vec<Head>> {
    match std::fs::read_to_string(file) {
        Ok(text) => {
            let heads: Result<_, NotAHead> = text.lines().map(|line| Ok(line.parse::<Line>()?.0)).collect();
            heads.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// In one step: a reader, or a crash, never meets half a file.
fn write(file: &Path, heads: &[Head]) -> io::Result<()> {
    use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _};
    let new = file.with_extension("new");
    let mut out =
        std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    for head in heads {
        writeln!(out, "{}", Line(*head))?;
    }
    out.sync_all()?;
    std::fs::rename(new, file)
}

/// `organization seq length hash`.
struct Line(Head);

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Head { organization, seq, length, hash } = &self.0;
        write!(f, "{organization} {seq} {length} ")?;
        hash.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The line is not one of a witness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a line is not: organization, number, length and hash of an entry")]
struct NotAHead;

impl FromStr for Line {
    type Err = NotAHead;

    fn from_str(line: &str) -> Result<Self, NotAHead> {
        let words: Vec<&str> = line.split(' ').collect();
        let &[organization, seq, length, hex] = words.as_slice() else { return Err(NotAHead) };
        let mut hash = [0; 32];
        if hex.len() != 64 || !hex.is_ascii() {
            return Err(NotAHead);
        }
        for (at, byte) in hash.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).map_err(|_| NotAHead)?;
        }
        let organization: OrganizationId = organization.parse().map_err(|_| NotAHead)?;
        let (seq, length) = (seq.parse().map_err(|_| NotAHead)?, length.parse().map_err(|_| NotAHead)?);
        Ok(Self(Head { organization, seq, length, hash }))
    }
}

/// Looks once a minute, and once more at the end.
pub(crate) async fn run(house: Arc<House>, mut stop: watch::Receiver<bool>) {
    let file = file(&house.config.data);
    let mut told = Vec::new();
    loop {
        let last = *stop.borrow();
        match look(&house.database, &file).await {
            Ok(broken) => {
                for organization in broken {
                    if !told.contains(&organization) {
                        tracing::error!(organization.id = %organization, "the audit trail is not what it was");
                        house.watch.notice(Event::of(Kind::TrailBroken, organization));
                        told.push(organization);
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "the audit trails are not witnessed"),
        }
        if last {
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            _ = stop.changed() => {}
        }
    }
}

/// Why nothing was witnessed.
#[derive(Debug, thiserror::Error)]
enum Unseen {
    #[error(transparent)]
    Database(#[from] tables::Error),
    #[error("the file {FILE}: {0}")]
    File(#[from] io::Error),
}

/// Takes down the newest entry of every trail; answers those that lack the entry that was taken down before, or do not
/// end where they should. Of these the old one is kept, as evidence.
async fn look(database: &Database, file: &Path) -> Result<Vec<OrganizationId>, Unseen> {
    let known = read(file)?;
    let mut heads: BTreeMap<OrganizationId, Head> =
        audit::heads(database.read()).await?.into_iter().map(|head| (head.organization, head)).collect();
    let mut broken = Vec::new();
    for old in &known {
        let ends = heads.contains_key(&old.organization);
        if !ends || !audit::is_there(database.read(), old).await? {
            broken.push(old.organization);
            heads.insert(old.organization, *old);
        }
    }
    let heads: Vec<Head> = heads.into_values().collect();
    if heads != known {
        write(file, &heads)?;
    }
    Ok(broken)
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use badgecast_domain::time::Moment;
    use sea_orm::ConnectionTrait as _;

    use super::*;
    use crate::{
        auth::Scope,
        tables::{Error, Tx, groups, organizations},
    };

    #[test]
    fn a_line_is_written_and_read_and_nothing_else_is() {
        let head = Head { organization: OrganizationId::new(), seq: 7, length: 3, hash: [0xAB; 32] };
        let line = Line(head).to_string();
        assert_eq!(line.parse::<Line>().map(|line| line.0), Ok(head));
        for wrong in [
            "",
            "1 2 3",
            &line[1..],
            &line[..line.len() - 1],
            &format!("{line} "),
            &line.replace("ab", "x\u{e9}"),
        ] {
            assert!(wrong.parse::<Line>().is_err(), "{wrong}");
        }
    }

    #[tokio::test]
    async fn a_trail_that_was_cut_together_with_its_head_is_noticed_and_the_evidence_stays() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::sqlite(&folder.path().join("badgecast.db")).await.unwrap();
        let file = file(folder.path());
        let now = Moment::from(SystemTime::now());
        let make = async |tx: &Tx| {
            let organization = organizations::create(tx, "Clinic", now).await?;
            for name in ["one", "two", "three"] {
                groups::create(tx, &Scope::house(organization), name, now).await?;
            }
            Ok::<_, Error>(organization)
        };
        let organization = database.write(make).await.unwrap();
        assert_eq!(look(&database, &file).await.unwrap(), []);
        let witnessed = read(&file).unwrap();
        assert_eq!((witnessed[0].organization, witnessed[0].length), (organization, 3));
        // As somebody would who owns the database: the tail goes, and the head says it never was.
        let forge = async |tx: &Tx| {
            for sql in [
                "DROP TRIGGER audit_keeps_rows",
                "DROP TRIGGER audit_heads_grow",
                "DELETE FROM audit WHERE seq = 3",
                "UPDATE audit_heads SET length = 2, hash = (SELECT hash FROM audit WHERE seq = 2)",
            ] {
                tx.execute_unprepared(sql).await?;
            }
            Ok::<_, Error>(())
        };
        database.write(forge).await.unwrap();
        let whole = audit::verify(database.read(), organization, None).await.unwrap();
        assert_eq!(whole, audit::Verdict::Whole { entries: 2 }, "the database alone tells nothing");
        let seen = audit::verify(database.read(), organization, witnessed.first()).await.unwrap();
        assert_eq!(seen, audit::Verdict::Rewritten { seq: 3 });
        for _ in 0..2 {
            assert_eq!(look(&database, &file).await.unwrap(), [organization]);
            assert_eq!(read(&file).unwrap(), witnessed);
        }
    }
}
