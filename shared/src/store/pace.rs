//! How many requests of a policy are made when: a reservation takes the next free slots in the
//! seconds to come, so that no second has more than the policy's pace allows.

use super::{
    Store, StoreError,
    batch::pause,
    guard::{Guard, Key, Written},
};
use crate::{id::PolicyId, pace::Pace, tenant::Tenant};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How far ahead requests are reserved: less than a queue holds a message.
pub const MAX_RESERVED_AHEAD: SignedDuration = SignedDuration::from_mins(14);

/// How often a reservation is tried again that meets another: for about three seconds in all.
const MAX_ROUNDS: u32 = 12;

/// The round from which on the pause between tries no longer grows.
const LONGEST_PAUSE: u32 = 4;

/// How long the row is kept once its last second is over.
const KEPT: SignedDuration = SignedDuration::from_hours(1);

/// The last second in which requests are reserved; every earlier one is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Reserved {
    /// The second, counted from 1970.
    second: i64,
    /// How many are reserved in it.
    used: u32,
}

#[derive(Serialize, Deserialize)]
struct PaceRow {
    #[serde(flatten)]
    reserved: Reserved,
    version: i64,
    expires: i64,
}

fn key((owner, policy): (Tenant, PolicyId)) -> Key {
    Key {
        pk: format!("{owner}#PACE"),
        sk: policy.to_string(),
    }
}

/// Whether no clock went wrong that reserved this: those of two machines differ, but not by what lies
/// far beyond the horizon.
fn is_believable(last: Reserved, now: Timestamp) -> bool {
    last.second <= now.as_second() + 2 * MAX_RESERVED_AHEAD.as_secs()
}

/// Takes the next free slots: at most `count`, and none later than [`MAX_RESERVED_AHEAD`].
fn take(
    last: Option<Reserved>,
    per_second: u32,
    count: u32,
    now: Timestamp,
) -> (Vec<Timestamp>, Option<Reserved>) {
    let present = now.as_second();
    let horizon = present + MAX_RESERVED_AHEAD.as_secs();
    let mut next = match last {
        Some(last) if last.second >= present && is_believable(last, now) => last,
        _ => Reserved {
            second: present,
            used: 0,
        },
    };
    let mut taken = Vec::new();
    for _ in 0..count {
        let mut slot = next;
        if slot.used >= per_second {
            slot.second += 1;
            slot.used = 0;
        }
        if slot.second > horizon {
            break;
        }
        slot.used += 1;
        let at = Timestamp::from_second(slot.second).unwrap_or(Timestamp::MAX);
        taken.push(at.max(now));
        next = slot;
    }
    let reserved = if taken.is_empty() { last } else { Some(next) };
    (taken, reserved)
}

impl Store {
    /// Reserves requests of a policy, and returns when each may be made, in order: at most `pace` in
    /// a second. One in the present second may be made `now`; later ones stand at whole seconds, as
    /// queues' delays do. They are fewer than `count`, or none, where more than
    /// [`MAX_RESERVED_AHEAD`] would be reserved: the rest has to ask again later.
    ///
    /// # Errors
    /// Where the table does not answer, or others reserve all the time. Slots may be lost then;
    /// they are never given twice.
    pub async fn reserve(
        &self,
        of: (Tenant, PolicyId),
        pace: Pace,
        count: u32,
        now: Timestamp,
    ) -> Result<Vec<Timestamp>, StoreError> {
        for round in 0..MAX_ROUNDS {
            let present: Option<PaceRow> = self.data.get(key(of)).await?;
            let last = present.as_ref().map(|row| row.reserved);
            let (taken, reserved) = take(last, pace.into(), count, now);
            let Some(reserved) = reserved.filter(|_| !taken.is_empty()) else {
                return Ok(taken);
            };
            let (version, guard) = match &present {
                None => (1, Guard::Absent),
                Some(row) => (row.version + 1, Guard::Equals("version", row.version)),
            };
            let row = PaceRow {
                reserved,
                version,
                expires: reserved.second + KEPT.as_secs(),
            };
            match self.data.put_if(key(of), &row, &guard).await? {
                Written::Done => return Ok(taken),
                Written::Refused => pause(round.min(LONGEST_PAUSE)).await,
            }
        }
        Err(StoreError::contended())
    }

    /// The last second in which a request of a policy is reserved, if one ever was, and by no clock
    /// that went wrong.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn reserved_until(
        &self,
        of: (Tenant, PolicyId),
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let row: Option<PaceRow> = self.data.get(key(of)).await?;
        let reserved = row.map(|row| row.reserved);
        let reserved = reserved.filter(|last| is_believable(*last, now));
        Ok(reserved.and_then(|last| Timestamp::from_second(last.second).ok()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(millis).expect("an instant")
    }

    #[test]
    fn what_has_room_in_the_present_second_is_made_now() {
        let (taken, reserved) = take(None, 2, 3, at(10_250));
        assert_eq!(taken, [at(10_250), at(10_250), at(11_000)]);
        let (second, used) = (11, 1);
        assert_eq!(reserved, Some(Reserved { second, used }));
    }

    #[test]
    fn a_slower_pace_begins_after_what_the_faster_one_filled() {
        let last = Reserved {
            second: 10,
            used: 5,
        };
        let (taken, _) = take(Some(last), 2, 1, at(10_000));
        assert_eq!(taken, [at(11_000)]);
    }

    #[test]
    fn nothing_is_reserved_beyond_the_horizon() {
        let (taken, reserved) = take(None, 1, 2_000, at(0));
        assert_eq!(taken.len(), 841, "the present second and fourteen minutes");
        let (more, same) = take(reserved, 1, 1, at(0));
        assert_eq!((more, same), (vec![], reserved));
        assert_eq!(take(reserved, 1, 1, at(1_000)).0, [at(841_000)]);
    }

    #[test]
    fn a_clock_that_ran_ahead_for_a_while_stops_nobody_for_as_long() {
        let day = 24 * 60 * 60 * 1_000;
        let (_, wrong) = take(None, 1, 5, at(day));
        assert_eq!(take(wrong, 1, 1, at(5_000)).0, [at(5_000)]);
        // Those of two machines differ a little.
        let (_, ahead) = take(None, 1, 1, at(10_000));
        assert_eq!(take(ahead, 1, 1, at(5_000)).0, [at(11_000)]);
    }

    proptest! {
        #[test]
        fn no_second_has_more_than_its_pace_and_nothing_goes_back(
            steps in prop::collection::vec((1_u32..6, 0_u32..20, 0_i64..4_000), 1..30),
        ) {
            let (mut last, mut now, mut latest) = (None, 0, Timestamp::MIN);
            let mut seconds: BTreeMap<i64, (u32, u32)> = BTreeMap::new();
            for (pace, count, later) in steps {
                now += later;
                let (taken, reserved) = take(last, pace, count, at(now));
                prop_assert_eq!(taken.len(), usize::try_from(count).expect("a small number"));
                last = reserved;
                for slot in taken {
                    prop_assert!(slot >= at(now) && slot.as_second() >= latest.as_second());
                    latest = slot;
                    // Whoever comes later to a second must keep to the pace that counts then.
                    let (used, _) = seconds.entry(slot.as_second()).or_insert((0, pace));
                    *used += 1;
                    prop_assert!(*used <= pace, "{} of {} at {}", used, pace, slot);
                }
            }
        }
    }
}
