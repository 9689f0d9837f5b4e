//! A process as the kernel sees it: its CPU, its memory, its open files.

use std::{
    fs,
    process::Child,
    time::{Duration, Instant},
};

/// Ends with its owner.
pub(crate) struct Process(pub(crate) Child);

impl Process {
    /// CPU time of all its threads so far.
    pub(crate) fn cpu(&self) -> Duration {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.0.id())).unwrap();
        let of = |task: fs::DirEntry| -> Option<u64> {
            fs::read_to_string(task.path().join("schedstat")).ok()?.split(' ').next()?.parse().ok()
        };
        Duration::from_nanos(tasks.filter_map(|task| of(task.ok()?)).sum())
    }

    pub(crate) fn memory_kb(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// How many files and sockets it has open (Linux 6.2 and newer say it as the size of the folder).
    pub(crate) fn open_files(&self) -> u64 {
        let folder = format!("/proc/{}/fd", self.0.id());
        match fs::metadata(&folder).unwrap().len() {
            0 => fs::read_dir(&folder).unwrap().count() as u64,
            count => count,
        }
    }

    /// Waits until it uses no CPU to speak of.
    pub(crate) fn settle(&self) {
        let began = Instant::now();
        let mut before = self.cpu();
        while began.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(Duration::from_millis(200));
            let now = self.cpu();
            if now - before < Duration::from_millis(3) {
                return;
            }
            before = now;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
