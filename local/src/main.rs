//! `cargo run`: Herald in one process.

use anyhow::{Context, Result};
use clap::Parser;
use herald_local::{flags::Flags, receiver, running, setup::Setup};
use std::{
    io::{self, ErrorKind},
    net::Ipv4Addr,
    process::ExitCode,
};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::watch,
};
use tracing_subscriber::EnvFilter;
use url::Url;

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or_else(|_| "warn".into()))
        .init();
    match serve(Flags::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("herald-local: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(flags: Flags) -> Result<()> {
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
    let setup = Setup::new(&flags, own_receiver.clone()).await?;
    let service = &setup.service;
    let receiver = receiver::routes(base.clone(), setup.account, service.parts.clone());
    let app = service.router().merge(receiver);
    let (stop, stopped) = watch::channel(false);
    let mut until = stopped.clone();
    let server = axum::serve(listener, app).with_graceful_shutdown(async move {
        // An error means that the sender is gone, and so is the process.
        let _ = until.wait_for(|stop| *stop).await;
    });
    greet(&setup, &base, &own_receiver);
    let (served, ..) = tokio::join!(
        server.into_future(),
        running::run(service, stopped),
        async {
            interrupted().await;
            println!("Finishing what is under way …");
            // Without receivers everything has ended already.
            let _ = stop.send(true);
            service.parts.queue.nudge();
        }
    );
    served.context("the server failed")
}

/// Returns when the process is asked to end.
async fn interrupted() {
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => signal.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminated => {}
    }
}

fn greet(setup: &Setup, base: &Url, own_receiver: &Url) {
    let base = base.as_str().trim_end_matches('/');
    let credential = format!("{}:{}", setup.credential.id, setup.credential.secret);
    println!("Herald is listening on {base}");
    println!(
        "
Credential (Basic id:secret, or Bearer secret): {credential}
Account: {account}

Try it:

  # Who hears of what
  curl -u {credential} {base}/api/notifications/policies -H 'Content-Type: application/json' \\
    -d '{{\"name\":\"Tour\",\"channel\":\"WEBHOOK\",\"recipients\":[\"{own_receiver}\"]}}'

  # Something happens
  curl -u {credential} {base}/herald/v1/events -H 'Content-Type: application/json' \\
    -d '{{\"type\":\"INVOICE_ISSUED\",\"resourceId\":\"inv_1\",\"data\":{{\"total\":\"12.00\"}}}}'

  # What the receiver got (or open it in a browser), and what Herald did
  curl {own_receiver}
  curl -u {credential} {base}/herald/v1/deliveries
",
        account = setup.account,
    );
}
