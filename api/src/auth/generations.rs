//! A memory of bounded size that keeps what is used: two generations. When the young one is full it becomes the old
//! one, and the old one is dropped; what is asked for moves to the young one.

use std::{
    collections::{HashMap, hash_map::Entry},
    hash::Hash,
};

/// The memory.
#[derive(Debug)]
pub(super) struct Generations<K, V> {
    size: usize,
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl<K: Copy + Eq + Hash, V> Generations<K, V> {
    /// One that holds at least `size` entries, and at most three times as many.
    pub(super) fn of(size: usize) -> Self {
        Self { size, young: HashMap::new(), old: HashMap::new() }
    }

    /// What is kept under this key.
    pub(super) fn get(&mut self, key: &K) -> Option<&mut V> {
        match self.young.entry(*key) {
            Entry::Occupied(entry) => Some(entry.into_mut()),
            Entry::Vacant(place) => self.old.remove(key).map(|value| place.insert(value)),
        }
    }

    pub(super) fn insert(&mut self, key: K, value: V) {
        if self.young.len() >= self.size && !self.young.contains_key(&key) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, value);
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.young.clear();
        self.old.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_bounded_and_keeps_what_is_used() {
        let mut memory = Generations::of(10);
        memory.insert(u32::MAX, "used");
        for i in 0..100 {
            memory.insert(i, "once");
            assert_eq!(memory.get(&u32::MAX), Some(&mut "used"));
            assert!(memory.young.len() + memory.old.len() <= 30);
        }
        assert_eq!(memory.get(&0), None);
        memory.clear();
        assert_eq!(memory.get(&u32::MAX), None);
    }
}
