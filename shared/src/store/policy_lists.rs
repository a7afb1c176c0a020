//! Policies in the order of their creation, in pages.

use super::{
    Store, StoreError,
    policy_rows::{PolicyRow, partition},
    query::Query,
};
use crate::{id::PolicyId, policy::Policy, tenant::Tenant};

/// The most bytes of an answer, and so of policies on one page of a listing, as JSON: a Lambda function
/// answers with 6 MB at most, in which every quotation mark of the answer is escaped again.
pub const MAX_ANSWER_BYTES: usize = 2_900_000;

/// Rows read at a time by a listing.
const PAGE: usize = 100;

/// Rows read at a time where all are wanted. DynamoDB ends a page at 1 MB.
const LARGE_PAGE: usize = 2_000;

/// The order of a listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListOrder {
    /// The newest first.
    Newest,
    /// The oldest first.
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

impl Store {
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

    /// Every policy of an owner that passes a filter, the oldest first: as few requests as their
    /// bytes allow. For those of which a tenant has so many at most.
    ///
    /// # Errors
    /// Where the table does not answer.
    pub async fn all_policies(
        &self,
        owner: Tenant,
        keep: impl Fn(&Policy) -> bool,
    ) -> Result<Vec<Policy>, StoreError> {
        let mut policies = Vec::new();
        let mut query = Query::all(partition(owner), LARGE_PAGE);
        loop {
            let page = self.data.query::<PolicyRow>(query.clone()).await?;
            let rows = page.rows.into_iter().map(|(_, row)| row.into_policy());
            policies.extend(rows.filter(&keep));
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(policies),
            }
        }
    }

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
        let row = serde_json::to_vec(&PolicyRow::new(policy));
        bytes += row.map_or(0, |row| row.len());
        bytes <= MAX_ANSWER_BYTES
    };
    policies.iter().take_while(fits).count().max(1)
}
