use crate::program::{Program, folder};
use std::process::Command;

#[test]
fn it_stops_cleanly_when_asked_to() {
    for signal in ["-INT", "-TERM"] {
        let mut program = Program::start(&folder(&format!("stop{signal}")));
        let pid = program.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &pid])
                .status()
                .expect("kill runs")
                .success()
        );
        let status = program.child.wait().expect("the program ends");
        assert!(status.success(), "{signal}: {status}");
    }
}

#[test]
fn it_tells_its_credential_and_a_tour() {
    let mut program = Program::start(&folder("tour"));
    let last = format!("curl -sw '\\n' {}/local/mail", program.base);
    let mut text = String::new();
    while !text.contains(&last) {
        text += &program.lines.next().expect("a tour").expect("text");
    }
    assert!(text.contains("t:s"), "{text}");
    assert!(text.contains("-u t:s"), "{text}");
}
