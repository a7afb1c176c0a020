//! Lune's order and allocation events (its API documentation, "Webhooks").

use super::Interface;
use crate::dialect::Dialect;

const ORDER: &str = r#"{"order":{"id":"ord_1","quantity":"1.5","value":"30.00"}}"#;
const ALLOCATION: &str = r#"{"allocation":{"id":"all_1","order_id":"ord_1","project_id":"prj_1","quantity":"1.5","status":"new","created_at":"2026-01-05T10:00:00Z"}}"#;
const RETIRED: &str = r#"{"allocation":{"id":"all_1","order_id":"ord_1","project_id":"prj_1","quantity":"1.5","status":"retired","created_at":"2026-01-05T10:00:00Z"}}"#;

/// The interface.
pub(super) const INTERFACE: Interface = Interface {
    dialects: &[Dialect::Herald, Dialect::Lune],
    product: None,
    types: &[
        ("order.received", "An order was received", ORDER),
        ("order.placed", "An order was placed", ORDER),
        ("order.paid", "An order was paid", ORDER),
        (
            "order.retiring",
            "The credits of an order are being retired",
            ORDER,
        ),
        ("order.cancelled", "An order was cancelled", ORDER),
        ("order.failed", "An order failed", ORDER),
        ("order.completed", "An order was completed", ORDER),
        (
            "allocation.new",
            "Credits were allocated to an order",
            ALLOCATION,
        ),
        (
            "allocation.retired",
            "Allocated credits were retired",
            RETIRED,
        ),
    ],
};
