use crate::template::{Template, list};
use herald::{
    dialect::Dialect,
    settings::{
        DEFAULT_RETENTION, DEFAULT_WEBHOOK_TIMEOUT, RETENTION_DAYS_RANGE, WEBHOOK_TIMEOUT_RANGE,
    },
};
use herald_webhook::BEYOND_EXCHANGE;
use serde_json::{Value, json};
use std::time::Duration;

#[test]
fn what_is_kept_is_kept_for_as_many_days_as_the_code_takes() {
    let template = Template::read();
    let days = template.at("/Parameters/RetentionDays");
    let (from, to) = RETENTION_DAYS_RANGE;
    assert_eq!(days["MinValue"], json!(from));
    assert_eq!(days["MaxValue"], json!(to));
    let default = DEFAULT_RETENTION.as_secs() / (24 * 60 * 60);
    assert_eq!(days["Default"], json!(default));
}

#[test]
fn the_function_outlasts_the_receiver_and_what_comes_before_and_after() {
    let template = Template::read();
    let webhook = template.function("webhook").properties;
    let parameter = template.at("/Parameters/WebhookTimeout");
    let (from, to) = WEBHOOK_TIMEOUT_RANGE;
    for allowed in list(&parameter["AllowedValues"]) {
        let text = allowed.as_str().expect("a text");
        let deadline: u64 = text.parse().expect("seconds");
        assert!((from..=to).contains(&deadline), "{deadline}");
        let timeout = template.number(&webhook["Timeout"], text);
        let of_dialects = Dialect::ALL.into_iter().filter_map(Dialect::deadline);
        let exchange = of_dialects.fold(Duration::from_secs(deadline), Duration::max);
        let longest = exchange + BEYOND_EXCHANGE;
        assert!(longest.as_secs() < timeout, "{timeout} s for {longest:?}");
    }
    let default = DEFAULT_WEBHOOK_TIMEOUT.as_secs().to_string();
    assert_eq!(parameter["Default"], json!(default));
}

#[test]
fn every_parameter_is_described_grouped_and_has_a_default() {
    let template = Template::read();
    let groups = "/Metadata/AWS::CloudFormation::Interface/ParameterGroups";
    let mut grouped: Vec<_> = list(template.at(groups))
        .iter()
        .flat_map(|group| list(&group["Parameters"]))
        .map(|name| name.as_str().expect("a name"))
        .collect();
    grouped.sort_unstable();
    let parameters = template.at("/Parameters").as_object().expect("parameters");
    let mut names: Vec<_> = parameters.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(grouped, names);
    for (name, parameter) in parameters {
        assert!(parameter["Description"].is_string(), "{name}");
        assert_ne!(parameter["Default"], Value::Null, "{name}");
    }
}
