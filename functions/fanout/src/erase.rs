//! A deleted account is erased: its credentials, then its rows, reading the whole table; a while
//! later once more, for what was under way; and last the account itself.

use crate::{Fanout, FanoutError};
use herald::{
    id::AccountId,
    message::{EraseAccount, EventsMessage, Reading},
    queue::{MAX_DELAY, QueueName},
};

/// Steps of an erasure that one message makes at most, before it hands over to another.
const STEPS_PER_MESSAGE: usize = 10;

/// Credentials that are removed at a time.
const CREDENTIALS: usize = 100;

impl Fanout {
    pub(crate) async fn erase(&self, message: EraseAccount) -> Result<(), FanoutError> {
        let account = self.accounts.account(message.account).await?;
        let Some(account) = account.filter(|account| !account.is_active()) else {
            tracing::info!("the account is erased, or is not to be");
            return Ok(());
        };
        if message.resume.is_none() {
            self.remove_credentials(account.id).await?;
            // They stand with the accounts above, where the reading passes them over.
            let above = &account.ancestors;
            self.store
                .take_down_all_signposts(above, account.id)
                .await?;
        }
        let started = self.clock.now();
        let mut rest = message;
        for _ in 0..STEPS_PER_MESSAGE {
            let erased = self.store.erase_some(account.id, rest.resume).await?;
            tracing::info!(rows = erased.rows, "rows of an account were erased");
            rest.resume = erased.next;
            if rest.resume.is_none() {
                return match rest.reading {
                    Reading::First => self.read_again(account.id).await,
                    Reading::Last => Ok(self.accounts.remove_erased(&account).await?),
                };
            }
            if self.is_late(started) {
                break;
            }
        }
        self.hand_over(EventsMessage::EraseAccount(rest)).await
    }

    async fn remove_credentials(&self, account: AccountId) -> Result<(), FanoutError> {
        loop {
            let page = self
                .accounts
                .list_credentials(account, None, CREDENTIALS)
                .await?;
            for credential in &page.credentials {
                self.accounts
                    .revoke_credential(account, &credential.id)
                    .await?;
            }
            if page.next.is_none() {
                return Ok(());
            }
        }
    }

    /// Enqueues the last reading, to begin when no invocation and no short wait is left that began
    /// while the account was in use.
    async fn read_again(&self, account: AccountId) -> Result<(), FanoutError> {
        let last = EraseAccount::start(account, Reading::Last);
        let last = EventsMessage::EraseAccount(last).delayed(MAX_DELAY);
        Ok(self.queue.send(QueueName::Events, vec![last]).await?)
    }
}
