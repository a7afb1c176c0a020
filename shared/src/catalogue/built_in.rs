//! The types of the published interfaces, each interface in a module of its own.

mod cybersource;
mod lune;
mod pulse;
mod sequence;

use crate::dialect::Dialect;

/// A type that comes with Herald.
#[derive(Clone, Copy, Debug)]
pub struct BuiltIn {
    /// Its name.
    pub name: &'static str,
    /// The dialects that know it.
    pub dialects: &'static [Dialect],
    /// The product that it belongs to.
    pub product: Option<&'static str>,
    /// What has happened.
    pub description: &'static str,
    /// What its `data` may look like, as compact JSON.
    pub example: &'static str,
}

/// The types of one interface.
struct Interface {
    dialects: &'static [Dialect],
    product: Option<&'static str>,
    /// Name, description and example of each.
    types: &'static [(&'static str, &'static str, &'static str)],
}

const INTERFACES: [Interface; 4] = [
    sequence::INTERFACE,
    cybersource::INTERFACE,
    lune::INTERFACE,
    pulse::INTERFACE,
];

impl BuiltIn {
    /// Every one.
    pub fn all() -> impl Iterator<Item = Self> {
        INTERFACES.into_iter().flat_map(|interface| {
            let types = interface.types.iter();
            types.map(move |(name, description, example)| Self {
                name,
                dialects: interface.dialects,
                product: interface.product,
                description,
                example,
            })
        })
    }

    /// The one with a name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::all().find(|entry| entry.name == name)
    }

    /// Those that a dialect knows.
    pub fn of(dialect: Dialect) -> impl Iterator<Item = Self> {
        Self::all().filter(move |entry| entry.dialects.contains(&dialect))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEQUENCE: [&str; 20] = [
        "CUSTOMER_CREATED",
        "CUSTOMER_UPDATED",
        "CUSTOMER_ARCHIVED",
        "INVOICE_CREATED",
        "INVOICE_ISSUED",
        "INVOICE_UPDATED",
        "INTEGRATION_SYNC_COMPLETED",
        "INTEGRATION_WEBHOOK_HANDLED",
        "MERCHANT_UPDATED",
        "BILLING_SCHEDULE_CREATED",
        "BILLING_SCHEDULE_UPDATED",
        "BILLING_SCHEDULE_ARCHIVED",
        "CREDIT_NOTE_CREATED",
        "CREDIT_NOTE_UPDATED",
        "CREDIT_NOTE_ISSUED",
        "QUOTE_PUBLISHED",
        "QUOTE_ACCEPTED",
        "QUOTE_SIGNED",
        "INVOICE_REMINDER_SENT",
        "WATCHTOWER_TASK_ASSIGNED",
    ];
    const CYBERSOURCE: [&str; 7] = [
        "invoicing.customer.invoice.send",
        "invoicing.customer.invoice.cancel",
        "invoicing.customer.invoice.paid",
        "invoicing.customer.invoice.partial-payment",
        "invoicing.customer.invoice.partial-resend",
        "invoicing.customer.invoice.reminder",
        "invoicing.customer.invoice.overdue-reminder",
    ];
    const LUNE: [&str; 9] = [
        "order.received",
        "order.placed",
        "order.paid",
        "order.retiring",
        "order.cancelled",
        "order.failed",
        "order.completed",
        "allocation.new",
        "allocation.retired",
    ];
    const PULSE: [&str; 3] = [
        "workflow:projects:created",
        "workflow:projects:updated",
        "workflow:projects:deleted",
    ];

    #[test]
    fn each_dialect_knows_the_types_that_its_interface_publishes_and_heralds_own_all() {
        let all = [&SEQUENCE[..], &CYBERSOURCE, &LUNE, &PULSE].concat();
        for dialect in Dialect::ALL {
            let published = match dialect {
                Dialect::Herald => &all[..],
                Dialect::Sequence => &SEQUENCE,
                Dialect::Lune => &LUNE,
                Dialect::Cybersource => &CYBERSOURCE,
                Dialect::Pulse => &PULSE,
            };
            let known: Vec<_> = BuiltIn::of(dialect).map(|entry| entry.name).collect();
            assert_eq!(known, published, "{dialect}");
        }
    }
}
