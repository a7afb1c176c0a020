//! Recipients' URLs in paths, which the gateway has decoded, cut or left alone.

use crate::answer::Ask;
use herald_local::world::stage::{ODD_RECIPIENT, RECIPIENTS, Stage};
use serde_json::json;

#[tokio::test]
async fn the_recipient_that_was_meant_is_removed_and_no_other() {
    for (case, removed) in [
        ("by-query", "https://hooks.example.com/a?x=1"),
        ("cut", "https://hooks.example.com/cut?x=1"),
        ("decoded", "https://hooks.example.com/a"),
        ("dots", "https://hooks.example.com/a/../b/./c//d/"),
        ("encoded", "https://hooks.example.com/a?x=1"),
        ("odd", ODD_RECIPIENT),
        ("space", "https://hooks.example.com/a%20b"),
    ] {
        let stage = Stage::set().await;
        stage.policy(1, &RECIPIENTS).await;
        let case = format!("remove-recipient-{case}");
        let answer = stage.sample(&case).await;
        assert_eq!(answer.status, 200, "{case}: {answer}");
        let left: Vec<_> = RECIPIENTS
            .into_iter()
            .filter(|url| *url != removed)
            .collect();
        assert_eq!(answer.body["recipients"], json!(left), "{case}");
        assert_eq!(answer.headers["sequence-version"], "2024-07-30");
    }
}

#[tokio::test]
async fn a_cut_url_that_fits_several_recipients_removes_none() {
    let stage = Stage::set().await;
    let urls = ["1", "2"].map(|x| format!("https://hooks.example.com/cut?x={x}"));
    stage.policy(1, &urls.each_ref().map(String::as_str)).await;
    let answer = stage.sample("remove-recipient-cut").await;
    let error = "fits several recipients; name it in the query, as ?recipient=";
    assert_eq!(
        (answer.status.as_u16(), &answer.body),
        (
            400,
            &json!({ "errors": [{ "key": "recipient", "error": error }] })
        )
    );
}

#[tokio::test]
async fn the_last_recipient_stays() {
    let stage = Stage::set().await;
    stage.policy(1, &["https://hooks.example.com/a"]).await;
    let answer = stage.sample("remove-recipient-decoded").await;
    let error = "cannot be removed: it is the policy's last recipient";
    assert_eq!(
        (answer.status.as_u16(), &answer.body),
        (
            400,
            &json!({ "errors": [{ "key": "recipient", "error": error }] })
        )
    );
}
