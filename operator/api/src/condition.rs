//! Conditions: the summary of a HelmRelease that people, `kubectl wait` and kstatus read.
//!
//! The types are a closed set; reasons are the categories of whoever decides (`plan` has the one list). `Ready` is always there; `Reconciling` and `Stalled` are there only
//! while true, which is what kstatus asks for. Which state gives which conditions is decided by
//! the controller; here are the words and the one way to change the list.

use std::{borrow::Cow, fmt};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::time::Time;

/// Longest message that is written, in bytes. The API convention allows 32768, but a message is
/// read in a table and stored with every status.
pub const MESSAGE_MAX: usize = 4096;

/// What stands at the end of a message that was cut.
const CUT: &str = " … (cut)";

/// Types of conditions, in the order in which they are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum ConditionType {
    /// Summary: the wanted state is released and proven. Always present.
    Ready,
    /// Work towards the wanted state goes on. Present only when true.
    Reconciling,
    /// No progress is possible before something changes. Present only when true.
    Stalled,
    /// The chart was found, and verified where that is asked for.
    Resolved,
    /// The last action on the release succeeded.
    Released,
    /// The tests of the current revision succeeded.
    TestSuccess,
    /// A failed release was rolled back or uninstalled.
    Remediated,
    /// Live objects differ from the manifest.
    Drifted,
}

impl ConditionType {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "Ready",
            Self::Reconciling => "Reconciling",
            Self::Stalled => "Stalled",
            Self::Resolved => "Resolved",
            Self::Released => "Released",
            Self::TestSuccess => "TestSuccess",
            Self::Remediated => "Remediated",
            Self::Drifted => "Drifted",
        }
    }
}

impl fmt::Display for ConditionType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether a condition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum ConditionStatus {
    /// It holds.
    True,
    /// It does not.
    False,
    /// Nobody can say yet.
    Unknown,
}

/// One observation about the release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    /// What it is about.
    #[serde(rename = "type")]
    pub kind: ConditionType,
    /// Whether it holds.
    pub status: ConditionStatus,
    /// Generation of the spec that it is about.
    pub observed_generation: i64,
    /// When `status` last changed.
    pub last_transition_time: Time,
    /// Category of the cause, one word for programs. The list is on the reference page.
    #[schemars(regex(pattern = crate::schema::REASON), length(min = 1, max = 128))]
    pub reason: Cow<'static, str>,
    /// The cause, for people.
    #[schemars(length(max = 32768))]
    pub message: String,
}

/// Sets one condition.
///
/// # Guarantees
/// - One condition of each type; the list is sorted by [`ConditionType`].
/// - `last_transition_time` becomes `now` when the condition is new or its status changes, and is
///   kept otherwise, even when reason, message or generation change.
/// - The message has at most [`MESSAGE_MAX`] bytes and no surrounding white space.
/// - Setting the same again changes nothing.
pub fn set_condition(
    conditions: &mut Vec<Condition>,
    kind: ConditionType,
    status: ConditionStatus,
    reason: impl Into<Cow<'static, str>>,
    message: &str,
    observed_generation: i64,
    now: Time,
) {
    let last_transition_time = find_condition(conditions, kind)
        .filter(|old| old.status == status)
        .map_or(now, |old| old.last_transition_time);
    remove_condition(conditions, kind);
    conditions.push(Condition {
        kind,
        status,
        observed_generation,
        last_transition_time,
        reason: reason.into(),
        message: bounded(message.trim()),
    });
    conditions.sort_by_key(|condition| condition.kind);
}

/// Removes a condition; for those that are present only when true.
pub fn remove_condition(conditions: &mut Vec<Condition>, kind: ConditionType) {
    conditions.retain(|condition| condition.kind != kind);
}

/// The condition of a type.
pub fn find_condition(conditions: &[Condition], kind: ConditionType) -> Option<&Condition> {
    conditions.iter().find(|condition| condition.kind == kind)
}

/// Whether the condition of a type is there and true.
pub fn is_true(conditions: &[Condition], kind: ConditionType) -> bool {
    find_condition(conditions, kind).is_some_and(|condition| condition.status == ConditionStatus::True)
}

/// Cuts a message at a character, not inside of one.
fn bounded(message: &str) -> String {
    if message.len() <= MESSAGE_MAX {
        return message.to_owned();
    }
    let end = message.floor_char_boundary(MESSAGE_MAX - CUT.len());
    format!("{}{CUT}", &message[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Time {
        jiff::Timestamp::from_second(second).unwrap().into()
    }

    fn set(
        conditions: &mut Vec<Condition>,
        kind: ConditionType,
        status: ConditionStatus,
        message: &str,
        second: i64,
    ) {
        set_condition(
            conditions,
            kind,
            status,
            "Progressing",
            message,
            second,
            at(second),
        );
    }

    #[test]
    fn the_transition_time_changes_only_with_the_status() {
        let mut conditions = Vec::new();
        set(
            &mut conditions,
            ConditionType::Ready,
            ConditionStatus::Unknown,
            "one",
            1,
        );
        set(
            &mut conditions,
            ConditionType::Ready,
            ConditionStatus::Unknown,
            "two",
            2,
        );
        assert_eq!(conditions.len(), 1);
        assert_eq!(conditions[0].last_transition_time, at(1));
        assert_eq!(conditions[0].message, "two");
        assert_eq!(conditions[0].observed_generation, 2);
        set(
            &mut conditions,
            ConditionType::Ready,
            ConditionStatus::True,
            "three",
            3,
        );
        assert_eq!(conditions[0].last_transition_time, at(3));
    }

    #[test]
    fn setting_the_same_twice_changes_nothing() {
        let mut conditions = Vec::new();
        set_condition(
            &mut conditions,
            ConditionType::Ready,
            ConditionStatus::True,
            "InSync",
            "fine",
            4,
            at(1),
        );
        let before = conditions.clone();
        set_condition(
            &mut conditions,
            ConditionType::Ready,
            ConditionStatus::True,
            "InSync",
            "fine\n",
            4,
            at(9),
        );
        assert_eq!(conditions, before);
    }

    #[test]
    fn the_list_is_sorted_whatever_the_order_of_calls() {
        let mut conditions = Vec::new();
        for kind in [
            ConditionType::Drifted,
            ConditionType::Stalled,
            ConditionType::Ready,
        ] {
            set(&mut conditions, kind, ConditionStatus::True, "", 1);
        }
        let kinds: Vec<_> = conditions.iter().map(|condition| condition.kind).collect();
        assert_eq!(
            kinds,
            [
                ConditionType::Ready,
                ConditionType::Stalled,
                ConditionType::Drifted
            ]
        );
        remove_condition(&mut conditions, ConditionType::Stalled);
        assert!(!is_true(&conditions, ConditionType::Stalled));
        assert!(is_true(&conditions, ConditionType::Drifted));
    }

    #[test]
    fn a_long_message_is_cut_at_a_character() {
        let mut conditions = Vec::new();
        set(
            &mut conditions,
            ConditionType::Ready,
            ConditionStatus::False,
            &"ä".repeat(MESSAGE_MAX),
            1,
        );
        let message = &conditions[0].message;
        assert!(message.len() <= MESSAGE_MAX && message.len() > MESSAGE_MAX - 4);
        assert!(message.ends_with(CUT));
    }

    #[test]
    fn the_wire_form_is_that_of_the_api_conventions() {
        let mut conditions = Vec::new();
        set_condition(
            &mut conditions,
            ConditionType::Ready,
            ConditionStatus::False,
            "RolledBack",
            "back on 3",
            7,
            at(0),
        );
        assert_eq!(
            serde_json::to_value(&conditions[0]).unwrap(),
            serde_json::json!({
                "type": "Ready", "status": "False", "observedGeneration": 7,
                "lastTransitionTime": "1970-01-01T00:00:00Z", "reason": "RolledBack", "message": "back on 3",
            }),
        );
    }

    #[test]
    fn names_are_the_wire_names() {
        for kind in [
            ConditionType::Ready,
            ConditionType::Reconciling,
            ConditionType::Stalled,
            ConditionType::Resolved,
            ConditionType::Released,
            ConditionType::TestSuccess,
            ConditionType::Remediated,
            ConditionType::Drifted,
        ] {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
    }
}
