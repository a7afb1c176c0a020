//! Sets the stage of the samples on a deployed stack, for `just invoke`: writes the account, the
//! credential, the policies and the event that they presuppose. The environment is that of the
//! function `api`.

use herald::{aws::Aws, store::EventContext};
use herald_api::Api;
use herald_local::world::stage;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let api = Api::on_aws(&Aws::load("herald-stage").await)?;
    let tenant = stage::account(&api).await;
    stage::policy(&api, tenant, 1, &stage::RECIPIENTS).await;
    stage::lune_webhook(&api, tenant).await;
    stage::pulse_webhook(&api, tenant).await;
    // Whether it was recorded now or before is all the same.
    let _ = api
        .store
        .record_event(&stage::event(), &EventContext::default())
        .await?;
    Ok(())
}
