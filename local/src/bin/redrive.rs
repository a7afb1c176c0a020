//! `just redrive <queue>`: moves a deployed queue's dead letters back to the queue, and says what
//! it moves. Which AWS account, and where, it learns as the `aws` command does.

use anyhow::{Error, Result};
use clap::Parser;
use herald::{
    aws::Aws,
    queue::{
        QueueName,
        redrive::{Letter, Redrive},
    },
};
use std::collections::HashSet;

/// Moves a deployed queue's dead letters back to the queue, and says what it moves.
#[derive(Debug, Parser)]
#[command(name = "redrive")]
struct Flags {
    /// The queue: `events` or `webhook`.
    #[arg(value_parser = queue)]
    queue: QueueName,
    /// The stack that it belongs to.
    #[arg(long, default_value = "herald")]
    stack: String,
    /// Say what would be moved, and move nothing.
    #[arg(long)]
    dry_run: bool,
}

fn queue(text: &str) -> Result<QueueName, String> {
    let known = QueueName::ALL
        .into_iter()
        .find(|name| name.as_str() == text);
    known.ok_or_else(|| {
        format!(
            "must be one of {}",
            QueueName::ALL.map(QueueName::as_str).join(", ")
        )
    })
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let flags = Flags::parse();
    let aws = Aws::load("herald-redrive").await;
    let redrive = Redrive::of_stack(aws.config(), &flags.stack, flags.queue)
        .await
        .map_err(Error::from_boxed)?;
    let count = redrive.count().await.map_err(Error::from_boxed)?;
    println!("{count} dead letters of {}-{}", flags.stack, flags.queue);
    let pass = pass(&redrive, flags.dry_run).await?;
    if flags.dry_run {
        println!("{} would be moved", pass.moved);
        return Ok(());
    }
    println!("{} were moved", pass.moved);
    if pass.left > 0 {
        println!(
            "{} came back, or were there twice, and were left",
            pass.left
        );
    }
    Ok(())
}

/// What became of the letters.
#[derive(Default)]
struct Pass {
    moved: usize,
    left: usize,
}

/// Moves every letter, once: one that still cannot be handled comes back as a new letter with the
/// same body.
async fn pass(redrive: &Redrive, dry_run: bool) -> Result<Pass> {
    let mut pass = Pass::default();
    let (mut ids, mut bodies) = (HashSet::new(), HashSet::new());
    let mut kept = Vec::new();
    loop {
        let mut letters = redrive.receive().await.map_err(Error::from_boxed)?;
        // One that is kept for long is seen again; then all were seen.
        letters.retain(|letter| ids.insert(letter.id.clone()));
        if letters.is_empty() {
            break;
        }
        for letter in letters {
            if !bodies.insert(letter.letter.body.clone()) {
                pass.left += 1;
                kept.push(letter);
                continue;
            }
            println!("{}", line(&letter));
            pass.moved += 1;
            if dry_run {
                kept.push(letter);
            } else {
                let moved = redrive.move_back(&letter).await;
                moved.map_err(Error::from_boxed)?;
            }
        }
    }
    for letter in &kept {
        // Where this fails it is visible again a minute after it was received.
        let _ = redrive.leave(letter).await;
    }
    Ok(pass)
}

/// A letter without its content, which is the customer's.
fn line(letter: &Letter) -> String {
    let reason = letter.letter.reason.as_deref();
    format!(
        "{} sent {}, {} bytes: {}",
        letter.id,
        letter.sent_at,
        letter.letter.body.len(),
        reason.unwrap_or("failed too often; the log says why"),
    )
}
