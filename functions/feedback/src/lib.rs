//! What becomes of mails after they were sent: one that came back for good has its address
//! suppressed and its recipients suspended, one that may arrive another time is tried again, and
//! who complains hears nothing more. Every step may run twice.

mod notification;
mod on_aws;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use herald::{
    attempt::{Attempt, Bounce, Outcome},
    clock::Clock,
    delivery::{Delivery, DeliveryRef, Status},
    email::EmailAddress,
    mail_tags::MailTags,
    message::Deliver,
    policy::Policy,
    queue::{
        Queue, QueueError,
        inbox::{self, Record, UnknownMessage},
    },
    random::Random,
    recipient::{SuspensionReason, Target},
    store::{Changed, Recorded, Store, StoreError},
    suppression::Suppression,
};
use notification::{News, Notification};
use std::{sync::Arc, time::Duration};
use tracing::Instrument;

/// How long the handling of a message may take, less than the function's timeout.
pub const RECORD_LIMIT: Duration = Duration::from_secs(25);

/// The reader of bounces and complaints.
#[derive(Clone, Debug)]
pub struct Feedback {
    /// Policies, deliveries and suppression lists.
    pub store: Store,
    /// Where wake-ups go.
    pub queue: Arc<dyn Queue>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// For jitter.
    pub random: Arc<dyn Random>,
}

/// A message could not be handled.
#[derive(Debug, thiserror::Error)]
pub enum FeedbackError {
    /// It is none that SES sends.
    #[error(transparent)]
    Message(#[from] UnknownMessage),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The queue failed.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// SES was faster than our own record of the attempt.
    #[error("the attempt that it is about is not recorded yet")]
    NotYet,
}

impl Feedback {
    /// Handles a batch of messages; those that fail stay in the queue.
    pub async fn handle(&self, event: SqsEvent) -> SqsBatchResponse {
        inbox::handle_each(event, RECORD_LIMIT, async |record| {
            self.handle_record(record).await
        })
        .await
    }

    async fn handle_record(&self, record: &Record) -> Result<(), FeedbackError> {
        let Some(Notification { mail, news }) = notification::read(record)? else {
            tracing::info!(
                message.id = record.id,
                "a mail that is not ours was passed over"
            );
            return Ok(());
        };
        let span = tracing::info_span!(
            "feedback",
            delivery.id = %mail.delivery,
            policy.id = %mail.policy,
            attempt.number = mail.attempt,
        );
        self.take(&mail, news).instrument(span).await
    }

    async fn take(&self, mail: &MailTags, news: News) -> Result<(), FeedbackError> {
        // Of a deleted account nothing may be written: with its policies its mails are forgotten.
        let Some(policy) = self.store.policy(mail.owner, mail.policy).await? else {
            tracing::info!("the policy of a mail is deleted");
            return Ok(());
        };
        match news {
            News::Bounced { bounce, error } => {
                // What one delivery shows comes before what takes a reading of all policies.
                let outcome = Outcome::Bounced {
                    bounce,
                    error: error.clone(),
                };
                let recorded = self.record_bounce(&policy, mail, outcome).await;
                if bounce == Bounce::Hard
                    && let Some(Target::Address(address)) = policy.target(&mail.recipient)
                {
                    self.suppress(mail, address, &error).await?;
                }
                recorded
            }
            News::Complained => self.suspend_complainer(mail).await,
            News::Other(what) => {
                tracing::info!(what, "nothing follows from it");
                Ok(())
            }
        }
    }

    async fn suspend_complainer(&self, mail: &MailTags) -> Result<(), FeedbackError> {
        let reason = SuspensionReason::Complained;
        let policy = (mail.owner, mail.policy);
        let suspended =
            self.store
                .suspend_recipient(policy, &mail.recipient, reason, self.clock.now());
        match suspended.await? {
            Changed::Done(_) => tracing::info!("who complained hears nothing more"),
            Changed::NotFound => tracing::info!("the policy was deleted meanwhile"),
        }
        Ok(())
    }

    /// Puts an address on the tenant's list, and suspends it wherever a policy of the tenant lists
    /// it. Policies that list it later find it on the list.
    async fn suppress(
        &self,
        mail: &MailTags,
        address: &EmailAddress,
        error: &str,
    ) -> Result<(), FeedbackError> {
        let now = self.clock.now();
        let suppression = Suppression {
            address: address.clone(),
            since: now,
            error: error.to_owned(),
        };
        self.store.suppress(mail.owner, &suppression).await?;
        let suspend =
            |policy: Policy| policy.suspend_address(address, SuspensionReason::Bounced, now);
        let policies = self.store.change_policies(mail.owner, suspend).await?;
        tracing::info!(policies, "an address is suppressed: its mail came back");
        Ok(())
    }

    /// Records that the mail of an attempt came back, and enqueues the next attempt, if there is
    /// one.
    async fn record_bounce(
        &self,
        policy: &Policy,
        mail: &MailTags,
        outcome: Outcome,
    ) -> Result<(), FeedbackError> {
        let Some(delivery) = self.delivery(mail).await? else {
            return Ok(());
        };
        let now = self.clock.now();
        let bounced = Attempt::new(mail.attempt, now, now, outcome);
        let spread = self.random.spread();
        let wait = |made| policy.retry.next_wait(made, spread, None);
        let suspends = bounced.outcome.suspends();
        let after = delivery.clone().after(bounced.clone(), suspends, wait);
        let recorded = self.store.record_bounce(&delivery, &bounced, &after, now);
        match recorded.await? {
            Recorded::Done => tracing::info!(status = after.status.name(), "a mail came back"),
            Recorded::Stale => return Err(FeedbackError::NotYet),
        }
        if let Some(next) = Deliver::wake(&after, now) {
            self.queue.send(after.queue(), vec![next]).await?;
        }
        Ok(())
    }

    /// The delivery as the mail's attempt delivered it; `None` where there is none, its bounce is
    /// known, or it ended otherwise.
    async fn delivery(&self, mail: &MailTags) -> Result<Option<Delivery>, FeedbackError> {
        let found = self.store.find_delivery(mail.owner, mail.delivery).await?;
        let is_meant = |reference: &DeliveryRef| {
            reference.policy == mail.policy && reference.recipient == mail.recipient
        };
        let Some(reference) = found.map(|(reference, _)| reference).filter(is_meant) else {
            tracing::info!("a mail of no kept delivery, or of a test, came back");
            return Ok(None);
        };
        let mut deliveries = self.store.deliveries(&[reference]).await?;
        let Some(delivery) = deliveries.remove(&mail.delivery) else {
            let age = self.clock.now().duration_since(mail.delivery.accepted_at());
            // What leads to it may be kept for longer than its record.
            if age < self.store.retention() {
                return Err(FeedbackError::NotYet);
            }
            tracing::info!("a mail whose delivery is forgotten came back");
            return Ok(None);
        };
        match &delivery.status {
            Status::Delivered { by } if by.number == mail.attempt => Ok(Some(delivery)),
            // What has ended is attempted no more, and nobody records this attempt.
            Status::Waiting { .. } if delivery.attempts < mail.attempt => {
                Err(FeedbackError::NotYet)
            }
            _ => {
                tracing::info!("the delivery has moved on");
                Ok(None)
            }
        }
    }
}
