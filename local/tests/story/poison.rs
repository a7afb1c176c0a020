use herald::queue::{Outgoing, Queue, QueueName};
use herald_local::{
    queue::MAX_RECEIVES,
    world::{World, receiver::Receiver},
};
use std::time::Duration;

#[tokio::test]
async fn a_poison_message_becomes_a_dead_letter_and_harms_no_other() {
    let world = World::new().await;
    world.may_leave_messages();
    let receiver = Receiver::start([]).await;
    world.policy(&[receiver.url("/hook")]).await;
    for name in QueueName::ALL {
        let poison = ["{", "{}", r#"{"fan_out":{"v":2}}"#].map(|body| Outgoing {
            body: body.to_owned(),
            delay: Duration::ZERO,
            group: None,
        });
        let queue = &world.service.parts.queue;
        queue.send(name, poison.into()).await.expect("sends");
    }
    world.report("e").await;
    for _ in 0..=MAX_RECEIVES {
        world.settle().await;
        world.clock.advance(Duration::from_secs(91));
    }
    world.settle().await;
    assert_eq!(world.delivery("e").await["status"], "delivered");
    for name in QueueName::ALL {
        let queue = &world.service.parts.queue;
        assert_eq!(
            (queue.len(name), queue.dead_letters(name).len()),
            (0, 3),
            "{name}"
        );
    }
}
