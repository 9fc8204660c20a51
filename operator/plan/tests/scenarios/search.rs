//! Every way through a small world: the machine is driven effect by effect, and before and after each of them
//! everything that may go wrong does, up to a budget. States that are the same but for names and old times are visited
//! once.
//!
//! Scenarios show what happens in cases that somebody thought of. The search looks for the ones that nobody did; what
//! must hold in all of them stands in `rules.rs`. A violation is told as the list of moves that leads to it.

mod foreign;
mod key;
mod model;
mod rules;

use std::collections::{HashMap, HashSet};

use helm::hooks::{HookDeletePolicy, HookEvent};
use plan::policy::{DriftPolicy, ForeignPolicy, InstallFailure, UpgradeFailure};

use plan::{Category, ErrorClass};

use crate::cluster::Script;
use crate::world::World;
use foreign::Foreign;
use model::{Model, Move};

/// The most states of one search: a model that grows beyond has to be cut, or the tests take too long.
const MAX_STATES: usize = 400_000;

/// What is known of a state.
struct Known {
    /// The disturbances that were left when it was visited with the most of them left.
    left: u8,
    /// How the search came to it.
    by: Option<(Move, u64)>,
    /// What follows when nothing goes wrong; `None` once all is quiet.
    calm: Option<u64>,
}

/// Searches all that can happen to `world` with `budget` disturbances out of `moves`, and says how many states that
/// are.
#[track_caller]
fn search(world: World, moves: &[Move], budget: u8) -> usize {
    let start = Model::new(world);
    let first = Known {
        left: budget,
        by: None,
        calm: None,
    };
    let mut known: HashMap<u64, Known> = HashMap::from([(start.key(), first)]);
    let key = start.key();
    let mut open: Vec<(Model, u64, u8)> = vec![(start, key, budget)];
    while let Some((model, key, left)) = open.pop() {
        let calm = model.calm();
        let disturbed = moves.iter().filter(|_| left > 0).map(|by| (*by, left - 1));
        // The calm one is pushed last and so goes first: a state is seldom visited again with more left.
        let all = disturbed.chain(calm.map(|by| (by, left)));
        for (by, left) in all.filter(|(by, _)| model.can(*by)) {
            let mut next = model.clone();
            let broken = match next.apply(by) {
                Ok(true) => rules::broken(&next),
                Ok(false) => continue,
                Err(broken) => Some(broken),
            };
            if let Some(broken) = broken {
                panic!(
                    "{broken}\nafter:\n{}\n  {by:?}\n{}",
                    tell(&known, key),
                    next.world.tell()
                );
            }
            let next_key = next.key();
            if Some(by) == calm
                && let Some(state) = known.get_mut(&key)
            {
                state.calm = Some(next_key);
            }
            match known.get_mut(&next_key) {
                Some(state) if state.left >= left => continue,
                Some(state) => state.left = left,
                None => {
                    let by = Some((by, key));
                    known.insert(next_key, Known { left, by, calm: None });
                }
            }
            open.push((next, next_key, left));
        }
        assert!(known.len() <= MAX_STATES, "more than {MAX_STATES} states");
    }
    comes_to_rest(&known);
    known.len()
}

/// Whatever happened: once nothing goes wrong any more, everything comes to rest.
#[track_caller]
fn comes_to_rest(known: &HashMap<u64, Known>) {
    let mut rests: HashSet<u64> = HashSet::new();
    for start in known.keys() {
        let mut way = HashSet::new();
        let mut at = *start;
        while !rests.contains(&at) {
            assert!(way.insert(at), "never comes to rest after:\n{}", tell(known, at));
            match known[&at].calm {
                Some(next) => at = next,
                None => break,
            }
        }
        rests.extend(way);
    }
}

/// The moves that led to a state, one a line.
fn tell(known: &HashMap<u64, Known>, key: u64) -> String {
    let mut lines = Vec::new();
    let mut at = key;
    while let Some((by, before)) = known[&at].by {
        lines.push(format!("  {by:?}"));
        at = before;
    }
    lines.reverse();
    lines.join("\n")
}

/// Searches. All searches of this file together visit 289 000 states.
#[track_caller]
fn check(world: World, moves: &[Move], budget: u8, at_least: usize) {
    let states = search(world, moves, budget);
    assert!(
        states >= at_least,
        "only {states} states: the model lost its moves"
    );
}

/// What goes wrong without anybody's doing.
const MISHAPS: [Move; 8] = [
    Move::CrashBefore,
    Move::CrashAfter,
    Move::Fault(ErrorClass::Transient),
    Move::Fault(ErrorClass::Permanent),
    Move::Lost,
    Move::Slow,
    Move::Late,
    Move::LoseStatus,
];

/// What the owner may want.
const WISHES: [Move; 6] = [
    Move::Want(0),
    Move::Want(1),
    Move::Want(2),
    Move::Delete,
    Move::AskRollback,
    Move::AskRetry,
];

/// What somebody else may do.
const FOREIGN: [Move; 8] = [
    Move::By(Foreign::Upgrade),
    Move::By(Foreign::UpgradeKilled),
    Move::By(Foreign::Rollback),
    Move::By(Foreign::Uninstall),
    Move::By(Foreign::UninstallKeep),
    Move::By(Foreign::Rewrite),
    Move::By(Foreign::Edit),
    Move::By(Foreign::DeleteObjects),
];

fn all_moves() -> Vec<Move> {
    [&MISHAPS[..], &WISHES, &FOREIGN, &[Move::Heal]].concat()
}

/// A chart with a hook before and one after every change.
fn with_hooks() -> World {
    let mut world = World::new();
    let before = [
        HookEvent::PreInstall,
        HookEvent::PreUpgrade,
        HookEvent::PreRollback,
        HookEvent::PreDelete,
    ];
    world.hook("before", &before, 0, &[HookDeletePolicy::Succeeded]);
    world.hook("after", &[HookEvent::PostInstall, HookEvent::PostUpgrade], 0, &[]);
    world
}

/// Two good revisions.
fn upgraded(mut world: World) -> World {
    world.settle();
    world.change("c", "web=3");
    world.settle();
    world
}

fn wants_b(mut world: World) -> World {
    world.change("b", "extra=1\nweb=2");
    world
}

fn broken(mut world: World, script: Script) -> World {
    world.script("web=2", script);
    world
}

#[test]
fn an_install() {
    check(with_hooks(), &all_moves(), 2, 12_000);
}

#[test]
fn an_upgrade() {
    check(wants_b(upgraded(World::new())), &all_moves(), 2, 12_000);
}

#[test]
fn an_upgrade_with_hooks() {
    let moves = [&MISHAPS[..], &WISHES].concat();
    check(wants_b(upgraded(with_hooks())), &moves, 2, 11_000);
}

#[test]
fn an_upgrade_that_does_not_get_ready() {
    check(
        broken(wants_b(upgraded(World::new())), Script::Stuck),
        &all_moves(),
        2,
        60_000,
    );
}

#[test]
fn an_upgrade_that_fails_and_is_retained() {
    let mut world = broken(
        wants_b(upgraded(World::new())),
        Script::Fails(Category::CrashLoop),
    );
    world.policy.upgrade.on_failure = UpgradeFailure::Retain;
    world.policy.upgrade.retries = 1;
    check(world, &all_moves(), 2, 30_000);
}

#[test]
fn an_install_that_fails_and_is_uninstalled() {
    let mut world = broken(wants_b(World::new()), Script::Fails(Category::CrashLoop));
    world.policy.install.on_failure = InstallFailure::Uninstall;
    world.policy.install.retries = 1;
    check(world, &all_moves(), 2, 30_000);
}

#[test]
fn an_uninstall() {
    for keep_history in [false, true] {
        let mut world = upgraded(with_hooks());
        world.deleting = true;
        world.policy.uninstall.keep_history = keep_history;
        check(world, &all_moves(), 2, 5_000);
    }
}

#[test]
fn a_release_that_others_may_not_change() {
    let mut world = upgraded(World::new());
    world.policy.foreign = ForeignPolicy::Revert;
    world.policy.drift = DriftPolicy::Correct;
    check(world, &all_moves(), 2, 3_500);
}

#[test]
fn a_release_that_others_may_change() {
    let mut world = upgraded(World::new());
    world.policy.foreign = ForeignPolicy::Adopt;
    check(world, &all_moves(), 2, 2_500);
}

#[test]
fn a_short_history() {
    let mut world = World::new();
    world.policy.history_max = 2;
    check(
        broken(wants_b(upgraded(world)), Script::Stuck),
        &all_moves(),
        2,
        50_000,
    );
}
