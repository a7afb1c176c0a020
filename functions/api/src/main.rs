//! The HTTP API as a Lambda function behind API Gateway.

use herald::aws::Aws;
use herald_api::{Api, gateway, router};
use lambda_http::{Error, lambda_runtime::run, service_fn, tracing};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let router = router(Api::on_aws(&Aws::load("herald-api").await)?);
    run(service_fn(async |event| {
        gateway::answer(&router, event).await
    }))
    .await
}
