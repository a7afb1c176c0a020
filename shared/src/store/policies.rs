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
    tenant: Tenant,
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
    target: String,
    status: RecipientStatus,
}

impl PolicyRow {
    pub(super) fn new(policy: &Policy) -> Self {
        let recipient = |recipient: &Recipient| RecipientRow {
            id: recipient.id.clone(),
            target: recipient.target.to_string(),
            status: recipient.status,
        };
        Self {
            id: policy.id,
            tenant: policy.tenant,
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
        let channel = self.channel;
        let recipient = |row: RecipientRow| Recipient {
            id: row.id,
            target: Target::stored(channel, row.target),
            status: row.status,
        };
        Policy {
            id: self.id,
            tenant: self.tenant,
            dialect: self.dialect,
            name: self.name,
            event_types: self.event_types.map_or(EventTypes::All, EventTypes::Named),
            channel,
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
        let mut last_try = None;
        for _ in 0..MAX_CHANGE_ROUNDS {
            let Some(present) = self.policy(owner, id).await? else {
                self.forget_try(last_try).await?;
                return Ok(Changed::NotFound);
            };
            let next = change(present.clone())?;
            if next.version == present.version {
                return Ok(Changed::Done(present));
            }
            let (old_keys, new_keys) = (present.match_keys(), next.match_keys());
            let added = without(&new_keys, &old_keys);
            self.add_hints(&next, &added).await?;
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
                Written::Refused => last_try = Some((next, added)),
            }
        }
        Err(StoreError::contended().into())
    }

    /// Removes the hints of a version that was never written because the policy was deleted.
    async fn forget_try(
        &self,
        last_try: Option<(Policy, Vec<MatchKey>)>,
    ) -> Result<(), StoreError> {
        match last_try {
            Some((policy, added)) => self.remove_hints(&policy, &added).await,
            None => Ok(()),
        }
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
        for _ in 0..MAX_CHANGE_ROUNDS {
            let Some(present) = self.policy(owner, id).await? else {
                return Ok(None);
            };
            match self
                .data
                .delete_if(key(owner, id), &at_version(&present))
                .await?
            {
                Written::Done => {
                    self.remove_hints(&present, &present.match_keys()).await?;
                    return Ok(Some(present));
                }
                Written::Refused => {}
            }
        }
        Err(StoreError::contended())
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
            let more = policies.len() > wanted.limit;
            match page.next {
                Some(next) if !more => query.after = Some(next),
                _ => {
                    policies.truncate(wanted.limit);
                    return Ok(PolicyPage { policies, more });
                }
            }
        }
    }
}

/// The keys of one list that another lacks.
fn without(keys: &[MatchKey], others: &[MatchKey]) -> Vec<MatchKey> {
    keys.iter()
        .filter(|key| !others.contains(key))
        .cloned()
        .collect()
}
