//! What the tests write mails of.

use super::{Content, Envelope};
use jiff::Timestamp;

const DATA: &str = r#"{"invoiceNumber":"2026-0117","customer":{"id":"cus_81","name":"Käthe Møller GmbH","address":{"city":"Zürich"}},"currency":"EUR","netTotal":"1200.00","vatRate":0.190,"grossTotal":1428.00,"dueDate":"2026-12-21","isPaid":false,"memo":null,"lineItems":[{"a":1},{"a":2},{"a":3}],"paymentUrl":"https://pay.example.com/i/2026-0117"}"#;

pub(super) fn plain() -> Content<'static> {
    Content {
        brand: "Acme Billing",
        account: "Northwind Traders",
        policy_name: "Invoices to accounting",
        event_type: "INVOICE_ISSUED",
        event_id: "evt_0001k3v9q2m8d7f6",
        resource_type: Some("InvoiceResponse"),
        resource_id: Some("inv_1"),
        data: Some(DATA),
        occurred_at: "2026-11-21T16:45:12Z".parse().expect("a timestamp"),
        contact: Some("ops@northwind.example"),
        unsubscribe_url: "https://notify.acme.example/unsubscribe/eyJhbGciOiJub25lIn0.c29tZXRva2Vu",
        is_test: false,
    }
}

pub(super) fn envelope() -> Envelope<'static> {
    let sent_at: Timestamp = "2026-11-21T16:45:30Z".parse().expect("a timestamp");
    Envelope {
        from: "notifications@acme.example",
        reply_to: None,
        to: "jane@example.com",
        delivery_id: "dlv_0cr5ib8q1k3v9q2m8d7f6h4j2l0n9p8r",
        sent_at,
    }
}

/// What somebody could send who means harm, or does not care.
pub(super) fn nasty_data() -> String {
    let mut members = vec![
        r#""html":"<b>bold</b><script>alert(1)</script><img src=x onerror=alert(1)>""#.to_owned(),
        r#""entity":"&lt;b&gt; &amp; \"quoted\" 'single'""#.to_owned(),
        "\"override\":\"invoice\u{202E}fdp.exe\"".to_owned(),
        r#""hebrew":"שלום עולם 123, (abc)""#.to_owned(),
        r#""عنوان":"مرحبا 45 EUR""#.to_owned(),
        r#""url":"https://evil.example/login?next=1""#.to_owned(),
        r#""zeroWidth":"pay\u200bpal \u0000\u001b[31m","emoji":"👩‍🚀 🎉 ❤️""#.to_owned(),
        format!("\"longWord\":\"{}\"", "Donaudampfschifffahrt".repeat(30)),
        format!("\"{}\":\"long key\"", "veryLongKeyName".repeat(10)),
        r#""lines":"one\ntwo\nUnsubscribe: https://evil.example/""#.to_owned(),
        r#""nested":{"deep":{"a":1},"list":[1,2],"name":"Zoë","none":null}"#.to_owned(),
        "\"zalgo\":\"Z\u{335}\u{321}\u{353}\u{34A}\u{30B}a\u{334}\u{348}\u{358}l\u{336}\u{31E}g\u{337}o\"".to_owned(),
    ];
    members.extend((1..=40).map(|n| format!("\"field{n}\":{n}.50")));
    format!("{{{}}}", members.join(","))
}
