//! What another process on this machine has used so far, as Linux counts it in `/proc`.

use std::{fs, io, time::Duration};

/// A process by its id.
#[derive(Debug, Clone, Copy)]
pub(super) struct Process(pub(super) u32);

impl Process {
    /// CPU time of all its threads that still live.
    pub(super) fn cpu(self) -> io::Result<Duration> {
        let mut nanoseconds = 0;
        for thread in fs::read_dir(format!("/proc/{}/task", self.0))? {
            // A thread may end while we look.
            let Ok(stat) = fs::read_to_string(thread?.path().join("schedstat")) else { continue };
            nanoseconds += stat.split(' ').next().and_then(|number| number.parse::<u64>().ok()).unwrap_or(0);
        }
        Ok(Duration::from_nanos(nanoseconds))
    }

    /// Resident memory, in KB.
    pub(super) fn memory_kb(self) -> io::Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        line.and_then(|line| line.split_whitespace().next()?.parse().ok())
            .ok_or_else(|| io::Error::other("no VmRSS in its status"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_uses_some_of_both() {
        let me = Process(std::process::id());
        assert!(me.cpu().unwrap() > Duration::ZERO);
        assert!(me.memory_kb().unwrap() > 100);
    }
}
