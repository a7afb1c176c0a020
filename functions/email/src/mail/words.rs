//! Names that programs gave, as people write them.

/// Words that are written in capitals.
const INITIALISMS: [&str; 20] = [
    "api", "bic", "csv", "html", "http", "https", "iban", "id", "ip", "json", "pdf", "sepa", "sku",
    "sms", "uri", "url", "utc", "uuid", "vat", "xml",
];

/// What stands between the words of a name.
const SEPARATORS: [char; 5] = ['_', '.', ':', '-', ' '];

/// How many letters capitals in a name have at most to be an abbreviation, not a word.
const LONGEST_ABBREVIATION: usize = 4;

/// A name such as `INVOICE_ISSUED`, `order.received` or `customerId` in sentence case: "Invoice
/// issued", "Order received", "Customer ID". What is not made of ASCII letters, digits and
/// separators stays as it is.
pub(super) fn readable(name: &str) -> String {
    let is_name = |c: char| c.is_ascii_alphanumeric() || SEPARATORS.contains(&c);
    let words = if name.chars().all(is_name) {
        words(name)
    } else {
        Vec::new()
    };
    // Where all is in capitals, they tell nothing about a single word.
    let is_mixed = name.contains(|c: char| c.is_ascii_lowercase());
    let mut sentence = String::with_capacity(name.len() + words.len());
    for word in &words {
        if !sentence.is_empty() {
            sentence.push(' ');
        }
        let starts = sentence.is_empty();
        sentence.push_str(&spelled(word, is_mixed));
        if starts {
            sentence[..1].make_ascii_uppercase();
        }
    }
    if sentence.is_empty() {
        name.to_owned()
    } else {
        sentence
    }
}

/// The words of an ASCII name.
fn words(name: &str) -> Vec<&str> {
    name.split(SEPARATORS)
        .flat_map(humps)
        .filter(|word| !word.is_empty())
        .collect()
}

/// Takes `camelCase` and `HTTPServer` apart. The plural `IDs` is one word.
fn humps(word: &str) -> Vec<&str> {
    let bytes = word.as_bytes();
    let (mut humps, mut start) = (Vec::new(), 0);
    let is_lower = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_lowercase);
    for at in 1..bytes.len() {
        let after_lower = !bytes[at - 1].is_ascii_uppercase();
        let before_word = is_lower(at + 1) && is_lower(at + 2);
        if bytes[at].is_ascii_uppercase() && (after_lower || before_word) {
            humps.push(&word[start..at]);
            start = at;
        }
    }
    humps.push(&word[start..]);
    humps
}

fn spelled(word: &str, is_mixed: bool) -> String {
    let lower = word.to_ascii_lowercase();
    if INITIALISMS.contains(&lower.as_str()) {
        return lower.to_ascii_uppercase();
    }
    if let Some(one) = lower.strip_suffix('s')
        && INITIALISMS.contains(&one)
    {
        return one.to_ascii_uppercase() + "s";
    }
    let is_capitals = word.bytes().all(|c| c.is_ascii_uppercase());
    if is_mixed && is_capitals && (2..=LONGEST_ABBREVIATION).contains(&word.len()) {
        return word.to_owned();
    }
    lower
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_sentences() {
        for (name, sentence) in [
            ("INVOICE_ISSUED", "Invoice issued"),
            (
                "invoicing.customer.invoice.paid",
                "Invoicing customer invoice paid",
            ),
            ("order.received", "Order received"),
            ("workflow:projects:created", "Workflow projects created"),
            ("partial-payment", "Partial payment"),
            ("camelCase", "Camel case"),
            ("InvoiceResponse", "Invoice response"),
            ("customerId", "Customer ID"),
            ("CUSTOMER_ID", "Customer ID"),
            ("customerIDs", "Customer IDs"),
            ("callback_urls", "Callback URLs"),
            ("HTTPServerError", "HTTP server error"),
            ("totalEUR", "Total EUR"),
            ("order.SHIPPED", "Order shipped"),
            ("v2.order", "V2 order"),
            ("line2Address", "Line2 address"),
            ("a", "A"),
            ("X", "X"),
            ("__x__", "X"),
            ("Total amount", "Total amount"),
        ] {
            assert_eq!(readable(name), sentence);
        }
    }

    #[test]
    fn what_is_no_name_stays() {
        for text in ["", "...", "Straße", "a/b", "$ref", "<b>", "日本語"] {
            assert_eq!(readable(text), text);
        }
    }
}
