//! Lanes: one lease for each ordered recipient, and what it waits for. Who holds the lease writes
//! under its fence; who wakes a lane that is leased leaves a mark, which its holder meets before it
//! lets go.

use super::{
    Store, StoreError,
    due::look_at,
    guard::{Guard, Recorded, Written},
    lane_rows::{LaneRow, key, millis, shard},
    update::Update,
};
use crate::lane::{Keeping, Lane, LaneRef};
use jiff::{SignedDuration, Timestamp};

/// How often a lane is asked for again when others change it meanwhile.
const MAX_CLAIM_ROUNDS: usize = 100;

/// How long after the end of a lease the timer wakes its lane: whoever had it stopped.
const LEASE_GRACE: SignedDuration = SignedDuration::from_secs(10);

/// What became of the wish to work on a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Claim {
    /// The lane is leased to the caller.
    Started(Box<Lane>),
    /// Somebody else works on it, and was told to look again before it ends.
    Busy,
    /// It waits until an instant, and is woken then.
    Waiting(Timestamp),
}

/// How a lane is let go that has something to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parking {
    /// Nobody sends before an instant, whoever wakes it.
    Until(Timestamp),
    /// The same; the slot of its next request is then.
    Slot(Timestamp),
    /// Whoever wakes it goes on, whatever their clock says.
    AtOnce,
}

/// What became of the wish to let a lane go.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Release {
    /// It is free.
    Done,
    /// It was woken meanwhile: there may be more to do.
    Woken(Box<Lane>),
    /// Somebody else has it.
    Lost,
}

fn leased(lane: &Lane) -> Guard {
    Guard::Numbers(
        ("fence", lane.fence),
        ("leased_until", millis(lane.leased_until)),
    )
}

impl Store {
    /// The lane, if it was ever woken.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn lane(&self, reference: &LaneRef) -> Result<Option<Lane>, StoreError> {
        let row: Option<LaneRow> = self.data.get(key(reference)).await?;
        row.map(LaneRow::into_lane).transpose()
    }

    /// Asks for the lease of a lane.
    ///
    /// * `lease`: how long it lasts: longer than anybody works on it.
    /// * `at_once`: whether to take it before its next attempt is due; not before its slot.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn claim_lane(
        &self,
        reference: &LaneRef,
        now: Timestamp,
        lease: SignedDuration,
        at_once: bool,
    ) -> Result<Claim, StoreError> {
        for _ in 0..MAX_CLAIM_ROUNDS {
            let Some(present) = self.lane(reference).await? else {
                match self.start_lane(reference, now, now + lease).await? {
                    Some(lane) => return Ok(Claim::Started(Box::new(lane))),
                    None => continue,
                }
            };
            if present.leased_until.is_some_and(|until| until > now) {
                match self.mark(&present, at_once).await? {
                    Written::Done => return Ok(Claim::Busy),
                    Written::Refused => continue,
                }
            }
            let waits_for = if at_once { present.slot } else { present.due };
            if let Some(due) = waits_for.filter(|due| *due > now) {
                return Ok(Claim::Waiting(due));
            }
            if let Some(lane) = self.take(present, now + lease).await? {
                return Ok(Claim::Started(Box::new(lane)));
            }
        }
        Err(StoreError::contended())
    }

    /// Makes the lane of a recipient that had none, leased; `None` where somebody else did.
    async fn start_lane(
        &self,
        reference: &LaneRef,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lane>, StoreError> {
        // What stands in the logs was accepted a moment ago.
        let keeping = Keeping::beginning(now, self.retention);
        let lane = Lane::new(reference.clone(), keeping, until);
        let row = LaneRow::new(&lane, until + LEASE_GRACE);
        let put = self.data.guarded(key(reference), &row, &Guard::Absent)?;
        // Who took itself for somebody else would leave the lane to nobody.
        Ok((self.data.once(put).await? == Written::Done).then_some(lane))
    }

    /// Leaves a mark on a leased lane, for its holder.
    async fn mark(&self, present: &Lane, at_once: bool) -> Result<Written, StoreError> {
        let mark = Update::default().add("wakes", 1);
        let mark = mark.add("calls", i64::from(at_once));
        let lane_key = key(&present.reference);
        self.data.update_if(lane_key, &mark, &leased(present)).await
    }

    /// Leases a lane that nobody has; `None` where somebody changed it meanwhile.
    async fn take(&self, present: Lane, until: Timestamp) -> Result<Option<Lane>, StoreError> {
        let fence = present.fence + 1;
        let take = Update::default()
            .number("fence", fence)
            .number("leased_until", until.as_millisecond())
            // Rows of an earlier version lack it.
            .add("calls", 0)
            .text("due_shard", shard(&present.reference))
            .number("due_at", (until + LEASE_GRACE).as_millisecond());
        let lane_key = key(&present.reference);
        let take = self
            .data
            .guarded_update(lane_key, &take, &leased(&present))?;
        if self.data.once(take).await? == Written::Refused {
            return Ok(None);
        }
        // A mark between reading and taking would be lost with the number that was read.
        let marked = self.lane(&present.reference).await?;
        let (wakes, calls) = marked.map_or((0, 0), |lane| (lane.wakes, lane.calls));
        Ok(Some(Lane {
            fence,
            leased_until: Some(until),
            wakes,
            calls,
            ..present
        }))
    }

    /// Lets a lane go that has nothing more to send.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn release_lane(&self, lane: &Lane) -> Result<Release, StoreError> {
        let free = Update::default().number("leased_until", 0);
        let free = free.remove("due_shard").remove("due_at");
        self.let_go(lane, &free).await
    }

    /// Lets a lane go that has something to send, and nobody who is to be told now. Whoever wakes it
    /// goes on; the timer does at an instant.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn look_later(&self, lane: &Lane, at: Timestamp) -> Result<Release, StoreError> {
        let free = Update::default()
            .number("leased_until", 0)
            .number("due", 0)
            .number("turn", 0)
            .text("due_shard", shard(&lane.reference))
            .number("due_at", at.as_millisecond());
        self.let_go(lane, &free).await
    }

    /// Lets a lane go, unless it was woken since it was taken: what woke it may be news.
    async fn let_go(&self, lane: &Lane, free: &Update) -> Result<Release, StoreError> {
        let guard = Guard::Numbers(("fence", lane.fence), ("wakes", lane.wakes));
        let lane_key = key(&lane.reference);
        if self.data.update_if(lane_key, free, &guard).await? == Written::Done {
            return Ok(Release::Done);
        }
        let held = self.held(lane).await?;
        Ok(held.map_or(Release::Lost, |held| Release::Woken(Box::new(held))))
    }

    /// A lane as it is now, if it is still leased to who took it.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn held(&self, lane: &Lane) -> Result<Option<Lane>, StoreError> {
        let present = self.lane(&lane.reference).await?;
        Ok(present.filter(|present| present.fence == lane.fence))
    }

    /// Lets a lane go that has something to send, and not now. The timer wakes it, unless a message
    /// does so before. [`Recorded::Stale`] where the lease is somebody else's by now, or somebody
    /// asked meanwhile for the next attempt at once.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn park_lane(
        &self,
        lane: &Lane,
        parking: Parking,
        now: Timestamp,
    ) -> Result<Recorded, StoreError> {
        let fence = ("fence", lane.fence);
        let held = Guard::Equals(fence.0, fence.1);
        let (due, slot, guard) = match parking {
            Parking::Until(due) => (due, None, Guard::Numbers(fence, ("calls", lane.calls))),
            // Nobody overtakes the pace.
            Parking::Slot(due) => (due, Some(due), held),
            Parking::AtOnce => (Timestamp::UNIX_EPOCH, None, held),
        };
        let parked = match lane.next {
            Some(next) => Update::default().text("next", next.to_string()),
            None => Update::default().remove("next"),
        };
        let parked = parked
            .number("leased_until", 0)
            .number("due", due.as_millisecond())
            .number("turn", millis(slot))
            .text("due_shard", shard(&lane.reference))
            .number("due_at", look_at(due, now).as_millisecond());
        let parked = self.data.update_if(key(&lane.reference), &parked, &guard);
        parked.await.map(Recorded::from)
    }
}
