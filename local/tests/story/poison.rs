//! Messages that nobody can handle end as dead letters, and harm no other.

use herald::queue::{DeadLetter, Outgoing, Queue, QueueName, Reason};
use herald_local::{
    queue::{MAX_RECEIVES, VISIBILITY},
    world::{World, receiver::Receiver},
};
use std::time::Duration;

/// Messages that will never be readable, and what the reason of their dead letters names.
const POISON: [(QueueName, &[(&str, &str)]); 2] = [
    (
        QueueName::Events,
        &[
            ("{", "body must be a JSON object"),
            ("{}", "type is required"),
            (r#"{"fan_out":{"v":2}}"#, "version 2 is not known here"),
        ],
    ),
    (
        QueueName::Webhook,
        &[
            ("{", "EOF while parsing"),
            ("{}", "expected value"),
            (r#"{"fan_out":{"v":2}}"#, "unknown variant `fan_out`"),
        ],
    ),
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
async fn a_poison_message_becomes_a_dead_letter_at_once_and_harms_no_other() {
    let world = World::new().await;
    world.may_leave_messages();
    let receiver = Receiver::start([]).await;
    world.policy(&[receiver.url("/hook")]).await;
    for (name, poison) in POISON {
        for (body, _) in poison {
            send(&world, name, body).await;
        }
    }
    world.report("e").await;
    world.settle().await;
    assert_eq!(world.delivery("e").await["status"], "delivered");
    let queue = &world.service.parts.queue;
    for (name, poison) in POISON {
        assert_eq!(queue.len(name), 0, "{name}");
        let letters = queue.dead_letters(name);
        assert_eq!(letters.len(), poison.len(), "{name}: {letters:?}");
        for (body, told) in poison {
            let of_body = |letter: &&DeadLetter| letter.body == *body;
            let letter = letters.iter().find(of_body).expect("its dead letter");
            let reason = letter.reason.as_ref().map(Reason::as_str);
            let reason = reason.expect("a reason");
            assert!(reason.contains(told), "{name} {body}: {reason}");
        }
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
async fn a_poison_message_stays_until_its_dead_letter_is_kept() {
    for name in QueueName::ALL {
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
}
