//! Lune's order and allocation events (its API documentation, "Webhooks").

use super::BuiltIn;
use crate::dialect::Dialect;

const DIALECTS: &[Dialect] = &[Dialect::Herald];

const ORDER: &str = r#"{"order":{"id":"ord_1","quantity":"1.5","value":"30.00"}}"#;
const ALLOCATION: &str = r#"{"allocation":{"id":"all_1","order_id":"ord_1","project_id":"prj_1","quantity":"1.5","status":"new","created_at":"2026-01-05T10:00:00Z"}}"#;
const RETIRED: &str = r#"{"allocation":{"id":"all_1","order_id":"ord_1","project_id":"prj_1","quantity":"1.5","status":"retired","created_at":"2026-01-05T10:00:00Z"}}"#;

/// The types.
pub(super) const TYPES: &[BuiltIn] = &[
    entry("order.received", "An order was received", ORDER),
    entry("order.placed", "An order was placed", ORDER),
    entry("order.paid", "An order was paid", ORDER),
    entry(
        "order.retiring",
        "The credits of an order are being retired",
        ORDER,
    ),
    entry("order.cancelled", "An order was cancelled", ORDER),
    entry("order.failed", "An order failed", ORDER),
    entry("order.completed", "An order was completed", ORDER),
    entry(
        "allocation.new",
        "Credits were allocated to an order",
        ALLOCATION,
    ),
    entry(
        "allocation.retired",
        "Allocated credits were retired",
        RETIRED,
    ),
];

const fn entry(name: &'static str, description: &'static str, example: &'static str) -> BuiltIn {
    BuiltIn {
        name,
        dialects: DIALECTS,
        product: None,
        description,
        example,
    }
}
