use crate::template::{Template, root};
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[test]
fn every_function_of_the_workspace_is_in_the_template() {
    let folders = std::fs::read_dir(root().join("functions")).expect("the functions' folder");
    let folders: BTreeSet<_> = folders
        .map(|entry| entry.expect("an entry").file_name())
        .map(|name| name.into_string().expect("a name in UTF-8"))
        .collect();
    let template = Template::read();
    let binaries: BTreeSet<_> = template
        .functions()
        .map(|(binary, _)| binary.to_owned())
        .collect();
    assert_eq!(binaries, folders);
    for (binary, function) in template.functions() {
        let manifest = root().join("functions").join(binary).join("Cargo.toml");
        let manifest = std::fs::read_to_string(manifest).expect("a manifest");
        let named = format!("[[bin]]\nname = \"{binary}\"");
        assert!(manifest.contains(&named), "{binary}");
        let metadata = template.at(&format!("/Resources/{}/Metadata", function.id));
        assert_eq!(metadata["BuildMethod"], "rust-cargolambda", "{binary}");
    }
}

#[test]
fn functions_run_where_they_were_built_for() {
    let template = Template::read();
    for (binary, function) in template.functions() {
        let properties = &function.properties;
        assert_eq!(properties["Runtime"], "provided.al2023", "{binary}");
        assert_eq!(properties["Handler"], "bootstrap", "{binary}");
        let architecture = json!([{ "Ref": "Architecture" }]);
        assert_eq!(properties["Architectures"], architecture, "{binary}");
        assert_eq!(
            properties["ReservedConcurrentExecutions"],
            Value::Null,
            "{binary}: new accounts have none to reserve"
        );
    }
}

#[test]
fn what_takes_too_long_fails_before_the_function_does() {
    let template = Template::read();
    for (binary, limit) in [
        ("fanout", herald_fanout::RECORD_LIMIT),
        ("email", herald_email::RECORD_LIMIT),
        ("feedback", herald_feedback::RECORD_LIMIT),
    ] {
        let timeout = template.number(&template.function(binary).properties["Timeout"], "");
        assert!(limit.as_secs() < timeout, "{binary}: {timeout} s");
    }
}

#[test]
fn every_function_has_a_log_of_its_own_that_ends() {
    let template = Template::read();
    let mut groups = BTreeSet::new();
    for (binary, function) in template.functions() {
        let logging = &function.properties["LoggingConfig"];
        assert_eq!(logging["LogFormat"], "JSON", "{binary}");
        assert_eq!(
            logging["ApplicationLogLevel"],
            json!({ "Ref": "LogLevel" }),
            "{binary}"
        );
        let id = logging["LogGroup"]["Ref"].as_str().expect("a log group");
        let kept = &template.properties(id)["RetentionInDays"];
        assert_eq!(kept, &json!({ "Ref": "LogRetentionDays" }), "{binary}");
        groups.insert(id.to_owned());
    }
    assert_eq!(groups.len(), template.functions().count());
    assert_eq!(
        groups.len(),
        template.resources("AWS::Logs::LogGroup").count()
    );
}
