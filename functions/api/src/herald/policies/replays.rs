//! `/herald/v1/policies/{id}/replays`: deliveries of a policy that are sent again, in the background.

mod wanted;

use super::Problem;
use crate::{
    Api,
    failure::Failure,
    herald::{
        id_path::{IdPath, IdsPath},
        parameters::{Listed, Pagination, Parameters},
    },
};
use ::herald::{
    credential::Role,
    delivery::Delivery,
    event_type::EventType,
    fields::Fields,
    id::{PolicyId, ReplayId},
    page_cursor,
    policy::Policy,
    replay::{Replay, ReplayState},
    store::{DeliveryQuery, ListOrder, Recorded},
};
use axum::{
    Json,
    body::Bytes,
    extract::{Query, State, rejection::BytesRejection},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::{collections::HashMap, sync::Arc};
use wanted::Wanted;

const NO_REPLAY: Failure = Failure::NotFound("there is no such replay");

/// How long a dry run counts: an HTTP API waits for 30 seconds.
const COUNTING: SignedDuration = SignedDuration::from_secs(10);

/// Records that it reads at a time.
const PAGE: usize = 1_000;

/// How often a cancellation is tried again that meets a page being sent.
const MAX_ROUNDS: usize = 20;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReplayView {
    id: ReplayId,
    policy_id: PolicyId,
    status: &'static str,
    since: Timestamp,
    until: Timestamp,
    statuses: Vec<&'static str>,
    /// Null for all.
    event_types: Option<Vec<EventType>>,
    /// Deliveries that were looked at.
    examined: u64,
    /// Those of which an attempt was asked for; of an ordered policy, the recipients that went back.
    sent: u64,
    created_at: Timestamp,
    /// Null while it goes on.
    ended_at: Option<Timestamp>,
}

impl From<Replay> for ReplayView {
    fn from(replay: Replay) -> Self {
        let selection = replay.selection;
        let statuses = selection.statuses.into_iter();
        Self {
            id: replay.id,
            policy_id: replay.policy,
            status: replay.state.name(),
            since: selection.period.since,
            until: selection.period.until,
            statuses: statuses.map(|status| status.name()).collect(),
            event_types: selection.event_types,
            examined: replay.progress.examined,
            sent: replay.progress.sent,
            created_at: replay.created_at,
            ended_at: replay.state.ended_at(),
        }
    }
}

/// What a dry run counted.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DryRunView {
    dry_run: bool,
    examined: u64,
    matched: u64,
    /// Whether that is all: counting ends after ten seconds.
    complete: bool,
}

pub(super) async fn create(
    State(api): State<Arc<Api>>,
    IdPath(id): IdPath,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let caller = api.caller(&headers, Role::Manage).await?;
    let policy = api.policy(&caller, &id).await?;
    let fields = Fields::parse(&body?)?;
    let Wanted { selection, dry_run } = api.read_replay(&policy, &fields).await?;
    if dry_run {
        let id = api.random.replay_id(api.clock.now());
        let of = (policy.owner, policy.id);
        let replay = Replay::new(id, of, selection, api.clock.now());
        return Ok(Json(api.count(&policy, &replay).await?).into_response());
    }
    let replay = api.start_replay(&policy, selection).await?;
    Ok((StatusCode::ACCEPTED, Json(ReplayView::from(replay))).into_response())
}

pub(super) async fn list(
    State(api): State<Arc<Api>>,
    IdPath(id): IdPath,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Result<Json<impl Serialize>, Problem> {
    let caller = api.caller(&headers, Role::Read).await?;
    let policy = api.policy(&caller, &id).await?;
    let mut parameters = Parameters::new(&query, &["limit", "after"]);
    let after = parameters.read("after", page_cursor::decode);
    let limit = parameters.limit();
    parameters.errors.finish(Some(()))?;
    let of = (policy.owner, policy.id);
    let page = api.store.list_replays(of, after, limit).await?;
    let last = page.replays.last().filter(|_| page.more);
    let after = last.map(|replay| page_cursor::encode(&replay.id));
    Ok(Json(Listed {
        items: page.replays.into_iter().map(ReplayView::from).collect(),
        pagination: Pagination { after },
    }))
}

pub(super) async fn show(
    State(api): State<Arc<Api>>,
    path: IdsPath,
    headers: HeaderMap,
) -> Result<Json<impl Serialize>, Problem> {
    let caller = api.caller(&headers, Role::Read).await?;
    let policy = api.policy(&caller, path.get("id")).await?;
    let replay = api.replay(&policy, path.get("replay")).await?;
    Ok(Json(ReplayView::from(replay)))
}

/// What was sent already stays sent.
pub(super) async fn cancel(
    State(api): State<Arc<Api>>,
    path: IdsPath,
    headers: HeaderMap,
) -> Result<Json<impl Serialize>, Problem> {
    let caller = api.caller(&headers, Role::Manage).await?;
    let policy = api.policy(&caller, path.get("id")).await?;
    for _ in 0..MAX_ROUNDS {
        let replay = api.replay(&policy, path.get("replay")).await?;
        if !replay.is_running() {
            let detail = format!("it has ended: {}", replay.state.name());
            return Err(Failure::Conflict(detail).into());
        }
        let at = api.clock.now();
        let end = ReplayState::Cancelled { at };
        if api.store.end_replay(&replay, end).await? == Recorded::Done {
            let state = end;
            return Ok(Json(ReplayView::from(Replay { state, ..replay })));
        }
    }
    let detail = "it is being changed all the time; try again";
    Err(Failure::Conflict(detail.to_owned()).into())
}

impl Api {
    async fn replay(&self, policy: &Policy, id: &str) -> Result<Replay, Failure> {
        let id = id.parse().map_err(|_| NO_REPLAY)?;
        let replay = self.store.replay((policy.owner, policy.id), id).await?;
        replay.ok_or(NO_REPLAY)
    }

    /// Counts what a replay would send.
    async fn count(&self, policy: &Policy, replay: &Replay) -> Result<DryRunView, Failure> {
        let mut view = DryRunView {
            dry_run: true,
            examined: 0,
            matched: 0,
            complete: false,
        };
        let means = |delivery: &&Delivery| replay.means(policy, delivery);
        let mut wanted = DeliveryQuery {
            of: (policy.owner, policy.id),
            period: replay.selection.period,
            order: ListOrder::Oldest,
            start: None,
            limit: PAGE,
        };
        while self.clock.now().duration_since(replay.created_at) < COUNTING {
            let page = self.store.policy_deliveries(&wanted).await?;
            view.examined += as_count(page.deliveries.len());
            view.matched += as_count(page.deliveries.iter().filter(means).count());
            wanted.start = page.next;
            if wanted.start.is_none() {
                view.complete = true;
                break;
            }
        }
        Ok(view)
    }
}

fn as_count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
