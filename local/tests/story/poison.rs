//! Messages that nobody can handle end as dead letters, and harm no other.

use herald::queue::{DeadLetter, Outgoing, Queue, QueueName, Reason};
use herald_local::{
    queue::{MAX_RECEIVES, VISIBILITY},
    world::{World, receiver::Receiver},
};
use std::time::Duration;

/// Messages that are no event of a producer, and what the reason of their dead letters names.
const PRODUCED: [(&str, &str); 2] = [
    ("{", "body must be a JSON object"),
    ("{}", "type is required"),
];

/// Messages of ours that nobody can read.
const POISON: [(QueueName, &str); 4] = [
    (QueueName::Events, r#"{"fan_out":{"v":2}}"#),
    (QueueName::Webhook, "{"),
    (QueueName::Webhook, "{}"),
    (QueueName::Webhook, r#"{"fan_out":{"v":2}}"#),
];

async fn send(world: &World, name: QueueName, body: &str) {
    let message = Outgoing {
        body: body.to_owned(),
        delay: Duration::ZERO,
        group: None,
    };
    let sent = world.service.parts.queue.send(name, vec![message]).await;
    sent.expect("sends");
}

#[tokio::test]
async fn what_is_no_event_of_a_producer_becomes_a_dead_letter_at_once_and_harms_no_other() {
    let world = World::new().await;
    world.may_leave_messages();
    let receiver = Receiver::start([]).await;
    world.policy(&[receiver.url("/hook")]).await;
    for (body, _) in PRODUCED {
        send(&world, QueueName::Events, body).await;
    }
    world.report("e").await;
    world.settle().await;
    assert_eq!(world.delivery("e").await["status"], "delivered");
    let queue = &world.service.parts.queue;
    assert_eq!(queue.len(QueueName::Events), 0);
    let letters = queue.dead_letters(QueueName::Events);
    assert_eq!(letters.len(), PRODUCED.len(), "{letters:?}");
    for (body, told) in PRODUCED {
        let of_body = |letter: &&DeadLetter| letter.body == body;
        let letter = letters.iter().find(of_body).expect("its dead letter");
        let reason = letter.reason.as_ref().map(Reason::as_str);
        let reason = reason.expect("a reason");
        assert!(reason.contains(told), "{body}: {reason}");
    }
}

#[tokio::test]
async fn a_message_of_ours_that_nobody_can_read_is_a_dead_letter_after_five_times() {
    let world = World::new().await;
    world.may_leave_messages();
    let receiver = Receiver::start([]).await;
    world.policy(&[receiver.url("/hook")]).await;
    for (name, body) in POISON {
        send(&world, name, body).await;
    }
    world.report("e").await;
    let queue = &world.service.parts.queue;
    for received in 0..MAX_RECEIVES {
        for name in QueueName::ALL {
            assert_eq!(queue.dead_letters(name), [], "{received}");
        }
        world.settle().await;
        world.clock.advance(VISIBILITY.unsigned_abs());
    }
    world.settle().await;
    assert_eq!(world.delivery("e").await["status"], "delivered");
    for name in QueueName::ALL {
        let dead = queue.dead_letters(name);
        let dead: Vec<_> = dead.iter().map(|letter| letter.body.as_str()).collect();
        let sent = POISON.iter().filter(|(to, _)| *to == name);
        let sent: Vec<_> = sent.map(|(_, body)| *body).collect();
        assert_eq!((queue.len(name), dead), (0, sent), "{name}");
    }
}

#[tokio::test]
async fn a_readable_message_that_fails_five_times_becomes_a_dead_letter_without_a_reason() {
    let world = World::new().await;
    world.may_leave_messages();
    world.report("e").await;
    let queue = &world.service.parts.queue;
    let message = queue.bodies(QueueName::Events);
    world.wire.cut_after(0);
    for received in 0..MAX_RECEIVES {
        assert_eq!(queue.dead_letters(QueueName::Events), [], "{received}");
        world.settle().await;
        assert_eq!(queue.bodies(QueueName::Events), message, "{received}");
        world.clock.advance(VISIBILITY.unsigned_abs());
    }
    assert!(world.wire.mend(), "every handling failed");
    world.settle().await;
    assert_eq!(queue.len(QueueName::Events), 0);
    let letter = DeadLetter {
        body: message[0].clone(),
        reason: None,
    };
    assert_eq!(queue.dead_letters(QueueName::Events), [letter]);
}

#[tokio::test]
async fn a_producers_message_stays_until_its_dead_letter_is_kept() {
    let name = QueueName::Events;
    let world = World::new().await;
    world.may_leave_messages();
    send(&world, name, "{").await;
    world.wire.cut_after(0);
    world.settle().await;
    assert!(world.wire.mend(), "the letter was not taken");
    let queue = &world.service.parts.queue;
    assert_eq!((queue.len(name), queue.dead_letters(name).len()), (1, 0));
    world.clock.advance(VISIBILITY.unsigned_abs());
    world.settle().await;
    assert_eq!((queue.len(name), queue.dead_letters(name).len()), (0, 1));
}
