//! How a policy's deliveries are tried again, as bodies and answers have it.

use crate::Api;
use ::herald::{
    fields::{Fields, JSON, TEXT},
    invalid::{FieldErrors, Invalid},
    retry::{Progression, RetryPolicy, Steps},
};
use serde::Serialize;
use serde_json::value::RawValue;
use std::time::Duration;

const DEFAULT: &str = "default";
const ARITHMETIC: &str = "arithmetic";
const GEOMETRIC: &str = "geometric";
const UNTIL_ACKNOWLEDGED: &str = "until_acknowledged";

/// The fields of progressions, whichever.
const PROGRESSION: [&str; 5] = [
    "schedule",
    "firstRetrySeconds",
    "retries",
    "repeats",
    "repeatWaitSeconds",
];

const NUMBER: &str = "must be a whole number, not negative";

#[derive(Debug, Serialize)]
#[serde(tag = "schedule", rename_all = "snake_case")]
pub(super) enum RetryView {
    Default,
    Arithmetic {
        #[serde(rename = "intervalSeconds")]
        interval_seconds: u64,
        #[serde(flatten)]
        progression: ProgressionView,
    },
    Geometric {
        factor: u64,
        #[serde(flatten)]
        progression: ProgressionView,
    },
    UntilAcknowledged,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProgressionView {
    first_retry_seconds: u64,
    retries: u32,
    repeats: u32,
    repeat_wait_seconds: u64,
}

impl From<RetryPolicy> for RetryView {
    fn from(policy: RetryPolicy) -> Self {
        let progression = match policy {
            RetryPolicy::Default => return Self::Default,
            RetryPolicy::UntilAcknowledged => return Self::UntilAcknowledged,
            RetryPolicy::Progression(progression) => progression,
        };
        let (first_retry_seconds, retries) = progression.first_and_retries();
        let (repeats, repeat_wait_seconds) = progression.repeats();
        let steps = progression.steps();
        let progression = ProgressionView {
            first_retry_seconds,
            retries,
            repeats,
            repeat_wait_seconds,
        };
        match steps {
            Steps::Arithmetic { interval_seconds } => Self::Arithmetic {
                interval_seconds,
                progression,
            },
            Steps::Geometric { factor } => Self::Geometric {
                factor,
                progression,
            },
        }
    }
}

impl Api {
    /// The retry policy that a body asks for; `None` where it says nothing of it, the default where
    /// it is null. What breaks a rule is noted.
    pub(super) fn read_retry(
        &self,
        fields: &Fields,
        errors: &mut FieldErrors,
    ) -> Option<RetryPolicy> {
        if fields.has("retryPolicy") && fields.is_null("retryPolicy") {
            return Some(RetryPolicy::Default);
        }
        let raw: Box<RawValue> = fields.optional("retryPolicy", JSON, errors)?;
        let Ok(inner) = Fields::parse(raw.get().as_bytes()) else {
            errors.push(Invalid::new("must be an object").at("retryPolicy"));
            return None;
        };
        let mut found = FieldErrors::default();
        let read = read_schedule(&inner, self.kept_for(), &mut found);
        errors.within("retryPolicy", found.finish(read))
    }
}

fn read_schedule(
    fields: &Fields,
    longest: Duration,
    errors: &mut FieldErrors,
) -> Option<RetryPolicy> {
    let schedule: String = fields.required("schedule", TEXT, errors)?;
    match schedule.as_str() {
        DEFAULT => {
            fields.only(&["schedule"], errors);
            Some(RetryPolicy::Default)
        }
        UNTIL_ACKNOWLEDGED => {
            fields.only(&["schedule"], errors);
            Some(RetryPolicy::UntilAcknowledged)
        }
        ARITHMETIC => {
            let known = [&PROGRESSION[..], &["intervalSeconds"]].concat();
            fields.only(&known, errors);
            let interval = fields.required("intervalSeconds", NUMBER, errors);
            let steps = interval.map(|interval_seconds| Steps::Arithmetic { interval_seconds });
            read_progression(fields, steps, longest, errors)
        }
        GEOMETRIC => {
            fields.only(&[&PROGRESSION[..], &["factor"]].concat(), errors);
            let factor = read_at_least_one(fields, "factor", errors);
            let steps = factor.map(|factor| Steps::Geometric { factor });
            read_progression(fields, steps, longest, errors)
        }
        _ => {
            let rule = format!(
                "must be one of {DEFAULT}, {ARITHMETIC}, {GEOMETRIC}, {UNTIL_ACKNOWLEDGED}"
            );
            errors.push(Invalid::new(rule).at("schedule"));
            None
        }
    }
}

fn read_progression(
    fields: &Fields,
    steps: Option<Steps>,
    longest: Duration,
    errors: &mut FieldErrors,
) -> Option<RetryPolicy> {
    let first = read_at_least_one(fields, "firstRetrySeconds", errors);
    let retries = fields.required::<u32>("retries", NUMBER, errors);
    let repeats = fields.optional("repeats", NUMBER, errors).unwrap_or(0);
    let wait = fields.optional("repeatWaitSeconds", NUMBER, errors);
    let wait = wait.unwrap_or(0);
    let progression = Progression::new(steps?, (first?, retries?), (repeats, wait), longest);
    let progression = errors.check("retries", progression)?;
    Some(RetryPolicy::Progression(progression))
}

fn read_at_least_one(fields: &Fields, name: &str, errors: &mut FieldErrors) -> Option<u64> {
    let number = fields.required::<u64>(name, NUMBER, errors)?;
    let rule = || Invalid::new("must be at least 1");
    errors.check(name, (number > 0).then_some(number).ok_or_else(rule))
}
