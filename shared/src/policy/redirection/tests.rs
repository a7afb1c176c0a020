use super::*;
use crate::{
    policy::{
        PolicyDraft,
        samples::{self, Counting, second, url},
    },
    recipient::SuspensionReason,
};

/// A policy of second 0 with these recipients.
fn policy(paths: &[&str]) -> Policy {
    let draft = PolicyDraft {
        ordered: true,
        ..samples::draft(paths.iter().map(|path| url(path).into()).collect())
    };
    samples::policy(draft, &Counting::default())
}

const A: &str = "a";
const B: &str = "b";

#[test]
fn a_recipient_that_moves_keeps_its_id() {
    let before = policy(&[A]);
    let id = before.recipients[0].id.clone();
    let after = before.redirect_recipient(&id, &url(B), second(9));
    let after = after.expect("a place to go");
    assert_eq!(after.recipient(&id).map(|it| &it.target), Some(&url(B)));
    assert_eq!((after.version, after.updated_at), (2, second(9)));
}

#[test]
fn a_suspended_recipient_hears_again_wherever_it_is() {
    for target in [A, B] {
        let before = policy(&[A]);
        let id = before.recipients[0].id.clone();
        let gone = before.suspend_recipient(&id, SuspensionReason::Gone, second(1));
        let after = gone.redirect_recipient(&id, &url(target), second(2));
        let after = after.expect("a place to go");
        assert!(after.recipients[0].is_active(), "{target}");
        assert_eq!(after.version, 3);
    }
}

#[test]
fn a_recipient_that_is_there_already_is_no_change() {
    let before = policy(&[A]);
    let id = before.recipients[0].id.clone();
    let after = before.clone().redirect_recipient(&id, &url(A), second(9));
    assert_eq!(after, Ok(before.clone()));
    let nobody = RecipientId::from_bytes([9; 8]);
    let after = before
        .clone()
        .redirect_recipient(&nobody, &url(B), second(9));
    assert_eq!(after, Ok(before));
}

#[test]
fn two_recipients_are_never_at_one_target() {
    let before = policy(&[A, B]);
    let id = before.recipients[0].id.clone();
    assert!(before.redirect_recipient(&id, &url(B), second(9)).is_err());
}
