//! What servers told us about their content: kept for a while, asked for once by everybody, and still good for
//! something when the server is down.
//!
//! Indexes, tag lists and manifests go through here; archives have [`crate::archives`], because they never change.

use std::future::Future;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::error::ErrorClass;
use crate::flight::Flights;
use crate::lru::{Lru, Weight};

/// An error that says whether it may pass.
pub(crate) trait Classified: Clone + std::fmt::Display {
    /// Whether it may pass.
    fn class(&self) -> ErrorClass;
}

/// Answers by question.
#[derive(Debug)]
pub(crate) struct Answers<K, V, E>
where
    V: Clone,
    E: Clone,
{
    known: Mutex<Lru<K, Known<V>>>,
    flights: Arc<Flights<K, Answer<V>, E>>,
}

#[derive(Debug, Clone)]
struct Known<V> {
    value: V,
    /// When the server was last asked, with or without success.
    asked: Instant,
    /// Why the server could not be asked then.
    trouble: Option<String>,
}

impl<V: Weight> Weight for Known<V> {
    fn weight(&self) -> u64 {
        self.value.weight()
    }
}

/// An answer for one caller.
#[derive(Debug, Clone)]
pub(crate) struct Answer<V> {
    /// What the server said.
    pub(crate) value: V,
    /// It was taken from memory without asking.
    pub(crate) remembered: bool,
    /// It may be outdated: the server could not be asked, for this reason.
    pub(crate) stale: Option<String>,
}

impl<K, V, E> Answers<K, V, E>
where
    K: Clone + Eq + Hash + Send + 'static,
    V: Clone + Weight + Send + Sync + 'static,
    E: Classified + Send + Sync + 'static,
{
    /// Remembers at most `budget` bytes of answers.
    pub(crate) fn new(budget: u64) -> Arc<Self> {
        Arc::new(Self {
            known: Mutex::new(Lru::new(budget)),
            flights: Flights::new(),
        })
    }

    /// The answer to `key`, at most `max_age` old. `ask` gets the last answer, if any, to ask whether it still holds.
    ///
    /// When the server cannot be asked for a transient reason, the last answer is given, marked as stale; it is then
    /// not asked again before `max_age` has passed.
    pub(crate) async fn get<F, W>(self: &Arc<Self>, key: K, max_age: Duration, ask: F) -> Result<Answer<V>, E>
    where
        F: FnOnce(Option<V>) -> W,
        W: Future<Output = Result<V, E>> + Send + 'static,
    {
        if let Some(answer) = self.recent(&key, max_age) {
            return Ok(answer);
        }
        let this = Arc::clone(self);
        let started = self.flights.join(key.clone(), || {
            // The answer may have come since we looked.
            let recent = this.recent(&key, max_age);
            let last = this.last(&key);
            let asked = ask(last.clone());
            async move {
                if let Some(answer) = recent {
                    return Ok(answer);
                }
                match (asked.await, last) {
                    (Ok(value), _) => Ok(this.remember(
                        key,
                        Answer {
                            value,
                            remembered: false,
                            stale: None,
                        },
                    )),
                    (Err(error), Some(value)) if error.class() == ErrorClass::Transient => {
                        let answer = Answer {
                            value,
                            remembered: true,
                            stale: Some(error.to_string()),
                        };
                        Ok(this.remember(key, answer))
                    }
                    (Err(error), _) => Err(error),
                }
            }
        });
        started.await
    }

    /// Bytes of answers that are remembered.
    pub(crate) fn used(&self) -> u64 {
        self.lock().used()
    }

    fn last(&self, key: &K) -> Option<V> {
        self.lock().get(key).map(|known| known.value.clone())
    }

    fn recent(&self, key: &K, max_age: Duration) -> Option<Answer<V>> {
        let known = self
            .lock()
            .get(key)
            .filter(|known| known.asked.elapsed() < max_age)
            .cloned()?;
        Some(Answer {
            value: known.value,
            remembered: true,
            stale: known.trouble,
        })
    }

    fn remember(&self, key: K, answer: Answer<V>) -> Answer<V> {
        let Answer {
            value,
            remembered: _,
            stale,
        } = answer.clone();
        self.lock().insert(
            key,
            Known {
                value,
                asked: Instant::now(),
                trouble: stale,
            },
        );
        answer
    }

    fn lock(&self) -> MutexGuard<'_, Lru<K, Known<V>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, PartialEq)]
    struct Number(u32);

    impl Weight for Number {
        fn weight(&self) -> u64 {
            4
        }
    }

    #[derive(Debug, Clone, PartialEq, thiserror::Error)]
    #[error("{0}")]
    struct Trouble(&'static str);

    impl Classified for Trouble {
        fn class(&self) -> ErrorClass {
            if self.0 == "down" {
                ErrorClass::Transient
            } else {
                ErrorClass::Permanent
            }
        }
    }

    const HOUR: Duration = Duration::from_hours(1);

    async fn ask(
        answers: &Arc<Answers<&'static str, Number, Trouble>>,
        max_age: Duration,
        result: Result<u32, Trouble>,
    ) -> Result<(u32, bool, Option<String>), Trouble> {
        let answer = answers
            .get("key", max_age, |_| async move { result.map(Number) })
            .await?;
        Ok((answer.value.0, answer.remembered, answer.stale))
    }

    #[tokio::test]
    async fn an_answer_is_used_until_it_is_too_old() {
        let answers = Answers::new(10_000);
        assert_eq!(ask(&answers, HOUR, Ok(1)).await, Ok((1, false, None)));
        assert_eq!(ask(&answers, HOUR, Ok(2)).await, Ok((1, true, None)));
        assert_eq!(ask(&answers, Duration::ZERO, Ok(3)).await, Ok((3, false, None)));
    }

    #[tokio::test]
    async fn the_last_answer_serves_while_the_server_is_down_and_says_so() {
        let answers = Answers::new(10_000);
        assert_eq!(
            ask(&answers, HOUR, Err(Trouble("down"))).await,
            Err(Trouble("down"))
        );
        assert_eq!(ask(&answers, HOUR, Ok(1)).await, Ok((1, false, None)));
        let stale = Ok((1, true, Some("down".to_owned())));
        assert_eq!(ask(&answers, Duration::ZERO, Err(Trouble("down"))).await, stale);
        // It is not asked again at once.
        assert_eq!(ask(&answers, HOUR, Ok(2)).await, stale);
        assert_eq!(ask(&answers, Duration::ZERO, Ok(2)).await, Ok((2, false, None)));
    }

    #[tokio::test]
    async fn a_permanent_error_is_not_hidden_by_an_old_answer() {
        let answers = Answers::new(10_000);
        assert_eq!(ask(&answers, HOUR, Ok(1)).await, Ok((1, false, None)));
        assert_eq!(
            ask(&answers, Duration::ZERO, Err(Trouble("gone"))).await,
            Err(Trouble("gone"))
        );
    }
}
