//! A map that forgets what was not used for longest when its content outweighs a budget.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

/// How much of a budget a value takes, in bytes.
pub(crate) trait Weight {
    /// The bytes.
    fn weight(&self) -> u64;
}

impl Weight for std::sync::Arc<[u8]> {
    fn weight(&self) -> u64 {
        self.len() as u64
    }
}

/// The map.
#[derive(Debug)]
pub(crate) struct Lru<K, V> {
    budget: u64,
    used: u64,
    clock: u64,
    entries: HashMap<K, Slot<V>>,
    /// Keys by the time of their last use.
    order: BTreeMap<u64, K>,
}

#[derive(Debug)]
struct Slot<V> {
    value: V,
    weight: u64,
    used_at: u64,
}

/// What an entry costs besides its value.
const OVERHEAD: u64 = 256;

impl<K: Clone + Eq + Hash, V: Weight> Lru<K, V> {
    pub(crate) fn new(budget: u64) -> Self {
        Self {
            budget,
            used: 0,
            clock: 0,
            entries: HashMap::new(),
            order: BTreeMap::new(),
        }
    }

    /// The value, which counts as used now.
    pub(crate) fn get(&mut self, key: &K) -> Option<&V> {
        let slot = self.entries.get_mut(key)?;
        self.clock += 1;
        if let Some(key) = self.order.remove(&slot.used_at) {
            self.order.insert(self.clock, key);
        }
        slot.used_at = self.clock;
        Some(&slot.value)
    }

    /// Puts a value in and drops the oldest ones as needed, itself if it alone is too heavy.
    pub(crate) fn insert(&mut self, key: K, value: V) {
        self.remove(&key);
        let weight = value.weight().saturating_add(OVERHEAD);
        self.clock += 1;
        self.used += weight;
        self.order.insert(self.clock, key.clone());
        self.entries.insert(
            key,
            Slot {
                value,
                weight,
                used_at: self.clock,
            },
        );
        while self.used > self.budget {
            let Some((_, oldest)) = self.order.pop_first() else {
                break;
            };
            if let Some(slot) = self.entries.remove(&oldest) {
                self.used -= slot.weight;
            }
        }
    }

    /// Takes a value out.
    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        let slot = self.entries.remove(key)?;
        self.order.remove(&slot.used_at);
        self.used -= slot.weight;
        Some(slot.value)
    }

    /// Bytes in use, with the overhead of the entries.
    pub(crate) fn used(&self) -> u64 {
        self.used
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Bytes(u64);

    impl Weight for Bytes {
        fn weight(&self) -> u64 {
            self.0 - OVERHEAD
        }
    }

    fn has(lru: &mut Lru<&'static str, Bytes>, keys: &[&'static str]) -> Vec<bool> {
        keys.iter().map(|key| lru.entries.contains_key(key)).collect()
    }

    #[test]
    fn what_was_not_used_for_longest_goes_first() {
        let mut lru = Lru::new(3000);
        for key in ["a", "b", "c"] {
            lru.insert(key, Bytes(1000));
        }
        assert!(lru.get(&"a").is_some());
        lru.insert("d", Bytes(1000));
        assert_eq!(has(&mut lru, &["a", "b", "c", "d"]), [true, false, true, true]);
        assert_eq!(lru.used(), 3000);
    }

    #[test]
    fn a_value_that_is_too_heavy_is_not_kept() {
        let mut lru = Lru::new(3000);
        lru.insert("a", Bytes(1000));
        lru.insert("b", Bytes(3001));
        assert_eq!(has(&mut lru, &["a", "b"]), [false, false]);
        assert_eq!(lru.used(), 0);
    }

    #[test]
    fn a_replaced_value_does_not_count_twice() {
        let mut lru = Lru::new(3000);
        for _ in 0..10 {
            lru.insert("a", Bytes(2000));
        }
        assert_eq!(lru.used(), 2000);
        assert_eq!(lru.order.len(), 1);
    }
}
