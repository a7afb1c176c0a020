//! The order of one queue: groups take turns, so that a noisy one delays nobody else.

use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

/// A message that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) id: i64,
    pub(super) body: String,
    pub(super) group: String,
    /// How often it was received.
    pub(super) count: u32,
}

/// The messages of one queue.
#[derive(Debug, Default)]
pub(super) struct Fair {
    messages: HashMap<i64, Held>,
    /// Not visible yet, by when they will be: delayed or in flight.
    invisible: BTreeSet<(Timestamp, i64)>,
    /// When each invisible message will be visible, and whether it is in flight.
    until: HashMap<i64, (Timestamp, bool)>,
    groups: HashMap<String, Group>,
    /// The groups that have visible messages, the one to serve next first.
    turns: BTreeMap<Turn, String>,
    served: u64,
}

/// Fewest in flight first, then the one that waited longest for its turn.
type Turn = (usize, u64);

#[derive(Debug, Default)]
struct Group {
    visible: VecDeque<i64>,
    in_flight: usize,
    last_served: u64,
    turn: Option<Turn>,
}

impl Fair {
    pub(super) fn len(&self) -> usize {
        self.messages.len()
    }

    /// Whether nothing is visible or in flight by an instant: whatever is left waits for later.
    pub(super) fn is_idle(&self, now: Timestamp) -> bool {
        let in_flight = self.until.values().any(|(_, in_flight)| *in_flight);
        self.turns.is_empty() && !in_flight && self.next_visible().is_none_or(|at| at > now)
    }

    pub(super) fn bodies(&self) -> Vec<String> {
        self.messages
            .values()
            .map(|held| held.body.clone())
            .collect()
    }

    pub(super) fn insert(&mut self, held: Held, visible_at: Timestamp) {
        let id = held.id;
        self.messages.insert(id, held);
        self.invisible.insert((visible_at, id));
        self.until.insert(id, (visible_at, false));
    }

    /// Takes the next visible message and hides it until an instant; its count is raised.
    pub(super) fn take(&mut self, now: Timestamp, hidden_until: Timestamp) -> Option<Held> {
        self.show(now);
        let (_, name) = self.turns.pop_first()?;
        self.served += 1;
        let group = self.groups.get_mut(&name)?;
        group.turn = None;
        group.last_served = self.served;
        group.in_flight += 1;
        let id = group.visible.pop_front()?;
        self.invisible.insert((hidden_until, id));
        self.until.insert(id, (hidden_until, true));
        self.requeue(&name);
        let held = self.messages.get_mut(&id)?;
        held.count += 1;
        Some(held.clone())
    }

    /// Removes a message that was received so often; not one that was received again since.
    pub(super) fn remove_received(&mut self, id: i64, count: u32) -> bool {
        let is_it = self
            .messages
            .get(&id)
            .is_some_and(|held| held.count == count);
        if is_it {
            self.remove(id);
        }
        is_it
    }

    /// Removes a message.
    pub(super) fn remove(&mut self, id: i64) {
        let Some(held) = self.messages.remove(&id) else {
            return;
        };
        match self.until.remove(&id) {
            Some((until, in_flight)) => {
                self.invisible.remove(&(until, id));
                self.land(&held.group, in_flight);
            }
            None => {
                if let Some(group) = self.groups.get_mut(&held.group) {
                    group.visible.retain(|visible| *visible != id);
                }
            }
        }
        self.requeue(&held.group);
    }

    pub(super) fn next_visible(&self) -> Option<Timestamp> {
        if self.turns.is_empty() {
            self.invisible.first().map(|(at, _)| *at)
        } else {
            Some(Timestamp::MIN)
        }
    }

    /// Makes visible what is due.
    fn show(&mut self, now: Timestamp) {
        while let Some((at, id)) = self.invisible.first().copied().filter(|(at, _)| *at <= now) {
            self.invisible.remove(&(at, id));
            let in_flight = self
                .until
                .remove(&id)
                .is_some_and(|(_, in_flight)| in_flight);
            let Some(name) = self.messages.get(&id).map(|held| held.group.clone()) else {
                continue;
            };
            self.land(&name, in_flight);
            self.groups
                .entry(name.clone())
                .or_default()
                .visible
                .push_back(id);
            self.requeue(&name);
        }
    }

    /// Notes that a message of a group is no longer in flight, if it was.
    fn land(&mut self, name: &str, in_flight: bool) {
        if let Some(group) = self.groups.get_mut(name).filter(|_| in_flight) {
            group.in_flight -= 1;
        }
    }

    /// Gives a group its place among the turns, or forgets it where nothing is left of it.
    fn requeue(&mut self, name: &str) {
        let Some(group) = self.groups.get_mut(name) else {
            return;
        };
        if let Some(turn) = group.turn.take() {
            self.turns.remove(&turn);
        }
        if group.visible.is_empty() {
            if group.in_flight == 0 {
                self.groups.remove(name);
            }
            return;
        }
        let mut turn = (group.in_flight, group.last_served);
        // Groups that were never served share 0: each gets a number of its own.
        if group.last_served == 0 || self.turns.contains_key(&turn) {
            self.served += 1;
            group.last_served = self.served;
            turn.1 = self.served;
        }
        group.turn = Some(turn);
        self.turns.insert(turn, name.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).expect("an instant")
    }

    fn held(id: i64, group: &str) -> Held {
        Held {
            id,
            body: String::new(),
            group: group.to_owned(),
            count: 0,
        }
    }

    #[test]
    fn a_noisy_group_does_not_keep_a_quiet_one_waiting() {
        let mut queue = Fair::default();
        for id in 0..1_000 {
            queue.insert(held(id, "noisy"), at(0));
        }
        queue.insert(held(1_000, "quiet"), at(0));
        let taken: Vec<_> = (0..2).filter_map(|_| queue.take(at(0), at(90))).collect();
        assert!(taken.iter().any(|held| held.group == "quiet"));
    }

    #[test]
    fn a_group_with_much_in_flight_waits_for_the_others() {
        let mut queue = Fair::default();
        for id in 0..10 {
            queue.insert(held(id, "slow"), at(0));
        }
        while queue.take(at(0), at(90)).is_some_and(|held| held.id < 4) {}
        for id in 10..13 {
            queue.insert(held(id, "quick"), at(0));
        }
        let next: Vec<_> = (0..3).filter_map(|_| queue.take(at(0), at(90))).collect();
        assert!(next.iter().all(|held| held.group == "quick"), "{next:?}");
    }

    #[test]
    fn what_is_not_deleted_is_visible_again_and_counted() {
        let mut queue = Fair::default();
        queue.insert(held(1, "a"), at(10));
        assert_eq!(queue.take(at(9), at(99)), None);
        assert_eq!(queue.take(at(10), at(100)).map(|held| held.count), Some(1));
        assert_eq!(queue.take(at(99), at(200)), None);
        assert_eq!(queue.next_visible(), Some(at(100)));
        assert_eq!(queue.take(at(100), at(200)).map(|held| held.count), Some(2));
        assert!(
            !queue.remove_received(1, 1),
            "an old receipt deletes nothing"
        );
        assert!(queue.remove_received(1, 2));
        assert_eq!((queue.len(), queue.next_visible()), (0, None));
        assert!(queue.groups.is_empty());
    }
}
