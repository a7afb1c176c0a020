//! How many requests a credential makes in a second, counted in this process alone: each instance
//! of the function counts for itself, because a row for every request would double what a request
//! costs. It keeps one client from filling an instance, and is no promise about all of them.

use ::herald::credential::CredentialId;
use jiff::Timestamp;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

/// Requests that were counted in the present second.
#[derive(Clone, Debug, Default)]
pub struct RateLimit(Arc<Mutex<Second>>);

#[derive(Debug, Default)]
struct Second {
    /// Which one, since 1970.
    number: i64,
    requests: HashMap<CredentialId, u32>,
}

impl RateLimit {
    /// Counts a request, unless its credential made as many as it may in this second already.
    pub(crate) fn admits(&self, credential: &CredentialId, most: u32, now: Timestamp) -> bool {
        let mut second = self.0.lock().expect("no holder of this lock panics");
        if second.number != now.as_second() {
            second.number = now.as_second();
            // Nothing outlives its second, so the map holds no more than that can bring.
            second.requests.clear();
        }
        let count = second.requests.entry(credential.clone()).or_default();
        let admitted = *count < most;
        *count += u32::from(admitted);
        admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> CredentialId {
        text.parse().expect("an id")
    }

    fn milli(milli: i64) -> Timestamp {
        Timestamp::from_millisecond(milli).expect("an instant")
    }

    #[test]
    fn a_credential_has_its_requests_anew_each_second() {
        let limit = RateLimit::default();
        let admitted = |at| limit.admits(&id("a"), 2, milli(at));
        assert!(admitted(1_000) && admitted(1_999));
        assert!(!admitted(1_999));
        assert!(admitted(2_000) && admitted(2_000));
        assert!(!admitted(2_500));
    }

    #[test]
    fn a_credential_takes_nothing_from_another() {
        let limit = RateLimit::default();
        assert!(limit.admits(&id("a"), 1, milli(0)));
        assert!(!limit.admits(&id("a"), 1, milli(0)));
        assert!(limit.admits(&id("b"), 1, milli(0)));
        let same = limit.clone();
        assert!(!same.admits(&id("b"), 1, milli(0)), "clones count together");
        assert!(limit.admits(&id("b"), 2, milli(0)));
    }
}
