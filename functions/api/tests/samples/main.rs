//! The samples `events/api.*.json` on the way that they take in Lambda: from the gateway's JSON
//! to a request, to the router's answer, and back to JSON.

mod answer;
mod answers;
mod cybersource;
mod gateway;
mod hostile;
mod hostile_lune;
mod hostile_own;
mod hostile_pulse;
mod lune;
mod lune_errors;
mod operator;
mod own_policies;
mod own_policy_errors;
mod pulse;
mod recipients;
mod unsubscribe;
mod vocabulary;

use answer::Ask;
use herald_local::world::{
    samples::answers,
    stage::{RECIPIENTS, Stage},
};

#[tokio::test]
async fn every_sample_is_answered() {
    for (case, expected) in answers("api") {
        let stage = Stage::set().await;
        stage.world.may_leave_messages();
        stage.policy(1, &RECIPIENTS).await;
        stage.lune_webhook().await;
        stage.pulse_webhook().await;
        let answer = stage.sample(&case).await;
        assert_eq!(
            expected["statusCode"],
            answer.status.as_u16(),
            "{case}: {answer}"
        );
    }
}
