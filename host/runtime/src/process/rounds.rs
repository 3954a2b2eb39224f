//! Workers that compute take turns: the kernel is slow to come to anybody else where hundreds want a processor, so that all
//! but a few are held, for a moment each. Who waits for an answer or a message is never held. Not for: holding them
//! (`warden`), attempts on threads (`turns`).

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How long a turn lasts while others wait for theirs.
const TURN: Duration = Duration::from_millis(40);

/// Whose turn it is.
#[derive(Debug)]
pub(super) struct Rounds<K> {
    places: usize,
    seated: Vec<(K, Instant)>,
    held: VecDeque<K>,
}

/// What is to be done with whom.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Order<K> {
    Hold(K),
    LetGo(K),
}

impl<K: Clone + PartialEq> Rounds<K> {
    /// So many may compute at once.
    pub(super) fn new(places: usize) -> Rounds<K> {
        Rounds { places, seated: Vec::new(), held: VecDeque::new() }
    }

    /// Whether any is held.
    pub(super) fn hold_any(&self) -> bool {
        !self.held.is_empty()
    }

    /// Whether one is held.
    pub(super) fn holds(&self, key: &K) -> bool {
        self.held.contains(key)
    }

    /// `all` are there; `computing` are those of them that are not held and have computed since the last time.
    pub(super) fn next(&mut self, all: &[K], computing: &[K], now: Instant) -> Vec<Order<K>> {
        self.held.retain(|key| all.contains(key));
        self.seated.retain(|(key, _)| computing.contains(key));
        let mut orders = Vec::new();
        for key in computing {
            if self.seated.iter().any(|(seated, _)| seated == key) {
                continue;
            }
            if self.seated.len() < self.places && self.held.is_empty() {
                self.seated.push((key.clone(), now));
            } else {
                self.held.push_back(key.clone());
                orders.push(Order::Hold(key.clone()));
            }
        }
        let mut waiting = self.held.len().saturating_sub(self.places - self.seated.len().min(self.places));
        while waiting > 0
            && let Some(over) = self.seated.iter().position(|(_, since)| now.saturating_duration_since(*since) >= TURN)
        {
            let (key, _) = self.seated.remove(over);
            self.held.push_back(key.clone());
            orders.push(Order::Hold(key));
            waiting -= 1;
        }
        while self.seated.len() < self.places
            && let Some(key) = self.held.pop_front()
        {
            // One that would be held and let go at once has not been held yet.
            match orders.iter().position(|order| *order == Order::Hold(key.clone())) {
                Some(at) => drop(orders.remove(at)),
                None => orders.push(Order::LetGo(key.clone())),
            }
            self.seated.push((key, now));
        }
        orders
    }
}

#[cfg(test)]
mod tests {
    use super::{Order::*, *};

    #[test]
    fn those_who_compute_take_turns() {
        let (mut rounds, begun) = (Rounds::new(2), Instant::now());
        let all = [1, 2, 3, 4, 5];
        assert_eq!(rounds.next(&all, &[1, 2], begun), []);
        assert_eq!(rounds.next(&all, &[1, 2, 3], begun), [Hold(3)]);
        assert_eq!(rounds.next(&all, &[1, 2, 4], begun + TURN / 2), [Hold(4)]);
        let later = begun + TURN;
        assert_eq!(rounds.next(&all, &[1, 2], later), [Hold(1), Hold(2), LetGo(3), LetGo(4)]);
        assert!(rounds.holds(&1) && !rounds.holds(&3));
        // One of them waits for a message: its place is another's.
        assert_eq!(rounds.next(&all, &[3], later), [LetGo(1)]);
        assert_eq!(rounds.next(&[2, 5], &[], later), [LetGo(2)], "the others have ended");
        assert_eq!(rounds.next(&[2, 5], &[2, 5], later + TURN), [], "there is room for all");
    }

    #[test]
    fn everybody_has_turns() {
        let mut rounds = Rounds::new(3);
        let all: Vec<usize> = (0..50).collect();
        let (mut free, mut turns) = (all.clone(), vec![0; 50]);
        let begun = Instant::now();
        for round in 0..400_u32 {
            for order in rounds.next(&all, &free.clone(), begun + round * TURN / 2) {
                match order {
                    Hold(key) => free.retain(|other| *other != key),
                    LetGo(key) => free.push(key),
                }
            }
            assert!(free.len() <= 3, "{free:?}");
            free.iter().for_each(|key| turns[*key] += 1);
        }
        let (least, most) = (turns.iter().min().unwrap(), turns.iter().max().unwrap());
        assert!(*least >= 16 && most - least <= 8, "{turns:?}");
    }
}
