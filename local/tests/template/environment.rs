//! The variables that the template gives to each function are those that it reads when it starts.

use crate::template::Template;
use aws_config::{BehaviorVersion, SdkConfig};
use herald::{
    aws::Aws,
    settings::{
        ALLOWED_NETWORKS, API_URL, MAIL_FROM, MAIL_REPLY_TO, RETENTION_DAYS, Settings,
        WEBHOOK_TIMEOUT,
    },
};
use herald_api::Api;
use herald_email::MailCarrier;
use herald_fanout::Fanout;
use herald_feedback::Feedback;
use herald_timer::Timer;
use herald_webhook::WebhookCarrier;
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

/// The names of the variables that the template gives to a function.
fn given(function: &str) -> BTreeSet<String> {
    let properties = Template::read().function(function).properties;
    let variables = properties["Environment"]["Variables"].as_object();
    let names = variables.expect("variables").keys();
    names.cloned().collect()
}

/// Builds a function.
type Build = fn(&Aws);

/// The names of the settings that are read while a function is built.
fn read(build: impl FnOnce(&Aws)) -> BTreeSet<String> {
    let names: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let seen = Arc::clone(&names);
    let settings = Settings::new(move |name| {
        seen.lock().expect("a lock").insert(name.to_owned());
        let value = match name {
            RETENTION_DAYS | WEBHOOK_TIMEOUT => "30",
            ALLOWED_NETWORKS => "",
            API_URL => "https://api.example.com",
            MAIL_FROM | MAIL_REPLY_TO => "notifications@example.com",
            _ => "something",
        };
        Some(value.to_owned())
    });
    let config = SdkConfig::builder().behavior_version(BehaviorVersion::latest());
    build(&Aws::new(config.build(), settings));
    let names = names.lock().expect("a lock");
    names.clone()
}

#[test]
fn every_function_reads_what_it_is_given_and_is_given_what_it_reads() {
    let functions: [(&str, Build); 6] = [
        ("api", |aws| drop(Api::on_aws(aws).expect("the API"))),
        ("email", |aws| {
            drop(MailCarrier::on_aws(aws).expect("the sender"));
        }),
        ("feedback", |aws| {
            drop(Feedback::on_aws(aws).expect("the reader"));
        }),
        ("fanout", |aws| {
            drop(Fanout::on_aws(aws).expect("the fan-out"));
        }),
        ("timer", |aws| drop(Timer::on_aws(aws).expect("the timer"))),
        ("webhook", |aws| {
            drop(WebhookCarrier::on_aws(aws).expect("the sender"));
        }),
    ];
    let template = Template::read();
    let known: BTreeSet<_> = template.functions().map(|(name, _)| name).collect();
    assert_eq!(known, functions.iter().map(|(name, _)| *name).collect());
    for (name, build) in functions {
        assert_eq!(given(name), read(build), "{name}");
    }
}
