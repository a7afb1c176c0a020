//! What the body of a replay asks for.

use super::super::fields::types_field;
use crate::{Api, failure::Failure};
use ::herald::{
    fields::{FLAG, Fields, TEXT, TEXTS, time},
    invalid::{FieldErrors, Invalid},
    policy::Policy,
    replay::{ReplayedStatus, Selection},
    store::{HELD_FOR, Period},
};

/// A replay that a body asks for.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) selection: Selection,
    /// Whether it is only counted.
    pub(super) dry_run: bool,
}

impl Api {
    pub(super) async fn read_replay(
        &self,
        policy: &Policy,
        fields: &Fields,
    ) -> Result<Wanted, Failure> {
        let mut errors = FieldErrors::default();
        fields.only(
            &["since", "until", "statuses", "eventTypes", "dryRun"],
            &mut errors,
        );
        let period = self.read_period(fields, &mut errors);
        let statuses = read_statuses(fields, &mut errors);
        let types = types_field(policy.dialect);
        let event_types = self.named_types(types, fields, &mut errors).await?;
        let dry_run = fields.optional("dryRun", FLAG, &mut errors);
        if policy.delivery_mode.is_ordered() {
            for name in ["until", "statuses", "eventTypes"] {
                if !fields.is_null(name) {
                    let rule =
                        "must be left out: an ordered policy is told everything since then again";
                    errors.push(Invalid::new(rule).at(name));
                }
            }
        }
        let wanted = || {
            Some(Wanted {
                selection: Selection {
                    period: period?,
                    statuses: match statuses {
                        Some(statuses) => statuses,
                        None if policy.delivery_mode.is_ordered() => {
                            vec![ReplayedStatus::Delivered]
                        }
                        None => vec![ReplayedStatus::Failed],
                    },
                    event_types,
                    in_order: policy.delivery_mode.is_ordered(),
                },
                dry_run: dry_run.unwrap_or(false),
            })
        };
        Ok(errors.finish(wanted())?)
    }

    /// The events that are meant: until now, unless the body names an earlier time.
    fn read_period(&self, fields: &Fields, errors: &mut FieldErrors) -> Option<Period> {
        let now = self.clock.now();
        let since: Option<String> = fields.required("since", TEXT, errors);
        let since = since.and_then(|since| errors.check("since", time(&since)));
        let until: Option<String> = fields.optional("until", TEXT, errors);
        let until = until.map(|until| errors.check("until", time(&until)));
        let since = since?;
        // What was withheld was so while its event was kept.
        let longest = HELD_FOR + self.store.retention();
        if now.duration_since(since) > longest {
            let days = longest.as_hours() / 24;
            let rule = format!("must be at most {days} days ago");
            errors.push(Invalid::new(rule).at("since"));
        }
        let until = until.unwrap_or(Some(now))?.min(now);
        if since >= until {
            errors.push(Invalid::new("must be before until, and not in the future").at("since"));
        }
        Some(Period { since, until })
    }
}

fn read_statuses(fields: &Fields, errors: &mut FieldErrors) -> Option<Vec<ReplayedStatus>> {
    let texts: Vec<String> = fields.optional("statuses", TEXTS, errors)?;
    if texts.is_empty() {
        errors.push(Invalid::new("must name at least one status").at("statuses"));
    }
    let mut statuses = Vec::with_capacity(texts.len());
    for (index, text) in texts.iter().enumerate() {
        let status = errors.check(&format!("statuses[{index}]"), text.parse());
        statuses.extend(status.filter(|status| !statuses.contains(status)));
    }
    Some(statuses)
}
