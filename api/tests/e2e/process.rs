//! The program itself, as its own process: for what only shows from outside.

use std::{
    fs::File,
    io::{BufRead as _, BufReader},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Output, Stdio},
};

/// A server as its own process; killed when it is dropped.
pub struct Process {
    child: Child,
    pub http: String,
}

impl Process {
    /// Serves at these addresses, with these settings besides; log lines go to `log`.
    pub fn start(data: &Path, (http, mqtt): (&str, &str), settings: &[(&str, &str)], log: Stdio) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_badgecast"))
            .args(["serve", "--http", http, "--mqtt", mqtt, "--data"])
            .arg(data)
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut ready = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut ready).unwrap();
        let http = ready.trim_start_matches("badgecast ready http=").split(' ').next().unwrap().to_owned();
        assert!(ready.starts_with("badgecast ready http=127.0.0.1:"), "{ready}");
        Self { child, http }
    }

    /// `kill -9`.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// `kill`, and waits until it has ended.
    pub fn end(mut self) {
        let told = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(told.success());
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An address for a server that is to be found there again when it was restarted.
pub fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// A file for log lines.
pub fn log_file(path: &Path) -> Stdio {
    File::create(path).unwrap().into()
}

/// Runs a command on this data folder.
pub fn run(data: &Path, settings: &[(&str, &str)], arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_badgecast"));
    command.args(arguments).arg("--data").arg(data).envs(settings.iter().copied()).output().unwrap()
}

/// Adds a person with this password.
pub fn add_person(data: &Path, settings: &[(&str, &str)], email: &str, role: &str, password: &str) {
    let file = data.join("password");
    std::fs::write(&file, format!("{password}\n")).unwrap();
    let arguments =
        ["user", "add", "--email", email, "--role", role, "--password-file", file.to_str().unwrap()];
    let added = run(data, settings, &arguments);
    std::fs::remove_file(file).unwrap();
    assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
}
