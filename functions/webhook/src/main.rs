//! The sender of webhooks as a Lambda function: reads the webhook queue.

use herald::{
    aws::Aws, clock::SystemClock, destination::DestinationRules, queue::QueueName,
    random::SystemRandom, settings,
};
use herald_webhook::{
    Webhook,
    client::{Client, SystemLookup},
};
use lambda_runtime::{Error, LambdaEvent, run, service_fn, tracing};
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let aws = Aws::load().await;
    let store = aws.store()?;
    let deadline = settings::webhook_timeout()?;
    let webhook = Webhook {
        vault: aws.vault(&store)?,
        store,
        queue: aws.queue(&[QueueName::Webhook])?,
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
        client: Client::new(DestinationRules::strict(), Arc::new(SystemLookup), deadline)?,
    };
    let handler = async |event: LambdaEvent<_>| Ok::<_, Error>(webhook.handle(event.payload).await);
    run(service_fn(handler)).await
}
