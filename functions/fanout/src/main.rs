//! The fan-out as a Lambda function: reads the events queue.

use herald::aws::Aws;
use herald_fanout::Fanout;
use lambda_runtime::{Error, LambdaEvent, run, service_fn, tracing};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let fanout = Fanout::on_aws(&Aws::load("herald-fanout").await)?;
    let handler = async |event: LambdaEvent<_>| Ok::<_, Error>(fanout.handle(event.payload).await);
    run(service_fn(handler)).await
}
