//! What a process has used, as the kernel tells.

use std::{fs, io, time::Duration};

/// What a process has used since it began.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Usage {
    /// Time on a processor, of all its threads, in user and kernel mode.
    pub(crate) cpu: Duration,
    /// Memory that it holds, in bytes.
    pub(crate) resident: u64,
    /// The most memory that it has held, in bytes.
    pub(crate) resident_at_most: u64,
}

impl Usage {
    /// Reads the accounts of the process `id`.
    ///
    /// Times come from each thread's `schedstat`: `stat` counts in steps of 10 ms, more than a round may cost.
    /// Threads that have ended are missing, and none of those measured here ends within a round.
    pub(crate) fn of(id: u32) -> io::Result<Self> {
        let mut nanos = 0_u64;
        for thread in fs::read_dir(format!("/proc/{id}/task"))? {
            // A thread may end meanwhile.
            let Ok(text) = fs::read_to_string(thread?.path().join("schedstat")) else {
                continue;
            };
            let ran = text.split_whitespace().next();
            nanos += ran.and_then(|it| it.parse::<u64>().ok()).unwrap_or(0);
        }
        let status = fs::read_to_string(format!("/proc/{id}/status"))?;
        Ok(Self {
            cpu: Duration::from_nanos(nanos),
            resident: kilobytes(&status, "VmRSS:") * 1024,
            resident_at_most: kilobytes(&status, "VmHWM:") * 1024,
        })
    }
}

/// Tells how long this process has had a processor, threads that have ended included; in steps of 10 ms.
pub(crate) fn of_all_threads() -> io::Result<Duration> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    // What stands before the last bracket is the program's name, in which anything may be.
    let rest = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = rest.split_whitespace().skip(11).take(2);
    let ticks: u64 = ticks.filter_map(|it| it.parse::<u64>().ok()).sum();
    Ok(Duration::from_millis(ticks * 10))
}

fn kilobytes(status: &str, key: &str) -> u64 {
    status
        .lines()
        .find_map(|line| line.strip_prefix(key))
        .and_then(|rest| rest.split_whitespace().next())
        .and_then(|number| number.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{Usage, kilobytes};

    #[test]
    fn a_process_has_used_something() {
        let usage = Usage::of(std::process::id()).unwrap();
        assert!(!usage.cpu.is_zero());
        assert!(usage.resident > 0 && usage.resident_at_most >= usage.resident);
    }

    #[test]
    fn a_number_is_found_by_its_key() {
        let status = "Name:\tx\nVmHWM:\t  2048 kB\nVmRSS:\t  1024 kB\n";
        assert_eq!(kilobytes(status, "VmRSS:"), 1024);
        assert_eq!(kilobytes(status, "VmHWM:"), 2048);
        assert_eq!(kilobytes(status, "VmSwap:"), 0);
    }
}
