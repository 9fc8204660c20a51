//! The stories, one file a theme, and the list of those that wait.

use anyhow::Result;

use crate::play::tell_waiting;
use crate::story::Story;

mod client_side;
mod failing;
mod hooks;
mod lifetime;
mod refused;
mod requests;
mod shapes;
mod takeover;
mod values;

/// The stories of every theme.
fn all() -> Vec<Story> {
    [
        lifetime::stories(),
        shapes::stories(),
        refused::stories(),
        requests::stories(),
        failing::stories(),
        hooks::stories(),
        client_side::stories(),
        values::stories(),
        takeover::stories(),
    ]
    .concat()
}

/// A difference that was repaired must not stay on the list. Differences are printed.
#[tokio::test]
#[ignore = "stories of what is not supported yet; `make twins` tells them too"]
async fn stories_that_wait_still_differ() -> Result<()> {
    tell_waiting(all()).await
}

/// Stories are found by their names.
#[test]
fn every_story_has_a_name_of_its_own() {
    let mut names: Vec<&str> = all().iter().map(|story| story.name).collect();
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
}
