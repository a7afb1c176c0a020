//! `just redrive <queue>`: moves a deployed queue's dead letters back to the queue, and says what
//! it moves. Which AWS account, and where, it learns as the `aws` command does.

use anyhow::{Error, Result};
use clap::Parser;
use herald::{
    aws::Aws,
    queue::{
        QueueName, Reason,
        redrive::{Letter, Redrive},
    },
};
use std::collections::HashSet;

/// Moves a deployed queue's dead letters back to the queue, and says what it moves.
#[derive(Debug, Parser)]
#[command(name = "redrive")]
struct Flags {
    /// The queue: `events`, `webhook`, `email` or `feedback`.
    queue: QueueName,
    /// The stack that it belongs to.
    #[arg(long, default_value = "herald")]
    stack: String,
    /// Say what would be moved, and move nothing.
    #[arg(long)]
    dry_run: bool,
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
    let pass = redrive_all(&redrive, flags.dry_run).await?;
    let verb = if flags.dry_run { "would be" } else { "were" };
    println!("{} {verb} moved", pass.moved());
    if pass.left() > 0 {
        let left = pass.left();
        println!("{left} came back, or are there twice, and were left");
    }
    Ok(())
}

/// Moves every letter, once.
async fn redrive_all(redrive: &Redrive, dry_run: bool) -> Result<Pass> {
    let mut pass = Pass::default();
    let mut kept = Vec::new();
    loop {
        let letters = redrive.receive().await.map_err(Error::from_boxed)?;
        let seen = pass.ids.len();
        for letter in letters {
            match pass.step(&letter.id, &letter.message.body) {
                Step::Ignore => {}
                Step::Keep => kept.push(letter),
                Step::Move => {
                    println!("{}", line(&letter));
                    if dry_run {
                        kept.push(letter);
                    } else {
                        let moved = redrive.move_back(&letter).await;
                        moved.map_err(Error::from_boxed)?;
                    }
                }
            }
        }
        if pass.ids.len() == seen {
            break;
        }
    }
    for letter in &kept {
        // Where this fails it is visible again a minute after it was received.
        let _ = redrive.leave(letter).await;
    }
    Ok(pass)
}

/// What to do with a letter.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// Move it back to the queue.
    Move,
    /// Leave it: one with this body was moved.
    Keep,
    /// It was seen before: it was kept so long that it is visible again.
    Ignore,
}

/// One pass over the letters. One that still cannot be handled comes back as a new letter with the
/// same body, and must not be moved again and again.
#[derive(Debug, Default)]
struct Pass {
    ids: HashSet<String>,
    bodies: HashSet<String>,
}

impl Pass {
    fn step(&mut self, id: &str, body: &str) -> Step {
        if !self.ids.insert(id.to_owned()) {
            Step::Ignore
        } else if self.bodies.insert(body.to_owned()) {
            Step::Move
        } else {
            Step::Keep
        }
    }

    fn moved(&self) -> usize {
        self.bodies.len()
    }

    fn left(&self) -> usize {
        self.ids.len() - self.bodies.len()
    }
}

/// A letter without its content, which is the customer's.
fn line(letter: &Letter) -> String {
    let reason = letter.message.reason.as_ref().map(Reason::as_str);
    format!(
        "{} sent {}, {} bytes: {}",
        letter.id,
        letter.sent_at,
        letter.message.body.len(),
        reason.unwrap_or("failed too often; the log says why"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_back_is_left_and_what_was_seen_is_passed_over() {
        let mut pass = Pass::default();
        assert_eq!(pass.step("1", "a"), Step::Move);
        assert_eq!(pass.step("2", "b"), Step::Move);
        assert_eq!(pass.step("3", "a"), Step::Keep, "it came back");
        assert_eq!(pass.step("3", "a"), Step::Ignore, "it is visible again");
        assert_eq!((pass.moved(), pass.left()), (2, 1));
    }
}
