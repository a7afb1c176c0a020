//! The mailbox that the local service brings along, at `/local/mail`: it shows the mails that
//! were written, and says in the place of SES that one came back or was unwanted.

mod news;
mod page;
mod parsed_mail;
mod standing;

use crate::{
    mail::{KeptMail, MailFolder},
    pages,
    service::Parts,
};
use axum::{
    Json, Router,
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use herald::queue::{Outgoing, Queue, QueueName};
use http::{HeaderMap, StatusCode, header::CONTENT_TYPE};
use news::News;
use parsed_mail::ParsedMail;
use serde::Serialize;
use standing::Standing;
use std::time::Duration;

/// The path of the mailbox.
pub const PATH: &str = "/local/mail";

/// Mails that are shown, the newest ones.
const SHOWN: usize = 100;

#[derive(Clone, Debug)]
struct Mailbox {
    mails: MailFolder,
    parts: Parts,
}

/// A mail, and what became of it.
#[derive(Debug, Serialize)]
struct Opened {
    #[serde(flatten)]
    parsed: ParsedMail,
    #[serde(flatten)]
    standing: Option<Standing>,
}

/// Why there is nothing to show.
enum Refusal {
    /// There is no such mail.
    NotFound,
    /// Nobody can say what became of it.
    Foreign,
    /// A file or a queue failed.
    Broken(anyhow::Error),
}

/// The routes of the mailbox.
///
/// * `mails`: what it shows.
pub fn routes(mails: MailFolder, parts: Parts) -> Router {
    Router::new()
        .route(PATH, get(list))
        .route(&format!("{PATH}/{{file}}"), get(show))
        .route(&format!("{PATH}/{{file}}/raw"), get(download))
        .route(&format!("{PATH}/{{file}}/{{news}}"), post(tell))
        .with_state(Mailbox { mails, parts })
}

/// Shows the newest mails: as a page to browsers, else as JSON.
async fn list(State(mailbox): State<Mailbox>, headers: HeaderMap) -> Result<Response, Refusal> {
    pages::settle(&mailbox.parts.queue).await;
    let mails = mailbox.mails.newest(SHOWN)?;
    let mails: Vec<_> = mails.iter().map(ParsedMail::read).collect();
    Ok(if pages::is_wanted(&headers) {
        page::list(&mails)
    } else {
        Json(mails).into_response()
    })
}

/// Shows a mail, and what Herald knows of its delivery.
async fn show(
    State(mailbox): State<Mailbox>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    pages::settle(&mailbox.parts.queue).await;
    let mail = mailbox.find(&file)?;
    let standing = match mail.known() {
        Some(tags) => Standing::find(&mailbox.parts.store, &tags).await?,
        None => None,
    };
    let parsed = ParsedMail::read(&mail);
    let opened = Opened { parsed, standing };
    Ok(if pages::is_wanted(&headers) {
        page::one(&opened)
    } else {
        Json(opened).into_response()
    })
}

/// The file as it is.
async fn download(
    State(mailbox): State<Mailbox>,
    Path(file): Path<String>,
) -> Result<Response, Refusal> {
    let KeptMail { name, raw, .. } = mailbox.find(&file)?;
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [
        (CONTENT_TYPE, "message/rfc822".to_owned()),
        (http::header::CONTENT_DISPOSITION, disposition),
    ];
    Ok(pages::guarded((headers, raw)))
}

/// Says of a mail what SES would say: a browser is led back to it, others are shown what was put
/// into the queue.
async fn tell(
    State(mailbox): State<Mailbox>,
    Path((file, news)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let news: News = news.parse().map_err(|_| Refusal::NotFound)?;
    let mail = mailbox.find(&file)?;
    if mail.known().is_none() {
        return Err(Refusal::Foreign);
    }
    let notification = news.notification(&mail, mailbox.parts.clock.now());
    let message = Outgoing {
        body: notification.to_string(),
        delay: Duration::ZERO,
        group: None,
    };
    let queue = &mailbox.parts.queue;
    queue.send(QueueName::Feedback, vec![message]).await?;
    Ok(if pages::is_wanted(&headers) {
        Redirect::to(&format!("{PATH}/{}", mail.name)).into_response()
    } else {
        (StatusCode::ACCEPTED, Json(notification)).into_response()
    })
}

impl Mailbox {
    fn find(&self, file: &str) -> Result<KeptMail, Refusal> {
        let name = file.parse().map_err(|_| Refusal::NotFound)?;
        self.mails.read(&name)?.ok_or(Refusal::NotFound)
    }
}

impl<E: Into<anyhow::Error>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self::Broken(error.into())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, text) = match self {
            Self::NotFound => (StatusCode::NOT_FOUND, "there is no such mail".to_owned()),
            Self::Foreign => {
                let text = "the file with the mail's tags is missing: Herald did not write it";
                (StatusCode::CONFLICT, text.to_owned())
            }
            Self::Broken(error) => {
                let error = format!("{error:#}");
                tracing::error!(error, "the mailbox failed");
                (StatusCode::INTERNAL_SERVER_ERROR, error)
            }
        };
        (status, text + "\n").into_response()
    }
}
