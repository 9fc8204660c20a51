//! Test: run the test hooks of the deployed revision and keep the result (`pkg/action/release_testing.go`).

use helm::hooks::{Hook, HookEvent};

use super::Phase;

pub(crate) const TRAIL: &[Phase] = &[Phase::Hooks(HookEvent::Test), Phase::Conclude, Phase::Finish];

pub(crate) const FAILURE_TRAIL: &[Phase] = &[Phase::RecordFailure, Phase::Finish];

/// Whether a test runs: `!name` excludes, and once any plain name is given only those run.
pub(crate) fn selects(filters: &[String], hook: &Hook) -> bool {
    let excluded = filters
        .iter()
        .filter_map(|filter| filter.strip_prefix('!'))
        .any(|name| name == hook.name);
    let mut included = filters
        .iter()
        .filter(|filter| !filter.starts_with('!'))
        .peekable();
    !excluded && (included.peek().is_none() || included.any(|name| *name == hook.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_include_and_exclude_by_name() {
        let hook = Hook {
            name: "smoke".to_owned(),
            kind: "Pod".to_owned(),
            path: String::new(),
            manifest: String::new(),
            events: vec![HookEvent::Test],
            weight: 0,
            delete_policies: Vec::new(),
            output_log_policies: Vec::new(),
        };
        let check = |filters: &[&str]| {
            selects(
                &filters
                    .iter()
                    .map(|filter| (*filter).to_owned())
                    .collect::<Vec<_>>(),
                &hook,
            )
        };
        assert!(check(&[]));
        assert!(check(&["smoke"]));
        assert!(!check(&["load"]));
        assert!(!check(&["!smoke"]));
        assert!(check(&["!load"]));
    }
}
