//! What happens to Pulse's projects. Pulse publishes no names; its open framework calls events by
//! service, table and verb, and so do these. The operator adds others.

use super::Interface;
use crate::dialect::Dialect;

const PROJECT: &str = r#"{"id":7,"name":"Translations","status":"open"}"#;

/// The interface.
pub(super) const INTERFACE: Interface = Interface {
    dialects: &[Dialect::Herald, Dialect::Pulse],
    product: None,
    types: &[
        (
            "workflow:projects:created",
            "A project was created",
            PROJECT,
        ),
        (
            "workflow:projects:updated",
            "A project was changed",
            PROJECT,
        ),
        (
            "workflow:projects:deleted",
            "A project was deleted",
            PROJECT,
        ),
    ],
};
