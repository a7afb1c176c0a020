//! `retryPolicy`: minutes and counts, as numbers or as texts. What a body leaves out stays as it is.

use ::herald::{
    fields::{FLAG, Fields},
    invalid::{FieldErrors, Invalid},
    policy::AdditionalAttributes,
    retry::{Progression, RetryPolicy, Steps},
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, time::Duration};

const SECONDS: u64 = 60;

const NUMBER: &str = "must be a whole number, not negative";

const ATTRIBUTES: &str = "must be an array of objects of strings";

/// How retries follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
enum Algorithm {
    Arithmetic,
    Geometric,
}

/// How deliveries are tried again, in CyberSource's words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RetryView {
    algorithm: Algorithm,
    /// Minutes.
    first_retry: u64,
    /// Minutes; of `GEOMETRIC` a factor.
    interval: u64,
    number_of_retries: u32,
    /// Whether what happens while a receiver is not healthy is withheld.
    pub(super) deactivate_flag: bool,
    repeat_sequence_count: u32,
    /// Minutes.
    repeat_sequence_wait_time: u64,
}

/// What a body says of retries. `None` where it says nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct RetrySaid {
    algorithm: Option<Algorithm>,
    first_retry: Option<u64>,
    interval: Option<u64>,
    number_of_retries: Option<u32>,
    deactivate_flag: Option<bool>,
    repeat_sequence_count: Option<u32>,
    repeat_sequence_wait_time: Option<u64>,
    pub(super) additional_attributes: Option<AdditionalAttributes>,
}

impl RetrySaid {
    /// Reads a body. What breaks a rule is noted.
    pub(super) fn read(fields: &Fields, errors: &mut FieldErrors) -> Self {
        let named: Option<String> = fields.optional("algorithm", "must be a string", errors);
        let algorithm = named.and_then(|name| errors.check("algorithm", algorithm(&name)));
        let mut number = |name: &str| -> Option<u64> {
            let given = fields.optional::<Loose<u64>>(name, NUMBER, errors);
            given.map(|Loose(number)| number)
        };
        let count = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        Self {
            algorithm,
            first_retry: number("firstRetry"),
            interval: number("interval"),
            number_of_retries: number("numberOfRetries").map(count),
            repeat_sequence_count: number("repeatSequenceCount").map(count),
            repeat_sequence_wait_time: number("repeatSequenceWaitTime"),
            deactivate_flag: fields
                .optional::<Loose<bool>>("deactivateFlag", FLAG, errors)
                .map(|Loose(flag)| flag),
            additional_attributes: attributes(fields, errors),
        }
    }

    /// What is then: what it says in place of what is.
    pub(super) fn over(&self, present: &RetryView) -> RetryView {
        RetryView {
            algorithm: self.algorithm.unwrap_or(present.algorithm),
            first_retry: self.first_retry.unwrap_or(present.first_retry),
            interval: self.interval.unwrap_or(present.interval),
            number_of_retries: self.number_of_retries.unwrap_or(present.number_of_retries),
            deactivate_flag: self.deactivate_flag.unwrap_or(present.deactivate_flag),
            repeat_sequence_count: self
                .repeat_sequence_count
                .unwrap_or(present.repeat_sequence_count),
            repeat_sequence_wait_time: self
                .repeat_sequence_wait_time
                .unwrap_or(present.repeat_sequence_wait_time),
        }
    }

    /// Whether it says how retries follow each other, and not only what is withheld.
    pub(super) const fn says_retries(&self) -> bool {
        self.algorithm.is_some()
            || self.first_retry.is_some()
            || self.interval.is_some()
            || self.number_of_retries.is_some()
            || self.repeat_sequence_count.is_some()
            || self.repeat_sequence_wait_time.is_some()
    }
}

fn attributes(fields: &Fields, errors: &mut FieldErrors) -> Option<AdditionalAttributes> {
    let name = "additionalAttributes";
    let given: Vec<BTreeMap<String, String>> = fields.optional(name, ATTRIBUTES, errors)?;
    errors.check(name, given.try_into())
}

fn algorithm(name: &str) -> Result<Algorithm, Invalid> {
    match name {
        "ARITHMETIC" => Ok(Algorithm::Arithmetic),
        "GEOMETRIC" => Ok(Algorithm::Geometric),
        _ => Err(Invalid::new("must be ARITHMETIC or GEOMETRIC")),
    }
}

impl Default for RetryView {
    /// As CyberSource has it.
    fn default() -> Self {
        Self {
            algorithm: Algorithm::Arithmetic,
            first_retry: 1,
            interval: 1,
            number_of_retries: 3,
            deactivate_flag: false,
            repeat_sequence_count: 0,
            repeat_sequence_wait_time: 0,
        }
    }
}

impl RetryView {
    /// What a policy does. Where Herald's own routes gave it something else, CyberSource has no
    /// words for it, and its default is shown; a part of a minute is one, so that what is shown may
    /// be sent back.
    pub(super) fn of(retry: &RetryPolicy, deactivate_flag: bool) -> Self {
        let RetryPolicy::Progression(progression) = retry else {
            return Self {
                deactivate_flag,
                ..Self::default()
            };
        };
        let (first, retries) = progression.first_and_retries();
        let (repeats, wait) = progression.repeats();
        let (algorithm, interval) = match progression.steps() {
            Steps::Arithmetic { interval_seconds } => {
                (Algorithm::Arithmetic, interval_seconds.div_ceil(SECONDS))
            }
            Steps::Geometric { factor } => (Algorithm::Geometric, factor),
        };
        Self {
            algorithm,
            first_retry: first.div_ceil(SECONDS),
            interval,
            number_of_retries: retries,
            deactivate_flag,
            repeat_sequence_count: repeats,
            repeat_sequence_wait_time: wait.div_ceil(SECONDS),
        }
    }

    /// What it asks for. What breaks a rule is noted.
    ///
    /// * `longest`: from the first failure to the last retry.
    pub(super) fn read(&self, longest: Duration, errors: &mut FieldErrors) -> Option<RetryPolicy> {
        match self.policy(longest) {
            Ok(policy) => Some(policy),
            Err((field, rule)) => {
                errors.push(rule.at(format!("retryPolicy.{field}")));
                None
            }
        }
    }

    fn policy(&self, longest: Duration) -> Result<RetryPolicy, (&'static str, Invalid)> {
        let at_least_one = |name, number: u64| {
            let rule = || (name, Invalid::new("must be at least 1"));
            (number > 0).then_some(number).ok_or_else(rule)
        };
        let minutes = |minutes: u64| minutes.saturating_mul(SECONDS);
        let first = at_least_one("firstRetry", self.first_retry)?;
        let steps = match self.algorithm {
            Algorithm::Arithmetic => Steps::Arithmetic {
                interval_seconds: minutes(self.interval),
            },
            Algorithm::Geometric => Steps::Geometric {
                factor: at_least_one("interval", self.interval)?,
            },
        };
        let once = (minutes(first), self.number_of_retries);
        let wait = minutes(self.repeat_sequence_wait_time);
        let progression =
            Progression::new(steps, once, (self.repeat_sequence_count, wait), longest);
        let progression = progression.map_err(|rule| ("numberOfRetries", rule))?;
        Ok(RetryPolicy::Progression(progression))
    }
}

/// A value as itself or as a text of it: CyberSource's examples send both.
#[derive(Deserialize)]
#[serde(
    try_from = "Either<T>",
    bound = "T: Deserialize<'de> + std::str::FromStr"
)]
pub(super) struct Loose<T>(pub(super) T);

#[derive(Deserialize)]
#[serde(untagged)]
enum Either<T> {
    Itself(T),
    Text(String),
}

impl<T: std::str::FromStr> TryFrom<Either<T>> for Loose<T> {
    type Error = &'static str;

    fn try_from(either: Either<T>) -> Result<Self, &'static str> {
        match either {
            Either::Itself(value) => Ok(Self(value)),
            Either::Text(text) => text.parse().map(Self).map_err(|_| "no such value"),
        }
    }
}
