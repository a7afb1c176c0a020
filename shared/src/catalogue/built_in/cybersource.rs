//! CyberSource's invoicing events (its webhook guide, product `customerInvoicing`).

use super::BuiltIn;
use crate::dialect::Dialect;

const DIALECTS: &[Dialect] = &[Dialect::Herald];

const INVOICE: &str = r#"{"invoiceNumber":"1001","currency":"USD","balanceAmount":"120.00","dueDate":"2026-02-05","payerName":"Jo Doe"}"#;
const PARTIAL_PAYMENT: &str = r#"{"invoiceNumber":"1001","currency":"USD","balanceAmount":"70.00","dueDate":"2026-02-05","payerName":"Jo Doe"}"#;

/// The types.
pub(super) const TYPES: &[BuiltIn] = &[
    entry(
        "invoicing.customer.invoice.send",
        "An invoice was sent to a customer",
        INVOICE,
    ),
    entry(
        "invoicing.customer.invoice.cancel",
        "An invoice was cancelled",
        INVOICE,
    ),
    entry(
        "invoicing.customer.invoice.paid",
        "An invoice was paid",
        INVOICE,
    ),
    entry(
        "invoicing.customer.invoice.partial-payment",
        "A part of an invoice was paid",
        PARTIAL_PAYMENT,
    ),
    entry(
        "invoicing.customer.invoice.partial-resend",
        "An invoice was sent again after a part of it was paid",
        PARTIAL_PAYMENT,
    ),
    entry(
        "invoicing.customer.invoice.reminder",
        "An invoice is due in five days",
        INVOICE,
    ),
    entry(
        "invoicing.customer.invoice.overdue-reminder",
        "An invoice was due a day ago",
        INVOICE,
    ),
];

const fn entry(name: &'static str, description: &'static str, example: &'static str) -> BuiltIn {
    BuiltIn {
        name,
        dialects: DIALECTS,
        product: Some("customerInvoicing"),
        description,
        example,
    }
}
