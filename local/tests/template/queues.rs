use crate::template::{Function, Template, attribute, list};
use herald_local::{queue::MAX_RECEIVES, service::BATCH};
use serde_json::{Value, json};

const DAY: u64 = 24 * 60 * 60;

/// The functions that read a queue, the queue, and where its dead letters go.
const READERS: [(&str, &str, &str); 4] = [
    ("fanout", "EventsQueue", "EventsDeadLetters"),
    ("webhook", "WebhookQueue", "WebhookDeadLetters"),
    ("email", "EmailQueue", "EmailDeadLetters"),
    ("feedback", "FeedbackQueue", "FeedbackDeadLetters"),
];

/// What hands a queue's messages to a function.
fn source(function: &Function) -> &Value {
    let events = function.properties["Events"].as_object().expect("events");
    let mut sources = events.values().filter(|event| event["Type"] == "SQS");
    let source = &sources.next().expect("a queue")["Properties"];
    assert!(sources.next().is_none(), "it reads one queue");
    source
}

#[test]
fn each_queue_has_one_reader_and_its_dead_letters_none() {
    let template = Template::read();
    for (binary, queue, _) in READERS {
        let function = template.function(binary);
        let read = &source(&function)["Queue"];
        assert_eq!(attribute(read), Some((queue, "Arn")), "{binary}");
    }
    let queues = template.resources("AWS::SQS::Queue");
    assert_eq!(queues.count(), 2 * READERS.len());
}

#[test]
fn a_message_is_invisible_for_six_times_as_long_as_its_function_may_run() {
    let template = Template::read();
    for timeout in list(template.at("/Parameters/WebhookTimeout/AllowedValues")) {
        let timeout = timeout.as_str().expect("a text");
        for (binary, queue, _) in READERS {
            let function = &template.function(binary).properties["Timeout"];
            let invisible = &template.properties(queue)["VisibilityTimeout"];
            let function = template.number(function, timeout);
            let invisible = template.number(invisible, timeout);
            assert!(
                invisible >= 6 * function,
                "{binary} runs for {function} s, and its messages are invisible for {invisible} s"
            );
        }
    }
}

#[test]
fn functions_are_handed_batches_and_answer_for_each_message() {
    let template = Template::read();
    for (binary, _, _) in READERS {
        let function = template.function(binary);
        let source = source(&function);
        assert_eq!(source["BatchSize"], json!(BATCH), "{binary}");
        assert_eq!(
            source["FunctionResponseTypes"],
            json!(["ReportBatchItemFailures"]),
            "{binary}"
        );
        let most = &source["ScalingConfig"]["MaximumConcurrency"]["Ref"];
        let most = template.at(&format!("/Parameters/{}", most.as_str().expect("a name")));
        assert_eq!(
            (&most["MinValue"], &most["MaxValue"]),
            (&json!(2), &json!(1_000))
        );
    }
}

#[test]
fn what_was_received_too_often_waits_among_the_dead_letters_of_its_queue() {
    let template = Template::read();
    for (_, queue, dead) in READERS {
        let (queue, dead) = (template.properties(queue), template.properties(dead));
        let redrive = &queue["RedrivePolicy"];
        assert_eq!(redrive["maxReceiveCount"], json!(MAX_RECEIVES));
        let target = attribute(&redrive["deadLetterTargetArn"]).expect("a queue");
        assert_eq!(template.properties(target.0), dead);

        let name = queue["QueueName"]["Fn::Sub"].as_str().expect("a name");
        let arn =
            format!("arn:${{AWS::Partition}}:sqs:${{AWS::Region}}:${{AWS::AccountId}}:{name}");
        assert_eq!(
            dead["RedriveAllowPolicy"],
            json!({ "redrivePermission": "byQueue", "sourceQueueArns": [{ "Fn::Sub": arn }] })
        );
    }
}

#[test]
fn messages_are_kept_for_four_days_and_dead_letters_for_two_weeks() {
    let template = Template::read();
    for (_, queue, dead) in READERS {
        for (id, days) in [(queue, 4), (dead, 14)] {
            let queue = template.properties(id);
            assert_eq!(queue["MessageRetentionPeriod"], json!(days * DAY), "{id}");
            assert_eq!(queue["SqsManagedSseEnabled"], true, "{id}");
            assert_eq!(queue["FifoQueue"], Value::Null, "{id}");
        }
    }
}
