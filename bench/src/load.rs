//! Traffic at a pace of its own, or as fast as it is taken, and what it was like for the clients.

pub(crate) mod clock;
mod connection;
mod seen;

use std::{
    fs, io,
    net::SocketAddr,
    sync::{
        Arc, Barrier, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use self::connection::Connection;
pub(crate) use self::seen::{Seen, number};

/// How requests follow each other.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pace {
    /// So many in a second, whatever becomes of those before.
    ///
    /// Each one's time counts from when it was due, so a server that is slow once pays for all that had to wait.
    PerSecond(f64),
    /// Each client's as soon as it has its last answer.
    Eager,
    /// One for each client, spread over the time.
    Once,
}

/// What is asked, of whom and how.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) addr: SocketAddr,
    /// A whole request, head and body.
    pub(crate) request: Arc<[u8]>,
    pub(crate) pace: Pace,
    /// Clients, each with a thread and a connection.
    pub(crate) clients: usize,
    /// For how long requests begin.
    pub(crate) lasts: Duration,
    /// The time between a stream's chunks, where there is one.
    pub(crate) gap: Duration,
}

/// A thread writes and reads blockingly and needs little.
const STACK: usize = 128 * 1024;

impl Plan {
    /// Does it all and tells what was seen.
    pub(crate) fn run(&self) -> io::Result<Seen> {
        // Left as it is, the kernel lets a thread sleep 50 µs longer than it asked for.
        drop(fs::write("/proc/self/timerslack_ns", "1"));
        let due = Due::new(self);
        let ready = Barrier::new(self.clients);
        let all = Mutex::new(Seen::default());
        thread::scope(|scope| {
            for client in 0..self.clients {
                let (due, ready, all) = (&due, &ready, &all);
                let work = move || {
                    let mut seen = Seen::default();
                    let connection = Connection::open(self.addr);
                    if ready.wait().is_leader() {
                        due.begin();
                    }
                    ready.wait();
                    self.client(client, connection, due, &mut seen);
                    all.lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .merge(seen);
                };
                let thread = thread::Builder::new().stack_size(STACK);
                thread.spawn_scoped(scope, work)?;
            }
            Ok::<(), io::Error>(())
        })?;
        let mut seen = all.into_inner().unwrap_or_else(PoisonError::into_inner);
        seen.close(self.lasts, due.began());
        Ok(seen)
    }

    fn client(
        &self,
        client: usize,
        connection: io::Result<Connection>,
        due: &Due,
        seen: &mut Seen,
    ) {
        let mut connection = connection.ok();
        while let Some(at) = due.next(client) {
            clock::sleep_until(at);
            let began = match self.pace {
                Pace::PerSecond(_) => at,
                Pace::Eager | Pace::Once => clock::now(),
            };
            let open = connection
                .take()
                .map_or_else(|| Connection::open(self.addr), Ok);
            let asked = open.and_then(|mut open| {
                let answer = open.ask(&self.request)?;
                Ok((open, answer))
            });
            match asked {
                Ok((open, answer)) => {
                    seen.answered(began, &answer, self.gap);
                    connection = Some(open);
                }
                Err(_) => seen.failed += 1,
            }
        }
    }
}

/// Says when the next request is due.
struct Due {
    pace: Pace,
    clients: usize,
    lasts: u64,
    began: AtomicU64,
    index: AtomicU64,
}

impl Due {
    fn new(plan: &Plan) -> Self {
        Self {
            pace: plan.pace,
            clients: plan.clients,
            lasts: clock::nanos(plan.lasts),
            began: AtomicU64::new(0),
            index: AtomicU64::new(0),
        }
    }

    fn begin(&self) {
        self.began.store(clock::now(), Ordering::Release);
    }

    fn began(&self) -> u64 {
        self.began.load(Ordering::Acquire)
    }

    /// `None` where no more requests begin.
    fn next(&self, client: usize) -> Option<u64> {
        let index = self.index.fetch_add(1, Ordering::Relaxed);
        let after = match self.pace {
            Pace::PerSecond(rate) => clock::share(index, rate),
            Pace::Eager => clock::now().saturating_sub(self.began()),
            Pace::Once if index >= self.clients as u64 => return None,
            Pace::Once => client as u64 * self.lasts / self.clients as u64,
        };
        (after < self.lasts).then_some(self.began() + after)
    }
}

#[cfg(test)]
mod tests {
    use std::{net::SocketAddr, time::Duration};

    use super::{Due, Pace, Plan};

    fn due(pace: Pace) -> Due {
        let due = Due::new(&Plan {
            addr: SocketAddr::from(([127, 0, 0, 1], 1)),
            request: Vec::new().into(),
            pace,
            clients: 4,
            lasts: Duration::from_secs(1),
            gap: Duration::ZERO,
        });
        due.begin();
        due
    }

    #[test]
    fn a_rate_is_kept_whoever_asks() {
        let due = due(Pace::PerSecond(5.0));
        let all: Vec<u64> = (0..5).filter_map(|_| due.next(3)).collect();
        let after: Vec<u64> = all
            .iter()
            .map(|at| (at - due.began()) / 1_000_000)
            .collect();
        assert_eq!(after, [0, 200, 400, 600, 800]);
        assert_eq!(due.next(0), None);
    }

    #[test]
    fn each_asks_once() {
        let due = due(Pace::Once);
        let all: Vec<u64> = (0..8).filter_map(|client| due.next(client)).collect();
        assert_eq!(all.len(), 4);
        assert_eq!(all[3] - due.began(), 750_000_000);
    }
}
