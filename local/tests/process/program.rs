//! A running `herald-local`.
#![expect(
    clippy::disallowed_methods,
    reason = "a caller's HTTP client, as a caller would make it"
)]

use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Lines},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Output, Stdio},
};

/// A running `herald-local`, killed when it is dropped.
pub(crate) struct Program {
    /// Where it listens.
    pub(crate) base: String,
    pub(crate) child: Child,
    pub(crate) lines: Lines<BufReader<ChildStdout>>,
}

/// The program with arguments, not started yet.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_herald-local"));
    command.args(arguments).env("RUST_BACKTRACE", "0");
    command
}

/// How a program is started that tests call.
const CALLED: [&str; 4] = ["--credential", "t:s", "--allow", "127.0.0.1"];

/// The program on a folder and any port, with more arguments.
fn command_on(folder: &Path, more: &[&str]) -> Command {
    let data = folder.to_str().expect("a plain path");
    command(&[&["--port", "0", "--data", data], more].concat())
}

/// Runs the program to its end.
pub(crate) fn run(arguments: &[&str]) -> Output {
    command(arguments).output().expect("the program starts")
}

/// A folder of a test, empty.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    // What an earlier run left behind; usually nothing.
    let _ = std::fs::remove_dir_all(&folder);
    folder
}

impl Program {
    /// Starts it on a folder and returns when it listens.
    pub(crate) fn start(folder: &Path) -> Self {
        Self::listening(command_on(folder, &CALLED))
    }

    /// Starts it on a folder as the README's reader does, but on any port, and returns when it listens.
    pub(crate) fn start_anew(folder: &Path) -> Self {
        Self::listening(command_on(folder, &[]))
    }

    /// Starts it on a folder, in an environment that names a proxy, and returns when it listens.
    pub(crate) fn start_behind(proxy: &str, folder: &Path) -> Self {
        let mut command = command_on(folder, &CALLED);
        for name in ["http_proxy", "https_proxy", "all_proxy"] {
            command.env(name, proxy).env(name.to_uppercase(), proxy);
        }
        command.env_remove("no_proxy").env_remove("NO_PROXY");
        Self::listening(command)
    }

    fn listening(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let stdout = child.stdout.take().expect("a pipe");
        let mut lines = BufReader::new(stdout).lines();
        let first = lines.next().expect("a line").expect("text");
        let base = first
            .strip_prefix("Herald is listening on ")
            .expect("the promised line");
        Self {
            base: base.to_owned(),
            child,
            lines,
        }
    }

    /// Calls it; `None` where it does not answer.
    pub(crate) async fn post(
        &self,
        client: &reqwest::Client,
        path: &str,
        body: Value,
    ) -> Option<reqwest::StatusCode> {
        let request = client
            .post(format!("{}{path}", self.base))
            .basic_auth("t", Some("s"))
            .body(body.to_string());
        Some(request.send().await.ok()?.status())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A caller's client.
pub(crate) fn client() -> reqwest::Client {
    // Another test of this process may have installed it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client")
}
