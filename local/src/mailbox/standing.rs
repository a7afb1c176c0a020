//! What became of a mail.

use herald::{
    mail_tags::MailTags,
    recipient::{RecipientStatus, SuspensionReason},
    store::{Store, StoreError},
};
use serde::Serialize;

/// How a mail's delivery and its recipient stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Standing {
    /// Of a mail that somebody sent to try there is none.
    pub(super) delivery: Option<&'static str>,
    /// Why the recipient hears nothing more; `None` where it does.
    pub(super) suspended: Option<SuspensionReason>,
}

impl Standing {
    /// How a mail stands; `None` where its policy does not list the recipient any more.
    pub(super) async fn find(store: &Store, tags: &MailTags) -> Result<Option<Self>, StoreError> {
        let policy = store.policy(tags.owner, tags.policy).await?;
        let recipient = policy
            .as_ref()
            .and_then(|policy| policy.recipient(&tags.recipient));
        let Some(recipient) = recipient else {
            return Ok(None);
        };
        let found = store.find_delivery(tags.owner, tags.delivery).await?;
        let delivery = match found {
            Some((reference, _)) => {
                let mut deliveries = store.deliveries(&[reference]).await?;
                deliveries.remove(&tags.delivery)
            }
            None => None,
        };
        Ok(Some(Self {
            delivery: delivery.map(|delivery| delivery.status.name()),
            suspended: match recipient.status {
                RecipientStatus::Active => None,
                RecipientStatus::Suspended { reason, .. } => Some(reason),
            },
        }))
    }
}
