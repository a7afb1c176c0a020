//! The samples in `events/`: what AWS hands to a function, one file for each case.

use serde_json::Value;
use std::{
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
