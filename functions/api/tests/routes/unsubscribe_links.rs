//! Links that lead nowhere: forged, cut, of another version, or to what is gone.

use crate::{
    own_policies::{own, path},
    own_policy_changes::change,
    unsubscribe::{mail_policy, page, token_of},
};
use data_encoding::BASE64URL_NOPAD;
use herald::tenant::{Mode, Tenant};
use herald_local::world::World;
use http::Method;
use serde_json::{Value, json};

/// Asserts that links lead nowhere, by either method, and that a policy stays as it is.
async fn assert_dead(world: &World, policy: &Value, tokens: impl IntoIterator<Item = String>) {
    for token in tokens {
        for method in [Method::GET, Method::POST] {
            let page = page(world, method, &token).await;
            assert_eq!(page.status, 404, "{token:.80}");
            assert_eq!(page.headers["cache-control"], "no-store");
            assert!(
                page.text.contains("This link is not valid"),
                "{}",
                page.text
            );
            assert!(!page.text.contains("Ledger") && !page.text.contains("example.com"));
        }
    }
    assert_eq!(world.get(&path(policy)).await, *policy);
}

#[tokio::test]
async fn a_token_that_is_cut_or_changed_anywhere_leads_nowhere() {
    let world = World::new().await;
    let policy = mail_policy(&world, "Ledger").await;
    let token = token_of(&world, world.tenant, &policy).await;
    let cut = (1..token.len()).map(|end| token[..end].to_owned());
    let late = (1..token.len()).map(|start| token[start..].to_owned());
    let changed = (0..token.len()).map(|at| {
        let other = if &token[at..=at] == "A" { "B" } else { "A" };
        format!("{}{other}{}", &token[..at], &token[at + 1..])
    });
    let longer = [
        format!("{token}A"),
        format!("{token}."),
        format!("A{token}"),
        format!("{token}="),
        format!("{token}%20"),
    ];
    assert_dead(
        &world,
        &policy,
        cut.chain(late).chain(changed).chain(longer),
    )
    .await;
}

#[tokio::test]
async fn a_token_of_other_parts_or_another_version_leads_nowhere() {
    let world = World::new().await;
    let policy = mail_policy(&world, "Ledger").await;
    let other = mail_policy(&world, "Other").await;
    let token = token_of(&world, world.tenant, &policy).await;
    let foreign = token_of(&world, world.tenant, &other).await;
    let parts: Vec<_> = token.split('.').collect();
    let [version, named, signature] = parts[..] else {
        panic!("three parts: {token}");
    };
    let (_, foreign) = foreign.rsplit_once('.').expect("a signature");
    let vault = &world.service.parts.vault;
    let sign = async |purpose: &str, text: &str| {
        let made = vault.sign(purpose, text).await.expect("a signature");
        BASE64URL_NOPAD.encode(&made)
    };
    let short = BASE64URL_NOPAD.encode(b"short");
    let tokens = [
        format!("{version}.{named}.{foreign}"),
        format!("2.{named}.{signature}"),
        format!(
            "2.{named}.{}",
            sign("unsubscribe", &format!("2.{named}")).await
        ),
        format!("{named}.{}", sign("unsubscribe", named).await),
        format!(
            "1.{named}.{}",
            sign("something-else", &format!("1.{named}")).await
        ),
        format!(
            "1.{short}.{}",
            sign("unsubscribe", &format!("1.{short}")).await
        ),
        format!("1..{}", sign("unsubscribe", "1.").await),
        format!("1.%ff.{}", sign("unsubscribe", "1.\u{ff}").await),
        format!("{version}.{named}."),
        format!("{version}.{named}"),
        format!(".{named}.{signature}"),
        token.to_uppercase(),
    ];
    assert_dead(&world, &policy, tokens).await;
    assert_eq!(page(&world, Method::GET, &token).await.status, 200);
}

#[tokio::test]
async fn odd_tokens_lead_nowhere() {
    let world = World::new().await;
    let policy = mail_policy(&world, "Ledger").await;
    let tokens = [
        ".",
        "..",
        "1.2.3",
        "%",
        "%ff",
        "%00",
        "%0D%0A",
        "null",
        "{token}",
        "ü",
        "1.%2F.%2F",
    ];
    let long = "x".repeat(20_000);
    let tokens = tokens
        .into_iter()
        .chain([long.as_str()])
        .filter(|token| !token.contains('ü') && !token.contains('{'));
    assert_dead(&world, &policy, tokens.map(str::to_owned)).await;
    for token in ["", "a/b"] {
        let page = page(&world, Method::POST, token).await;
        assert_eq!(page.status, 404);
        assert_eq!(page.headers["content-type"], "application/problem+json");
    }
}

#[tokio::test]
async fn a_token_of_one_tenant_touches_no_other() {
    let world = World::new().await;
    let policy = mail_policy(&world, "Ledger").await;
    let mut tokens = Vec::new();
    let test = Tenant {
        mode: Mode::Test,
        ..world.tenant
    };
    let body = json!({ "name": "B", "parentId": world.tenant.account });
    let below = crate::accounts::made(&world, body).await;
    let account = below["id"]
        .as_str()
        .and_then(|id| id.parse().ok())
        .expect("an id");
    for owner in [
        test,
        Tenant {
            account,
            ..world.tenant
        },
    ] {
        tokens.push(token_of(&world, owner, &policy).await);
    }
    assert_dead(&world, &policy, tokens).await;
}

#[tokio::test]
async fn what_is_gone_is_told_like_what_never_was() {
    let world = World::new().await;
    let policy = mail_policy(&world, "Ledger").await;
    let token = token_of(&world, world.tenant, &policy).await;
    let without = change(
        &world,
        &policy,
        json!({ "recipients": ["joe@example.com"] }),
    )
    .await
    .json;
    assert_dead(&world, &without, [token.clone()]).await;
    let body = json!({ "recipients": ["jane@example.com", "joe@example.com"] });
    let again = change(&world, &policy, body).await.json;
    assert_dead(&world, &again, [token]).await;
    let token = token_of(&world, world.tenant, &again).await;
    assert_eq!(page(&world, Method::GET, &token).await.status, 200);
    assert_eq!(
        world
            .call(Method::DELETE, &path(&policy), json!(null))
            .await
            .status,
        204
    );
    let kept = own(&world, json!({})).await;
    assert_dead(&world, &kept, [token]).await;
    world.settle().await;
}

#[tokio::test]
async fn the_links_of_an_account_that_is_being_erased_lead_nowhere() {
    let world = World::new().await;
    let account = json!({ "name": "A", "externalId": "acme", "parentId": world.tenant.account });
    let account = crate::accounts::made(&world, account).await;
    let body = json!({ "name": "P", "channel": "email", "recipients": ["jane@example.com"] });
    let request = World::request(Method::POST, crate::own_policies::OWN)
        .header("herald-account", "acme")
        .body(body.to_string().into());
    let policy = world.send(request.expect("a request")).await.json;
    let owner = Tenant {
        account: account["id"]
            .as_str()
            .and_then(|id| id.parse().ok())
            .expect("an id"),
        ..world.tenant
    };
    let token = token_of(&world, owner, &policy).await;
    assert_eq!(page(&world, Method::GET, &token).await.status, 200);
    let account = crate::accounts::path(&account);
    let deleted = world.operate(Method::DELETE, &account, json!(null)).await;
    assert_eq!(deleted.status, 202);
    for method in [Method::GET, Method::POST] {
        assert_eq!(page(&world, method, &token).await.status, 404);
    }
    world.settle().await;
    world.turn(herald::queue::MAX_DELAY).await;
}
