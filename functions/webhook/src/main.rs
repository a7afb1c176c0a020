//! The sender of webhooks as a Lambda function: reads the webhook queue.

use herald::aws::Aws;
use herald_webhook::WebhookCarrier;
use lambda_runtime::{Error, LambdaEvent, run, service_fn, tracing};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let webhook = WebhookCarrier::on_aws(&Aws::load("herald-webhook").await)?;
    let handler =
        async |event: LambdaEvent<_>| Ok::<_, Error>(webhook.answer(event.payload).await?);
    run(service_fn(handler)).await
}
