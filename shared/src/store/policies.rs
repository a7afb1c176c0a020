//! Policies, changed only over the version that the change was made on.

use super::{
    Store, StoreError,
    guard::{Guard, Item, Key, Written},
    table::{Query, read},
};
use crate::{
    dialect::Dialect,
    event_type::EventType,
    id::{PolicyId, RecipientId},
    policy::{EventTypes, MatchKey, Policy, PolicyName},
    recipient::{Channel, Recipient, RecipientStatus, Target},
    tenant::Tenant,
    vault::Sealed,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How often a change is tried again when others change the policy meanwhile.
const MAX_CHANGE_ROUNDS: usize = 100;

/// The most bytes of targets on one page of a listing: a Lambda function answers with 6 MB at
/// most.
const MAX_PAGE_BYTES: usize = 4 * 1024 * 1024;

/// Rows read at a time by a listing.
const PAGE: usize = 100;

/// Whether a change was made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Changed {
    /// The policy as it is now.
    Done(Policy),
    /// There is no such policy.
    NotFound,
}

/// The order of a listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListOrder {
    /// The newest policy first.
    Newest,
    /// The oldest policy first.
    Oldest,
}

/// Which policies a listing reads.
#[derive(Clone, Copy, Debug)]
pub struct PolicyQuery {
    /// Whose.
    pub owner: Tenant,
    /// In which order.
    pub order: ListOrder,
    /// After which one.
    pub after: Option<PolicyId>,
    /// How many at most.
    pub limit: usize,
}

/// A page of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyPage {
    /// The policies, in the order that was asked for.
    pub policies: Vec<Policy>,
    /// Whether more follow.
    pub more: bool,
}

#[derive(Serialize, Deserialize)]
pub(super) struct PolicyRow {
    id: PolicyId,
    owner: Tenant,
    dialect: Dialect,
    name: PolicyName,
    /// Absent for all types.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    event_types: Option<Vec<EventType>>,
    channel: Channel,
    recipients: Vec<RecipientRow>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secret: Option<Sealed>,
    #[serde(with = "crate::millis")]
    created_at: Timestamp,
    #[serde(with = "crate::millis")]
    updated_at: Timestamp,
    version: u64,
}

#[derive(Serialize, Deserialize)]
struct RecipientRow {
    id: RecipientId,
    target: Target,
    status: RecipientStatus,
}

impl PolicyRow {
    pub(super) fn new(policy: &Policy) -> Self {
        let recipient = |recipient: &Recipient| RecipientRow {
            id: recipient.id.clone(),
            target: recipient.target.clone(),
            status: recipient.status,
        };
        Self {
            id: policy.id,
            owner: policy.owner,
            dialect: policy.dialect,
            name: policy.name.clone(),
            event_types: match &policy.event_types {
                EventTypes::All => None,
                EventTypes::Named(types) => Some(types.clone()),
            },
            channel: policy.channel,
            recipients: policy.recipients.iter().map(recipient).collect(),
            secret: policy.secret.clone(),
            created_at: policy.created_at,
            updated_at: policy.updated_at,
            version: policy.version,
        }
    }

    fn into_policy(self) -> Policy {
        let recipient = |row: RecipientRow| Recipient {
            id: row.id,
            target: row.target,
            status: row.status,
        };
        Policy {
            id: self.id,
            owner: self.owner,
            dialect: self.dialect,
            name: self.name,
            event_types: self.event_types.map_or(EventTypes::All, EventTypes::Named),
            channel: self.channel,
            recipients: self.recipients.into_iter().map(recipient).collect(),
            secret: self.secret,
            created_at: self.created_at,
            updated_at: self.updated_at,
            version: self.version,
        }
    }
}

fn partition(owner: Tenant) -> String {
    format!("{owner}#POLICY")
}

pub(super) fn key(owner: Tenant, id: PolicyId) -> Key {
    Key {
        pk: partition(owner),
        sk: id.to_string(),
    }
}

pub(super) fn from_item(item: Item) -> Result<Policy, StoreError> {
    read(item).map(PolicyRow::into_policy)
}

fn at_version(policy: &Policy) -> Guard {
    Guard::Equals("version", i64::try_from(policy.version).unwrap_or(i64::MAX))
}

impl Store {
    /// The policy with an id.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn policy(&self, owner: Tenant, id: PolicyId) -> Result<Option<Policy>, StoreError> {
        let row: Option<PolicyRow> = self.data.get(key(owner, id)).await?;
        Ok(row.map(PolicyRow::into_policy))
    }

    /// The policies behind hints, those that are still there, in the order of the hints.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn policies(&self, hints: &[(Tenant, PolicyId)]) -> Result<Vec<Policy>, StoreError> {
        let keys: Vec<_> = hints.iter().map(|(owner, id)| key(*owner, *id)).collect();
        let mut found = self.data.batch_get(keys.clone()).await?;
        keys.iter()
            .filter_map(|key| found.remove(key))
            .map(from_item)
            .collect()
    }

    /// Writes the next version of a policy, if there is one. `change` makes it from the present one, and is asked
    /// again where somebody else was faster; what it refuses changes nothing.
    ///
    /// # Errors
    /// What `change` refuses, or where the table does not answer.
    pub async fn change_policy<E: From<StoreError>>(
        &self,
        owner: Tenant,
        id: PolicyId,
        change: impl Fn(Policy) -> Result<Policy, E>,
    ) -> Result<Changed, E> {
        let mut last_try: Option<Policy> = None;
        for _ in 0..MAX_CHANGE_ROUNDS {
            let Some(present) = self.policy(owner, id).await? else {
                if let Some(tried) = last_try {
                    self.remove_hints(&tried, &tried.match_keys()).await?;
                }
                return Ok(Changed::NotFound);
            };
            // The answer to a try may have been lost, and the SDK's repetition refused.
            if last_try.as_ref() == Some(&present) {
                return Ok(Changed::Done(present));
            }
            let next = change(present.clone())?;
            if next.version == present.version {
                return Ok(Changed::Done(present));
            }
            let (old_keys, new_keys) = (present.match_keys(), next.match_keys());
            let added = without(&new_keys, &old_keys);
            self.add_hints_again(&next, &added).await?;
            let row = PolicyRow::new(&next);
            match self
                .data
                .put_if(key(owner, id), &row, &at_version(&present))
                .await?
            {
                Written::Done => {
                    self.remove_hints(&next, &without(&old_keys, &new_keys))
                        .await?;
                    return Ok(Changed::Done(next));
                }
                Written::Refused => last_try = Some(next),
            }
        }
        Err(StoreError::contended().into())
    }

    /// Deletes a policy and returns it as it was.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn delete_policy(
        &self,
        owner: Tenant,
        id: PolicyId,
    ) -> Result<Option<Policy>, StoreError> {
        let mut last_try: Option<Policy> = None;
        for _ in 0..MAX_CHANGE_ROUNDS {
            let Some(present) = self.policy(owner, id).await? else {
                // The answer to a try may have been lost, and the SDK's repetition refused.
                return self.forget(last_try).await;
            };
            let guard = at_version(&present);
            match self.data.delete_if(key(owner, id), &guard).await? {
                Written::Done => return self.forget(Some(present)).await,
                Written::Refused => last_try = Some(present),
            }
        }
        Err(StoreError::contended())
    }

    /// Removes the hints of a deleted policy.
    async fn forget(&self, deleted: Option<Policy>) -> Result<Option<Policy>, StoreError> {
        if let Some(policy) = &deleted {
            self.remove_hints(policy, &policy.match_keys()).await?;
        }
        Ok(deleted)
    }

    /// Lists policies that pass a filter.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn list_policies(
        &self,
        wanted: PolicyQuery,
        keep: impl Fn(&Policy) -> bool,
    ) -> Result<PolicyPage, StoreError> {
        let mut policies = Vec::new();
        let mut query = Query {
            descending: wanted.order == ListOrder::Newest,
            after: wanted.after.map(|id| id.to_string()),
            ..Query::all(partition(wanted.owner), PAGE)
        };
        loop {
            let page = self.data.query::<PolicyRow>(query.clone()).await?;
            let rows = page.rows.into_iter().map(|(_, row)| row.into_policy());
            policies.extend(rows.filter(&keep));
            let full = full_page(&policies).min(wanted.limit);
            let more = policies.len() > full;
            match page.next {
                Some(next) if !more => query.after = Some(next),
                _ => {
                    policies.truncate(full);
                    return Ok(PolicyPage { policies, more });
                }
            }
        }
    }
}

impl Store {
    /// Counts policies that pass a filter, up to a number.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn count_policies(
        &self,
        owner: Tenant,
        most: usize,
        keep: impl Fn(&Policy) -> bool,
    ) -> Result<usize, StoreError> {
        let mut count = 0;
        let mut query = Query::all(partition(owner), PAGE);
        loop {
            let page = self.data.query::<PolicyRow>(query.clone()).await?;
            let rows = page.rows.into_iter().map(|(_, row)| row.into_policy());
            count += rows.filter(|policy| keep(policy)).count();
            match page.next {
                Some(next) if count < most => query.after = Some(next),
                _ => return Ok(count.min(most)),
            }
        }
    }
}

/// How many of some policies fit into one page.
fn full_page(policies: &[Policy]) -> usize {
    let mut bytes = 0;
    let fits = |policy: &&Policy| {
        let targets = policy
            .recipients
            .iter()
            .map(|known| known.target.as_str().len());
        bytes += targets.sum::<usize>();
        bytes <= MAX_PAGE_BYTES
    };
    policies.iter().take_while(fits).count().max(1)
}

/// The keys of one list that another lacks.
fn without(keys: &[MatchKey], others: &[MatchKey]) -> Vec<MatchKey> {
    keys.iter()
        .filter(|key| !others.contains(key))
        .cloned()
        .collect()
}
