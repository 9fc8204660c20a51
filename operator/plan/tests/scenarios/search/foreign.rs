//! What somebody else does to a release, as the real `helm` does it: it rewrites the Secrets it touches without our
//! marks, and `upgrade` is the only one that minds a pending revision.

use helm::record::{Release, Revision, Status};
use serde_json::json;

use crate::cluster::{Object, lines};
use crate::world::World;

/// Something that somebody else does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Foreign {
    /// `helm upgrade` with other values.
    Upgrade,
    /// The same, killed before it was done.
    UpgradeKilled,
    /// `helm rollback`, to the revision before.
    Rollback,
    /// `helm uninstall`.
    Uninstall,
    /// `helm uninstall --keep-history`.
    UninstallKeep,
    /// `helm test`: the Secret of the newest revision is rewritten.
    Rewrite,
    /// `kubectl edit` of an object.
    Edit,
    /// `kubectl delete` of all objects of the release.
    DeleteObjects,
}

/// Does it; `false` when it cannot be done here.
pub(super) fn act(world: &mut World, who: Foreign) -> bool {
    match who {
        Foreign::Upgrade => upgrade(world, Status::Deployed),
        Foreign::UpgradeKilled => upgrade(world, Status::PendingUpgrade),
        Foreign::Rollback => rollback(world),
        Foreign::Uninstall => uninstall(world, false),
        Foreign::UninstallKeep => uninstall(world, true),
        Foreign::Rewrite => {
            let Some(newest) = newest(world) else { return false };
            store(world, &newest);
            true
        }
        Foreign::Edit => match world.cluster.objects.get_mut("web") {
            Some(object) => {
                "edited".clone_into(&mut object.spec);
                true
            }
            None => false,
        },
        Foreign::DeleteObjects => {
            let owned = world.cluster.objects.values().any(|object| object.owned);
            world.cluster.objects.retain(|_, object| !object.owned);
            owned
        }
    }
}

fn newest(world: &World) -> Option<Release> {
    let revision = *world.cluster.secrets.keys().next_back()?;
    Some(world.cluster.release(revision))
}

fn store(world: &mut World, release: &Release) {
    world.cluster.store(release, None);
}

fn supersede(world: &mut World, revision: Revision) {
    let mut release = world.cluster.release(revision);
    release.info.status = Status::Superseded;
    store(world, &release);
}

fn deployed(world: &World) -> Vec<Revision> {
    let secrets = &world.cluster.secrets;
    let is_deployed = |revision: &&Revision| secrets[*revision].release.info.status == Status::Deployed;
    secrets.keys().filter(is_deployed).copied().collect()
}

fn write(world: &mut World, manifest: &str) {
    for (name, spec) in lines(manifest) {
        let object = Object {
            spec: spec.to_owned(),
            owned: true,
            run: None,
        };
        world.cluster.objects.insert(name.to_owned(), object);
    }
}

fn upgrade(world: &mut World, status: Status) -> bool {
    let Some(last) = newest(world) else { return false };
    let usable = matches!(
        last.info.status,
        Status::Deployed | Status::Failed | Status::Superseded
    );
    let current = deployed(world).last().copied();
    if !usable || (current.is_none() && last.info.status == Status::Deployed) {
        return false;
    }
    let mut new = last.clone();
    new.version = last.version.next();
    new.info.status = status;
    new.info.last_deployed = Some(world.cluster.now.into());
    new.config.insert("v".to_owned(), json!("z"));
    "web=9".clone_into(&mut new.manifest);
    store(world, &new);
    write(world, "web=9");
    if status == Status::Deployed {
        supersede(world, current.unwrap_or(last.version));
    }
    true
}

fn rollback(world: &mut World) -> bool {
    let Some(last) = newest(world) else { return false };
    let Some(target) = world.cluster.secrets.keys().rev().nth(1).copied() else {
        return false;
    };
    let mut new = world.cluster.release(target);
    new.version = last.version.next();
    new.info.status = Status::Deployed;
    new.info.description = format!("Rollback to {target}");
    new.info.last_deployed = Some(world.cluster.now.into());
    let gone: Vec<String> = lines(&last.manifest)
        .filter(|(name, _)| !lines(&new.manifest).any(|(wanted, _)| wanted == *name))
        .map(|(name, _)| name.to_owned())
        .collect();
    for name in gone {
        world.cluster.objects.remove(&name);
    }
    write(world, &new.manifest.clone());
    for revision in deployed(world) {
        supersede(world, revision);
    }
    store(world, &new);
    true
}

fn uninstall(world: &mut World, keep_history: bool) -> bool {
    let Some(mut last) = newest(world) else {
        return false;
    };
    if last.info.status == Status::Uninstalled {
        return false;
    }
    let manifest = last.manifest.clone();
    for (name, _) in lines(&manifest) {
        world.cluster.objects.remove(name);
    }
    if keep_history {
        for revision in deployed(world) {
            supersede(world, revision);
        }
        last.info.status = Status::Uninstalled;
        store(world, &last);
    } else {
        world.cluster.secrets.clear();
    }
    true
}
