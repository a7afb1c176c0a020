use herald::queue::QueueName;
use herald_local::world::{World, receiver::Receiver};

#[tokio::test]
async fn a_policy_with_a_backlog_delays_no_other() {
    let world = World::new().await;
    world.may_leave_messages();
    let receiver = Receiver::start([]).await;
    let many: Vec<_> = (0..100)
        .map(|n| receiver.url(&format!("/busy/{n}")))
        .collect();
    world.policy(&many).await;
    for event in ["a", "b", "c"] {
        world.report(event).await;
    }
    while world.service.step(QueueName::Events).await.expect("a step") > 0 {}
    world.policy(&[receiver.url("/quiet")]).await;
    world.report("d").await;
    while world.service.step(QueueName::Events).await.expect("a step") > 0 {}
    world
        .service
        .step(QueueName::Webhook)
        .await
        .expect("a step");
    assert!(
        receiver
            .received()
            .iter()
            .any(|request| request.path == "/quiet")
    );
}
