//! `retryPolicy`: minutes and counts, as numbers or as texts. What a body leaves out stays as it is.

use ::herald::{
    fields::{FLAG, Fields},
    invalid::{FieldErrors, Invalid},
    retry::{Progression, RetryPolicy, Steps},
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

const SECONDS: u64 = 60;

const NUMBER: &str = "must be a whole number, not negative";

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
    /// words for it, and its default is shown.
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
                (Algorithm::Arithmetic, interval_seconds / SECONDS)
            }
            Steps::Geometric { factor } => (Algorithm::Geometric, factor),
        };
        Self {
            algorithm,
            first_retry: first / SECONDS,
            interval,
            number_of_retries: retries,
            deactivate_flag,
            repeat_sequence_count: repeats,
            repeat_sequence_wait_time: wait / SECONDS,
        }
    }

    /// With what a body says in place of what is. What breaks a rule is noted.
    pub(super) fn with(self, fields: &Fields, errors: &mut FieldErrors) -> Self {
        let algorithm = match fields.optional::<String>("algorithm", "must be a string", errors) {
            None => self.algorithm,
            Some(name) => match name.as_str() {
                "ARITHMETIC" => Algorithm::Arithmetic,
                "GEOMETRIC" => Algorithm::Geometric,
                _ => {
                    let rule = Invalid::new("must be ARITHMETIC or GEOMETRIC");
                    errors.push(rule.at("algorithm"));
                    self.algorithm
                }
            },
        };
        let mut number = |name: &str, present: u64| -> u64 {
            let given = fields.optional::<Loose<u64>>(name, NUMBER, errors);
            given.map_or(present, |Loose(number)| number)
        };
        let mut count = |name: &str, present: u32| {
            u32::try_from(number(name, present.into())).unwrap_or(u32::MAX)
        };
        let number_of_retries = count("numberOfRetries", self.number_of_retries);
        let repeat_sequence_count = count("repeatSequenceCount", self.repeat_sequence_count);
        Self {
            algorithm,
            first_retry: number("firstRetry", self.first_retry),
            interval: number("interval", self.interval),
            number_of_retries,
            repeat_sequence_count,
            repeat_sequence_wait_time: number(
                "repeatSequenceWaitTime",
                self.repeat_sequence_wait_time,
            ),
            deactivate_flag: fields
                .optional::<Loose<bool>>("deactivateFlag", FLAG, errors)
                .map_or(self.deactivate_flag, |Loose(flag)| flag),
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
