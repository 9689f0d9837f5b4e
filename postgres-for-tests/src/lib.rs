//! A PostgreSQL of one's own for tests: [`Database::fresh`] answers with an empty database and drops it at the end.
//!
//! The first process that asks starts a server in the temporary folder, reachable by a Unix socket only, so there is no
//! port to collide on. Every process that uses it holds a shared lock; a watcher beside the server waits for the lock
//! alone, which the kernel grants when the last of them is gone, however it went, and then stops the server and
//! removes its folder. So several test processes share one server, and none is left behind by a panic or a kill.
//!
//! Without an installed PostgreSQL these tests fail, they are never skipped. Only for tests: no password, no fsync.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

/// An empty database that is dropped with this value.
#[derive(Debug)]
pub struct Database {
    name: String,
    server: &'static Server,
}

impl Database {
    /// # Panics
    /// When PostgreSQL is not installed or does not start: a test that needs it must not pass without it.
    #[must_use]
    pub fn fresh() -> Self {
        static SERVER: OnceLock<Server> = OnceLock::new();
        let server = SERVER.get_or_init(|| Server::join().unwrap_or_else(|error| panic!("{error}")));
        let name = format!("t{}", uuid::Uuid::now_v7().simple());
        server.run("createdb", &[&name]).unwrap_or_else(|error| panic!("{error}"));
        Self { name, server }
    }

    /// The URL to connect with, through the server's socket.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://{USER}@localhost/{}?host={}", self.name, self.server.folder.display())
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // The server is thrown away anyway; dropping early only keeps its folder small.
        let _ = self.server.run("dropdb", &["--force", &self.name]);
    }
}

const USER: &str = "badgecast";

const PROGRAMS: [&str; 4] = ["initdb", "pg_ctl", "createdb", "dropdb"];

/// What the shell beside the server does: start it, say so, wait until nobody holds the lock, clean up. It takes back that
/// the server is ready while the lock is its own: afterwards anybody may hold it again.
const WATCH: &str = r#"
set -e
"$1/initdb" --pgdata="$2/data" --username=badgecast --auth=trust --encoding=UTF8 --locale=C --no-sync >"$2/log" 2>&1
cat >>"$2/data/postgresql.conf" <<SETTINGS
listen_addresses = ''
unix_socket_directories = '$2'
max_connections = 400
fsync = off
synchronous_commit = off
full_page_writes = off
SETTINGS
"$1/pg_ctl" --pgdata="$2/data" --log="$2/log" --wait start >>"$2/log" 2>&1
touch "$2/ready"
exec >/dev/null 2>&1
flock --exclusive "$2/users" sh -c 'rm "$2/ready"; "$1/pg_ctl" --pgdata="$2/data" --mode=immediate stop' stop "$1" "$2" || true
rm -rf "$2"
"#;

#[derive(Debug)]
struct Server {
    folder: PathBuf,
    programs: PathBuf,
    /// Held until this process ends.
    _using: File,
}

impl Server {
    /// Joins the server that runs, or starts one.
    fn join() -> Result<Self, String> {
        let programs = programs()?;
        let temp = std::env::temp_dir();
        let told = |what: &str, error: io::Error| format!("{what} in {}: {error}", temp.display());
        let door =
            temp.join(format!("badgecast-postgres-{}.lock", own_uid().map_err(|e| told("no file", e))?));
        // One process at a time decides whether a server has to be started.
        let door = File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&door)
            .map_err(|error| told("cannot open the lock", error))?;
        door.lock().map_err(|error| told("cannot lock", error))?;
        let mut known = String::new();
        (&door).read_to_string(&mut known).map_err(|error| told("cannot read the lock", error))?;
        if let Some(using) = running(Path::new(&known)) {
            return Ok(Self { folder: known.into(), programs, _using: using });
        }
        let folder = temp.join(format!("badgecast-postgres-{}", uuid::Uuid::now_v7().simple()));
        let using = start(&folder, &programs)?;
        remember(&door, &folder).map_err(|error| told("cannot write the lock", error))?;
        Ok(Self { folder, programs, _using: using })
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Result<(), String> {
        let output = Command::new(self.programs.join(program))
            .args(["--username", USER, "--host"])
            .arg(&self.folder)
            .args(arguments)
            .output()
            .map_err(|error| format!("{program}: {error}"))?;
        if output.status.success() {
            return Ok(());
        }
        Err(format!("{program}: {}", String::from_utf8_lossy(&output.stderr)))
    }
}

/// Takes part in the use of a server that is ready, unless it is just being stopped.
fn running(folder: &Path) -> Option<File> {
    let using = File::open(folder.join("users")).ok()?;
    using.try_lock_shared().ok()?;
    folder.join("ready").exists().then_some(using)
}

fn start(folder: &Path, programs: &Path) -> Result<File, String> {
    let told = |error: io::Error| format!("{}: {error}", folder.display());
    fs::create_dir(folder).map_err(told)?;
    let using = File::create_new(folder.join("users")).map_err(told)?;
    using.lock_shared().map_err(told)?;
    let root = using.metadata().map_err(told)?.uid() == 0;
    let mut watch = if root {
        // PostgreSQL refuses to run as root; it gets the user its package made.
        let given = Command::new("chown").args(["-R", "postgres"]).arg(folder).status().map_err(told)?;
        if !given.success() {
            return Err(
                "tests that run as root need the user postgres, which PostgreSQL's package makes".into()
            );
        }
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "sh"]);
        command
    } else {
        Command::new("sh")
    };
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).map_err(told)?;
    let mut watching = watch
        .args(["-c", WATCH, "watch"])
        .args([programs, folder])
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(told)?;
    // The shell closes its output once the server is ready, or when it has failed.
    let mut said = String::new();
    if let Some(output) = &mut watching.stderr {
        output.read_to_string(&mut said).map_err(told)?;
    }
    if folder.join("ready").exists() {
        return Ok(using);
    }
    let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
    let _ = fs::remove_dir_all(folder);
    Err(format!("PostgreSQL did not start\n{said}{log}"))
}

fn remember(mut door: &File, folder: &Path) -> io::Result<()> {
    use std::io::{Seek as _, Write as _};
    door.set_len(0)?;
    door.rewind()?;
    door.write_all(folder.as_os_str().as_encoded_bytes())
}

/// Where PostgreSQL's programs are: distributions do not put them on the path.
fn programs() -> Result<PathBuf, String> {
    let places = ["/usr/lib/postgresql", "/usr", "/opt/homebrew/opt", "/usr/local/opt"];
    let inside = |place: &str| fs::read_dir(place).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut found: Vec<PathBuf> = places.into_iter().flat_map(inside).collect();
    found.extend(["/usr", "/usr/local", "/usr/local/pgsql"].map(PathBuf::from));
    let mut found: Vec<PathBuf> = found.into_iter().map(|place| place.join("bin")).collect();
    found.retain(|place| PROGRAMS.iter().all(|program| place.join(program).exists()));
    found.sort();
    found.pop().ok_or_else(|| {
        "PostgreSQL is not installed, and these tests are not skipped (apt install postgresql)".into()
    })
}

fn own_uid() -> io::Result<u32> {
    let probe = std::env::temp_dir().join(format!("badgecast-uid-{}", uuid::Uuid::now_v7().simple()));
    let uid = File::create_new(&probe)?.metadata()?.uid();
    fs::remove_file(&probe)?;
    Ok(uid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_databases_stand_beside_each_other() {
        let (one, other) = (Database::fresh(), Database::fresh());
        assert_ne!(one.url(), other.url());
        for database in [&one, &other] {
            database.server.run("psql", &["--command", "CREATE TABLE t (id int)", &database.name]).unwrap();
        }
    }
}
