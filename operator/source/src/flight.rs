//! One piece of work for everybody who wants the same at the same time.

use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use futures::FutureExt as _;
use futures::future::{BoxFuture, Shared, WeakShared};

type Work<V, E> = BoxFuture<'static, Result<V, E>>;

/// Work that is under way, by what it is about.
///
/// The work runs as long as somebody waits for it: when the last one gives up it is cancelled.
#[derive(Debug)]
pub(crate) struct Flights<K, V, E>
where
    V: Clone,
    E: Clone,
{
    running: Mutex<Running<K, V, E>>,
}

#[derive(Debug)]
struct Running<K, V: Clone, E: Clone> {
    flights: HashMap<K, (u64, WeakShared<Work<V, E>>)>,
    started: u64,
}

impl<K, V, E> Flights<K, V, E>
where
    K: Clone + Eq + Hash + Send + 'static,
    V: Clone + Send + Sync + 'static,
    E: Clone + Send + Sync + 'static,
{
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            running: Mutex::new(Running {
                flights: HashMap::new(),
                started: 0,
            }),
        })
    }

    /// Waits for the work on `key`, which is started if nobody has started it yet.
    pub(crate) async fn join<F, W>(self: &Arc<Self>, key: K, start: F) -> Result<V, E>
    where
        F: FnOnce() -> W,
        W: Future<Output = Result<V, E>> + Send + 'static,
    {
        self.flight(key, start).await
    }

    fn flight<F, W>(self: &Arc<Self>, key: K, start: F) -> Shared<Work<V, E>>
    where
        F: FnOnce() -> W,
        W: Future<Output = Result<V, E>> + Send + 'static,
    {
        let mut running = self.lock();
        if let Some(flight) = running.flights.get(&key).and_then(|(_, flight)| flight.upgrade()) {
            return flight;
        }
        running.started += 1;
        let number = running.started;
        let landing = Landing {
            flights: Arc::downgrade(self),
            key: key.clone(),
            number,
        };
        let work = start();
        let flight = async move {
            let result = work.await;
            drop(landing);
            result
        }
        .boxed()
        .shared();
        if let Some(weak) = flight.downgrade() {
            running.flights.insert(key, (number, weak));
        }
        flight
    }

    fn lock(&self) -> MutexGuard<'_, Running<K, V, E>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Removes a flight from the list when it has ended or was cancelled.
struct Landing<K, V, E>
where
    K: Clone + Eq + Hash + Send + 'static,
    V: Clone + Send + Sync + 'static,
    E: Clone + Send + Sync + 'static,
{
    flights: Weak<Flights<K, V, E>>,
    key: K,
    number: u64,
}

impl<K, V, E> Drop for Landing<K, V, E>
where
    K: Clone + Eq + Hash + Send + 'static,
    V: Clone + Send + Sync + 'static,
    E: Clone + Send + Sync + 'static,
{
    fn drop(&mut self) {
        if let Some(flights) = self.flights.upgrade() {
            let mut running = flights.lock();
            // A cancelled flight may have been followed by another one already.
            if running
                .flights
                .get(&self.key)
                .is_some_and(|(number, _)| *number == self.number)
            {
                running.flights.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn everybody_shares_one_run_and_its_outcome() {
        let flights: Arc<Flights<&str, usize, String>> = Flights::new();
        let runs = Arc::new(AtomicUsize::new(0));
        for round in 1..=2 {
            let waiting = (0..50).map(|_| {
                let runs = Arc::clone(&runs);
                flights.join("key", move || async move {
                    let run = runs.fetch_add(1, Ordering::SeqCst) + 1;
                    tokio::time::sleep(Duration::from_millis(30)).await;
                    if run == 1 {
                        Ok(run)
                    } else {
                        Err("failed".to_owned())
                    }
                })
            });
            let results = futures::future::join_all(waiting).await;
            assert_eq!(runs.load(Ordering::SeqCst), round);
            let expected = if round == 1 {
                Ok(1)
            } else {
                Err("failed".to_owned())
            };
            assert!(results.iter().all(|result| *result == expected));
        }
        assert!(flights.lock().flights.is_empty());
    }

    #[tokio::test]
    async fn work_goes_on_when_the_first_caller_gives_up_and_ends_with_the_last() {
        let flights: Arc<Flights<&str, usize, String>> = Flights::new();
        let slow = || async {
            tokio::time::sleep(Duration::from_millis(30)).await;
            Ok(7)
        };
        let mut first = Box::pin(flights.join("key", slow));
        assert!(futures::poll!(&mut first).is_pending());
        let mut second = Box::pin(flights.join("key", || async { Ok(8) }));
        assert!(futures::poll!(&mut second).is_pending());
        drop(first);
        assert_eq!(second.await, Ok(7));

        let mut abandoned = Box::pin(flights.join("key", slow));
        assert!(futures::poll!(&mut abandoned).is_pending());
        drop(abandoned);
        assert!(flights.lock().flights.is_empty());
        assert_eq!(flights.join("key", || async { Ok(9) }).await, Ok(9));
    }
}
