//! Tables of the public keys that sign again and again, as the traders of an exchange do.
//!
//! A key earns a credit with each good signature, and with `CREDITS_FOR_TABLE` of them its table, which takes as long
//! to make as two or three verifications take without one. A key that nobody signs with costs nothing: bad signatures
//! are not counted.
//!
//! **Memory** is bounded: `SETS` x `WAYS` keys of `KeyTable::BYTES` each, 63 MiB, made as they are needed. Where a key
//! has its place follows from a hash of its own for each process, so nobody can choose keys that share one set.
//!
//! **Eviction** (generalized clock: Smith, "Sequentiality and prefetching in database systems", 1978). Every
//! `MISSES_FOR_CREDIT` good signatures of keys that have no place in a set take one credit from a key that has one, in
//! turn, and its place if that was the last. So whoever has many keys displaces the table of another only by signing
//! several times as often as that key does; and where there are more keys than places, some have their tables for
//! long rather than all in vain.
//!
//! A lock is held for a comparison of `WAYS` keys, one set's at a time, never while a table is made.

use std::{
    hash::{BuildHasher, RandomState},
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError},
};

use crate::{
    babyjubjub::{Extended, Point},
    fixed_base::FixedBase,
};

/// Multiples of 8 A by 6-bit digits: 43,008 bytes, by which a multiplication takes 13 us instead of 63 us (on the
/// machine of bench/RESULTS.md). Half the memory would cost it 4 us more, three times the memory save it 2 us.
pub(crate) type KeyTable = FixedBase<6, 3>;

const SETS: usize = 192;
const WAYS: usize = 8;
const CREDITS_FOR_TABLE: u8 = 4;
const CREDITS_MAX: u8 = 16;
const MISSES_FOR_CREDIT: u8 = 4;

const _: () = assert!(SETS * WAYS * KeyTable::BYTES <= 64 << 20);

/// The tables of this process.
pub(crate) static KEY_TABLES: LazyLock<KeyTables> = LazyLock::new(KeyTables::default);

pub(crate) struct KeyTables {
    sets: [Mutex<Set>; SETS],
    hasher: RandomState,
}

/// Keys that could share their place with any other of the set.
#[derive(Default)]
struct Set {
    places: Vec<Place>,
    /// Good signatures of keys without a place since the last credit was taken.
    misses: u8,
    /// Whose turn it is to lose a credit.
    hand: usize,
}

struct Place {
    key: Point,
    /// At least one.
    credits: u8,
    table: Option<Arc<KeyTable>>,
}

impl Default for KeyTables {
    fn default() -> Self {
        Self {
            sets: std::array::from_fn(|_| Mutex::default()),
            hasher: RandomState::new(),
        }
    }
}

impl KeyTables {
    pub fn get(&self, key: &Point) -> Option<Arc<KeyTable>> {
        self.set(key).find(key)?.table.clone()
    }

    /// Count a good signature of a key.
    pub fn credit(&self, key: &Point) {
        if !self.set(key).credit(key) {
            return;
        }
        let table = Arc::new(KeyTable::new(Extended::from(*key).mul_by_cofactor()));
        if let Some(place) = self.set(key).find(key) {
            place.table = Some(table);
        }
    }

    fn set(&self, key: &Point) -> MutexGuard<'_, Set> {
        let set = &self.sets[self.hasher.hash_one(key) as usize % SETS];
        // No step of a set leaves it half done.
        set.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Set {
    fn find(&mut self, key: &Point) -> Option<&mut Place> {
        self.places.iter_mut().find(|place| place.key == *key)
    }

    /// Whether the key has just earned a table.
    fn credit(&mut self, key: &Point) -> bool {
        if let Some(place) = self.find(key) {
            place.credits = (place.credits + 1).min(CREDITS_MAX);
            return place.credits == CREDITS_FOR_TABLE && place.table.is_none();
        }
        if self.places.len() < WAYS {
            self.places.push(Place::new(*key));
            return false;
        }
        self.misses = (self.misses + 1) % MISSES_FOR_CREDIT;
        if self.misses != 0 {
            return false;
        }
        let place = &mut self.places[self.hand];
        self.hand = (self.hand + 1) % WAYS;
        place.credits -= 1;
        if place.credits == 0 {
            *place = Place::new(*key);
        }
        false
    }
}

impl Place {
    fn new(key: Point) -> Self {
        Self {
            key,
            credits: 1,
            table: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::{babyjubjub::mul_base8, Scalar};

    fn key(secret: u64) -> Point {
        mul_base8(&Scalar::from(secret)).to_point()
    }

    fn credit(tables: &KeyTables, key: &Point, times: u8) {
        (0..times).for_each(|_| tables.credit(key));
    }

    /// A set where `WAYS` keys have all the credits that a key can have.
    fn full_set() -> Set {
        let mut set = Set::default();
        for secret in 1..=WAYS as u64 {
            (0..CREDITS_MAX).for_each(|_| {
                set.credit(&key(secret));
            });
        }
        set
    }

    #[test]
    fn a_key_has_a_table_once_it_has_verified_some_good_signatures() {
        let tables = KeyTables::default();
        credit(&tables, &key(1), CREDITS_FOR_TABLE - 1);
        assert!(tables.get(&key(1)).is_none());
        credit(&tables, &key(1), 1);
        let table = tables.get(&key(1)).expect("it has earned one");
        let eightfold = mul_base8(&Scalar::from(8)).to_point();
        assert!(table.multiple(&Scalar::from(1)).equals(&eightfold));
        assert!(tables.get(&key(2)).is_none());
    }

    #[test]
    fn a_table_is_earned_once() {
        let mut set = Set::default();
        let earned: Vec<bool> = (0..2 * CREDITS_FOR_TABLE)
            .map(|_| set.credit(&key(1)))
            .collect();
        let expected = (1..=2 * CREDITS_FOR_TABLE).map(|credits| credits == CREDITS_FOR_TABLE);
        assert!(earned.into_iter().eq(expected));
    }

    #[test]
    fn keys_that_sign_once_displace_nobody_unless_they_are_several_times_as_many() {
        let mut set = full_set();
        let mut strangers = (1_000..).map(key);
        for round in 0..3_000 {
            set.credit(&key(1 + round % WAYS as u64));
            for _ in 1..MISSES_FOR_CREDIT {
                set.credit(&strangers.next().expect("they do not end"));
            }
        }
        assert!((1..=WAYS as u64).all(|secret| set.find(&key(secret)).is_some()));
    }

    #[test]
    fn of_more_keys_than_places_some_earn_tables_and_keep_them() {
        let mut set = Set::default();
        let keys: Vec<Point> = (1..=3 * WAYS as u64).map(key).collect();
        let mut earned = HashSet::new();
        for _ in 0..50 {
            earned.extend(keys.iter().filter(|key| set.credit(key)));
        }
        assert_eq!(earned.len(), WAYS);
        assert!(earned.into_iter().all(|key| set.find(key).is_some()));
    }

    #[test]
    fn a_key_that_signs_no_more_makes_room() {
        let mut set = full_set();
        let newcomer = key(1_000);
        let misses = WAYS * usize::from(CREDITS_MAX) * usize::from(MISSES_FOR_CREDIT);
        (0..misses).for_each(|_| {
            set.credit(&newcomer);
        });
        assert!(set.find(&newcomer).is_some());
        assert_eq!(set.places.len(), WAYS);
    }
}
