//! The recipients that a body names, each as a text, or as an object with `target` and perhaps `id`
//! and `status`.

use crate::Api;
use ::herald::{
    fields::{Fields, TEXT},
    id::RecipientId,
    invalid::{FieldErrors, Invalid},
    policy::{WantedRecipient, WantedStatus},
    recipient::Channel,
};
use serde_json::value::RawValue;

/// What a recipient shows, and so may be sent back with; the last two change nothing.
const RECIPIENT: [&str; 5] = ["target", "status", "id", "since", "reason"];

/// A recipient before its target is looked at.
#[derive(Default)]
struct Named {
    target: String,
    /// An id that is none is nobody's, as one that is not listed.
    id: Option<RecipientId>,
    status: Option<WantedStatus>,
}

impl Api {
    /// The recipients that a body names. What breaks a rule is noted.
    pub(super) fn read_recipients(
        &self,
        fields: &Fields,
        channel: Option<Channel>,
        errors: &mut FieldErrors,
    ) -> Option<Vec<WantedRecipient>> {
        let items: Vec<Box<RawValue>> =
            fields.required("recipients", "must be an array of recipients", errors)?;
        let mut texts = Vec::with_capacity(items.len());
        let mut rest = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let at = format!("recipients[{index}]");
            if let Some(Named { target, id, status }) = read_recipient(item, &at, errors) {
                texts.push((at, target));
                rest.push((id, status));
            }
        }
        if texts.is_empty() && !items.is_empty() {
            // There are some, and what is wrong with each was noted.
            return None;
        }
        let targets = self.read_targets(&texts, channel, errors)?;
        let wanted = targets.into_iter().zip(rest);
        let wanted = wanted.map(|(target, (id, status))| WantedRecipient { id, target, status });
        Some(wanted.collect())
    }
}

fn read_recipient(item: &RawValue, at: &str, errors: &mut FieldErrors) -> Option<Named> {
    if let Ok(target) = serde_json::from_str(item.get()) {
        return Some(Named {
            target,
            ..Named::default()
        });
    }
    let Ok(fields) = Fields::parse(item.get().as_bytes()) else {
        let rule = "must be a string, or an object with target";
        errors.push(Invalid::new(rule).at(at));
        return None;
    };
    let mut inner = FieldErrors::default();
    fields.only(&RECIPIENT, &mut inner);
    let target = fields.required::<String>("target", TEXT, &mut inner);
    let id = fields.optional::<String>("id", TEXT, &mut inner);
    let status = fields.optional::<String>("status", TEXT, &mut inner);
    let status = match status.as_deref() {
        None => None,
        Some("active") => Some(WantedStatus::Active),
        Some("suspended") => Some(WantedStatus::Suspended),
        Some(_) => {
            inner.push(Invalid::new("must be active or suspended").at("status"));
            None
        }
    };
    let named = target.map(|target| Named {
        target,
        id: id.and_then(|id| id.parse().ok()),
        status,
    });
    errors.within(at, inner.finish(named))
}
