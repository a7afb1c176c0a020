//! `GET …/{id}/recipients/{recipient}`: a recipient, and how far it has been told where its policy is
//! ordered.

use super::Problem;
use crate::{
    Api,
    failure::Failure,
    herald::{delivery_view::AttemptView, id_path::IdsPath, recipient_view::RecipientView},
};
use ::herald::{
    credential::Role,
    event::EventId,
    id::AccountId,
    lane::{Lane, LaneRef},
    place::Place,
    policy::Policy,
    recipient::Recipient,
    store::{Backlog, LogEntry},
};
use axum::{Json, extract::State};
use futures::future::try_join_all;
use http::HeaderMap;
use jiff::Timestamp;
use serde::Serialize;
use std::sync::Arc;

const NO_RECIPIENT: Failure = Failure::NotFound("there is no such recipient");

/// Logs that are looked at, at the most.
const ACCOUNTS: usize = 50;

/// Entries of each that are looked at, at the most.
const ENTRIES: usize = 1_000;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WholeRecipient {
    #[serde(flatten)]
    recipient: RecipientView,
    delivery_mode: &'static str,
    /// Null where the policy is not ordered.
    lag: Option<LagView>,
}

/// How far behind an ordered recipient is.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LagView {
    /// Events that it has not been told of.
    events: usize,
    /// Whether there are more, which were not counted.
    more: bool,
    /// Accounts in which there are some.
    accounts: usize,
    /// How long ago the oldest was accepted, in seconds.
    seconds: i64,
    oldest: Option<OldestView>,
    /// How often the next request was refused.
    failures: u32,
    /// When it is sent again.
    next_attempt_at: Option<Timestamp>,
    last_failure: Option<AttemptView>,
}

/// The event that is told next.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OldestView {
    event_id: EventId,
    account_id: AccountId,
    accepted_at: Timestamp,
    sequence: String,
}

impl From<&LogEntry> for OldestView {
    fn from(entry: &LogEntry) -> Self {
        Self {
            event_id: entry.event.id.clone(),
            account_id: entry.event.tenant.account,
            accepted_at: entry.event.accepted_at,
            sequence: entry.place.to_string(),
        }
    }
}

pub(super) async fn show(
    State(api): State<Arc<Api>>,
    path: IdsPath,
    headers: HeaderMap,
) -> Result<Json<impl Serialize>, Problem> {
    let caller = api.caller(&headers, Role::Read).await?;
    let policy = api.policy(&caller, path.get("id")).await?;
    let is_named = |known: &&Recipient| known.id.as_str() == path.get("recipient");
    let recipient = policy.recipients.iter().find(is_named);
    let recipient = recipient.ok_or(NO_RECIPIENT)?;
    let lag = if policy.delivery_mode.is_ordered() {
        Some(api.lag(&policy, recipient).await?)
    } else {
        None
    };
    Ok(Json(WholeRecipient {
        recipient: recipient.into(),
        delivery_mode: policy.delivery_mode.name(),
        lag,
    }))
}

impl Api {
    async fn lag(&self, policy: &Policy, recipient: &Recipient) -> Result<LagView, Failure> {
        let reference = LaneRef::of(policy, &recipient.id);
        let lane = self.store.lane(&reference).await?;
        let behind = self.store.backlog(&reference, None, ACCOUNTS).await?;
        let unread = self.unread(policy, &reference, &behind).await?;
        let entries = || unread.iter().flat_map(|(entries, _)| entries);
        let oldest = entries().min_by_key(|entry| entry.place);
        let now = self.clock.now();
        let waits = lane.as_ref().and_then(|lane| lane.due);
        Ok(LagView {
            events: entries().count(),
            more: behind.len() == ACCOUNTS || unread.iter().any(|(_, is_end)| !is_end),
            accounts: unread
                .iter()
                .filter(|(entries, _)| !entries.is_empty())
                .count(),
            seconds: oldest.map_or(0, |entry| {
                now.duration_since(entry.event.accepted_at).as_secs()
            }),
            oldest: oldest.map(OldestView::from),
            failures: lane.as_ref().map_or(0, |lane| lane.failures),
            next_attempt_at: waits.filter(|_| oldest.is_some()),
            last_failure: lane
                .and_then(|lane: Lane| lane.last_failure)
                .map(Into::into),
        })
    }

    /// What a lane has not read and its policy hears, for each log; and whether that is all.
    async fn unread(
        &self,
        policy: &Policy,
        lane: &LaneRef,
        behind: &[Backlog],
    ) -> Result<Vec<(Vec<LogEntry>, bool)>, Failure> {
        let accounts = behind.iter().map(|log| log.account);
        let cursors = self.store.cursors(lane, accounts).await?;
        let start = policy.delivery_mode.start_of(&lane.recipient);
        let start = start.unwrap_or(Place::FIRST);
        let reading = behind.iter().map(async |log| {
            let cursor = cursors.get(&log.account).map(|cursor| cursor.place);
            let cursor = cursor.unwrap_or(start);
            let tenant = lane.tenant(log.account);
            let mut page = self.store.read_log(tenant, cursor, None, ENTRIES).await?;
            page.entries.retain(|entry| policy.hears_entry(entry));
            Ok::<_, Failure>((page.entries, page.is_end))
        });
        try_join_all(reading).await
    }
}
