//! What is reported: the same JSON in a request and in a message of a producer.

use crate::{
    event_type::EventType,
    fields::{Fields, JSON, TEXT, TIME},
    invalid::{FieldErrors, Invalid},
    json::JsonObject,
};
use data_encoding::HEXLOWER;
use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

/// The largest `data` that is accepted, in bytes of compact JSON.
pub const MAX_DATA_BYTES: usize = 256 * 1024;

/// The fields of a report that [`Report::read`] reads.
pub const REPORT_FIELDS: [&str; 5] = ["type", "resourceType", "resourceId", "data", "occurredAt"];

/// What a report says happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The type.
    #[serde(rename = "type")]
    pub event_type: EventType,
    /// What kind of thing it happened to ("InvoiceResponse").
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_type: Option<String>,
    /// Which one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_id: Option<String>,
    /// The thing itself, or whatever the receiver should know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<JsonObject>,
    /// When it happened, where the report says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Timestamp>,
}

impl Report {
    /// A digest of all that is reported: two reports with one id must agree in it.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let text = serde_json::to_vec(self).expect("a report is JSON");
        HEXLOWER.encode(&Sha256::digest(text))
    }

    /// Reads a report from its fields. What breaks a rule is noted; whether the catalogue knows the
    /// type is not asked here.
    pub fn read(fields: &Fields, errors: &mut FieldErrors) -> Option<Self> {
        let event_type = fields.required_text("type", errors);
        let resource_type = short_text(fields, "resourceType", errors);
        let resource_id = short_text(fields, "resourceId", errors);
        let occurred_at = fields.optional("occurredAt", TIME, errors);
        let occurred_at = occurred_at.and_then(|at| errors.check("occurredAt", in_years(at)));
        let data = fields
            .optional::<Box<RawValue>>("data", JSON, errors)
            .and_then(|raw| errors.check("data", read_data(&raw)));
        Some(Self {
            event_type: event_type?,
            resource_type,
            resource_id,
            data,
            occurred_at,
        })
    }
}

/// Refuses a time before the year 0, which is told to receivers, and which RFC 3339 cannot write.
fn in_years(at: Timestamp) -> Result<Timestamp, Invalid> {
    let year = at.to_zoned(TimeZone::UTC).year();
    (year >= 0).then_some(at).ok_or_else(|| Invalid::new(TIME))
}

fn read_data(raw: &RawValue) -> Result<JsonObject, Invalid> {
    let data = JsonObject::parse(raw)?;
    if data.as_str().len() > MAX_DATA_BYTES {
        return Err(Invalid::new("must be at most 256 KiB of compact JSON"));
    }
    Ok(data)
}

fn short_text(fields: &Fields, name: &str, errors: &mut FieldErrors) -> Option<String> {
    let text = fields.optional::<String>(name, TEXT, errors)?;
    let is_short = (1..=256).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    let rule = || Invalid::new("must be 1 to 256 characters, none of them a control character");
    errors.check(name, is_short.then_some(text).ok_or_else(rule))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(data: &str) -> Report {
        Report {
            event_type: "INVOICE_ISSUED".parse().expect("a name"),
            resource_type: None,
            resource_id: Some("inv_1".into()),
            data: Some(data.parse().expect("an object")),
            occurred_at: None,
        }
    }

    #[test]
    fn the_fingerprint_tells_content_not_white_space() {
        let one = report(r#"{"a":1,"b":2}"#);
        assert_eq!(
            one.fingerprint(),
            report(r#"{ "a": 1, "b": 2 }"#).fingerprint()
        );
        assert_ne!(one.fingerprint(), report(r#"{"b":2,"a":1}"#).fingerprint());
        let mut other = one.clone();
        other.resource_type = other.resource_id.take();
        assert_ne!(one.fingerprint(), other.fingerprint());
    }

    #[test]
    fn all_that_breaks_a_rule_is_noted() {
        let body = br#"{"type":"two words","resourceId":"","data":[],"occurredAt":"soon"}"#;
        let mut errors = FieldErrors::default();
        let read = Report::read(&Fields::parse(body).expect("an object"), &mut errors);
        let errors = errors.finish(read).expect_err("errors");
        let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["type", "resourceId", "occurredAt", "data"]);
    }

    #[test]
    fn a_time_that_rfc_3339_cannot_write_is_refused() {
        for (time, passes) in [
            ("0000-01-01T00:00:00Z", true),
            ("9999-12-30T22:00:00Z", true),
            ("-000001-12-31T23:59:59Z", false),
            ("0000-01-01T00:00:00+01:00", false),
            ("-009999-01-02T01:59:59Z", false),
        ] {
            let body = format!(r#"{{"type":"order.paid","occurredAt":"{time}"}}"#);
            let mut errors = FieldErrors::default();
            let fields = Fields::parse(body.as_bytes()).expect("an object");
            let read = Report::read(&fields, &mut errors);
            assert_eq!(errors.finish(read).is_ok(), passes, "{time}");
        }
    }
}
