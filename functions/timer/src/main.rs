//! The timer as a Lambda function: a schedule runs it every minute.

use aws_lambda_events::eventbridge::EventBridgeEvent;
use herald::aws::Aws;
use herald_timer::Timer;
use lambda_runtime::{Error, LambdaEvent, run, service_fn, tracing};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let timer = Timer::on_aws(&Aws::load("herald-timer").await)?;
    let handler = async |_: LambdaEvent<EventBridgeEvent>| timer.run().await.map_err(Error::from);
    run(service_fn(handler)).await
}
