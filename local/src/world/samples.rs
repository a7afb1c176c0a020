//! The samples in `events/`: what AWS hands to a function, one file for each case.

use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../events")
}

/// The text of a function's sample.
///
/// # Panics
/// Where there is no such file.
#[must_use]
pub fn sample(function: &str, case: &str) -> String {
    let path = folder().join(format!("{function}.{case}.json"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The body of the first message in a function's sample.
///
/// # Panics
/// Where it is no event of SQS.
#[must_use]
pub fn body(function: &str, case: &str) -> String {
    let event: Value = serde_json::from_str(&sample(function, case)).expect("JSON");
    let body = event["Records"][0]["body"].as_str();
    body.expect("an event of SQS").to_owned()
}

/// The cases of a function's samples, in the order of the alphabet.
///
/// # Panics
/// Where the folder cannot be read.
#[must_use]
pub fn cases(function: &str) -> Vec<String> {
    let prefix = format!("{function}.");
    let mut cases: Vec<_> = fs::read_dir(folder())
        .expect("a folder of samples")
        .map(|entry| entry.expect("an entry").file_name())
        .filter_map(|name| {
            let case = name
                .to_str()?
                .strip_prefix(&prefix)?
                .strip_suffix(".json")?;
            Some(case.to_owned())
        })
        .collect();
    cases.sort();
    cases
}

/// What a function answers to its samples, by case: at least this, as `events/answers.json` says
/// and [`is_answered`] compares.
///
/// # Panics
/// Where the file and the folder do not hold the same cases.
#[must_use]
pub fn answers(function: &str) -> BTreeMap<String, Value> {
    let path = folder().join("answers.json");
    let text = fs::read_to_string(path).expect("events/answers.json");
    let all: BTreeMap<String, Value> = serde_json::from_str(&text).expect("JSON");
    let prefix = format!("{function}.");
    let answers: BTreeMap<_, _> = all
        .into_iter()
        .filter_map(|(name, answer)| Some((name.strip_prefix(&prefix)?.to_owned(), answer)))
        .collect();
    let known: Vec<_> = answers.keys().cloned().collect();
    assert_eq!(known, cases(function), "events/answers.json and events/");
    answers
}

/// Whether an answer has everything that is expected of it.
#[must_use]
pub fn is_answered(expected: &Value, answer: &Value) -> bool {
    match (expected, answer) {
        (Value::Object(expected), Value::Object(answer)) => {
            expected.iter().all(|(name, expected)| {
                let found = answer.get(name);
                found.is_some_and(|answer| is_answered(expected, answer))
            })
        }
        _ => expected == answer,
    }
}
