//! Whether a policy sends, in which order and how fast, as bodies and answers have it.

use super::fields::Wish;
use crate::Api;
use ::herald::{
    fields::{FLAG, Fields, JSON, TEXT},
    invalid::{FieldErrors, Invalid},
    pace::Pace,
    policy::{Health, WantedPolicyStatus},
    recipient::Channel,
    store::LastProbe,
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Number, value::RawValue};

const HEALTH: &str = "health";
const DELIVERY_MODE: &str = "deliveryMode";
const MAX_PER_SECOND: &str = "maxPerSecond";

/// What a body asks of it.
#[derive(Clone, Debug)]
pub(super) struct SendingWish {
    pub(super) status: Option<WantedPolicyStatus>,
    pub(super) health: Wish<Health>,
    /// Whether the order of events is kept; `None` where the body does not say.
    pub(super) ordered: Option<bool>,
    pub(super) pace: Wish<Pace>,
}

impl Api {
    /// What a body asks of how a policy of a channel sends. What breaks a rule is noted.
    pub(super) fn read_sending(
        &self,
        fields: &Fields,
        channel: Option<Channel>,
        errors: &mut FieldErrors,
    ) -> SendingWish {
        SendingWish {
            status: fields.text("status", errors),
            health: Wish::read(fields, HEALTH, || self.read_health(fields, errors)),
            ordered: read_mode(fields, channel, errors),
            pace: Wish::read(fields, MAX_PER_SECOND, || read_pace(fields, errors)),
        }
    }

    fn read_health(&self, fields: &Fields, errors: &mut FieldErrors) -> Option<Health> {
        let raw: Box<RawValue> = fields.optional(HEALTH, JSON, errors)?;
        let Ok(inner) = Fields::parse(raw.get().as_bytes()) else {
            errors.push(Invalid::new("must be null, or an object with url").at(HEALTH));
            return None;
        };
        let mut found = FieldErrors::default();
        // The last is shown, and may be sent back; it changes nothing.
        inner.only(&["url", "withhold", "lastProbe"], &mut found);
        let url: Option<String> = inner.required("url", TEXT, &mut found);
        let url = url.and_then(|url| found.check("url", self.rules.parse(&url)));
        let withhold = inner.optional("withhold", FLAG, &mut found);
        let health = url.map(|url| Health {
            url,
            withhold: withhold.unwrap_or(true),
        });
        errors.within(HEALTH, found.finish(health))
    }
}

fn read_mode(fields: &Fields, channel: Option<Channel>, errors: &mut FieldErrors) -> Option<bool> {
    let mode: String = fields.optional(DELIVERY_MODE, TEXT, errors)?;
    let rule = match (mode.as_str(), channel) {
        ("independent", _) => return Some(false),
        ("ordered", Some(Channel::Email)) => {
            "must be independent: the order is kept for policies of the channel webhook only"
        }
        ("ordered", _) => return Some(true),
        _ => "must be independent or ordered",
    };
    errors.push(Invalid::new(rule).at(DELIVERY_MODE));
    None
}

/// Refuses to give up an order that is kept: what stands in the log, and was not told yet, would be
/// told by nobody.
pub(super) fn refuse_disorder(is_ordered: bool, wish: &SendingWish, errors: &mut FieldErrors) {
    if is_ordered && wish.ordered == Some(false) {
        let rule = "cannot be changed back: a policy that is ordered stays so";
        errors.push(Invalid::new(rule).at(DELIVERY_MODE));
    }
}

fn read_pace(fields: &Fields, errors: &mut FieldErrors) -> Option<Pace> {
    let number: Number = fields.optional(MAX_PER_SECOND, "must be a number", errors)?;
    // What is no whole number is none that a pace can be.
    let per_second = number
        .as_u64()
        .and_then(|number| u32::try_from(number).ok());
    errors.check(MAX_PER_SECOND, Pace::try_from(per_second.unwrap_or(0)))
}

/// A policy's health as it is shown.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HealthView {
    url: String,
    withhold: bool,
    /// Absent in lists, and before the first probe.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_probe: Option<ProbeView>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ProbeView {
    at: Timestamp,
    healthy: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_code: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl HealthView {
    pub(super) fn new(health: &Health, last: Option<LastProbe>) -> Self {
        Self {
            url: health.url.to_string(),
            withhold: health.withhold,
            last_probe: last.map(|last| ProbeView {
                at: last.at,
                healthy: last.healthy,
                status_code: last.status,
                error: last.error,
            }),
        }
    }
}
