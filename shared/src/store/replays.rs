//! Replays of policies, and which one of them runs: one row for each, and one while it runs, which
//! no second can take.

use super::{
    Store, StoreError,
    guard::{Guard, Key, Recorded, Written},
    query::Query,
};
use crate::{
    id::{PolicyId, ReplayId},
    replay::{Progress, Replay, ReplayState, Selection},
    tenant::Tenant,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What became of the wish to start a replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum ReplayStart {
    /// It runs.
    Done,
    /// This one does, or did a moment ago.
    Running(Option<ReplayId>),
}

/// A page of a policy's replays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplayPage {
    /// The replays, the newest first.
    pub replays: Vec<Replay>,
    /// Whether more follow.
    pub more: bool,
}

#[derive(Serialize, Deserialize)]
struct ReplayRow {
    id: ReplayId,
    owner: Tenant,
    policy: PolicyId,
    selection: Selection,
    #[serde(with = "crate::millis")]
    created_at: Timestamp,
    progress: Progress,
    #[serde(flatten)]
    state: ReplayState,
    version: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires: Option<i64>,
}

#[derive(Serialize, Deserialize)]
struct RunningRow {
    replay: ReplayId,
}

impl From<ReplayRow> for Replay {
    fn from(row: ReplayRow) -> Self {
        Self {
            id: row.id,
            owner: row.owner,
            policy: row.policy,
            selection: row.selection,
            created_at: row.created_at,
            progress: row.progress,
            state: row.state,
            version: row.version,
        }
    }
}

fn partition((owner, policy): (Tenant, PolicyId)) -> String {
    format!("{owner}#REPLAY#{policy}")
}

fn key(of: (Tenant, PolicyId), id: ReplayId) -> Key {
    Key {
        pk: partition(of),
        sk: id.to_string(),
    }
}

fn running_key((owner, policy): (Tenant, PolicyId)) -> Key {
    Key {
        pk: format!("{owner}#REPLAYING"),
        sk: policy.to_string(),
    }
}

impl Store {
    /// Starts a replay, unless another of its policy runs.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn start_replay(&self, replay: &Replay) -> Result<ReplayStart, StoreError> {
        let of = (replay.owner, replay.policy);
        let running = RunningRow { replay: replay.id };
        let row = self.replay_row(replay);
        let writes = vec![
            self.data
                .guarded(running_key(of), &running, &Guard::Absent)?,
            self.data
                .guarded(key(of, replay.id), &row, &Guard::Absent)?,
        ];
        Ok(match self.data.transact(writes).await? {
            Written::Done => ReplayStart::Done,
            Written::Refused => ReplayStart::Running(self.running_replay(of).await?),
        })
    }

    /// The replay of a policy that runs, if one does.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn running_replay(
        &self,
        of: (Tenant, PolicyId),
    ) -> Result<Option<ReplayId>, StoreError> {
        let row: Option<RunningRow> = self.data.get(running_key(of)).await?;
        Ok(row.map(|row| row.replay))
    }

    /// A replay of a policy, if there is one with the id.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn replay(
        &self,
        of: (Tenant, PolicyId),
        id: ReplayId,
    ) -> Result<Option<Replay>, StoreError> {
        let row: Option<ReplayRow> = self.data.get(key(of, id)).await?;
        Ok(row.map(Replay::from))
    }

    /// A policy's replays, the newest first.
    ///
    /// * `after`: the last one of an earlier page.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn list_replays(
        &self,
        of: (Tenant, PolicyId),
        after: Option<ReplayId>,
        limit: usize,
    ) -> Result<ReplayPage, StoreError> {
        let query = Query {
            after: after.map(|id| id.to_string()),
            descending: true,
            ..Query::all(partition(of), limit)
        };
        let page = self.data.query::<ReplayRow>(query).await?;
        Ok(ReplayPage {
            replays: page.rows.into_iter().map(|(_, row)| row.into()).collect(),
            more: page.next.is_some(),
        })
    }

    /// Notes how far a replay has come. [`Recorded::Stale`] where somebody changed it since it was
    /// read: it ended, or goes on elsewhere.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn note_progress(&self, replay: &mut Replay) -> Result<Recorded, StoreError> {
        let read = Guard::Equals("version", replay.version);
        replay.version += 1;
        let row = self.replay_row(replay);
        let of = (replay.owner, replay.policy);
        let noted = self.data.put_if(key(of, replay.id), &row, &read).await?;
        // The answer may have been lost, and the SDK's repetition refused.
        if noted == Written::Refused && self.replay(of, replay.id).await?.as_ref() == Some(replay) {
            return Ok(Recorded::Done);
        }
        Ok(noted.into())
    }

    /// Ends a replay, so that another can start. [`Recorded::Stale`] as for its progress.
    ///
    /// * `end`: how it ends.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn end_replay(
        &self,
        replay: &Replay,
        end: ReplayState,
    ) -> Result<Recorded, StoreError> {
        let of = (replay.owner, replay.policy);
        let ended = Replay {
            state: end,
            version: replay.version + 1,
            ..replay.clone()
        };
        let row = self.replay_row(&ended);
        let read = Guard::Equals("version", replay.version);
        let writes = vec![
            self.data.guarded(key(of, replay.id), &row, &read)?,
            // The one that runs, because this does.
            self.data.deletion(running_key(of))?,
        ];
        self.data.transact(writes).await.map(Recorded::from)
    }

    fn replay_row(&self, replay: &Replay) -> ReplayRow {
        let ended = replay.state.ended_at();
        ReplayRow {
            id: replay.id,
            owner: replay.owner,
            policy: replay.policy,
            selection: replay.selection.clone(),
            created_at: replay.created_at,
            progress: replay.progress,
            state: replay.state,
            version: replay.version,
            expires: ended.map(|ended| self.expiry(ended)),
        }
    }
}
