//! A few requests of one release side by side.

use futures::future::BoxFuture;
use futures::{StreamExt, stream};

/// How many requests of one release are under way at once: enough to hide latency, few enough that one large release
/// does not use up the API server's patience with all of us.
pub(crate) const PARALLEL: usize = 8;

/// Runs futures side by side and gives their results in order.
pub(crate) async fn in_order<T>(futures: Vec<BoxFuture<'_, T>>) -> Vec<T> {
    stream::iter(futures).buffered(PARALLEL).collect().await
}
