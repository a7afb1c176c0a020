//! Events that a producer inside AWS sent straight to the queue: the JSON of a report, and whose it
//! is. Whoever may send to the queue speaks for every tenant.

use crate::{Fanout, FanoutError};
use herald::{
    event::{EventId, EventRef, REPORT_FIELDS},
    fields::{Fields, TEXT},
    invalid::{FieldError, FieldErrors},
    queue::inbox::Record,
    store::{KnownReport, StoreError},
    tenant::{Mode, Tenant},
};
use tracing::Instrument;

/// What a producer must say beside the report.
const MANDATORY: [&str; 3] = ["id", "accountId", "mode"];

/// A message that was read.
struct Produced {
    id: EventId,
    /// Id or external id of the account.
    account: String,
    mode: Mode,
    report: KnownReport,
}

impl Fanout {
    /// Records the event that a message holds, once, and fans it out. What cannot be accepted
    /// becomes a dead letter with the reason.
    pub(crate) async fn take_produced(
        &self,
        record: &Record,
        fields: &Fields,
    ) -> Result<(), FanoutError> {
        let produced = match self.read(fields).await? {
            Ok(produced) => produced,
            Err(reason) => return self.bury(record, &reason).await,
        };
        let span = tracing::info_span!("produced", event.id = %produced.id);
        let account = match self.accounts.find(&produced.account).await? {
            Some(account) if account.is_active() => account,
            // As if it had come before the deletion: nothing of it shall stay.
            Some(_) => {
                tracing::info!(parent: &span, "an event of a deleted account was dropped");
                return Ok(());
            }
            None => {
                let reason = "accountId must name an account";
                return self.bury(record, reason).instrument(span).await;
            }
        };
        let tenant = Tenant {
            account: account.id,
            mode: produced.mode,
        };
        let reference = EventRef {
            tenant,
            id: produced.id.clone(),
            accepted_at: self.clock.now(),
        };
        let log_start = self.store.log_start(tenant, &account.ancestors).await?;
        let accepted = self
            .store
            .accept_report(reference, account, produced.report, log_start)
            .await?;
        let Some(accepted) = accepted else {
            let reason = format!("id {} is that of another event", produced.id);
            return self.bury(record, &reason).instrument(span).await;
        };
        self.fan_out(accepted.reference, None)
            .instrument(span)
            .await
    }

    /// Reads a message, or says what breaks a rule.
    async fn read(&self, fields: &Fields) -> Result<Result<Produced, String>, StoreError> {
        let mut errors = FieldErrors::default();
        fields.only(&[&MANDATORY[..], &REPORT_FIELDS].concat(), &mut errors);
        let id = fields.required_text("id", &mut errors);
        let account = fields.required("accountId", TEXT, &mut errors);
        let mode = fields.required_text("mode", &mut errors);
        let report = self.store.read_report(fields, &mut errors).await?;
        let read = || {
            Some(Produced {
                id: id?,
                account: account?,
                mode: mode?,
                report: report?,
            })
        };
        let told = |errors: Vec<FieldError>| {
            let told: Vec<_> = errors.iter().map(ToString::to_string).collect();
            told.join("; ")
        };
        Ok(errors.finish(read()).map_err(told))
    }
}
