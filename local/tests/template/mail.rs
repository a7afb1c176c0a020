//! E-mail: who may send it, and from whom; what of it comes back, and by which way.

use crate::{
    permissions::{is_of, statements},
    template::{Template, list, mentions},
};
use herald::queue::{Outgoing, Queue, QueueName};
use herald_local::world::{World, samples::body};
use http::Method;
use serde_json::{Value, json};
use std::{collections::BTreeSet, time::Duration};

/// The configuration set that e-mails are sent with: the stack's own, or one that is named.
fn configuration_set() -> Value {
    let named = json!({ "Ref": "MailConfigurationSet" });
    json!({ "Fn::If": ["OwnConfigurationSet", { "Ref": "ConfigurationSet" }, named] })
}

/// A function's statements about a service.
fn about(template: &Template, binary: &str, service: &str) -> Vec<Value> {
    let function = template.function(binary);
    let (_, role) = template.role(&function);
    let found = statements(role).into_iter();
    let found = found.filter(|statement| is_of(statement, service));
    found.cloned().collect()
}

/// What a function may do with the table of everything but accounts.
fn of_data(template: &Template, binary: &str) -> Vec<String> {
    let statements = about(template, binary, "dynamodb");
    let of_data = statements.iter().filter(|statement| {
        assert_eq!(
            statement["Resource"],
            json!({ "Fn::GetAtt": ["Data", "Arn"] })
        );
        mentions(&statement["Resource"], "Data")
    });
    let actions = of_data.flat_map(|statement| list(&statement["Action"]));
    let actions = actions.map(|action| action.as_str().expect("an action").to_owned());
    let mut actions: Vec<_> = actions.collect();
    actions.sort();
    actions
}

#[test]
fn only_the_sender_of_e_mails_sends_them_and_only_from_its_address() {
    let template = Template::read();
    for (binary, _) in template.functions() {
        let of_mail = about(&template, binary, "ses");
        if binary != "email" {
            assert_eq!(of_mail, [] as [Value; 0], "{binary}");
            continue;
        }
        let ses = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}";
        let set =
            json!([format!("{ses}:configuration-set/${{Name}}"), { "Name": configuration_set() }]);
        let statement = json!({
            "Effect": "Allow",
            "Action": ["ses:SendEmail", "ses:SendRawEmail"],
            "Resource": [{ "Fn::Sub": format!("{ses}:identity/*") }, { "Fn::Sub": set }],
            "Condition": { "StringEquals": { "ses:FromAddress": { "Ref": "MailFrom" } } },
        });
        assert_eq!(of_mail, [statement]);
    }
}

#[test]
fn only_the_api_calls_functions_and_only_the_two_senders() {
    let template = Template::read();
    for (binary, _) in template.functions() {
        let of_calls = about(&template, binary, "lambda");
        if binary != "api" {
            assert_eq!(of_calls, [] as [Value; 0], "{binary}");
            continue;
        }
        let senders = ["webhook", "email"].map(|sender| {
            let name = &template.function(sender).properties["FunctionName"]["Fn::Sub"];
            let name = name.as_str().expect("a name");
            let lambda = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}";
            json!({ "Fn::Sub": format!("{lambda}:function:{name}") })
        });
        let statement = json!({
            "Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": senders,
        });
        assert_eq!(of_calls, [statement]);
    }
}

#[test]
fn the_functions_of_e_mail_may_do_with_the_data_what_they_do() {
    let template = Template::read();
    let email = [
        "BatchGetItem",
        "BatchWriteItem",
        "DeleteItem",
        "GetItem",
        "PutItem",
        "Query",
        "UpdateItem",
    ];
    let feedback = ["BatchGetItem", "DeleteItem", "GetItem", "PutItem", "Query"];
    for (binary, actions) in [("email", &email[..]), ("feedback", &feedback)] {
        let named = actions.iter();
        let actions: Vec<_> = named.map(|action| format!("dynamodb:{action}")).collect();
        assert_eq!(of_data(&template, binary), actions, "{binary}");
    }
}

/// What a function asks of the table while it handles its queue, as IAM calls it: transactions are
/// authorised by the actions of their parts.
async fn asked(world: &World, queue: QueueName) -> BTreeSet<String> {
    world.wire.forget();
    let handled = world.service.step(queue).await.expect("a step");
    assert!(handled > 0, "nothing was in the queue {queue}");
    let passed = world.wire.passed().into_keys();
    let actions = passed.filter(|name| !name.starts_with("Send "));
    let actions = actions.map(|name| name.replace("TransactWriteItems", "PutItem"));
    actions.map(|name| format!("dynamodb:{name}")).collect()
}

#[tokio::test]
async fn from_a_first_mail_to_its_bounce_nothing_is_asked_that_is_not_allowed() {
    let template = Template::read();
    let allowed = |binary| BTreeSet::from_iter(of_data(&template, binary));
    let world = World::new().await;
    let policy = json!({ "name": "P", "channel": "email", "recipients": ["ada@example.com"] });
    let made = world
        .call(Method::POST, "/herald/v1/policies", policy)
        .await;
    assert_eq!(made.status, 201, "{}", made.json);
    world.report("e").await;
    let fanned_out = world.service.step(QueueName::Events).await;
    fanned_out.expect("a step");
    let email = asked(&world, QueueName::Email).await;
    assert!(email.is_subset(&allowed("email")), "{email:?}");
    world.clock.advance(Duration::from_secs(1));
    let mail = world.mails.newest(1).expect("a folder").remove(0);
    let mut told: Value = serde_json::from_str(&body("feedback", "hard-bounce")).expect("JSON");
    for (name, value) in &mail.tags {
        told["detail"]["mail"]["tags"][name] = json!([value]);
    }
    let message = Outgoing {
        body: told.to_string(),
        delay: Duration::ZERO,
        group: None,
    };
    let queue = &world.service.parts.queue;
    let sent = queue.send(QueueName::Feedback, vec![message]).await;
    sent.expect("sends");
    let feedback = asked(&world, QueueName::Feedback).await;
    assert!(feedback.is_subset(&allowed("feedback")), "{feedback:?}");
    assert_eq!(world.delivery("e").await["reason"], "bounced");
}

#[test]
fn the_sender_of_e_mails_can_make_the_key_that_its_links_are_signed_with() {
    // A stack that never had a webhook has no data key yet: policies for e-mail seal nothing.
    let template = Template::read();
    let of_keys = about(&template, "email", "kms");
    let statement = json!({
        "Effect": "Allow",
        "Action": ["kms:GenerateDataKey", "kms:Decrypt"],
        "Resource": { "Fn::GetAtt": ["Key", "Arn"] },
    });
    assert_eq!(of_keys, [statement]);
    assert_eq!(about(&template, "feedback", "kms"), [] as [Value; 0]);
}

#[test]
fn only_the_rule_that_hears_ses_sends_to_the_feedback_queue() {
    let template = Template::read();
    let policies = template.resources("AWS::SQS::QueuePolicy");
    let [(_, policy)] = policies.collect::<Vec<_>>()[..] else {
        panic!("the other queues have no policy: who may send has it from IAM");
    };
    let properties = &policy["Properties"];
    assert_eq!(properties["Queues"], json!([{ "Ref": "FeedbackQueue" }]));
    let queue = json!({ "Fn::GetAtt": ["FeedbackQueue", "Arn"] });
    let rule = json!({ "Fn::GetAtt": ["MailEventsRule", "Arn"] });
    let statement = json!({
        "Effect": "Allow",
        "Principal": { "Service": "events.amazonaws.com" },
        "Action": "sqs:SendMessage",
        "Resource": queue,
        "Condition": { "ArnEquals": { "aws:SourceArn": rule } },
    });
    assert_eq!(
        properties["PolicyDocument"]["Statement"],
        json!([statement])
    );
    let targets = &template.properties("MailEventsRule")["Targets"];
    assert_eq!(targets, &json!([{ "Id": "feedback", "Arn": queue }]));
    for (binary, function) in template.functions() {
        let (_, role) = template.role(&function);
        let sends = |statement: &&Value| {
            list(&statement["Action"]).contains(&json!("sqs:SendMessage"))
                && mentions(&statement["Resource"], "FeedbackQueue")
        };
        assert_eq!(
            statements(role).iter().find(|it| sends(it)),
            None,
            "{binary}"
        );
    }
}

#[test]
fn the_rule_hears_the_samples_of_bounces_and_complaints_of_our_own_mails_only() {
    let template = Template::read();
    let pattern = &template.properties("MailEventsRule")["EventPattern"];
    let kinds = list(&pattern["detail-type"]);
    for case in [
        "hard-bounce",
        "soft-bounce",
        "auto-reply",
        "complaint",
        "foreign",
    ] {
        let told: Value = serde_json::from_str(&body("feedback", case)).expect("JSON");
        assert!(list(&pattern["source"]).contains(&told["source"]), "{case}");
        assert!(kinds.contains(&told["detail-type"]), "{case}");
        let tags = &told["detail"]["mail"]["tags"];
        let is_ours = case != "foreign";
        assert_eq!(tags.get("herald-account").is_some(), is_ours, "{case}");
    }
    let tags = &pattern["detail"]["mail"]["tags"];
    assert_eq!(tags["herald-account"], json!([{ "exists": true }]));
    assert_eq!(tags["ses:configuration-set"], json!([configuration_set()]));
    let told = template.properties("MailEvents");
    assert_eq!(told["ConfigurationSetName"], configuration_set());
    let types = json!(["bounce", "complaint"]);
    assert_eq!(told["EventDestination"]["MatchingEventTypes"], types);
}

#[test]
fn the_configuration_set_has_no_list_of_its_own_that_would_silence_other_tenants() {
    let template = Template::read();
    let set = template.properties("ConfigurationSet");
    assert_eq!(
        set["SuppressionOptions"],
        json!({ "SuppressedReasons": [] })
    );
    let sets = template.function("email").properties["Environment"]["Variables"].clone();
    assert_eq!(sets["HERALD_MAIL_CONFIGURATION_SET"], configuration_set());
}
