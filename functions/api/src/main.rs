//! The HTTP API as a Lambda function behind API Gateway.

use herald::{
    aws::Aws, clock::SystemClock, destination::DestinationRules, queue::QueueName,
    random::SystemRandom,
};
use herald_api::{Api, gateway, router};
use lambda_http::{Error, lambda_runtime::run, service_fn, tracing};
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let aws = Aws::load().await;
    let store = aws.store()?;
    let router = router(Api {
        vault: aws.vault(&store)?,
        store,
        queue: aws.queue(&QueueName::ALL)?,
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
        rules: DestinationRules::strict(),
    });
    run(service_fn(async |event| {
        gateway::answer(&router, event).await
    }))
    .await
}
