//! `cargo run`: Herald in one process.

use anyhow::{Context, Result};
use herald::clock::SystemClock;
use herald_local::{flags::Flags, mailbox, receiver, running, setup::Setup};
use std::{
    io::{self, ErrorKind},
    net::Ipv4Addr,
    process::ExitCode,
    sync::Arc,
};
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
};
use tracing_subscriber::EnvFilter;
use url::Url;

/// What is logged unless `RUST_LOG` says otherwise. To the embedded engine every guard that does
/// not hold is worth a warning; to us it is an answer.
const QUIET: &str = "warn,dynoxide=error";

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or_else(|_| QUIET.into()))
        .init();
    match serve().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("herald-local: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<()> {
    let flags = Flags::read()?;
    let interrupts = Interrupts::new()?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, flags.port))
        .await
        .map_err(|error| match error.kind() {
            ErrorKind::AddrInUse => {
                anyhow::anyhow!("port {} is in use; choose another with --port", flags.port)
            }
            _ => anyhow::Error::new(error).context(format!("port {} cannot be used", flags.port)),
        })?;
    let base = Url::parse(&format!("http://{}", listener.local_addr()?))?;
    let own_receiver = base.join(receiver::PATH)?;
    let setup = Setup::new(&flags, base.clone(), Arc::new(SystemClock)).await?;
    let service = &setup.service;
    let receiver = receiver::routes(base.clone(), service.parts.clone());
    let mailbox = mailbox::routes(setup.mails.clone(), service.parts.clone());
    let app = service.router().merge(receiver).merge(mailbox);
    let (stop, stopped) = watch::channel(false);
    let mut until = stopped.clone();
    let server = axum::serve(listener, app).with_graceful_shutdown(async move {
        // An error means that the sender is gone, and so is the process.
        let _ = until.wait_for(|stop| *stop).await;
    });
    greet(&setup, &base, &own_receiver);
    let (served, ..) = tokio::join!(
        server.into_future(),
        running::run(service, stopped.clone()),
        running::sweep(&setup.engine, stopped),
        async {
            interrupts.first().await;
            println!("Finishing what is under way …");
            // Without receivers everything has ended already.
            let _ = stop.send(true);
            service.parts.queue.nudge();
        }
    );
    served.context("the server failed")
}

/// The ways in which the process is asked to end.
struct Interrupts {
    interrupt: Signal,
    terminate: Signal,
}

impl Interrupts {
    /// Listens from now on.
    fn new() -> Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Returns when the first comes.
    async fn first(mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

fn greet(setup: &Setup, base: &Url, own_receiver: &Url) {
    let base = base.as_str().trim_end_matches('/');
    let credential = setup.credential.exposed();
    println!("Herald is listening on {base}");
    println!(
        "
Credential (Basic id:secret, or Bearer secret): {credential}
Account: {account}
Operator, who makes accounts and credentials: {operator}

Try it:

  # Who hears of what, something happens, and what the receiver got (or open it in a browser)
  curl -sw '\\n' -u {credential} {base}/herald/v1/policies \\
    -d '{{\"name\":\"Tour\",\"channel\":\"webhook\",\"recipients\":[\"{own_receiver}\"]}}'
  curl -sw '\\n' -u {credential} {base}/herald/v1/events \\
    -d '{{\"type\":\"INVOICE_ISSUED\",\"resourceId\":\"inv_1\",\"data\":{{\"total\":\"12.00\"}}}}'
  curl -sw '\\n' {own_receiver}

  # What Herald did
  curl -sw '\\n' -u {credential} {base}/herald/v1/deliveries

  # By e-mail, too: no mail leaves this machine, they come to {mailbox}
  curl -sw '\\n' -u {credential} {base}/herald/v1/policies \\
    -d '{{\"name\":\"Mail\",\"channel\":\"email\",\"recipients\":[\"jo@example.com\"]}}'
  curl -sw '\\n' -u {credential} {base}/herald/v1/events -d '{{\"type\":\"INVOICE_ISSUED\",\"resourceId\":\"inv_2\"}}'
  curl -sw '\\n' {mailbox}
",
        account = setup.account,
        operator = setup.operator.exposed(),
        mailbox = format!("{base}{}", mailbox::PATH),
    );
}
