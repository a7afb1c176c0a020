//! The README's lines for the local service, pasted into a shell as they stand, in an empty folder.
//! They need `bash` and `curl`, as their reader does; without those there is nothing to paste into.

use crate::program::{Program, folder};
use std::{fs, process::Command};

const README: &str = include_str!("../../../README.md");

/// Where the README's service listens.
const BASE: &str = "http://127.0.0.1:3000";

/// The first shell lines under a heading, which is given with its signs.
fn lines(heading: &str) -> String {
    let (_, rest) = README
        .split_once(&format!("\n{heading}\n"))
        .expect("a heading");
    let section = rest.split("\n##").next().unwrap_or(rest);
    let (_, rest) = section.split_once("```sh\n").expect("lines");
    rest.split("```").next().unwrap_or(rest).to_owned()
}

/// What the lines under a heading write; `None` where there is no shell to paste them into.
fn pasted(heading: &str, name: &str) -> Option<Vec<String>> {
    let folder = folder(name);
    fs::create_dir_all(&folder).expect("a folder");
    let program = Program::start_anew(&folder.join(".herald"));
    let script = lines(heading).replace(BASE, &program.base);
    for tool in ["bash", "curl"] {
        Command::new(tool).arg("--version").output().ok()?;
    }
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &script])
        .current_dir(&folder)
        .env("no_proxy", "127.0.0.1")
        .output()
        .expect("the shell runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let written = String::from_utf8(output.stdout).expect("text");
    Some(written.lines().map(str::to_owned).collect())
}

fn has(line: &str, text: &str) {
    assert!(line.contains(text), "{text}: {line}");
}

#[test]
fn the_tour_works_as_pasted() {
    let Some(written) = pasted("## Try it", "readme-tour") else {
        return;
    };
    let [made, by_mail, reported, received, mailed, listed] = &written[..] else {
        panic!("{written:#?}");
    };
    has(made, r#""name":"Tour""#);
    has(by_mail, r#""channel":"email""#);
    has(reported, r#""duplicate":false"#);
    has(received, r#""verdict":"verified""#);
    has(mailed, "jo@example.com");
    assert_eq!(listed.matches(r#""status":"delivered""#).count(), 2);
}

#[test]
fn the_lines_about_order_work_as_pasted() {
    let Some(written) = pasted("### In order", "readme-order") else {
        return;
    };
    let [made, reported, received] = &written[..] else {
        panic!("{written:#?}");
    };
    has(made, r#""deliveryMode":"ordered""#);
    assert_eq!(reported.matches(r#""duplicate":false"#).count(), 2);
    assert_eq!(received.matches(r#""verdict":"verified""#).count(), 2);
}

#[test]
fn the_lines_about_replays_work_as_pasted() {
    let Some(written) = pasted("### Replays", "readme-replays") else {
        return;
    };
    let [reported, counted, started, listed, received] = &written[..] else {
        panic!("{written:#?}");
    };
    has(reported, r#""duplicate":false"#);
    has(counted, r#""matched":1,"complete":true"#);
    has(started, r#""status":"running""#);
    has(listed, r#""status":"completed""#);
    let told = received.matches(r#""verdict":"verified""#).count();
    assert_eq!(told, 3, "two attempts, and the replay's");
}

#[test]
fn the_line_about_event_types_works_as_pasted() {
    let Some(written) = pasted("### Event types", "readme-types") else {
        return;
    };
    let [added] = &written[..] else {
        panic!("{written:#?}");
    };
    has(added, r#""name":"order.shipped""#);
}

#[test]
fn pulses_lines_work_as_pasted() {
    let Some(written) = pasted("## Webhooks, as in Pulse", "readme-pulse") else {
        return;
    };
    let [
        events,
        made,
        tried,
        reported,
        received,
        found,
        renamed,
        deleted,
    ] = &written[..]
    else {
        panic!("{written:#?}");
    };
    has(
        events,
        r#"{"type":"notification/events","id":"workflow:projects:created"}"#,
    );
    has(made, r#""id":"1""#);
    has(made, r#""secret":"whsec_"#);
    has(tried, r#"{"success":true"#);
    has(reported, r#""duplicate":false"#);
    has(received, r#""verdict":"verified""#);
    has(received, r#"\"event\":\"workflow:projects:created\""#);
    has(found, r#""meta":{"count":1,"more":false}"#);
    has(renamed, r#""name":"Builds""#);
    assert_eq!(deleted, "204");
}

#[test]
fn the_other_dialects_lines_work_as_pasted() {
    for (heading, name, last) in [
        ("## Webhooks, as in Lune", "readme-lune", "204"),
        (
            "## Webhook subscriptions, as in CyberSource",
            "readme-cybersource",
            r#"{"status":"successfully deleted"}"#,
        ),
    ] {
        let Some(written) = pasted(heading, name) else {
            return;
        };
        assert_eq!(
            written.last().map(String::as_str),
            Some(last),
            "{written:#?}"
        );
    }
}
