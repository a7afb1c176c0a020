//! What a report of an event says.

use crate::{Api, caller::Caller, failure::Failure, idempotency};
use ::herald::{
    account::Account,
    event::{EventId, EventRef, REPORT_FIELDS},
    fields::{Fields, TEXT},
    invalid::{FieldErrors, Invalid},
    store::KnownReport,
    tenant::Tenant,
};

/// An event that is reported, to be recorded.
pub(super) struct NewEvent {
    pub(super) reference: EventRef,
    pub(super) account: Account,
    pub(super) report: KnownReport,
}

impl NewEvent {
    /// Reads a report.
    ///
    /// * `keyed`: the id that its idempotency key stands for, where it names none.
    pub(super) async fn read(
        api: &Api,
        caller: &Caller,
        keyed: Result<Option<EventId>, Invalid>,
        fields: &Fields,
    ) -> Result<Self, Failure> {
        let mut errors = FieldErrors::default();
        fields.only(&known_fields(), &mut errors);
        let id = read_id(api, keyed, fields, &mut errors);
        let account = read_account(api, caller, fields, &mut errors).await?;
        let report = api.store.read_report(fields, &mut errors).await?;
        let read = || {
            let account = account?;
            Some(Self {
                reference: EventRef {
                    tenant: Tenant {
                        account: account.id,
                        mode: caller.mode,
                    },
                    id: id?,
                    accepted_at: api.clock.now(),
                },
                account,
                report: report?,
            })
        };
        Ok(errors.finish(read())?)
    }
}

fn known_fields() -> Vec<&'static str> {
    [&["id", "accountId"][..], &REPORT_FIELDS].concat()
}

async fn read_account(
    api: &Api,
    caller: &Caller,
    fields: &Fields,
    errors: &mut FieldErrors,
) -> Result<Option<Account>, Failure> {
    let Some(name) = fields.optional::<String>("accountId", TEXT, errors) else {
        return Ok(Some(caller.account.clone()));
    };
    let found = api.account_within(&name, &caller.account).await?;
    let rule = || Invalid::new("must name the credential's account or one below it");
    Ok(errors.check("accountId", found.ok_or_else(rule)))
}

fn read_id(
    api: &Api,
    keyed: Result<Option<EventId>, Invalid>,
    fields: &Fields,
    errors: &mut FieldErrors,
) -> Option<EventId> {
    if let Some(id) = fields.optional::<String>("id", TEXT, errors) {
        return errors.check("id", id.parse());
    }
    let keyed = errors.check(idempotency::NAME, keyed)?;
    Some(keyed.unwrap_or_else(|| EventId::from_bytes(api.random.bytes())))
}
