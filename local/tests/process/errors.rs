use crate::program::{folder, run};
use std::{fs, net::TcpListener, process::Output};

/// The one line that a program without success leaves.
fn complaint(output: &Output) -> String {
    assert!(!output.status.success());
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(text.trim().lines().count(), 1, "{text}");
    text
}

#[test]
fn a_port_in_use_is_said_in_one_line() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let text = complaint(&run(&["--port", &port, "--data", "memory"]));
    assert!(text.contains(&format!("port {port} is in use")), "{text}");
}

#[test]
fn files_that_hold_something_else_are_said_in_one_line() {
    for (name, part) in [
        ("master.key", "is not a master key"),
        ("credential", "must be an id, a colon and a secret"),
        ("data.db", "cannot be opened"),
        ("queue.db", "the file of the queues cannot be opened"),
    ] {
        let folder = folder(&format!("errors-{name}"));
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(
            folder.join(name),
            "something else, and not a little of it ".repeat(50),
        )
        .expect("a file");
        let text = complaint(&run(&[
            "--port",
            "0",
            "--data",
            folder.to_str().expect("a path"),
        ]));
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_said_in_one_line() {
    let folder = folder("errors-file");
    fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("file");
    fs::write(&file, "").expect("a file");
    let below = file.join("below");
    let text = complaint(&run(&[
        "--port",
        "0",
        "--data",
        below.to_str().expect("a path"),
    ]));
    assert!(text.contains("cannot be made"), "{text}");
}

#[test]
fn a_bad_flag_names_itself_and_the_rule() {
    for (arguments, part) in [
        (
            ["--credential", "nocolon"],
            "must be an id, a colon and a secret",
        ),
        (
            ["--allow", "everything"],
            "must be an address or a range of addresses",
        ),
        (["--port", "70000"], "70000"),
    ] {
        let output = run(&arguments);
        let text = complaint(&output);
        assert!(text.contains(arguments[0]) && text.contains(part), "{text}");
    }
}
