//! The fan-out as a Lambda function: reads the events queue.

use herald::{aws::Aws, clock::SystemClock, queue::QueueName};
use herald_fanout::Fanout;
use lambda_runtime::{Error, LambdaEvent, run, service_fn, tracing};
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let aws = Aws::load().await;
    let fanout = Fanout {
        store: aws.store()?,
        queue: aws.queue(&QueueName::ALL)?,
        clock: Arc::new(SystemClock),
    };
    let handler = async |event: LambdaEvent<_>| Ok::<_, Error>(fanout.handle(event.payload).await);
    run(service_fn(handler)).await
}
