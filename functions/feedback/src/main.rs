//! What becomes of mails later, as a Lambda function: reads the feedback queue.

use herald::aws::Aws;
use herald_feedback::Feedback;
use lambda_runtime::{Error, LambdaEvent, run, service_fn, tracing};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let feedback = Feedback::on_aws(&Aws::load("herald-feedback").await)?;
    let handler =
        async |event: LambdaEvent<_>| Ok::<_, Error>(feedback.handle(event.payload).await);
    run(service_fn(handler)).await
}
