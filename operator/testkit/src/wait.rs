//! Waiting for a condition with a deadline. Tests never sleep for luck.

use std::future::Future;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// Pause between two looks. Short, because the control plane answers within milliseconds.
const PAUSE: Duration = Duration::from_millis(100);

/// Looks again and again until `look` returns a value, and returns it.
///
/// `look` returns `Ok(None)` for "not yet"; an error is kept as the reason and tried again, because
/// objects that do not exist yet are the usual case.
///
/// # Errors
/// The time is over; the message names `what` and the last error.
pub async fn eventually<T, F, L>(what: &str, timeout: Duration, mut look: L) -> Result<T>
where
    L: FnMut() -> F,
    F: Future<Output = Result<Option<T>>>,
{
    let started = Instant::now();
    loop {
        let last = match look().await {
            Ok(Some(value)) => return Ok(value),
            Ok(None) => String::from("it is not there yet"),
            Err(error) => format!("{error:#}"),
        };
        if started.elapsed() >= timeout {
            bail!("wait for {what}: not within {timeout:?}: {last}");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[tokio::test]
    async fn returns_the_value_of_the_first_look_that_has_one() {
        let looks = Cell::new(0);
        let value = eventually("the third look", Duration::from_secs(5), || {
            looks.set(looks.get() + 1);
            let look = looks.get();
            async move {
                match look {
                    1 => bail!("not found"),
                    2 => Ok(None),
                    look => Ok(Some(look)),
                }
            }
        })
        .await
        .unwrap();
        assert_eq!(value, 3);
    }

    #[tokio::test]
    async fn names_what_was_waited_for_and_the_last_error() {
        let error = eventually::<(), _, _>("the moon", Duration::ZERO, || async { bail!("it is cloudy") })
            .await
            .unwrap_err();
        assert_eq!(
            format!("{error:#}"),
            "wait for the moon: not within 0ns: it is cloudy"
        );
    }
}
