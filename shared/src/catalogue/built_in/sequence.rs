//! Sequence's notification types, version 2024-07-30; the three of mid-2026 last.

use super::Interface;
use crate::dialect::Dialect;

const CUSTOMER: &str = r#"{"id":"cus_1","legalName":"Acme Ltd","currency":"GBP"}"#;
const INVOICE: &str = r#"{"id":"inv_1","invoiceNumber":"INV-1","total":"120.00","currency":"GBP","dueDate":"2026-02-05"}"#;
const INTEGRATION: &str = r#"{"id":"int_1","service":"Xero","state":"COMPLETED"}"#;
const MERCHANT: &str = r#"{"id":"mer_1","name":"Acme Ltd"}"#;
const BILLING_SCHEDULE: &str = r#"{"id":"bs_1","customerId":"cus_1","startDate":"2026-01-05"}"#;
const CREDIT_NOTE: &str =
    r#"{"id":"cn_1","creditNoteNumber":"CN-1","total":"20.00","currency":"GBP"}"#;
const QUOTE: &str = r#"{"id":"quo_1","quoteNumber":"Q-1","customerId":"cus_1"}"#;
const TASK: &str = r#"{"id":"task_1","title":"Check the invoice","assignee":"Jo"}"#;

/// The interface.
pub(super) const INTERFACE: Interface = Interface {
    dialects: &[Dialect::Herald, Dialect::Sequence],
    product: None,
    types: &[
        ("CUSTOMER_CREATED", "A customer was created", CUSTOMER),
        ("CUSTOMER_UPDATED", "A customer was changed", CUSTOMER),
        ("CUSTOMER_ARCHIVED", "A customer was archived", CUSTOMER),
        ("INVOICE_CREATED", "An invoice was drafted", INVOICE),
        ("INVOICE_ISSUED", "An invoice was issued", INVOICE),
        ("INVOICE_UPDATED", "An invoice was changed", INVOICE),
        (
            "INTEGRATION_SYNC_COMPLETED",
            "An integration was brought up to date",
            INTEGRATION,
        ),
        (
            "INTEGRATION_WEBHOOK_HANDLED",
            "A webhook of an integration was handled",
            INTEGRATION,
        ),
        (
            "MERCHANT_UPDATED",
            "The merchant's own record was changed",
            MERCHANT,
        ),
        (
            "BILLING_SCHEDULE_CREATED",
            "A billing schedule was created",
            BILLING_SCHEDULE,
        ),
        (
            "BILLING_SCHEDULE_UPDATED",
            "A billing schedule was changed",
            BILLING_SCHEDULE,
        ),
        (
            "BILLING_SCHEDULE_ARCHIVED",
            "A billing schedule was archived",
            BILLING_SCHEDULE,
        ),
        (
            "CREDIT_NOTE_CREATED",
            "A credit note was drafted",
            CREDIT_NOTE,
        ),
        (
            "CREDIT_NOTE_UPDATED",
            "A credit note was changed",
            CREDIT_NOTE,
        ),
        (
            "CREDIT_NOTE_ISSUED",
            "A credit note was issued",
            CREDIT_NOTE,
        ),
        ("QUOTE_PUBLISHED", "A quote was published", QUOTE),
        ("QUOTE_ACCEPTED", "A quote was accepted", QUOTE),
        ("QUOTE_SIGNED", "A quote was signed", QUOTE),
        (
            "INVOICE_REMINDER_SENT",
            "A reminder of an invoice was sent",
            INVOICE,
        ),
        (
            "WATCHTOWER_TASK_ASSIGNED",
            "A task was assigned to somebody",
            TASK,
        ),
    ],
};
