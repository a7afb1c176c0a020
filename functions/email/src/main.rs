//! The sender of e-mails as a Lambda function: reads the e-mail queue.

use herald::aws::Aws;
use herald_email::MailCarrier;
use lambda_runtime::{Error, LambdaEvent, run, service_fn, tracing};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let email = MailCarrier::on_aws(&Aws::load("herald-email").await)?;
    let handler = async |event: LambdaEvent<_>| Ok::<_, Error>(email.answer(event.payload).await?);
    run(service_fn(handler)).await
}
