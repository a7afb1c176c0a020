//! The answers to the samples of the catalogue and of the suppression list, in full.

use crate::answer::Ask;
use herald::suppression::Suppression;
use herald_local::world::stage::Stage;
use insta::assert_snapshot;

#[tokio::test]
async fn event_types_are_listed_by_name() {
    let stage = Stage::set().await;
    assert_snapshot!(stage.sample("event-types").await, @r#"
    200 OK
    content-type: application/json
    {
      "items": [
        {
          "builtIn": true,
          "description": "An order was paid",
          "dialects": [
            "herald",
            "lune"
          ],
          "example": {
            "order": {
              "id": "ord_1",
              "quantity": "1.5",
              "value": "30.00"
            }
          },
          "name": "order.paid",
          "product": null
        },
        {
          "builtIn": true,
          "description": "An order was placed",
          "dialects": [
            "herald",
            "lune"
          ],
          "example": {
            "order": {
              "id": "ord_1",
              "quantity": "1.5",
              "value": "30.00"
            }
          },
          "name": "order.placed",
          "product": null
        }
      ],
      "pagination": {}
    }
    "#);
}

#[tokio::test]
async fn an_event_type_is_shown_with_an_example() {
    let stage = Stage::set().await;
    assert_snapshot!(stage.sample("event-type").await, @r#"
    200 OK
    content-type: application/json
    {
      "builtIn": true,
      "description": "An invoice was issued",
      "dialects": [
        "herald",
        "sequence"
      ],
      "example": {
        "currency": "GBP",
        "dueDate": "2026-02-05",
        "id": "inv_1",
        "invoiceNumber": "INV-1",
        "total": "120.00"
      },
      "name": "INVOICE_ISSUED",
      "product": null
    }
    "#);
}

#[tokio::test]
async fn the_operator_keeps_an_event_type_of_their_own() {
    let stage = Stage::set().await;
    assert_snapshot!(stage.sample("keep-event-type").await, @r#"
    200 OK
    content-type: application/json
    {
      "builtIn": false,
      "description": "A subscription was paused",
      "dialects": [
        "herald"
      ],
      "example": {
        "subscription": {
          "id": "sub_1"
        }
      },
      "name": "subscription.paused",
      "product": "subscriptions"
    }
    "#);
}

#[tokio::test]
async fn a_built_in_event_type_stays_as_it_is() {
    let stage = Stage::set().await;
    assert_snapshot!(stage.sample("keep-built-in-event-type").await, @r#"
    409 Conflict
    content-type: application/problem+json
    {
      "detail": "INVOICE_ISSUED is built in, and stays as it is",
      "status": 409,
      "title": "Conflict",
      "type": "about:blank"
    }
    "#);
}

#[tokio::test]
async fn suppressions_are_listed_and_a_decoded_address_is_taken_off() {
    let stage = Stage::set().await;
    let unknown = stage.sample("lift-unknown-suppression").await;
    assert_snapshot!(unknown, @r#"
    404 Not Found
    content-type: application/problem+json
    {
      "detail": "the address is not on the list",
      "status": 404,
      "title": "Not Found",
      "type": "about:blank"
    }
    "#);
    let entry = Suppression {
        address: "a/b@example.com".parse().expect("an address"),
        since: stage.world.service.parts.clock.now(),
        error: "550 no such mailbox".to_owned(),
    };
    let kept = stage
        .world
        .service
        .parts
        .store
        .suppress(stage.tenant, &entry)
        .await;
    kept.expect("the store");
    assert_snapshot!(stage.sample("suppressions").await, @r#"
    200 OK
    content-type: application/json
    {
      "items": [
        {
          "address": "a/b@example.com",
          "error": "550 no such mailbox",
          "reason": "bounced",
          "since": "2026-01-05T10:00:00Z"
        }
      ],
      "pagination": {}
    }
    "#);
    assert_eq!(stage.sample("lift-unknown-suppression").await.status, 204);
}
