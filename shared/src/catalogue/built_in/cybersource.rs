//! CyberSource's invoicing events (its webhook guide, product `customerInvoicing`).

use super::Interface;
use crate::dialect::Dialect;

const INVOICE: &str = r#"{"invoiceNumber":"1001","currency":"USD","balanceAmount":"120.00","dueDate":"2026-02-05","payerName":"Jo Doe"}"#;
const PARTIAL_PAYMENT: &str = r#"{"invoiceNumber":"1001","currency":"USD","balanceAmount":"70.00","dueDate":"2026-02-05","payerName":"Jo Doe"}"#;

/// The interface.
pub(super) const INTERFACE: Interface = Interface {
    dialects: &[Dialect::Herald, Dialect::Cybersource],
    product: Some("customerInvoicing"),
    types: &[
        (
            "invoicing.customer.invoice.send",
            "An invoice was sent to a customer",
            INVOICE,
        ),
        (
            "invoicing.customer.invoice.cancel",
            "An invoice was cancelled",
            INVOICE,
        ),
        (
            "invoicing.customer.invoice.paid",
            "An invoice was paid",
            INVOICE,
        ),
        (
            "invoicing.customer.invoice.partial-payment",
            "A part of an invoice was paid",
            PARTIAL_PAYMENT,
        ),
        (
            "invoicing.customer.invoice.partial-resend",
            "An invoice was sent again after a part of it was paid",
            PARTIAL_PAYMENT,
        ),
        (
            "invoicing.customer.invoice.reminder",
            "An invoice is due in five days",
            INVOICE,
        ),
        (
            "invoicing.customer.invoice.overdue-reminder",
            "An invoice was due a day ago",
            INVOICE,
        ),
    ],
};
